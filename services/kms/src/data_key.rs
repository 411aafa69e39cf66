//! Data keys: random bytes that leave encrypted under a KMS key. No copy is kept.

use api::kms::{DataKeySpec, EncryptionAlgorithmSpec, InvalidKeyUsageException};
use platform::{Ctx, Result, validation};
use wire::Entries;
use zeroize::Zeroizing;

use crate::condition_keys::RequestKeys;
use crate::dry_run::DryRun;
use crate::encryption_context::EncryptionContext;
use crate::encryption_key::{Encrypted, EncryptionKey};
use crate::kind::Usage;
use crate::lookup::Found;
use crate::recipient::Recipient;
use crate::{access, grant_tokens};

/// What both operations that generate data keys are asked.
pub(crate) struct Asked<'a> {
    pub(crate) action: &'static str,
    pub(crate) key_id: String,
    pub(crate) spec: Option<DataKeySpec>,
    pub(crate) number_of_bytes: Option<i32>,
    pub(crate) encryption_context: Entries<String>,
    pub(crate) grant_tokens: Vec<String>,
    pub(crate) dry_run: bool,
    pub(crate) recipient: Option<&'a Recipient>,
}

/// A data key, in clear and encrypted.
pub(crate) struct DataKey {
    pub(crate) plaintext: Zeroizing<Vec<u8>>,
    pub(crate) encrypted: Encrypted,
    pub(crate) key_arn: String,
}

/// Generates a data key.
pub(crate) async fn generate(ctx: &Ctx, asked: Asked<'_>) -> Result<DataKey> {
    let algorithm = EncryptionAlgorithmSpec::SymmetricDefault;
    let operation = asked.action.trim_start_matches("kms:");
    let length = length(asked.spec, asked.number_of_bytes)?;
    let dry_run = DryRun::new(asked.dry_run, &[])?;
    let context = EncryptionContext::new(asked.encryption_context, algorithm)?;
    grant_tokens::check(ctx, &asked.grant_tokens)?;

    let found = Found::any(ctx, &asked.key_id).await?;
    let encryption = Some((algorithm, &context));
    let request = RequestKeys {
        encryption,
        recipient: asked.recipient,
        ..RequestKeys::default()
    };
    let key = access::authorize(ctx, asked.action, found, &request).await?;
    if key.record.usage == Usage::EncryptDecrypt && key.record.spec.is_asymmetric() {
        let text = "You cannot generate a data key with an asymmetric CMK";
        return Err(InvalidKeyUsageException::new(text).into());
    }
    let key = EncryptionKey::new(key, operation, algorithm)?;
    dry_run.finish()?;

    let mut plaintext = Zeroizing::new(vec![0; length]);
    ctx.random().fill(&mut plaintext)?;
    let encrypted = key.encrypt(ctx, &context, &plaintext).await?;
    if let Some(id) = encrypted.material_id {
        ctx.note_text("keyMaterialId", id.to_string());
    }
    Ok(DataKey {
        plaintext,
        encrypted,
        key_arn: key.arn().to_owned(),
    })
}

/// Exactly one of the two parameters says how long the key is. The model bounds the number.
fn length(spec: Option<DataKeySpec>, number_of_bytes: Option<i32>) -> Result<usize> {
    match (spec, number_of_bytes.map(usize::try_from)) {
        (Some(DataKeySpec::Aes128), None) => Ok(16),
        (Some(DataKeySpec::Aes256), None) => Ok(32),
        (None, Some(Ok(length))) => Ok(length),
        _ => Err(validation(
            "Please specify either number of bytes or key spec.",
        )),
    }
}
