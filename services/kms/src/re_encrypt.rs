//! `kms:ReEncrypt`: decrypts a blob and encrypts it under another key. The plaintext stays here.

use api::kms::{EncryptionAlgorithmSpec, ReEncryptRequest, ReEncryptResponse};
use platform::{Ctx, Result};
use wire::Entries;

use crate::condition_keys::RequestKeys;
use crate::dry_run::DryRun;
use crate::encryption_context::EncryptionContext;
use crate::encryption_key::EncryptionKey;
use crate::lookup::Found;
use crate::source::{Asked, Blob, Source};
use crate::{access, grant_tokens};

const DEFAULT: EncryptionAlgorithmSpec = EncryptionAlgorithmSpec::SymmetricDefault;
const OPERATION: &str = "ReEncrypt";

pub(crate) async fn re_encrypt(ctx: &Ctx, req: ReEncryptRequest) -> Result<ReEncryptResponse> {
    let dry_run = DryRun::new(req.dry_run, &req.dry_run_modifiers)?;
    let from = Side::new(
        req.source_encryption_algorithm,
        req.source_encryption_context,
    )?;
    let to = Side::new(
        req.destination_encryption_algorithm,
        req.destination_encryption_context,
    )?;
    grant_tokens::check(ctx, &req.grant_tokens)?;
    let asked = Asked {
        blob: req.ciphertext_blob.as_ref().map(|blob| blob.as_slice()),
        key_id: req.source_key_id.as_deref(),
        algorithm: from.algorithm,
        dry_run,
    };
    let keys = authorize(ctx, asked, &req.destination_key_id, (&from, &to)).await?;
    let Keys {
        source,
        blob,
        destination,
    } = keys;

    let plaintext = match &blob {
        Some(blob) => source.decrypt(ctx, blob, &from.context).await?,
        None => Default::default(),
    };
    destination.check_plaintext(&plaintext)?;
    dry_run.finish()?;
    let encrypted = destination.encrypt(ctx, &to.context, &plaintext).await?;
    let source_material = blob.and_then(|blob| blob.material_id());
    let destination_material = encrypted.material_id.map(|id| id.to_string());
    for (name, id) in [
        ("destinationKeyMaterialId", &destination_material),
        ("sourceKeyMaterialId", &source_material),
    ] {
        if let Some(id) = id {
            ctx.note_text(name, id.clone());
        }
    }
    Ok(ReEncryptResponse {
        ciphertext_blob: Some(encrypted.blob),
        source_key_id: Some(source.arn().to_owned()),
        key_id: Some(destination.arn().to_owned()),
        source_encryption_algorithm: Some(from.algorithm),
        destination_encryption_algorithm: Some(to.algorithm),
        source_key_material_id: source_material,
        destination_key_material_id: destination_material,
    })
}

/// How one of the two ciphertexts is, or is to be, encrypted.
struct Side {
    algorithm: EncryptionAlgorithmSpec,
    context: EncryptionContext,
}

impl Side {
    fn new(algorithm: Option<EncryptionAlgorithmSpec>, context: Entries<String>) -> Result<Self> {
        let algorithm = algorithm.unwrap_or(DEFAULT);
        let context = EncryptionContext::new(context, algorithm)?;
        Ok(Self { algorithm, context })
    }

    fn conditions(&self, is_same: bool) -> RequestKeys<'_> {
        RequestKeys {
            encryption: Some((self.algorithm, &self.context)),
            re_encrypt_on_same_key: Some(is_same),
            ..RequestKeys::default()
        }
    }
}

/// What may be opened, with what, and under what it may be encrypted.
struct Keys<'a> {
    source: EncryptionKey,
    blob: Option<Blob<'a>>,
    destination: EncryptionKey,
}

/// Both keys have to allow it, and both have to be ready; no state is looked at before.
async fn authorize<'a>(
    ctx: &Ctx,
    asked: Asked<'a>,
    destination_key_id: &str,
    (from, to): (&Side, &Side),
) -> Result<Keys<'a>> {
    let source = Source::find(ctx, asked).await?;
    let destination = Found::any(ctx, destination_key_id).await?;
    let is_same = is_same(&source.found, &destination);
    let (source, sealed) = source
        .authorize(ctx, "kms:ReEncryptFrom", from.conditions(is_same))
        .await?;
    let destination =
        access::authorize(ctx, "kms:ReEncryptTo", destination, &to.conditions(is_same)).await?;
    let blob = sealed.of_key(&source)?;
    let source = EncryptionKey::new(source, OPERATION, from.algorithm)?;
    let destination = EncryptionKey::new(destination, OPERATION, to.algorithm)?;
    Ok(Keys {
        source,
        blob,
        destination,
    })
}

fn is_same(one: &Found, two: &Found) -> bool {
    match (one, two) {
        (Found::Here(one), Found::Here(two)) => one.record.arn == two.record.arn,
        _ => false,
    }
}
