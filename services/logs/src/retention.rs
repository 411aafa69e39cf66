//! What goes by itself: events whose time is over, and what was in groups and streams that are
//! deleted. Readers see none of it from the moment on when that is so; jobs take it from the disk.

use platform::{Ctx, Result, Upkeep};
use serde::{Deserialize, Serialize};
use store::{Key, Record, Txn};
use wire::Timestamp;

use crate::access::Group;
use crate::batch::{self, BatchRecord, IndexRecord};
use crate::group::GroupRecord;
use crate::position::Serial;
use crate::query;
use crate::stream::StreamRecord;

/// So many batches go in one transaction.
const AT_ONCE: usize = 256;

/// A group whose events expire. It stands outside of accounts, so that one scan finds all.
#[derive(Serialize, Deserialize)]
pub(crate) struct Expiring {
    account: String,
    region: String,
    name: String,
}

impl Record for Expiring {
    const TABLE: &'static str = "logs.expiring";
    const SERVICE: &'static str = "logs";
}

/// What is left of a group or a stream that is deleted.
#[derive(Serialize, Deserialize)]
pub(crate) struct Discarded {
    account: String,
    region: String,
    left: Left,
}

#[derive(Serialize, Deserialize)]
enum Left {
    /// The streams of the group of this id.
    Group(String),
    /// The batches of this stream, and its index.
    Stream(Serial),
}

impl Record for Discarded {
    const TABLE: &'static str = "logs.discarded";
    const SERVICE: &'static str = "logs";
}

/// Notes whether the group's events expire.
pub(crate) async fn schedule(ctx: &Ctx, group: &GroupRecord) {
    let place = Key::new("", "", [&group.account, &group.region, &group.name]);
    match group.retention_in_days {
        None => ctx.delete::<Expiring>(&place).await,
        Some(_) => {
            let expiring = Expiring {
                account: group.account.clone(),
                region: group.region.clone(),
                name: group.name.clone(),
            };
            ctx.put(place, expiring).await;
        }
    }
}

/// Notes that what the group had is to go.
pub(crate) async fn discard_group(ctx: &Ctx, group: &Group) {
    let place = Key::new("", "", [&group.account, &group.region, &group.name]);
    ctx.delete::<Expiring>(&place).await;
    let discarded = Discarded {
        account: group.account.clone(),
        region: group.region.clone(),
        left: Left::Group(group.id.clone()),
    };
    ctx.put(discarded.place(), discarded).await;
}

/// Notes that what the stream had is to go.
pub(crate) async fn discard_stream(ctx: &Ctx, group: &Group, stream: &StreamRecord) {
    let discarded = Discarded::stream(&group.account, &group.region, stream.serial);
    ctx.put(discarded.place(), discarded).await;
}

impl Discarded {
    fn stream(account: &str, region: &str, serial: Serial) -> Self {
        Self {
            account: account.to_owned(),
            region: region.to_owned(),
            left: Left::Stream(serial),
        }
    }

    fn place(&self) -> Key {
        let left = match &self.left {
            Left::Group(id) => id.clone(),
            Left::Stream(serial) => format!("{serial:016x}"),
        };
        Key::new("", "", [&self.account, &self.region, &left])
    }
}

/// Deletes the events and the queries that have expired at `now`. Returns how many batches of events
/// and queries are gone. To be run from time to time.
pub async fn expire(upkeep: &Upkeep, now: Timestamp) -> Result<usize> {
    let prefix = Key::new("", "", [""; 0]);
    let (mut gone, mut after) = (query::expire(upkeep, now).await?, None);
    loop {
        let mut txn = upkeep.begin();
        let page = txn.scan::<Expiring>(&prefix, after.as_ref(), 1000).await?;
        for (_, entry) in &page.rows {
            let place = GroupRecord::place(&entry.account, &entry.region, &entry.name);
            if let Some(group) = txn.get::<GroupRecord>(&place).await? {
                gone += expire_group(upkeep, &group, now).await?;
            }
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(gone),
        }
    }
}

async fn expire_group(upkeep: &Upkeep, group: &GroupRecord, now: Timestamp) -> Result<usize> {
    let Some(before) = group.expired_before(now.millis) else {
        return Ok(0);
    };
    let all = StreamRecord::all(&group.account, &group.region, &group.id);
    let (mut gone, mut after) = (0, None);
    loop {
        let mut txn = upkeep.begin();
        let page = txn.scan::<StreamRecord>(&all, after.as_ref(), 1000).await?;
        for (key, _) in &page.rows {
            while let Some(batches) = expire_some(upkeep, (group, key), before).await? {
                gone += batches;
            }
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(gone),
        }
    }
}

