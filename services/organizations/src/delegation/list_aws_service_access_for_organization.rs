//! `organizations:ListAWSServiceAccessForOrganization`: shows the services that are trusted.

use api::organizations::{
    EnabledServicePrincipal, ListAWSServiceAccessForOrganizationRequest,
    ListAWSServiceAccessForOrganizationResponse,
};
use platform::{Ctx, Result};
use wire::Timestamp;

use crate::access::{About, Reach, permit};
use crate::page::{Wanted, page};

pub(crate) async fn list_aws_service_access_for_organization(
    ctx: &Ctx,
    req: ListAWSServiceAccessForOrganizationRequest,
) -> Result<ListAWSServiceAccessForOrganizationResponse> {
    let action = "organizations:ListAWSServiceAccessForOrganization";
    let permitted = permit(ctx, action, Reach::Reader, About::everything()).await?;
    let services = permitted.organization().services.clone();
    let services: Vec<(String, i64)> = services.into_iter().collect();
    let wanted = Wanted {
        next_token: req.next_token,
        max_results: req.max_results,
    };
    let (services, next_token) = page(services, |(service, _)| service.clone(), &wanted)?;
    let shown = |(service, millis)| EnabledServicePrincipal {
        service_principal: Some(service),
        date_enabled: Some(Timestamp { millis }),
    };
    Ok(ListAWSServiceAccessForOrganizationResponse {
        enabled_service_principals: Some(services.into_iter().map(shown).collect()),
        next_token,
    })
}
