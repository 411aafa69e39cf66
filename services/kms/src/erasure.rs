//! What is deleted with a key, or with imported material, leaves the disk too.
//!
//! Deleting a record takes it from every reader; the store overwrites what remains of it when it
//! is asked to, which rewrites its whole database. So whoever deletes material leaves a note, in
//! the same commit, and one erasure answers all notes of an hour. A note outlives a crash.
//! AWS deletes keys within a day of the end of their waiting period (ScheduleKeyDeletion).

use platform::{Result, Upkeep};
use serde::{Deserialize, Serialize};
use store::{Key as RecordKey, Record, Txn};
use wire::Timestamp;

use crate::key::KeyRecord;

/// How long notes wait for others.
const WAIT_SECONDS: i64 = 3600;

/// Says that wrapped material was deleted and may still be on disk. It stands outside of accounts,
/// so that one scan finds all of them.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Erasure {
    since_millis: i64,
}

impl Record for Erasure {
    const TABLE: &'static str = "kms.erasures";
    const SERVICE: &'static str = "kms";
}

impl Erasure {
    /// The note that material of `key` is deleted at `now`, and where it stands.
    pub(crate) fn of(key: &KeyRecord, now: Timestamp) -> (RecordKey, Self) {
        let place = RecordKey::new("", "", [&key.account, &key.region, &key.id]);
        let since_millis = now.millis;
        (place, Self { since_millis })
    }

    fn is_due(&self, now: Timestamp) -> bool {
        self.since_millis.saturating_add(WAIT_SECONDS * 1000) <= now.millis
    }
}

/// Overwrites what deleted keys have left on disk, if the first note is an hour old. Returns
/// whether it did. To be run at the start and from time to time.
pub async fn erase_deleted(upkeep: &Upkeep, now: Timestamp) -> Result<bool> {
    let mut txn = upkeep.begin();
    let notes = all(&mut txn).await?;
    if !notes.iter().any(|(_, note)| note.is_due(now)) {
        return Ok(false);
    }
    upkeep.erase().await?;
    // Notes that came meanwhile are not among those that were read and stay.
    let mut txn = upkeep.begin();
    for (place, note) in notes {
        let now_there = txn.get::<Erasure>(&place).await?;
        if now_there.is_some_and(|there| there.since_millis == note.since_millis) {
            txn.delete::<Erasure>(&place);
        }
    }
    upkeep.commit_part(txn).await?;
    Ok(true)
}

async fn all(txn: &mut Txn) -> Result<Vec<(RecordKey, Erasure)>> {
    let prefix = RecordKey::new("", "", [""; 0]);
    let (mut notes, mut after) = (Vec::new(), None);
    loop {
        let page = txn.scan::<Erasure>(&prefix, after.as_ref(), 1000).await?;
        let rows = page.rows.iter();
        notes.extend(rows.map(|(place, note)| (place.clone(), Erasure::clone(note))));
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(notes),
        }
    }
}

#[cfg(test)]
impl Erasure {
    /// A note for samples of formats.
    pub(crate) fn sample() -> Self {
        Self { since_millis: 300 }
    }
}
