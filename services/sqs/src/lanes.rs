//! The messages of a FIFO queue by their groups: a lane for each, in the order in which they came.
//!
//! Nothing passes what is before it in its group, so a receiver would have to look at every message of
//! a queue to know what it may have. A lane says when its first message can be received, and those
//! behind one that cannot are not looked at, however many they are.
//!
//! INVARIANT: a message of a queue with lanes is in the lane of its group, and what a lane says of its
//! first message is so: both change in one commit.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use platform::{Ctx, Error, Result, Upkeep};
use serde::{Deserialize, Serialize};
use store::{Key, Record, Txn};
use wire::Timestamp;

use crate::access::Queue;
use crate::message::{MessageRecord, Standing};

/// How many messages share a page of a lane.
const PAGE: usize = 32;
/// How many lanes are looked through at a time.
const LANES: usize = 1000;
/// So many more messages are found than are wanted: others may take some at the same time.
const SPARE: usize = 64;

/// That the messages of a heap are in lanes. Those of older heaps are not.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct LanedRecord {}

/// The messages of a group.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LaneRecord {
    pub(crate) group: String,
    /// The place of the first message in the order of the queue.
    pub(crate) serial: u64,
    /// When it was sent, and when it can be received.
    pub(crate) sent_millis: i64,
    pub(crate) visible_millis: i64,
    /// The numbers of the first page and the last.
    pub(crate) first: u64,
    pub(crate) last: u64,
}

/// Some of the messages of a lane, by their ids.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct PageRecord {
    pub(crate) ids: Vec<String>,
}

impl Record for LanedRecord {
    const TABLE: &'static str = "sqs.laned";
    const SERVICE: &'static str = "sqs";
}

impl Record for LaneRecord {
    const TABLE: &'static str = "sqs.lanes";
    const SERVICE: &'static str = "sqs";
}

impl Record for PageRecord {
    const TABLE: &'static str = "sqs.lane-pages";
    const SERVICE: &'static str = "sqs";
}

/// Whether the messages below `heap` are in lanes.
pub(crate) async fn are_there(ctx: &Ctx, heap: &Key) -> Result<bool> {
    Ok(ctx.get::<LanedRecord>(heap).await?.is_some())
}

/// Stages that a message, which is staged, is the last of its group.
pub(crate) async fn append(ctx: &Ctx, heap: &Key, message: &MessageRecord) -> Result<()> {
    let Some(group) = &message.group else {
        return Ok(());
    };
    if !are_there(ctx, heap).await? {
        return Ok(());
    }
    let place = heap.clone().with(group);
    let known = ctx.get::<LaneRecord>(&place).await?;
    let mut lane = match &known {
        Some(known) => LaneRecord::clone(known),
        None => LaneRecord {
            group: group.clone(),
            serial: message.serial,
            sent_millis: message.sent_millis,
            visible_millis: message.visible_millis,
            first: 0,
            last: 0,
        },
    };
    let mut page = page(ctx, &place, lane.last).await?;
    if page.ids.len() >= PAGE {
        lane.last += 1;
        page = PageRecord::default();
    }
    page.ids.push(message.id.clone());
    ctx.put(page_place(&place, lane.last), page).await;
    if known.is_none_or(|known| *known != lane) {
        ctx.put(place, lane).await;
    }
    Ok(())
}

/// Stages that a message, whose deletion is staged, is no longer in its lane.
pub(crate) async fn remove(ctx: &Ctx, heap: &Key, message: &MessageRecord) -> Result<()> {
    let Some((place, lane)) = find(ctx, heap, message).await? else {
        return Ok(());
    };
    let mut lane = LaneRecord::clone(&lane);
    for number in lane.first..=lane.last {
        let mut page = page(ctx, &place, number).await?;
        let Some(at) = page.ids.iter().position(|id| *id == message.id) else {
            continue;
        };
        page.ids.remove(at);
        match page.ids.is_empty() {
            true => ctx.delete::<PageRecord>(&page_place(&place, number)).await,
            false => ctx.put(page_place(&place, number), page).await,
        }
        break;
    }
    while lane.first <= lane.last && page(ctx, &place, lane.first).await?.ids.is_empty() {
        lane.first += 1;
    }
    match lane.first > lane.last {
        true => ctx.delete::<LaneRecord>(&place).await,
        false => settle(ctx, heap, place, lane).await?,
    }
    Ok(())
}

/// Stages what a change of a message, which is staged, means to its lane.
pub(crate) async fn changed(ctx: &Ctx, heap: &Key, message: &MessageRecord) -> Result<()> {
    match find(ctx, heap, message).await? {
        Some((place, lane)) => settle(ctx, heap, place, LaneRecord::clone(&lane)).await,
        None => Ok(()),
    }
}

async fn find(
    ctx: &Ctx,
    heap: &Key,
    message: &MessageRecord,
) -> Result<Option<(Key, Arc<LaneRecord>)>> {
    let Some(group) = &message.group else {
        return Ok(None);
    };
    let place = heap.clone().with(group);
    let found = ctx.get::<LaneRecord>(&place).await?;
    Ok(found.map(|lane| (place, lane)))
}

