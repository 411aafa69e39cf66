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
    let key = access::authorize(ctx, "kms:GetKeyLastUsage", found, &request).await?;
    let (arn, made) = (key.record.arn.clone(), key.record.created_millis);
    let last = ctx.activity(move |activity| activity.last_use(&arn).cloned());
    let last = last.await?.filter(|last| is_of(last, made)).map(shown);
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
    let (arn, made) = (key.record.arn.clone(), key.record.created_millis);
    let last = ctx.activity(move |activity| {
        let last = activity.last_use(&arn).filter(|last| is_of(last, made));
        last.map(|last| last.at)
    });
    let since = last.await?.map_or(made, |at| at.millis);
    Ok(Some(
        ctx.now.millis.saturating_sub(since).max(0) / MILLIS_PER_DAY,
    ))
}

/// Whether a use was one of the key that was made at this time, in milliseconds, and not one of a
/// replica that was there before it, under the same ARN. Uses are on record by the second.
fn is_of(last: &LastUse, made: i64) -> bool {
    last.at >= Timestamp { millis: made }.whole_secs()
}

fn shown(last: LastUse) -> KeyLastUsageData {
    KeyLastUsageData {
        operation: KeyLastUsageTrackingOperation::parse(&last.operation),
        timestamp: Some(last.at),
        cloud_trail_event_id: Some(last.event_id),
        kms_request_id: Some(last.request_id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_can_be_used_in_the_second_that_it_is_made_in() {
        let used = |seconds| LastUse {
            operation: "Encrypt".to_owned(),
            at: Timestamp::from_secs(seconds),
            event_id: String::new(),
            request_id: String::new(),
        };
        for (seconds, expected) in [(9, false), (10, true), (11, true)] {
            assert_eq!(is_of(&used(seconds), 10_999), expected, "{seconds}");
        }
    }
}
