//! `organizations:DisableAWSServiceAccess`: trusts a service no longer.

use api::organizations::DisableAWSServiceAccessRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::access::{About, Reach, permit};
use crate::delegation::check_service;

pub(crate) async fn disable_aws_service_access(
    ctx: &Ctx,
    req: DisableAWSServiceAccessRequest,
) -> Result<Empty> {
    let about = About {
        service: Some(&req.service_principal),
        ..About::everything()
    };
    let action = "organizations:DisableAWSServiceAccess";
    let permitted = permit(ctx, action, Reach::Management, about).await?;
    check_service(&req.service_principal)?;
    let mut organization = permitted.draft();
    organization.services.remove(&req.service_principal);
    // Administrators of a service go with it.
    let service = req.service_principal;
    organization.delegates.retain(|one| one.service != service);
    organization.put(ctx).await;
    Ok(Empty)
}