/// Brings a lane in line with its first message.
async fn settle(ctx: &Ctx, heap: &Key, place: Key, mut lane: LaneRecord) -> Result<()> {
    let page = page(ctx, &place, lane.first).await?;
    let id = page.ids.first().ok_or_else(|| Error::dangling("a lane"))?;
    let message = ctx.get::<MessageRecord>(&heap.clone().with(id)).await?;
    let message = message.ok_or_else(|| Error::dangling("a message in a lane"))?;
    lane.serial = message.serial;
    lane.sent_millis = message.sent_millis;
    lane.visible_millis = message.visible_millis;
    let known = ctx.get::<LaneRecord>(&place).await?;
    if known.is_none_or(|known| *known != lane) {
        ctx.put(place, lane).await;
    }
    Ok(())
}

async fn page(ctx: &Ctx, lane: &Key, number: u64) -> Result<PageRecord> {
    let found = ctx.get::<PageRecord>(&page_place(lane, number)).await?;
    Ok(found.as_deref().cloned().unwrap_or_default())
}

fn page_place(lane: &Key, number: u64) -> Key {
    lane.clone().with(&number.to_string())
}

/// The first messages that can be received at `now`, in the order of the queue, and some more than
/// are `wanted`; and when the first of the others can be, if that is known.
pub(crate) async fn look(
    ctx: &Ctx,
    queue: &Queue,
    wanted: usize,
    now: Timestamp,
) -> Result<(Vec<Arc<MessageRecord>>, Option<i64>)> {
    let heap = queue.messages(&queue.place);
    let enough = wanted + SPARE;
    let (mut walks, mut next_millis, mut after) = (BinaryHeap::new(), None, None);
    loop {
        // Those who send get in nobody's way: what is taken in the end, the commit checks.
        let mut apart = ctx.upkeep().begin();
        let page = apart.scan::<LaneRecord>(&heap, after.as_ref(), LANES);
        let page = page.await?;
        for (_, lane) in page.rows {
            let is_due = lane.visible_millis <= now.millis
                || queue.has_expired(lane.sent_millis, now.millis);
            match is_due {
                true => walks.push(Reverse(Walk::of(&lane))),
                false => earliest(&mut next_millis, lane.visible_millis),
            }
        }
        after = page.next;
        if after.is_none() || walks.len() >= enough {
            break;
        }
    }
    let mut apart = ctx.upkeep().begin();
    let mut found = Vec::new();
    while found.len() < enough
        && let Some(Reverse(mut walk)) = walks.pop()
    {
        let Some(message) = walk.current(&mut apart, &heap).await? else {
            continue;
        };
        let has_expired = queue.has_expired(message.sent_millis, now.millis);
        if !has_expired && walk.serial != message.serial {
            // Others may come before it.
            walk.serial = message.serial;
            walks.push(Reverse(walk));
        } else if !has_expired && message.standing(now.millis) != Standing::Available {
            earliest(&mut next_millis, message.visible_millis);
        } else {
            if !has_expired {
                found.push(message);
            }
            walk.at += 1;
            walks.push(Reverse(walk));
        }
    }
    Ok((found, next_millis))
}

/// Where the first messages of a group are, up to `most`, as far as they are `wanted`.
pub(crate) async fn head(
    upkeep: &Upkeep,
    heap: &Key,
    group: &str,
    (most, is_wanted): (usize, impl Fn(&MessageRecord) -> bool),
) -> Result<Vec<Key>> {
    let mut apart = upkeep.begin();
    let lane = apart.get::<LaneRecord>(&heap.clone().with(group)).await?;
    let Some(mut walk) = lane.map(|lane| Walk::of(&lane)) else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    while found.len() < most
        && let Some(message) = walk.current(&mut apart, heap).await?
        && is_wanted(&message)
    {
        found.push(heap.clone().with(&message.id));
        walk.at += 1;
    }
    Ok(found)
}

fn earliest(known: &mut Option<i64>, millis: i64) {
    *known = Some(known.map_or(millis, |known| known.min(millis)));
}

/// A way through a lane, from its first message on.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Walk {
    /// The place in the queue of the message that it has come to, or of one before that.
    serial: u64,
    group: String,
    number: u64,
    last: u64,
    /// The ids of the page, if it was read, and how far it is in them.
    ids: Option<Vec<String>>,
    at: usize,
}

impl Walk {
    fn of(lane: &LaneRecord) -> Self {
        Self {
            serial: lane.serial,
            group: lane.group.clone(),
            number: lane.first,
            last: lane.last,
            ids: None,
            at: 0,
        }
    }

    /// The message that it has come to; none at the end. One that went away meanwhile is passed over.
    async fn current(&mut self, apart: &mut Txn, heap: &Key) -> Result<Option<Arc<MessageRecord>>> {
        while self.number <= self.last {
            if self.ids.is_none() {
                let place = page_place(&heap.clone().with(&self.group), self.number);
                let page = apart.get::<PageRecord>(&place).await?;
                self.ids = Some(page.as_deref().cloned().unwrap_or_default().ids);
            }
            let id = self.ids.as_ref().and_then(|ids| ids.get(self.at));
            let Some(id) = id else {
                (self.ids, self.at) = (None, 0);
                self.number += 1;
                continue;
            };
            let place = heap.clone().with(id);
            match apart.get::<MessageRecord>(&place).await? {
                Some(message) => return Ok(Some(message)),
                None => self.at += 1,
            }
        }
        Ok(None)
    }
}
