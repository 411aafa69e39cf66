//! The end of a key: the schedule of deletions, and the deletion itself.
//!
//! A key whose window has ended is gone for every reader at once, since readers look at the time.
//! Its related keys in other Regions hear of it when the records go, in the same commit.
//! [`delete_expired`] then takes the records away, and with the wrapped material whatever was
//! encrypted under it; `erasure` takes them from the disk.

use std::collections::HashSet;

use platform::{Authorized, Ctx, Error, Result, ServiceEvent, Upkeep};
use serde::{Deserialize, Serialize};
use store::{Key as RecordKey, Record, Txn};
use wire::Timestamp;

use crate::alias::AliasRecord;
use crate::erasure::Erasure;
use crate::expiration::ScheduledExpiration;
use crate::grant::{self, OfKey};
use crate::key::{Key, KeyRecord, State};
use crate::lifecycle::{self, Turn};
use crate::rotation::ScheduledRotation;
use crate::{family, waiting};

const SECONDS_PER_DAY: i64 = 86_400;

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

    /// The entry of a key that ceases to exist at `at`, with its place.
    fn of(key: &KeyRecord, at: Timestamp) -> (RecordKey, Self) {
        let entry = Self {
            account: key.account.clone(),
            region: key.region.clone(),
            key_id: key.id.clone(),
            at_millis: at.millis,
        };
        (Self::place(&key.account, &key.region, &key.id), entry)
    }
}

/// When a waiting period of so many days ends that begins at `now`.
pub(crate) fn window_end(now: Timestamp, days: i32) -> Timestamp {
    now.plus_secs(i64::from(days) * SECONDS_PER_DAY)
}

/// Puts the deletion of a key on the schedule.
pub(crate) async fn schedule(ctx: &Ctx, key: &KeyRecord, at: Timestamp) {
    let (place, entry) = ScheduledDeletion::of(key, at);
    ctx.put(place, entry).await;
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
    let (mut deleted, mut after, mut outcome) = (0, None, Ok(()));
    loop {
        let mut txn = upkeep.begin();
        let page = txn
            .scan::<ScheduledDeletion>(&prefix, after.as_ref(), 1000)
            .await?;
        for (_, entry) in &page.rows {
            let place = (&*entry.account, &*entry.region, &*entry.key_id);
            if entry.at_millis <= now.millis {
                // A key that fails holds up no other.
                match delete(upkeep, place, now).await {
                    Ok(is_deleted) => deleted += usize::from(is_deleted),
                    Err(error) => outcome = outcome.and(Err(error)),
                }
            }
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return outcome.map(|()| deleted),
        }
    }
}

/// Deletes one key, if its deletion was not cancelled meanwhile. A conflict means that somebody
/// works on the key right now; the next run decides again.
async fn delete(
    upkeep: &Upkeep,
    (account, region, key_id): (&str, &str, &str),
    now: Timestamp,
) -> Result<bool> {
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
        if points_here.is_some_and(|alias| alias.key_id == key_id) {
            txn.delete::<AliasRecord>(&alias);
        }
    }
    leave_family(&mut txn, &record, now).await?;
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
        own: None,
    };
    upkeep.emit(&mut txn, lifecycle::event(&record, Turn::Deletion, now))?;
    upkeep.commit(txn, &event, now).await
}

/// Takes a key that ceases to exist out of its family. If it was the last replica of a primary key
/// that waits for that, the primary key's window begins.
async fn leave_family(txn: &mut Txn, gone: &KeyRecord, now: Timestamp) -> Result<()> {
    let known = family::relatives_in(txn, gone).await?;
    let mut remaining: Vec<_> = known.iter().map(|key| KeyRecord::clone(key)).collect();
    // What waited for the key that goes waits no longer.
    waiting::agree(&mut remaining.iter_mut().collect::<Vec<_>>());
    for mut record in remaining {
        record.family = record.family.map(|family| family.without(&gone.region));
        let is_alone = record.family.as_ref().is_none_or(|it| !it.has_replicas());
        if let (State::PendingReplicaDeletion { window_in_days }, true) = (record.state, is_alone) {
            let at = window_end(now, window_in_days);
            record.state = State::PendingDeletion {
                at_millis: at.millis,
            };
            let (place, entry) = ScheduledDeletion::of(&record, at);
            txn.put(place, entry);
        }
        let place = KeyRecord::place(&record.account, &record.region, &record.id);
        txn.put(place, record);
    }
    Ok(())
}

/// The primary key that the caller may use, after those of its replicas are deleted whose window
/// has ended: for operations that depend on which replicas there are.
pub(crate) async fn settled(ctx: &Ctx, key: Authorized<Key>) -> Result<Authorized<Key>> {
    if key.record.check_is_primary().is_err() {
        return Ok(key);
    }
    let mut gone = family::relatives(ctx, &key.record).await?;
    gone.retain(|relative| relative.is_gone(ctx.now));
    if gone.is_empty() {
        return Ok(key);
    }
    for relative in gone {
        let place = (&*relative.account, &*relative.region, &*relative.id);
        delete(ctx.upkeep(), place, ctx.now).await?;
    }
    let KeyRecord {
        account,
        region,
        id,
        ..
    } = &*key.record;
    let again = Key::get(ctx, account, region, id).await?;
    key.renewed(again.ok_or_else(|| Error::dangling("a key"))?)
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
