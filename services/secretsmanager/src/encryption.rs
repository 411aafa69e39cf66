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
use platform::{Ctx, Error, Result, RoleSession, ServiceCall};
use wire::{Common, Entries, Fault, Protocol};
use zeroize::Zeroizing;

use crate::secret::{DEFAULT_KEY, VersionRecord};
use crate::value::SecretValue;

/// The version in the encryption context of calls that find out whether a key can be used.
const TRIAL: &str = "RequestToValidateKeyAccess";
/// How KMS says that it would do what it was asked (`DryRun`).
const WOULD_DO: &str = "DryRunOperationException";

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
    let plaintext = decrypt(by_kms(ctx, bound), bound, &record.data_key).await?;
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
    decrypt(by_kms(ctx, bound), bound, &data_key).await?;
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
    let plaintext = decrypt(by_kms(ctx, bound), bound, &record.data_key).await?;
    let key_id = key_id.unwrap_or(DEFAULT_KEY);
    let encrypted = encrypt(by_kms(ctx, bound), bound, key_id, plaintext).await;
    match encrypted {
        Ok(data_key) => {
            record.data_key = data_key;
            Ok(true)
        }
        Err(Error::Fault(fault)) if is_denied(&fault) => Ok(false),
        Err(error) => Err(refused(error, not_encrypted)),
    }
}

/// A version as that of a secret of another account, under the KMS key of that one. KMS opens and
/// encrypts the data key ("How Secrets Manager authorizes cross-account replication", user guide)
/// for the caller, or in the session of a role.
pub(crate) async fn carry(
    ctx: &Ctx,
    role: Option<&RoleSession>,
    (from, record): (Bound<'_>, &VersionRecord),
    (to, key_id): (Bound<'_>, &str),
) -> Result<VersionRecord> {
    let call = || match role {
        Some(role) => ctx.in_session(role).via("secretsmanager"),
        None => by_kms(ctx, from),
    };
    let plaintext = decrypt(call(), from, &record.data_key).await?;
    let key = DataKey::new(&plaintext).ok_or_else(|| Error::internal("no data key"))?;
    let value = key.open(&from.aad(), &record.sealed);
    let value = value.map_err(Error::internal)?;
    let sealed = key.seal(&to.aad(), &value, ctx.random());
    let data_key = encrypt(call(), to, key_id, plaintext).await;
    Ok(VersionRecord {
        data_key: data_key.map_err(|error| refused(error, not_encrypted))?,
        sealed: sealed.map_err(Error::internal)?,
        is_binary: record.is_binary,
    })
}

/// Finds out whether the caller could open a version, and encrypt for another secret.
pub(crate) async fn try_carry(
    ctx: &Ctx,
    from: Option<(Bound<'_>, &VersionRecord)>,
    (to, key_id): (Bound<'_>, &str),
) -> Result<()> {
    if let Some((bound, record)) = from {
        let request = DecryptRequest {
            dry_run: true,
            ..decryption(bound, &record.data_key)
        };
        let tried = by_kms(ctx, bound).call::<Decrypt>(request).await;
        would_do(tried, not_decrypted)?;
    }
    let request = EncryptRequest {
        dry_run: true,
        ..encryption(to, key_id, Zeroizing::new(vec![0; 32]))
    };
    let tried = by_kms(ctx, to).call::<Encrypt>(request).await;
    would_do(tried, not_encrypted)
}

/// What a dry run tells.
fn would_do<T>(tried: Result<T>, otherwise: fn() -> Fault) -> Result<()> {
    match tried {
        Ok(_) => Ok(()),
        Err(Error::Fault(fault)) if fault.code(Protocol::Json11) == WOULD_DO => Ok(()),
        Err(error) => Err(refused(error, otherwise)),
    }
}

/// Gives KMS's own errors.
async fn encrypt(
    call: ServiceCall<'_>,
    bound: Bound<'_>,
    key_id: &str,
    plaintext: Zeroizing<Vec<u8>>,
) -> Result<Vec<u8>> {
    let request = encryption(bound, key_id, plaintext);
    let blob = call.call::<Encrypt>(request).await?.ciphertext_blob;
    let blob = blob.ok_or_else(|| Error::internal("KMS gave no ciphertext"))?;
    Ok(blob.to_vec())
}

fn encryption(bound: Bound<'_>, key_id: &str, plaintext: Zeroizing<Vec<u8>>) -> EncryptRequest {
    EncryptRequest {
        key_id: key_id.to_owned(),
        plaintext,
        encryption_context: bound.context(),
        grant_tokens: Vec::new(),
        encryption_algorithm: None,
        dry_run: false,
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

async fn decrypt(
    call: ServiceCall<'_>,
    bound: Bound<'_>,
    data_key: &[u8],
) -> Result<Zeroizing<Vec<u8>>> {
    let opened = call.call::<Decrypt>(decryption(bound, data_key)).await;
    let opened = opened.map_err(|error| refused(error, not_decrypted))?;
    let plaintext = opened.plaintext;
    plaintext.ok_or_else(|| Error::internal("KMS gave no plaintext"))
}

fn decryption(bound: Bound<'_>, data_key: &[u8]) -> DecryptRequest {
    DecryptRequest {
        ciphertext_blob: Some(Zeroizing::new(data_key.to_vec())),
        encryption_context: bound.context(),
        grant_tokens: Vec::new(),
        key_id: None,
        encryption_algorithm: None,
        recipient: None,
        dry_run: false,
        dry_run_modifiers: Vec::new(),
    }
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
