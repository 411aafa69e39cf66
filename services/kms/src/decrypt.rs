//! `kms:Decrypt`: opens a ciphertext blob and returns its plaintext.

use api::kms::{DecryptRequest, DecryptResponse, EncryptionAlgorithmSpec};
use platform::{Ctx, Result};

use crate::condition_keys::RequestKeys;
use crate::dry_run::DryRun;
use crate::encryption_context::EncryptionContext;
use crate::encryption_key::EncryptionKey;
use crate::grant_tokens;
use crate::recipient::{self, Recipient};
use crate::source::{Asked, Source};

pub(crate) async fn decrypt(ctx: &Ctx, req: DecryptRequest) -> Result<DecryptResponse> {
    let algorithm = req
        .encryption_algorithm
        .unwrap_or(EncryptionAlgorithmSpec::SymmetricDefault);
    let dry_run = DryRun::new(req.dry_run, &req.dry_run_modifiers)?;
    let context = EncryptionContext::new(req.encryption_context, algorithm)?;
    grant_tokens::check(ctx, &req.grant_tokens)?;
    let recipient = Recipient::of(ctx, req.recipient).await?;
    let recipient = recipient.as_ref();

    let blob = req.ciphertext_blob.as_ref().map(|blob| blob.as_slice());
    let asked = Asked {
        blob,
        key_id: req.key_id.as_deref(),
        algorithm,
        dry_run,
    };
    let source = Source::find(ctx, asked).await?;
    let encryption = Some((algorithm, &context));
    let request = RequestKeys {
        encryption,
        recipient,
        ..RequestKeys::default()
    };
    let (key, sealed) = source.authorize(ctx, "kms:Decrypt", request).await?;
    let blob = sealed.of_key(&key)?;
    let key = EncryptionKey::new(key, "Decrypt", algorithm)?;

    let plaintext = match &blob {
        Some(blob) => Some(key.decrypt(ctx, blob, &context).await?),
        None => None,
    };
    dry_run.finish()?;
    let carried = recipient::carry(ctx, recipient, plaintext)?;
    let material_id = blob.and_then(|blob| blob.material_id());
    if let Some(id) = &material_id {
        ctx.note_text("keyMaterialId", id.clone());
    }
    Ok(DecryptResponse {
        key_id: Some(key.arn().to_owned()),
        plaintext: carried.plaintext,
        encryption_algorithm: Some(algorithm),
        ciphertext_for_recipient: carried.for_recipient,
        key_material_id: material_id.filter(|_| recipient.is_none()),
    })
}
