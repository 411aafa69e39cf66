//! `iam:GetServiceLastAccessedDetails`: shows a report on last use, service by service.

use api::iam::{
    AccessAdvisorUsageGranularityType, GetServiceLastAccessedDetailsRequest,
    GetServiceLastAccessedDetailsResponse, JobStatusType, ServiceLastAccessed,
    TrackedActionLastAccessed,
};
use platform::{Ctx, Result};
use policy::reference;
use wire::Timestamp;

use crate::page::{Wanted, page_in_order};
use crate::reports::access_report::{AccessReport, ActionAccess, ServiceAccess};
use crate::reports::permit;

pub(crate) async fn get_service_last_accessed_details(
    ctx: &Ctx,
    req: GetServiceLastAccessedDetailsRequest,
) -> Result<GetServiceLastAccessedDetailsResponse> {
    permit(ctx, "iam:GetServiceLastAccessedDetails").await?;
    let report = AccessReport::find(ctx, &req.job_id).await?;
    let wanted = Wanted {
        marker: req.marker,
        max_items: req.max_items,
    };
    let services: Vec<&ServiceAccess> = report.services.iter().collect();
    let paged = page_in_order(services, |service| &service.namespace, &wanted);
    let granularity = if report.by_action {
        AccessAdvisorUsageGranularityType::ActionLevel
    } else {
        AccessAdvisorUsageGranularityType::ServiceLevel
    };
    Ok(GetServiceLastAccessedDetailsResponse {
        job_status: Some(JobStatusType::Completed),
        job_type: Some(granularity),
        job_creation_date: report.created(),
        services_last_accessed: Some(paged.items.into_iter().map(shown).collect()),
        job_completion_date: report.created(),
        is_truncated: Some(paged.marker.is_some()),
        marker: paged.marker,
        error: None,
    })
}

fn shown(service: &ServiceAccess) -> ServiceLastAccessed {
    let last = service.last.as_ref();
    let name = reference::service_name(&service.namespace);
    let actions: Vec<_> = service.actions.iter().map(tracked).collect();
    ServiceLastAccessed {
        service_name: name.map(str::to_owned),
        last_authenticated: last.map(|last| Timestamp {
            millis: last.millis,
        }),
        service_namespace: Some(service.namespace.clone()),
        last_authenticated_entity: last.map(|last| last.entity.clone()),
        last_authenticated_region: last.map(|last| last.region.clone()),
        total_authenticated_entities: Some(service.entities),
        tracked_actions_last_accessed: (!actions.is_empty()).then_some(actions),
    }
}

fn tracked(action: &ActionAccess) -> TrackedActionLastAccessed {
    let last = action.last.as_ref();
    TrackedActionLastAccessed {
        action_name: Some(action.name.clone()),
        last_accessed_entity: last.map(|last| last.entity.clone()),
        last_accessed_time: last.map(|last| Timestamp {
            millis: last.millis,
        }),
        last_accessed_region: last.map(|last| last.region.clone()),
    }
}
