//! Where messages are, and how they go: with the queue, when it is purged, or when their time is
//! over. Receivers see none of them from that moment on; a job takes them from the disk.

use platform::{Result, Upkeep};
use serde::{Deserialize, Serialize};
use store::{Key, Record};
use wire::Timestamp;

use crate::attempt::AttemptRecord;
use crate::lanes::{self, LaneRecord, LanedRecord, PageRecord};
use crate::message::{ContentRecord, MessageRecord};
use crate::names::QueuePlace;
use crate::queue::{DeletedRecord, QueueRecord};
use crate::sending::SentRecord;

/// Who sweeps.
const PRINCIPAL: &str = "sqs.amazonaws.com";
/// So many messages go in one transaction.
const AT_ONCE: usize = 256;

/// A place of messages. It stands outside of accounts, so that one scan finds all.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct HeapRecord {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) name: String,
    /// The queue's id.
    pub(crate) queue: String,
    /// Whether no queue has it any more.
    pub(crate) is_left: bool,
}

impl Record for HeapRecord {
    const TABLE: &'static str = "sqs.heaps";
    const SERVICE: &'static str = "sqs";
}

impl HeapRecord {
    /// The place of messages of a queue.
    pub(crate) fn of(place: &QueuePlace, queue: &str) -> Self {
        Self {
            account: place.account.clone(),
            region: place.region.clone(),
            name: place.name.clone(),
            queue: queue.to_owned(),
            is_left: false,
        }
    }

    /// A place that the queue does not have any more.
    pub(crate) fn left(place: &QueuePlace, queue: &str) -> Self {
        Self {
            is_left: true,
            ..Self::of(place, queue)
        }
    }

    /// Where the record of a heap is.
    pub(crate) fn place(heap: &str) -> Key {
        Key::new("", "", [heap])
    }

    fn place_of_queue(&self) -> QueuePlace {
        QueuePlace {
            account: self.account.clone(),
            region: self.region.clone(),
            name: self.name.clone(),
        }
    }

    fn messages(&self, heap: &str) -> Key {
        Key::new(&self.account, &self.region, [heap])
    }
}

/// Deletes the messages that nobody can receive any more at `now`, and what else has served its
/// time. Returns how many messages are gone. To be run from time to time.
pub async fn sweep(upkeep: &Upkeep, now: Timestamp) -> Result<usize> {
    let all = Key::new("", "", [""; 0]);
    let (mut gone, mut after) = (0, None);
    loop {
        let page = upkeep
            .begin()
            .scan::<HeapRecord>(&all, after.as_ref(), 1000)
            .await?;
        for (key, heap) in &page.rows {
            gone += sweep_heap(upkeep, (key, heap), now).await?;
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(gone),
        }
    }
}

async fn sweep_heap(
    upkeep: &Upkeep,
    (key, heap): (&Key, &HeapRecord),
    now: Timestamp,
) -> Result<usize> {
    let id = key.parts().next().unwrap_or_default();
    let place = heap.place_of_queue();
    let named = upkeep.begin().get::<QueueRecord>(&place.key()).await?;
    let queue = named.as_ref().filter(|queue| queue.heap == id);
    let is_over = |message: &MessageRecord| match queue {
        Some(queue) => queue.has_expired(message.sent_millis, now.millis),
        None => heap.is_left,
    };
    let messages = heap.messages(id);
    let is_fifo = queue.is_some_and(|queue| queue.settings.is_fifo());
    let is_laned = is_fifo && is_laned(upkeep, &messages).await?;
    let gone = match is_laned {
        true => sweep_lanes(upkeep, (heap, &messages), is_over, now).await?,
        false => sweep_all(upkeep, (heap, &messages), is_over, now).await?,
    };
    let is_gone = named.is_none_or(|named| named.id != heap.queue);
    let all = Key::new(&heap.account, &heap.region, [heap.queue.as_str()]);
    let is_sent_over = |sent: &SentRecord| is_gone || !sent.counts(now.millis);
    forget(upkeep, &all, is_sent_over).await?;
    let is_attempt_over = |attempt: &AttemptRecord| is_gone || !attempt.counts(now.millis);
    forget(upkeep, &all, is_attempt_over).await?;
    if heap.is_left {
        let messages = heap.messages(id);
        forget::<LaneRecord>(upkeep, &messages, |_| true).await?;
        forget::<PageRecord>(upkeep, &messages, |_| true).await?;
        finish(upkeep, key, &place, now).await?;
    }
    Ok(gone)
}

