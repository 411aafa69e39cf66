//! `kms:ReEncrypt`: decrypts a blob and encrypts it under another key. The plaintext stays here.

use api::kms::{EncryptionAlgorithmSpec, ReEncryptRequest, ReEncryptResponse};
use platform::{Ctx, Result};

use crate::condition_keys::RequestKeys;
use crate::dry_run::DryRun;
use crate::encryption_context::EncryptionContext;
use crate::lookup::Found;
use crate::ready_key::ReadyKey;
use crate::source::{Asked, Source};
use crate::{access, grant_tokens};

pub(crate) async fn re_encrypt(ctx: &Ctx, req: ReEncryptRequest) -> Result<ReEncryptResponse> {
    const DEFAULT: EncryptionAlgorithmSpec = EncryptionAlgorithmSpec::SymmetricDefault;
    let from_algorithm = req.source_encryption_algorithm.unwrap_or(DEFAULT);
    let to_algorithm = req.destination_encryption_algorithm.unwrap_or(DEFAULT);
    let dry_run = DryRun::new(req.dry_run, &req.dry_run_modifiers)?;
    let from_context = EncryptionContext::new(req.source_encryption_context)?;
    let to_context = EncryptionContext::new(req.destination_encryption_context)?;
    grant_tokens::check(&req.grant_tokens)?;

    let blob = req.ciphertext_blob.as_ref().map(|blob| blob.as_slice());
    let key_id = req.source_key_id.as_deref();
    let asked = Asked {
        blob,
        key_id,
        algorithm: from_algorithm,
        dry_run,
    };
    let source = Source::find(ctx, asked).await?;
    let destination = Found::any(ctx, &req.destination_key_id).await?;
    let re_encrypt_on_same_key = Some(is_same(&source.found, &destination));
    let request = |algorithm, context| RequestKeys {
        encryption: Some((algorithm, context)),
        re_encrypt_on_same_key,
        ..RequestKeys::default()
    };

    let from = request(from_algorithm, &from_context);
    let (source, sealed) = source.authorize(ctx, "kms:ReEncryptFrom", from).await?;
    let to = request(to_algorithm, &to_context);
    let destination = access::authorize(ctx, "kms:ReEncryptTo", destination, to).await?;
    let blob = sealed.of_key(&source)?;
    let source = ReadyKey::new(source, from_algorithm)?;
    let destination = ReadyKey::new(destination, to_algorithm)?;

    let plaintext = match &blob {
        Some(blob) => source.decrypt(ctx, blob, &from_context)?,
        None => Default::default(),
    };
    dry_run.finish()?;
    let encrypted = destination.encrypt(ctx, &to_context, &plaintext)?;
    Ok(ReEncryptResponse {
        ciphertext_blob: Some(encrypted.blob),
        source_key_id: Some(source.arn().to_owned()),
        key_id: Some(destination.arn().to_owned()),
        source_encryption_algorithm: Some(from_algorithm),
        destination_encryption_algorithm: Some(to_algorithm),
        source_key_material_id: blob.map(|blob| blob.origin().material_id.to_string()),
        destination_key_material_id: Some(encrypted.material_id.to_string()),
    })
}

fn is_same(one: &Found, two: &Found) -> bool {
    match (one, two) {
        (Found::Here(one), Found::Here(two)) => one.record.arn == two.record.arn,
        _ => false,
    }
}
