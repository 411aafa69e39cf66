//! `iam:UploadSSHPublicKey`: gives a user an SSH public key.

use api::iam::{
    DuplicateSSHPublicKeyException, InvalidPublicKeyException, LimitExceededException,
    UnrecognizedPublicKeyEncodingException, UploadSSHPublicKeyRequest, UploadSSHPublicKeyResponse,
};
use platform::{Ctx, Error, Result};

use crate::credentials::Holding;
use crate::ids::{Prefix, unique_id};
use crate::ssh_keys::encoding::{KeyError, RsaKey};
use crate::ssh_keys::record::{QUOTA, SshKey};
use crate::users::subject::Subject;

pub(crate) async fn upload_ssh_public_key(
    ctx: &Ctx,
    req: UploadSSHPublicKeyRequest,
) -> Result<UploadSSHPublicKeyResponse> {
    let subject = Subject::named(ctx, req.user_name).await?;
    let permitted = subject.permit(ctx, "iam:UploadSSHPublicKey").await?;
    let mut holding = Holding::of(ctx, permitted).await?;
    let rsa = RsaKey::parse(&req.ssh_public_key_body).map_err(refused)?;
    let blob = rsa.blob();
    if holding
        .record
        .ssh_keys
        .iter()
        .any(|known| known.blob == blob)
    {
        let message = "The SSH public key is already associated with the specified IAM user.";
        return Err(DuplicateSSHPublicKeyException::new(message).into());
    }
    if holding.record.ssh_keys.len() >= QUOTA {
        let message = format!("Cannot exceed quota for SSHPublicKeysPerUser: {QUOTA}");
        return Err(LimitExceededException::new(message).into());
    }

    let key = SshKey {
        id: unique_id(Prefix::SshKey, ctx.random())?,
        blob,
        active: true,
        uploaded_millis: ctx.now.whole_secs().millis,
    };
    let shown = key.shown(holding.user_name(), req.ssh_public_key_body);
    holding.record.ssh_keys.push(key);
    holding.record.put(ctx).await;
    Ok(UploadSSHPublicKeyResponse {
        ssh_public_key: Some(shown),
    })
}

fn refused(error: KeyError) -> Error {
    match error {
        KeyError::Encoding => {
            let message = "The public key encoding format is unsupported or unrecognized.";
            UnrecognizedPublicKeyEncodingException::new(message).into()
        }
        KeyError::Key => {
            let message = "The public key is malformed or otherwise invalid.";
            InvalidPublicKeyException::new(message).into()
        }
    }
}
