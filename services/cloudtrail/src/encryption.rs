//! Encryption of files under a trail's KMS key ("Encrypting CloudTrail log files, digest files, and
//! event data stores with AWS KMS keys", AWS CloudTrail user guide).
//!
//! The service calls KMS as `cloudtrail.amazonaws.com`, for the trail, with the trail's ARN as
//! encryption context.

use api::kms::{
    DataKeySpec, DescribeKey, DescribeKeyRequest, GenerateDataKey, GenerateDataKeyRequest,
};
use crypto::DataKey;
use platform::{BucketObject, Ctx, Error, Result};
use wire::{Common, Entries, Protocol};

use crate::hex::hex;
use crate::refusals;
use crate::trail::TrailRecord;

/// The service as KMS knows it.
pub(crate) const PRINCIPAL: &str = "cloudtrail.amazonaws.com";

/// The request for a data key for the files of a trail.
pub(crate) fn data_key_request(key: &str, trail_arn: &str) -> GenerateDataKeyRequest {
    GenerateDataKeyRequest {
        key_id: key.to_owned(),
        encryption_context: Entries(vec![(
            "aws:cloudtrail:arn".to_owned(),
            trail_arn.to_owned(),
        )]),
        number_of_bytes: None,
        key_spec: Some(DataKeySpec::Aes256),
        grant_tokens: Vec::new(),
        recipient: None,
        dry_run: false,
    }
}

/// Encrypts files under a data key of their own go: what lies in a bucket that does not encrypt is
/// `nonce (16) || commitment (32) || ciphertext || tag (16)`, and its metadata hold the data key
/// as KMS encrypted it, and the ARN that is its encryption context.
pub(crate) async fn seal(
    ctx: &Ctx,
    (key, trail_arn): (&str, &str),
    objects: &mut [BucketObject],
) -> Result<()> {
    let request = data_key_request(key, trail_arn);
    let call = ctx.as_service(PRINCIPAL).source(trail_arn);
    let made = call.call::<GenerateDataKey>(request).await?;
    let data_key = made
        .plaintext
        .and_then(|plaintext| DataKey::new(&plaintext));
    let found = data_key.zip(made.ciphertext_blob).zip(made.key_id);
    let ((data_key, blob), key) = found.ok_or_else(|| Error::internal("KMS gave no data key"))?;
    for object in objects {
        let place = format!("{}/{}", object.bucket, object.key);
        let sealed = data_key.seal(place.as_bytes(), &object.body, ctx.random());
        object.body = sealed.map_err(Error::internal)?.into();
        for (name, value) in [
            ("encryption", "aws:kms".to_owned()),
            ("encryption-key-id", key.clone()),
            ("encryption-data-key", hex(&blob)),
            ("encryption-trail", trail_arn.to_owned()),
        ] {
            object.metadata.push((name.to_owned(), value));
        }
    }
    Ok(())
}

/// The ARN of the key that `asked` names, once CloudTrail may encrypt the trail's files under it.
pub(crate) async fn usable_key(ctx: &Ctx, trail: &TrailRecord, asked: &str) -> Result<String> {
    let (arn, key) = (trail.arn(), key_arn(ctx, asked)?);
    let request = data_key_request(&key, &arn);
    let call = ctx.as_service(PRINCIPAL).source(&arn);
    match call.call::<GenerateDataKey>(request).await {
        Ok(made) => made
            .key_id
            .ok_or_else(|| Error::internal("KMS did not say which key it used")),
        Err(Error::Fault(fault)) if fault.as_common() == Some(Common::InternalFailure) => {
            Err(fault.into())
        }
        Err(Error::Fault(fault)) => Err(match fault.code(Protocol::Json11) {
            "NotFoundException" => refusals::no_key(&key),
            "AccessDeniedException" if is_absent(ctx, &key).await => refusals::no_key(&key),
            "AccessDeniedException" => refusals::closed_key(&trail.bucket, &key),
            _ => refusals::unusable_key(&key),
        }
        .into()),
        Err(internal @ Error::Internal(_)) => Err(internal),
    }
}

/// Whether KMS tells the caller that there is no such key: it tells no service.
async fn is_absent(ctx: &Ctx, key: &str) -> bool {
    let request = DescribeKeyRequest {
        key_id: key.to_owned(),
        grant_tokens: Vec::new(),
    };
    let call = ctx.on_behalf_of_caller("cloudtrail");
    match call.call::<DescribeKey>(request).await {
        Err(Error::Fault(fault)) => fault.code(Protocol::Json11) == "NotFoundException",
        _ => false,
    }
}

/// The ARN that an id, an alias or an ARN stands for: the service has no keys of its own, so names
/// are those of the caller. A key has to be in the Region of the trail.
fn key_arn(ctx: &Ctx, asked: &str) -> Result<String> {
    let named = match asked.split_once(':') {
        None if asked.starts_with("alias/") => asked.to_owned(),
        None if is_id(asked) => format!("key/{asked}"),
        None => return Err(refusals::bad_key(asked).into()),
        Some(_) => {
            let parts: Vec<_> = asked.splitn(6, ':').collect();
            return match parts.as_slice() {
                ["arn", _, "kms", region, account, name]
                    if account.len() == 12
                        && (name.starts_with("alias/") || name.starts_with("key/")) =>
                {
                    if *region != ctx.region {
                        return Err(refusals::no_key(asked).into());
                    }
                    Ok(asked.to_owned())
                }
                _ => Err(refusals::bad_key(asked).into()),
            };
        }
    };
    let (region, account) = (&ctx.region, ctx.account());
    let partition = platform::partition(region);
    Ok(format!("arn:{partition}:kms:{region}:{account}:{named}"))
}

fn is_id(text: &str) -> bool {
    let is_known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (8..=64).contains(&text.len()) && text.bytes().all(is_known)
}
