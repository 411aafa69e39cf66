//! Encryption of events under a group's KMS key ("Encrypt log data in CloudWatch Logs using AWS
//! Key Management Service", CloudWatch Logs user guide).
//!
//! The service calls KMS as `logs.REGION.amazonaws.com`, with the group's ARN as encryption context.
//! KMS is asked in every call that writes or reads events, so that a key policy that changes or a
//! key that is disabled counts from that moment on.

use api::kms::{DataKeySpec, Decrypt, DecryptRequest, GenerateDataKey, GenerateDataKeyRequest};
use crypto::DataKey;
use platform::{Ctx, Error, Result, ServiceCall};
use wire::{Common, Entries, Fault, Protocol};
use zeroize::Zeroizing;

use crate::group::{GroupRecord, WrappedDataKey};
use crate::refusals;

/// A new data key for the group under the KMS key of this ARN.
pub(crate) async fn generate(ctx: &Ctx, group_arn: &str, kms_key: &str) -> Result<WrappedDataKey> {
    if !is_key_arn(kms_key) {
        return Err(refusals::not_a_key_arn().into());
    }
    let request = GenerateDataKeyRequest {
        key_id: kms_key.to_owned(),
        encryption_context: context(group_arn),
        number_of_bytes: None,
        key_spec: Some(DataKeySpec::Aes256),
        grant_tokens: Vec::new(),
        recipient: None,
        dry_run: false,
    };
    let generated = as_logs(ctx, group_arn).call::<GenerateDataKey>(request);
    let generated = generated
        .await
        .map_err(|error| unusable(error, group_arn))?;
    let blob = generated.ciphertext_blob.map(|blob| blob.to_vec());
    let found = generated.key_id.zip(blob);
    let (kms_key, blob) = found.ok_or_else(|| Error::internal("KMS gave no data key"))?;
    Ok(WrappedDataKey { kms_key, blob })
}

/// The data key itself, from KMS.
pub(crate) async fn unwrap(
    ctx: &Ctx,
    group: &GroupRecord,
    wrapped: &WrappedDataKey,
) -> Result<DataKey> {
    unwrap_for(ctx, &group.arn, wrapped).await
}

/// The same, for the group of this ARN.
pub(crate) async fn unwrap_for(
    ctx: &Ctx,
    group_arn: &str,
    wrapped: &WrappedDataKey,
) -> Result<DataKey> {
    let request = DecryptRequest {
        ciphertext_blob: Some(Zeroizing::new(wrapped.blob.clone())),
        encryption_context: context(group_arn),
        grant_tokens: Vec::new(),
        key_id: Some(wrapped.kms_key.clone()),
        encryption_algorithm: None,
        recipient: None,
        dry_run: false,
        dry_run_modifiers: Vec::new(),
    };
    let opened = as_logs(ctx, group_arn).call::<Decrypt>(request).await;
    let opened = opened.map_err(|error| denied(error, group_arn))?;
    let plaintext = opened.plaintext.unwrap_or_default();
    DataKey::new(&plaintext).ok_or_else(|| Error::internal("a data key of another length"))
}

fn as_logs<'a>(ctx: &'a Ctx, group_arn: &str) -> ServiceCall<'a> {
    let principal = format!("logs.{}.amazonaws.com", ctx.region);
    ctx.as_service(&principal).source(group_arn)
}

fn context(group_arn: &str) -> Entries<String> {
    Entries(vec![("aws:logs:arn".to_owned(), group_arn.to_owned())])
}

/// Keys have to be named by their ARNs (CreateLogGroup, `kmsKeyId`).
fn is_key_arn(text: &str) -> bool {
    let parts: Vec<_> = text.splitn(6, ':').collect();
    matches!(parts.as_slice(), ["arn", _, "kms", _, _, key] if key.starts_with("key/"))
}

/// What AssociateKmsKey says of a key that the service cannot use: that it may not, as long as that
/// is so; only then what is wrong with the key.
fn unusable(error: Error, group_arn: &str) -> Error {
    match error {
        Error::Fault(fault) if fault.as_common() == Some(Common::InternalFailure) => fault.into(),
        Error::Fault(fault) => match fault.code(Protocol::Json11) {
            "AccessDeniedException" | "NotFoundException" => not_allowed(group_arn).into(),
            _ => refusals::unusable_key().into(),
        },
        internal @ Error::Internal(_) => internal,
    }
}

/// What readers and writers hear where KMS does not open the data key, for whatever reason.
fn denied(error: Error, group_arn: &str) -> Error {
    match error {
        Error::Fault(fault) if fault.as_common() == Some(Common::InternalFailure) => fault.into(),
        Error::Fault(_) => not_allowed(group_arn).into(),
        internal @ Error::Internal(_) => internal,
    }
}

fn not_allowed(group_arn: &str) -> Fault {
    let text = format!(
        "The specified KMS key does not exist or is not allowed to be used with Arn '{group_arn}'"
    );
    Fault::common(Common::AccessDenied, text)
}
