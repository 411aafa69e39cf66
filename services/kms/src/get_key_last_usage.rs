//! `kms:GetKeyLastUsage`: the last cryptographic operation that succeeded with a key.

use api::kms::{
    GetKeyLastUsageRequest, GetKeyLastUsageResponse, KeyLastUsageData,
    KeyLastUsageTrackingOperation,
};
use platform::{Ctx, LastUse, Result};
use wire::Timestamp;

use crate::access;
use crate::condition_keys::RequestKeys;
use crate::lookup::Found;

const MILLIS_PER_DAY: i64 = 86_400_000;

/// The operations that use a key.
pub(crate) const USES: &[&str] = &[
    "Decapsulate",
    "Decrypt",
    "DeriveSharedSecret",
    "Encapsulate",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GenerateDataKeyWithoutPlaintext",
    "GenerateMac",
    "ReEncrypt",
    "Sign",
    "Verify",
    "VerifyMac",
];

pub(crate) async fn get_key_last_usage(
    ctx: &Ctx,
    req: GetKeyLastUsageRequest,
) -> Result<GetKeyLastUsageResponse> {
    let found = Found::own(ctx, &req.key_id).await?;
    let request = RequestKeys::default();
    let key = access::authorize(ctx, "kms:GetKeyLastUsage", found, request).await?;
    let arn = key.record.arn.clone();
    let last = ctx.activity(move |activity| activity.last_use(&arn).cloned());
    let last = last.await?.map(shown);
    let created = Timestamp {
        millis: key.record.created_millis,
    };
    Ok(GetKeyLastUsageResponse {
        key_id: Some(key.record.id.clone()),
        // Empty, rather than absent, for a key that was never used.
        key_last_usage: Some(last.unwrap_or_default()),
        // The journal has every call since the account began: of each key, since it was made.
        tracking_start_date: Some(created),
        key_creation_date: Some(created),
    })
}

/// The whole days since the last use of the key, or since it was made where there was none yet
/// ("Condition keys for AWS KMS", kms:TrailingDaysWithoutKeyUsage). None where there is no key.
pub(crate) async fn days_without_use(ctx: &Ctx, found: &Found) -> Result<Option<i64>> {
    let Found::Here(key) = found else {
        return Ok(None);
    };
    let arn = key.record.arn.clone();
    let last = ctx.activity(move |activity| activity.last_use(&arn).map(|last| last.at));
    let since = last
        .await?
        .map_or(key.record.created_millis, |at| at.millis);
    Ok(Some(
        ctx.now.millis.saturating_sub(since).max(0) / MILLIS_PER_DAY,
    ))
}

fn shown(last: LastUse) -> KeyLastUsageData {
    KeyLastUsageData {
        operation: KeyLastUsageTrackingOperation::parse(&last.operation),
        timestamp: Some(last.at),
        cloud_trail_event_id: Some(last.event_id),
        kms_request_id: Some(last.request_id),
    }
}
