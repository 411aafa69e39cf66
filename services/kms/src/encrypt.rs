//! `kms:Encrypt`: encrypts up to 4096 bytes.

use api::kms::{EncryptRequest, EncryptResponse, EncryptionAlgorithmSpec};
use platform::{Ctx, Result};

use crate::condition_keys::RequestKeys;
use crate::dry_run::DryRun;
use crate::encryption_context::EncryptionContext;
use crate::encryption_key::EncryptionKey;
use crate::lookup::Found;
use crate::{access, grant_tokens};

pub(crate) async fn encrypt(ctx: &Ctx, req: EncryptRequest) -> Result<EncryptResponse> {
    let algorithm = req
        .encryption_algorithm
        .unwrap_or(EncryptionAlgorithmSpec::SymmetricDefault);
    let dry_run = DryRun::new(req.dry_run, &[])?;
    let context = EncryptionContext::new(req.encryption_context, algorithm)?;
    grant_tokens::check(ctx, &req.grant_tokens)?;

    let found = Found::any(ctx, &req.key_id).await?;
    let encryption = Some((algorithm, &context));
    let request = RequestKeys {
        encryption,
        ..RequestKeys::default()
    };
    let key = access::authorize(ctx, "kms:Encrypt", found, &request).await?;
    let key = EncryptionKey::new(key, "Encrypt", algorithm)?;
    key.check_plaintext(&req.plaintext)?;
    dry_run.finish()?;

    let encrypted = key.encrypt(ctx, &context, &req.plaintext).await?;
    if let Some(id) = encrypted.material_id {
        ctx.note_text("keyMaterialId", id.to_string());
    }
    Ok(EncryptResponse {
        ciphertext_blob: Some(encrypted.blob),
        key_id: Some(key.arn().to_owned()),
        encryption_algorithm: Some(algorithm),
    })
}
