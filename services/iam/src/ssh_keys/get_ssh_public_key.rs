//! `iam:GetSSHPublicKey`: shows an SSH public key in the form that is asked for.

use api::iam::{EncodingType, GetSSHPublicKeyRequest, GetSSHPublicKeyResponse};
use platform::{Ctx, Result};

use crate::credentials::Holding;
use crate::ssh_keys::record::absent;
use crate::users::subject::Subject;

pub(crate) async fn get_ssh_public_key(
    ctx: &Ctx,
    req: GetSSHPublicKeyRequest,
) -> Result<GetSSHPublicKeyResponse> {
    let subject = Subject::named(ctx, req.user_name).await?;
    let permitted = subject.permit(ctx, "iam:GetSSHPublicKey").await?;
    let holding = Holding::of(ctx, permitted).await?;
    let id = &req.ssh_public_key_id;
    let key = holding.record.ssh_keys.iter().find(|known| known.id == *id);
    let key = key.ok_or_else(|| absent(id))?;
    let rsa = key.rsa()?;
    let body = match req.encoding {
        EncodingType::Ssh => rsa.ssh(),
        EncodingType::Pem => rsa.pem(),
    };
    Ok(GetSSHPublicKeyResponse {
        ssh_public_key: Some(key.shown(holding.user_name(), body)),
    })
}
