//! Encryption of what versions say ("Secret encryption and decryption in AWS Secrets Manager", user
//! guide).
//!
//! Each version is sealed under a data key of its own. KMS is asked with the permissions of whoever
//! writes or reads, with the ARN of the secret and the id of the version as encryption context: a
//! key that is disabled, or a permission that is taken away, counts from that moment on.

use api::kms::{
    DataKeySpec, Decrypt, DecryptRequest, Encrypt, EncryptRequest, GenerateDataKey,
    GenerateDataKeyRequest,
};
use api::secretsmanager::{DecryptionFailure, EncryptionFailure};
use crypto::DataKey;
use platform::{Ctx, Error, Result, ServiceCall};
use wire::{Common, Entries, Fault, Protocol};
use zeroize::Zeroizing;

use crate::secret::{DEFAULT_KEY, VersionRecord};
use crate::value::SecretValue;

/// The version in the encryption context of calls that find out whether a key can be used.
const TRIAL: &str = "RequestToValidateKeyAccess";

/// A version of a secret, as the encryption context names it.
#[derive(Clone, Copy)]
pub(crate) struct Bound<'a> {
    /// Whose KMS is asked.
    pub(crate) region: &'a str,
    pub(crate) arn: &'a str,
    pub(crate) version_id: &'a str,
}

impl Bound<'_> {
    fn context(self) -> Entries<String> {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        Entries(vec![
            pair("SecretARN", self.arn),
            pair("SecretVersionId", self.version_id),
        ])
    }

    fn aad(self) -> Vec<u8> {
        [self.arn, "\0", self.version_id].concat().into_bytes()
    }
}

/// Seals a value under a new data key of the KMS key `key_id`, or of the AWS managed key.
pub(crate) async fn seal(
    ctx: &Ctx,
    bound: Bound<'_>,
    key_id: Option<&str>,
    value: &SecretValue,
) -> Result<VersionRecord> {
    let (key, data_key) = generate(ctx, bound, key_id).await?;
    let sealed = key.seal(&bound.aad(), value.bytes(), ctx.random());
    Ok(VersionRecord {
        data_key,
        sealed: sealed.map_err(Error::internal)?,
        is_binary: value.is_binary(),
    })
}

/// Opens what a version says.
pub(crate) async fn open(
    ctx: &Ctx,
    bound: Bound<'_>,
    record: &VersionRecord,
) -> Result<SecretValue> {
    let plaintext = decrypt(ctx, bound, &record.data_key).await?;
    let key = DataKey::new(&plaintext).ok_or_else(|| Error::internal("no data key"))?;
    let bytes = key.open(&bound.aad(), &record.sealed);
    let bytes = bytes.map_err(Error::internal)?;
    let value = SecretValue::opened(bytes, record.is_binary);
    value.ok_or_else(|| Error::internal("a secret string that is no text"))
}

/// Finds out whether the caller can use the key for secrets: the answers are thrown away.
pub(crate) async fn try_key(ctx: &Ctx, arn: &str, key_id: &str) -> Result<()> {
    let bound = Bound {
        region: &ctx.region,
        arn,
        version_id: TRIAL,
    };
    let (_, data_key) = generate(ctx, bound, Some(key_id)).await?;
    decrypt(ctx, bound, &data_key).await?;
    Ok(())
}

/// Encrypts the data key of a version under another KMS key. False if the caller may not: what is
/// there stays as it is (UpdateSecret, `KmsKeyId`).
pub(crate) async fn rewrap(
    ctx: &Ctx,
    bound: Bound<'_>,
    key_id: Option<&str>,
    record: &mut VersionRecord,
) -> Result<bool> {
    let plaintext = decrypt(ctx, bound, &record.data_key).await?;
    let request = EncryptRequest {
        key_id: key_id.unwrap_or(DEFAULT_KEY).to_owned(),
        plaintext,
        encryption_context: bound.context(),
        grant_tokens: Vec::new(),
        encryption_algorithm: None,
        dry_run: false,
    };
    match by_kms(ctx, bound).call::<Encrypt>(request).await {
        Ok(encrypted) => {
            let blob = encrypted.ciphertext_blob;
            let blob = blob.ok_or_else(|| Error::internal("KMS gave no ciphertext"))?;
            record.data_key = blob.to_vec();
            Ok(true)
        }
        Err(Error::Fault(fault)) if is_denied(&fault) => Ok(false),
        Err(error) => Err(refused(error, not_encrypted)),
    }
}

async fn generate(ctx: &Ctx, bound: Bound<'_>, key_id: Option<&str>) -> Result<(DataKey, Vec<u8>)> {
    let request = GenerateDataKeyRequest {
        key_id: key_id.unwrap_or(DEFAULT_KEY).to_owned(),
        encryption_context: bound.context(),
        number_of_bytes: None,
        key_spec: Some(DataKeySpec::Aes256),
        grant_tokens: Vec::new(),
        recipient: None,
        dry_run: false,
    };
    let made = by_kms(ctx, bound).call::<GenerateDataKey>(request).await;
    let made = made.map_err(|error| refused(error, not_encrypted))?;
    let key = DataKey::new(&made.plaintext.unwrap_or_default());
    match (key, made.ciphertext_blob) {
        (Some(key), Some(blob)) => Ok((key, blob.to_vec())),
        _ => Err(Error::internal("KMS gave no data key")),
    }
}

async fn decrypt(ctx: &Ctx, bound: Bound<'_>, data_key: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let request = DecryptRequest {
        ciphertext_blob: Some(Zeroizing::new(data_key.to_vec())),
        encryption_context: bound.context(),
        grant_tokens: Vec::new(),
        key_id: None,
        encryption_algorithm: None,
        recipient: None,
        dry_run: false,
        dry_run_modifiers: Vec::new(),
    };
    let opened = by_kms(ctx, bound).call::<Decrypt>(request).await;
    let opened = opened.map_err(|error| refused(error, not_decrypted))?;
    let plaintext = opened.plaintext;
    plaintext.ok_or_else(|| Error::internal("KMS gave no plaintext"))
}

/// As the caller; where Secrets Manager rotates by itself, with what it was granted for the secret.
fn by_kms<'a>(ctx: &'a Ctx, bound: Bound<'_>) -> ServiceCall<'a> {
    let call = match ctx.caller.service_name() {
        Some(own) => ctx.as_service(own).source(bound.arn),
        None => ctx.on_behalf_of_caller("secretsmanager"),
    };
    call.in_region(bound.region)
}

/// KMS's errors as Secrets Manager passes them on.
fn refused(error: Error, otherwise: fn() -> Fault) -> Error {
    let Error::Fault(fault) = error else {
        return error;
    };
    if is_denied(&fault) {
        return Fault::common(Common::AccessDenied, "Access to KMS is not allowed").into();
    }
    match fault.as_common() {
        Some(Common::Throttling | Common::InternalFailure) => fault.into(),
        _ => otherwise().into(),
    }
}

fn is_denied(fault: &Fault) -> bool {
    fault.code(Protocol::Json11) == "AccessDeniedException"
}

fn not_encrypted() -> Fault {
    EncryptionFailure::new(
        "Secrets Manager can't encrypt the protected secret text using the provided KMS key. Check \
         that the KMS key is available, enabled, and not in an invalid state.",
    )
}

fn not_decrypted() -> Fault {
    DecryptionFailure::new(
        "Secrets Manager can't decrypt the protected secret text using the provided KMS key.",
    )
}
