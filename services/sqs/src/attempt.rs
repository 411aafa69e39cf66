//! Receiving again from a FIFO queue what an answer that was lost has shown: `ReceiveRequestAttemptId`
//! of ReceiveMessage.

use std::sync::Arc;

use platform::{Ctx, Result};
use serde::{Deserialize, Serialize};
use store::{Key, Record};
use wire::{Fault, Timestamp};

use crate::access::Queue;
use crate::message::{ContentRecord, MessageRecord};
use crate::names::QueuePlace;
use crate::queue::QueueRecord;
use crate::receiving::Taken;
use crate::{lanes, refusals, sending};

/// How long an attempt can be made again (ReceiveMessage).
const ATTEMPT_MILLIS: i64 = 5 * 60_000;

/// What a call with an attempt id has shown.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct AttemptRecord {
    /// When the id came first.
    pub(crate) at_millis: i64,
    pub(crate) shown: Vec<Shown>,
}

/// A message as it stood behind that call.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Shown {
    pub(crate) message_id: String,
    pub(crate) receipt: [u8; 16],
    pub(crate) visible_millis: i64,
}

impl Record for AttemptRecord {
    const TABLE: &'static str = "sqs.attempts";
    const SERVICE: &'static str = "sqs";
}

impl AttemptRecord {
    /// Whether the attempt can be made again.
    pub(crate) fn counts(&self, now_millis: i64) -> bool {
        self.at_millis + ATTEMPT_MILLIS > now_millis
    }

    /// Where all of a queue's are.
    pub(crate) fn all(queue: &QueueRecord, place: &QueuePlace) -> Key {
        Key::new(&place.account, &place.region, [queue.id.as_str()])
    }
}

/// The id, if it is well formed and the queue knows such ids.
pub(crate) fn checked(queue: &Queue, id: Option<String>) -> Result<Option<String>, Fault> {
    let Some(id) = id else {
        return Ok(None);
    };
    let name = "ReceiveRequestAttemptId";
    if !queue.settings.is_fifo() {
        return Err(refusals::not_for_this_type(name, &id));
    }
    match sending::is_id(&id) {
        true => Ok(Some(id)),
        false => Err(refusals::bad_id(name, &id)),
    }
}

/// What the attempt has shown, out of sight once more for the whole time; nothing if it has shown
/// nothing, or one of its messages is no longer as it left it.
pub(crate) async fn again(
    ctx: &Ctx,
    queue: &Queue,
    id: &str,
    visibility_millis: i64,
) -> Result<Vec<Taken>> {
    let place = AttemptRecord::all(queue, &queue.place).with(id);
    let known = ctx.get::<AttemptRecord>(&place).await?;
    let Some(known) = known.filter(|known| known.counts(ctx.now.millis)) else {
        return Ok(Vec::new());
    };
    let mut unchanged = Vec::with_capacity(known.shown.len());
    for shown in &known.shown {
        let Some(found) = as_shown(ctx, queue, shown).await? else {
            return Ok(Vec::new());
        };
        unchanged.push((shown.receipt, found));
    }
    let mut taken = Vec::with_capacity(unchanged.len());
    for (receipt, (message, content)) in unchanged {
        let mut message = MessageRecord::clone(&message);
        message.visible_millis = ctx.now.millis + visibility_millis;
        let place = MessageRecord::place(queue, &queue.place, &message.id);
        ctx.put(place, message.clone()).await;
        lanes::changed(ctx, &queue.messages(&queue.place), &message).await?;
        taken.push(Taken {
            message,
            receipt,
            content,
        });
    }
    keep(ctx, queue, id, (known.at_millis, &taken)).await;
    Ok(taken)
}

/// Lets the attempt be made again from `now` on. One that has shown nothing is a new one then.
pub(crate) async fn made(ctx: &Ctx, queue: &Queue, id: &str, now: Timestamp, taken: &[Taken]) {
    if !taken.is_empty() {
        keep(ctx, queue, id, (now.millis, taken)).await;
    }
}

async fn keep(ctx: &Ctx, queue: &Queue, id: &str, (at_millis, taken): (i64, &[Taken])) {
    let shown = taken.iter().map(|taken| Shown {
        message_id: taken.message.id.clone(),
        receipt: taken.receipt,
        visible_millis: taken.message.visible_millis,
    });
    let shown = shown.collect();
    let place = AttemptRecord::all(queue, &queue.place).with(id);
    ctx.put(place, AttemptRecord { at_millis, shown }).await;
}

/// The message, if it is in flight still and nobody has changed for how long.
async fn as_shown(
    ctx: &Ctx,
    queue: &Queue,
    shown: &Shown,
) -> Result<Option<(Arc<MessageRecord>, Arc<ContentRecord>)>> {
    let place = MessageRecord::place(queue, &queue.place, &shown.message_id);
    let found = ctx.get::<MessageRecord>(&place).await?;
    let found = found.filter(|message| {
        let is_same = message.visible_millis == shown.visible_millis;
        is_same
            && message.receipt == Some(shown.receipt)
            && message.visible_millis > ctx.now.millis
            && !queue.has_expired(message.sent_millis, ctx.now.millis)
    });
    let content = ctx.get::<ContentRecord>(&place).await?;
    Ok(found.zip(content))
}
