//! `organizations:EnableAWSServiceAccess`: trusts a service with the organization.

use api::organizations::EnableAWSServiceAccessRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::access::{About, Reach, permit};
use crate::delegation::check_service;
use crate::refusals;

pub(crate) async fn enable_aws_service_access(
    ctx: &Ctx,
    req: EnableAWSServiceAccessRequest,
) -> Result<Empty> {
    let about = About {
        service: Some(&req.service_principal),
        ..About::everything()
    };
    let action = "organizations:EnableAWSServiceAccess";
    let permitted = permit(ctx, action, Reach::Management, about).await?;
    let mut organization = permitted.draft();
    if !organization.all_features {
        return Err(refusals::not_all_features());
    }
    check_service(&req.service_principal)?;
    let since = organization.services.entry(req.service_principal);
    since.or_insert(ctx.now.millis);
    organization.put(ctx).await;
    Ok(Empty)
}
