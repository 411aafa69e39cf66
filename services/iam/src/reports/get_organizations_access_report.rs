//! `iam:GetOrganizationsAccessReport`: shows a report on the use of services in an organization.

use api::iam::{
    AccessDetail, ErrorDetails, GetOrganizationsAccessReportRequest,
    GetOrganizationsAccessReportResponse, JobStatusType, SortKeyType,
};
use platform::{Ctx, Result};
use policy::reference;
use wire::Timestamp;

use crate::page::{Wanted, page_in_order};
use crate::reports::organization_report::{OrganizationReport, Outcome, ServiceUse};
use crate::reports::permit;

pub(crate) async fn get_organizations_access_report(
    ctx: &Ctx,
    req: GetOrganizationsAccessReportRequest,
) -> Result<GetOrganizationsAccessReportResponse> {
    permit(ctx, "iam:GetOrganizationsAccessReport").await?;
    let report = OrganizationReport::find(ctx, &req.job_id).await?;
    let done = GetOrganizationsAccessReportResponse {
        job_creation_date: report.created(),
        job_completion_date: report.created(),
        ..GetOrganizationsAccessReportResponse::default()
    };
    let services = match &report.outcome {
        Outcome::Completed(services) => services,
        Outcome::Failed { code, message } => {
            return Ok(GetOrganizationsAccessReportResponse {
                job_status: Some(JobStatusType::Failed),
                error_details: Some(ErrorDetails {
                    message: Some(message.clone()),
                    code: Some(code.clone()),
                }),
                ..done
            });
        }
    };
    let unused = services.iter().filter(|service| service.last.is_none());
    let (accessible, not_accessed) = (count(services.len()), count(unused.count()));
    let wanted = Wanted {
        marker: req.marker,
        max_items: req.max_items,
    };
    let sorted = sorted(services, req.sort_key);
    let paged = page_in_order(sorted, |service| &service.namespace, &wanted);
    Ok(GetOrganizationsAccessReportResponse {
        job_status: Some(JobStatusType::Completed),
        number_of_services_accessible: Some(accessible),
        number_of_services_not_accessed: Some(not_accessed),
        access_details: Some(paged.items.into_iter().map(shown).collect()),
        is_truncated: Some(paged.marker.is_some()),
        marker: paged.marker,
        ..done
    })
}

fn count(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// The services in the order that was asked for. What was never used counts as the earliest.
fn sorted(services: &[ServiceUse], key: Option<SortKeyType>) -> Vec<&ServiceUse> {
    let mut sorted: Vec<&ServiceUse> = services.iter().collect();
    sorted.sort_by(|one, other| one.namespace.cmp(&other.namespace));
    let time = |service: &&ServiceUse| service.last.as_ref().map(|last| last.millis);
    match key {
        None | Some(SortKeyType::ServiceNamespaceAscending) => {}
        Some(SortKeyType::ServiceNamespaceDescending) => sorted.reverse(),
        Some(SortKeyType::LastAuthenticatedTimeAscending) => sorted.sort_by_key(time),
        Some(SortKeyType::LastAuthenticatedTimeDescending) => {
            sorted.sort_by_key(|service| std::cmp::Reverse(time(service)));
        }
    }
    sorted
}

fn shown(service: &ServiceUse) -> AccessDetail {
    let last = service.last.as_ref();
    AccessDetail {
        service_name: reference::service_name(&service.namespace).map(str::to_owned),
        service_namespace: Some(service.namespace.clone()),
        region: last.map(|last| last.region.clone()),
        entity_path: last.map(|last| last.path.clone()),
        last_authenticated_time: last.map(|last| Timestamp {
            millis: last.millis,
        }),
        total_authenticated_entities: Some(service.accounts),
    }
}