/// Deletes the first batches of a stream, as far as all events up to there have expired. None where
/// there is nothing to do, or somebody else works on the stream right now: the next run looks again.
async fn expire_some(
    upkeep: &Upkeep,
    (group, place): (&GroupRecord, &Key),
    before: i64,
) -> Result<Option<usize>> {
    let (account, region) = (&*group.account, &*group.region);
    let mut txn = upkeep.begin();
    let Some(known) = txn.get::<StreamRecord>(place).await? else {
        return Ok(None);
    };
    let mut stream = StreamRecord::clone(&known);
    let (serial, mut batches) = (stream.serial, 0);
    'pages: for first in batch::pages(&known) {
        let page_place = batch::page_place(account, region, serial, first);
        let Some(page) = txn.get::<IndexRecord>(&page_place).await? else {
            break;
        };
        for entry in page
            .entries
            .iter()
            .filter(|entry| entry.batch >= known.gone)
        {
            if entry.last_millis >= before || batches == AT_ONCE {
                break 'pages;
            }
            let batch = batch::batch_place(account, region, serial, entry.batch);
            txn.delete::<BatchRecord>(&batch);
            stream.bytes = stream.bytes.saturating_sub(entry.bytes.into());
            stream.gone = entry.batch + 1;
            batches += 1;
        }
        if batch::pages(&stream).next() != Some(first) {
            txn.delete::<IndexRecord>(&page_place);
        }
    }
    if batches == 0 {
        return Ok(None);
    }
    txn.put(place.clone(), stream);
    Ok(upkeep.commit_part(txn).await?.then_some(batches))
}

/// Takes from the disk what was in groups and streams that are deleted. Returns how many of them
/// are done with. To be run from time to time.
pub async fn sweep(upkeep: &Upkeep) -> Result<usize> {
    let prefix = Key::new("", "", [""; 0]);
    let mut swept = 0;
    loop {
        let page = upkeep
            .begin()
            .scan::<Discarded>(&prefix, None, AT_ONCE)
            .await?;
        if page.rows.is_empty() {
            return Ok(swept);
        }
        for (key, discarded) in &page.rows {
            while sweep_some(upkeep, key, discarded).await? {}
            swept += 1;
        }
    }
}

/// Deletes a part of what is left. False where nothing is left, not even the note of it.
async fn sweep_some(upkeep: &Upkeep, place: &Key, discarded: &Discarded) -> Result<bool> {
    let (account, region) = (&*discarded.account, &*discarded.region);
    let mut txn = upkeep.begin();
    let has_more = match &discarded.left {
        Left::Group(id) => {
            let all = StreamRecord::all(account, region, id);
            let page = txn.scan::<StreamRecord>(&all, None, AT_ONCE).await?;
            for (key, stream) in page.rows {
                let stream = Discarded::stream(account, region, stream.serial);
                txn.put(stream.place(), stream);
                txn.delete::<StreamRecord>(&key);
            }
            page.next.is_some()
        }
        Left::Stream(serial) => {
            let all = Key::new(account, region, [format!("{serial:016x}")]);
            let pages = delete_below::<IndexRecord>(&mut txn, &all).await?;
            let batches = delete_below::<BatchRecord>(&mut txn, &all).await?;
            pages || batches
        }
    };
    if !has_more {
        txn.delete::<Discarded>(place);
    }
    upkeep.commit_part(txn).await?;
    Ok(has_more)
}

/// Deletes some records below `prefix`, and tells whether there are more.
async fn delete_below<R: Record>(txn: &mut Txn, prefix: &Key) -> Result<bool> {
    let page = txn.scan::<R>(prefix, None, 16).await?;
    for (key, _) in page.rows {
        txn.delete::<R>(&key);
    }
    Ok(page.next.is_some())
}

#[cfg(test)]
impl Expiring {
    /// A note for samples of formats.
    pub(crate) fn sample() -> Self {
        let [account, region, name] = ["a", "r", "n"].map(str::to_owned);
        Self {
            account,
            region,
            name,
        }
    }
}

#[cfg(test)]
impl Discarded {
    /// A note for samples of formats.
    pub(crate) fn sample() -> Self {
        Self::stream("a", "r", 7)
    }
}
