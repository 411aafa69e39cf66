//! `iam:DeleteServiceSpecificCredential`: takes credentials for a service from their user.

use api::iam::DeleteServiceSpecificCredentialRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::credentials::Holding;
use crate::service_credentials::record::absent;
use crate::users::subject::Subject;

pub(crate) async fn delete_service_specific_credential(
    ctx: &Ctx,
    req: DeleteServiceSpecificCredentialRequest,
) -> Result<Empty> {
    let subject = Subject::named_or_caller(ctx, req.user_name).await?;
    let permitted = subject
        .permit(ctx, "iam:DeleteServiceSpecificCredential")
        .await?;
    let mut holding = Holding::of(ctx, permitted).await?;
    let count = holding.record.services.len();
    let id = req.service_specific_credential_id;
    holding.record.services.retain(|known| known.id != id);
    if holding.record.services.len() == count {
        return Err(absent(&id));
    }
    holding.record.put(ctx).await;
    Ok(Empty)
}
