//! `iam:DeleteSSHPublicKey`: takes an SSH public key from its user.

use api::iam::DeleteSSHPublicKeyRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::credentials::Holding;
use crate::ssh_keys::record::absent;
use crate::users::subject::Subject;

pub(crate) async fn delete_ssh_public_key(
    ctx: &Ctx,
    req: DeleteSSHPublicKeyRequest,
) -> Result<Empty> {
    let subject = Subject::named(ctx, req.user_name).await?;
    let permitted = subject.permit(ctx, "iam:DeleteSSHPublicKey").await?;
    let mut holding = Holding::of(ctx, permitted).await?;
    let id = req.ssh_public_key_id;
    let count = holding.record.ssh_keys.len();
    holding.record.ssh_keys.retain(|known| known.id != id);
    if holding.record.ssh_keys.len() == count {
        return Err(absent(&id));
    }
    holding.record.put(ctx).await;
    Ok(Empty)
}
