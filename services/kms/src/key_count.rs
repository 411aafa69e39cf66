//! How many customer managed keys an account has in a region ("KMS keys", resource quotas).
//!
//! The count is in sixteen parts, and a key belongs to one of them by the last digit of its id, so
//! that keys that are made at the same time seldom get in each other's way. All parts together are
//! read beside the call's transaction: a handful of keys made at the same moment may pass the quota
//! together.

use api::kms::LimitExceededException;
use platform::{Ctx, Result};
use serde::{Deserialize, Serialize};
use store::{Key as RecordKey, Record, Txn};

use crate::key::{KeyRecord, Manager};
use crate::quotas::{KEYS, QUOTAS};

const PARTS: &[&str] = &[
    "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "a", "b", "c", "d", "e", "f",
];

/// One part of the count.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct KeyCount {
    count: u64,
}

impl Record for KeyCount {
    const TABLE: &'static str = "kms.key_counts";
    const SERVICE: &'static str = "kms";
}

impl KeyCount {
    fn place(account: &str, region: &str, part: &str) -> RecordKey {
        RecordKey::new(account, region, [part])
    }

    /// Where the part of a key stands.
    fn of(record: &KeyRecord) -> RecordKey {
        let digit = record.id.get(record.id.len().saturating_sub(1)..);
        Self::place(&record.account, &record.region, digit.unwrap_or_default())
    }

    #[cfg(test)]
    pub(crate) fn sample() -> Self {
        Self { count: 3 }
    }
}

/// Counts a new key; refuses one more than the account may have. Keys of AWS services do not
/// count.
pub(crate) async fn add(ctx: &Ctx, record: &KeyRecord) -> Result<()> {
    if record.manager != Manager::Customer {
        return Ok(());
    }
    let (account, region) = (&record.account, &record.region);
    let quota = ctx.count_quota_in((account, region), &QUOTAS, KEYS).await?;
    if total(&mut ctx.upkeep().begin(), account, region).await? >= quota {
        let text = format!("The account has the maximum number of {quota} keys.");
        return Err(LimitExceededException::new(text).into());
    }
    let place = KeyCount::of(record);
    let known = ctx.get::<KeyCount>(&place).await?;
    let count = known.map_or(0, |known| known.count) + 1;
    ctx.put(place, KeyCount { count }).await;
    Ok(())
}

/// Counts a key less that is deleted.
pub(crate) async fn remove(txn: &mut Txn, record: &KeyRecord) -> Result<()> {
    if record.manager != Manager::Customer {
        return Ok(());
    }
    let place = KeyCount::of(record);
    let known = txn.get::<KeyCount>(&place).await?;
    match known.map_or(0, |known| known.count).saturating_sub(1) {
        0 => txn.delete::<KeyCount>(&place),
        count => txn.put(place, KeyCount { count }),
    }
    Ok(())
}

async fn total(txn: &mut Txn, account: &str, region: &str) -> Result<u64> {
    let mut total = 0;
    for part in PARTS {
        let place = KeyCount::place(account, region, part);
        let known = txn.get::<KeyCount>(&place).await?;
        total += known.map_or(0, |known| known.count);
    }
    Ok(total)
}
