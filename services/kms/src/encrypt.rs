//! `kms:Encrypt`: encrypts up to 4096 bytes.

use api::kms::{EncryptRequest, EncryptResponse, EncryptionAlgorithmSpec};
use platform::{Ctx, Result};

use crate::condition_keys::RequestKeys;
use crate::dry_run::DryRun;
use crate::encryption_context::EncryptionContext;
use crate::lookup::Found;
use crate::ready_key::ReadyKey;
use crate::{access, grant_tokens};

pub(crate) async fn encrypt(ctx: &Ctx, req: EncryptRequest) -> Result<EncryptResponse> {
    let algorithm = req
        .encryption_algorithm
        .unwrap_or(EncryptionAlgorithmSpec::SymmetricDefault);
    let dry_run = DryRun::new(req.dry_run, &[])?;
    let context = EncryptionContext::new(req.encryption_context)?;
    grant_tokens::check(&req.grant_tokens)?;

    let found = Found::any(ctx, &req.key_id).await?;
    let encryption = Some((algorithm, &context));
    let request = RequestKeys {
        encryption,
        ..RequestKeys::default()
    };
    let key = access::authorize(ctx, "kms:Encrypt", found, request).await?;
    let key = ReadyKey::new(key, algorithm)?;
    dry_run.finish()?;

    let encrypted = key.encrypt(ctx, &context, &req.plaintext)?;
    Ok(EncryptResponse {
        ciphertext_blob: Some(encrypted.blob),
        key_id: Some(key.arn().to_owned()),
        encryption_algorithm: Some(algorithm),
    })
}
