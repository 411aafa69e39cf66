//! `iam:UpdateSSHPublicKey`: lets an SSH public key be used, or not.

use api::iam::UpdateSSHPublicKeyRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::credentials::Holding;
use crate::ssh_keys::record::{absent, is_active};
use crate::users::subject::Subject;

pub(crate) async fn update_ssh_public_key(
    ctx: &Ctx,
    req: UpdateSSHPublicKeyRequest,
) -> Result<Empty> {
    let subject = Subject::named(ctx, req.user_name).await?;
    let permitted = subject.permit(ctx, "iam:UpdateSSHPublicKey").await?;
    let active = is_active(&req.status)?;
    let mut holding = Holding::of(ctx, permitted).await?;
    let id = &req.ssh_public_key_id;
    let mut keys = holding.record.ssh_keys.iter_mut();
    let key = keys.find(|known| known.id == *id);
    key.ok_or_else(|| absent(id))?.active = active;
    holding.record.put(ctx).await;
    Ok(Empty)
}
