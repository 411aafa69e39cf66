//! The end of a key: the schedule of deletions, and the deletion itself.
//!
//! A key whose window has ended is gone for every reader at once, since readers look at the time.
//! [`delete_expired`] then takes the records away, and with the wrapped material whatever was
//! encrypted under it; `erasure` takes them from the disk.

use std::collections::HashSet;

use platform::{Ctx, Result, ServiceEvent, Upkeep};
use serde::{Deserialize, Serialize};
use store::{Key as RecordKey, Record};
use wire::Timestamp;

use crate::alias::AliasRecord;
use crate::erasure::Erasure;
use crate::expiration::ScheduledExpiration;
use crate::grant::{self, OfKey};
use crate::key::KeyRecord;
use crate::key_count;
use crate::rotation::ScheduledRotation;

/// A deletion to come. It stands outside of accounts, so that one scan finds all that are due.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ScheduledDeletion {
    account: String,
    region: String,
    key_id: String,
    at_millis: i64,
}

impl Record for ScheduledDeletion {
    const TABLE: &'static str = "kms.deletions";
    const SERVICE: &'static str = "kms";
}

impl ScheduledDeletion {
    fn place(account: &str, region: &str, key_id: &str) -> RecordKey {
        RecordKey::new("", "", [account, region, key_id])
    }
}

/// Puts the deletion of a key on the schedule.
pub(crate) async fn schedule(ctx: &Ctx, key: &KeyRecord, at: Timestamp) {
    let KeyRecord {
        account,
        region,
        id,
        ..
    } = key;
    let place = ScheduledDeletion::place(account, region, id);
    let (account, region, key_id) = (account.clone(), region.clone(), id.clone());
    let at_millis = at.millis;
    ctx.put(
        place,
        ScheduledDeletion {
            account,
            region,
            key_id,
            at_millis,
        },
    )
    .await;
}

/// Takes the deletion of a key off the schedule.
pub(crate) async fn cancel(ctx: &Ctx, key: &KeyRecord) {
    let place = ScheduledDeletion::place(&key.account, &key.region, &key.id);
    ctx.delete::<ScheduledDeletion>(&place).await;
}

/// The ids of the caller's keys whose window has ended and whose records may still be there.
pub(crate) async fn ended(ctx: &Ctx) -> Result<HashSet<String>> {
    let prefix = RecordKey::new("", "", [ctx.account(), &ctx.region]);
    let rows = ctx.scan_all::<ScheduledDeletion>(&prefix).await?;
    let ended = rows
        .into_iter()
        .filter(|(_, entry)| entry.at_millis <= ctx.now.millis);
    Ok(ended.map(|(_, entry)| entry.key_id.clone()).collect())
}

/// Deletes the keys whose window has ended by `now`, with their aliases, tags, policy,
/// grants and material. Returns how many. To be run at the start and from time to time.
pub async fn delete_expired(upkeep: &Upkeep, now: Timestamp) -> Result<usize> {
    let prefix = RecordKey::new("", "", [""; 0]);
    let (mut deleted, mut after) = (0, None);
    loop {
        let mut txn = upkeep.begin();
        let page = txn
            .scan::<ScheduledDeletion>(&prefix, after.as_ref(), 1000)
            .await?;
        for (_, entry) in &page.rows {
            if entry.at_millis <= now.millis && delete(upkeep, entry, now).await? {
                deleted += 1;
            }
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(deleted),
        }
    }
}

/// Deletes one key, if its deletion was not cancelled meanwhile. A conflict means that somebody
/// works on the key right now; the next run decides again.
async fn delete(upkeep: &Upkeep, entry: &ScheduledDeletion, now: Timestamp) -> Result<bool> {
    let ScheduledDeletion {
        account,
        region,
        key_id,
        ..
    } = entry;
    let mut txn = upkeep.begin();
    let place = KeyRecord::place(account, region, key_id);
    let record = txn.get::<KeyRecord>(&place).await?;
    let Some(record) = record.filter(|record| record.is_gone(now)) else {
        return Ok(false);
    };
    if !grant::delete_all(upkeep, OfKey::new(&record)).await? {
        return Ok(false);
    }
    for name in &record.aliases {
        let alias = AliasRecord::place(account, region, name);
        // A name of a key that is gone is free again and may point elsewhere by now.
        let points_here = txn.get::<AliasRecord>(&alias).await?;
        if points_here.is_some_and(|alias| alias.key_id == *key_id) {
            txn.delete::<AliasRecord>(&alias);
        }
    }
    key_count::remove(&mut txn, &record).await?;
    txn.delete::<KeyRecord>(&place);
    let (note, erasure) = Erasure::of(&record, now);
    txn.put(note, erasure);
    txn.delete::<ScheduledDeletion>(&ScheduledDeletion::place(account, region, key_id));
    txn.delete::<ScheduledRotation>(&ScheduledRotation::place(account, region, key_id));
    txn.delete::<ScheduledExpiration>(&ScheduledExpiration::place(account, region, key_id));
    let event = ServiceEvent {
        service: &api::kms::SERVICE,
        name: "DeleteKey",
        region,
        account,
        resource: ("AWS::KMS::Key", &record.arn),
        response: &[("keyId", &record.arn)],
        details: &[],
    };
    upkeep.commit(txn, &event, now).await
}

#[cfg(test)]
impl ScheduledDeletion {
    /// An entry for samples of formats.
    pub(crate) fn sample() -> Self {
        let (account, region) = ("111122223333".to_owned(), "eu-west-2".to_owned());
        Self {
            account,
            region,
            key_id: "id".to_owned(),
            at_millis: 300,
        }
    }
}
