//! `iam:ResetServiceSpecificCredential`: makes another password, and shows it for the only time.

use api::iam::{ResetServiceSpecificCredentialRequest, ResetServiceSpecificCredentialResponse};
use platform::{Ctx, Result};

use crate::credentials::Holding;
use crate::service_credentials::record::{password, require};
use crate::users::subject::Subject;

pub(crate) async fn reset_service_specific_credential(
    ctx: &Ctx,
    req: ResetServiceSpecificCredentialRequest,
) -> Result<ResetServiceSpecificCredentialResponse> {
    let subject = Subject::named_or_caller(ctx, req.user_name).await?;
    let permitted = subject
        .permit(ctx, "iam:ResetServiceSpecificCredential")
        .await?;
    let mut holding = Holding::of(ctx, permitted).await?;
    let name = holding.user_name();
    let services = &mut holding.record.services;
    let credential = require(services, &req.service_specific_credential_id)?;
    let (password, hash) = password(ctx).await?;
    credential.hash = hash;
    let shown = credential.shown(ctx, name, password)?;
    holding.record.put(ctx).await;
    Ok(ResetServiceSpecificCredentialResponse {
        service_specific_credential: Some(shown),
    })
}