async fn is_laned(upkeep: &Upkeep, messages: &Key) -> Result<bool> {
    let found = upkeep.begin().get::<LanedRecord>(messages).await?;
    Ok(found.is_some())
}

/// Deletes the messages of a heap without lanes that are over.
async fn sweep_all(
    upkeep: &Upkeep,
    (heap, messages): (&HeapRecord, &Key),
    is_over: impl Fn(&MessageRecord) -> bool,
    now: Timestamp,
) -> Result<usize> {
    let (mut gone, mut after) = (0, None);
    loop {
        let mut txn = upkeep.begin();
        let page = txn.scan::<MessageRecord>(messages, after.as_ref(), AT_ONCE);
        let page = page.await?;
        let over = page.rows.iter().filter(|(_, message)| is_over(message));
        let over: Vec<Key> = over.map(|(key, _)| key.clone()).collect();
        // What was read takes no part: only what is deleted has to be as it was.
        if !over.is_empty() && delete(upkeep, heap, (messages, &over), now).await? {
            gone += over.len();
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(gone),
        }
    }
}

/// Deletes the messages at the heads of lanes that are over, in their order: in any other, each would
/// be looked for through its whole lane, which may have a hundred thousand. What is over behind one
/// that is not goes when it is at the head.
async fn sweep_lanes(
    upkeep: &Upkeep,
    (heap, messages): (&HeapRecord, &Key),
    is_over: impl Fn(&MessageRecord) -> bool,
    now: Timestamp,
) -> Result<usize> {
    let (mut gone, mut after) = (0, None);
    loop {
        let mut apart = upkeep.begin();
        let page = apart.scan::<LaneRecord>(messages, after.as_ref(), AT_ONCE);
        let page = page.await?;
        loop {
            let mut over = Vec::new();
            for (_, lane) in &page.rows {
                let room = AT_ONCE - over.len();
                over.extend(lanes::head(upkeep, messages, &lane.group, (room, &is_over)).await?);
            }
            // The next time goes on where another commit was first.
            if over.is_empty() || !delete(upkeep, heap, (messages, &over), now).await? {
                break;
            }
            gone += over.len();
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(gone),
        }
    }
}

/// Deletes messages of a heap, and takes them out of the lanes that they are in. False where another
/// commit was first.
async fn delete(
    upkeep: &Upkeep,
    heap: &HeapRecord,
    (messages, over): (&Key, &[Key]),
    now: Timestamp,
) -> Result<bool> {
    let ctx = upkeep.ctx(PRINCIPAL, &heap.region, now)?;
    for key in over {
        let message = ctx.get::<MessageRecord>(key).await?;
        ctx.delete::<MessageRecord>(key).await;
        ctx.delete::<ContentRecord>(key).await;
        // The lanes of a heap that is left go with it.
        if let Some(message) = message.filter(|_| !heap.is_left) {
            lanes::remove(&ctx, messages, &message).await?;
        }
    }
    upkeep.commit_ctx(ctx, &[]).await
}

/// Forgets those of a queue's records that are over: what was sent so long ago that it may be sent
/// again, attempts that are not made again.
async fn forget<R: Record>(upkeep: &Upkeep, all: &Key, is_over: impl Fn(&R) -> bool) -> Result<()> {
    let mut after = None;
    loop {
        let mut apart = upkeep.begin();
        let page = apart.scan::<R>(all, after.as_ref(), AT_ONCE).await?;
        let mut txn = upkeep.begin();
        for (key, record) in &page.rows {
            if is_over(record) {
                txn.get::<R>(key).await?;
                txn.delete::<R>(key);
            }
        }
        if txn.has_writes() {
            upkeep.commit_part(txn).await?;
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(()),
        }
    }
}

/// Forgets a heap once nothing is in it, and that its queue was deleted, when that is long ago.
async fn finish(upkeep: &Upkeep, key: &Key, place: &QueuePlace, now: Timestamp) -> Result<()> {
    let mut txn = upkeep.begin();
    let heap = key.parts().next().unwrap_or_default();
    let messages = Key::new(&place.account, &place.region, [heap]);
    let left = txn.scan::<MessageRecord>(&messages, None, 1).await?;
    if !left.rows.is_empty() {
        return Ok(());
    }
    if let Some(deleted) = txn.get::<DeletedRecord>(&place.key()).await? {
        if deleted.counts(now.millis) {
            return Ok(());
        }
        txn.delete::<DeletedRecord>(&place.key());
    }
    txn.delete::<LanedRecord>(&messages);
    txn.delete::<HeapRecord>(key);
    upkeep.commit_part(txn).await?;
    Ok(())
}
