//! `iam:UpdateServiceSpecificCredential`: lets credentials for a service be used, or not.

use api::iam::UpdateServiceSpecificCredentialRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::credentials::Holding;
use crate::service_credentials::record::require;
use crate::ssh_keys::record::is_active;
use crate::users::subject::Subject;

pub(crate) async fn update_service_specific_credential(
    ctx: &Ctx,
    req: UpdateServiceSpecificCredentialRequest,
) -> Result<Empty> {
    let subject = Subject::named_or_caller(ctx, req.user_name).await?;
    let permitted = subject
        .permit(ctx, "iam:UpdateServiceSpecificCredential")
        .await?;
    let active = is_active(&req.status)?;
    let mut holding = Holding::of(ctx, permitted).await?;
    let services = &mut holding.record.services;
    require(services, &req.service_specific_credential_id)?.active = active;
    holding.record.put(ctx).await;
    Ok(Empty)
}
