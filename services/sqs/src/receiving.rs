//! Which messages a receiver gets, and what becomes of them.
//!
//! A receiver looks through a queue without binding its transaction to all of it, and then takes
//! single messages, which the commit checks: two never take the same one, and those who send get in
//! nobody's way.

use std::collections::BTreeSet;
use std::sync::Arc;

use platform::{Ctx, Result};
use store::Key;
use wire::Timestamp;

use crate::access::Queue;
use crate::message::{ContentRecord, MessageRecord, Standing};
use crate::queue::QueueRecord;
use crate::redrive::Redrive;
use crate::{lanes, refusals};

/// How many messages are looked through at a time.
const PAGE: usize = 1000;
/// How many messages of a queue may be in flight ("Message quotas", developer guide).
const MOST_IN_FLIGHT: usize = 120_000;

/// A message that this call has taken, as it stands from now on.
pub(crate) struct Taken {
    pub(crate) message: MessageRecord,
    pub(crate) receipt: [u8; 16],
    pub(crate) content: Arc<ContentRecord>,
}

/// What there is in a queue.
pub(crate) struct Found {
    /// What can be received, the first first.
    available: Vec<Arc<MessageRecord>>,
    /// When the first of the others can be, if that is known.
    pub(crate) next_millis: Option<i64>,
}

/// Looks through the queue for `wanted` messages at `now`.
pub(crate) async fn look(ctx: &Ctx, queue: &Queue, wanted: usize, now: Timestamp) -> Result<Found> {
    let (messages, is_fifo) = (queue.messages(&queue.place), queue.settings.is_fifo());
    if is_fifo && lanes::are_there(ctx, &messages).await? {
        let (available, next_millis) = lanes::look(ctx, queue, wanted, now).await?;
        return Ok(Found {
            available,
            next_millis,
        });
    }
    let (mut standing, mut in_flight, mut after) = (Vec::new(), 0, None);
    loop {
        let mut apart = ctx.upkeep().begin();
        let page = apart.scan::<MessageRecord>(&messages, after.as_ref(), PAGE);
        let page = page.await?;
        let rows = page.rows.into_iter().map(|(_, message)| message);
        standing.extend(rows.filter(|one| !queue.has_expired(one.sent_millis, now.millis)));
        let of = |kind| move |one: &&Arc<MessageRecord>| one.standing(now.millis) == kind;
        in_flight = standing
            .iter()
            .filter(of(Standing::InFlight))
            .count()
            .max(in_flight);
        let available = standing.iter().filter(of(Standing::Available)).count();
        after = page.next;
        // The order of a standard queue is a matter of best effort.
        if after.is_none() || !is_fifo && available >= wanted {
            break;
        }
    }
    if in_flight >= MOST_IN_FLIGHT {
        return Err(refusals::too_many_in_flight().into());
    }
    standing.sort_by_key(|message| message.serial);
    let next_millis = standing.iter().map(|message| message.visible_millis);
    let next_millis = next_millis.filter(|at| *at > now.millis).min();
    Ok(Found {
        available: available(standing, is_fifo, now.millis),
        next_millis,
    })
}

/// Those of `standing`, in their order, that can be received. In a FIFO queue nothing passes what is
/// before it in its group.
fn available(
    standing: Vec<Arc<MessageRecord>>,
    is_fifo: bool,
    now_millis: i64,
) -> Vec<Arc<MessageRecord>> {
    let mut held = BTreeSet::new();
    let mut available = Vec::new();
    for message in standing {
        let is_here = message.standing(now_millis) == Standing::Available;
        let is_held = is_fifo && held.contains(&message.group);
        if is_here && !is_held {
            available.push(message);
        } else if is_fifo {
            held.insert(message.group.clone());
        }
    }
    available
}

/// Takes up to `wanted` of what was found, and gives up what was received too often.
pub(crate) async fn take(
    ctx: &Ctx,
    queue: &Queue,
    found: Found,
    (wanted, visibility_millis, now): (usize, i64, Timestamp),
) -> Result<Vec<Taken>> {
    let redrive = Redrive::of(&queue.settings);
    let dead = match &redrive {
        Some(redrive) => QueueRecord::get(ctx, &redrive.target).await?,
        None => None,
    };
    let dead = redrive.zip(dead);
    let (mut taken, mut held) = (Vec::new(), BTreeSet::new());
    for message in found.available {
        if taken.len() == wanted {
            break;
        }
        if queue.settings.is_fifo() && held.contains(&message.group) {
            continue;
        }
        let place = MessageRecord::place(queue, &queue.place, &message.id);
        let Some((current, content)) = claim(ctx, &place, &message).await? else {
            held.insert(message.group.clone());
            continue;
        };
        if let Some((redrive, dead)) = &dead
            && current.receives >= redrive.most_receives
        {
            give_up(ctx, queue, (redrive, dead), (&place, &current, &content)).await?;
            continue;
        }
        let receipt = ctx.random_bytes()?;
        let mut record = MessageRecord::clone(&current);
        let first = record
            .received_millis
            .map_or(now.millis, |(first, _)| first);
        record.received_millis = Some((first, now.millis));
        record.receives = record.receives.saturating_add(1);
        record.visible_millis = now.millis + visibility_millis;
        record.receipt = Some(receipt);
        ctx.put(place, record.clone()).await;
        lanes::changed(ctx, &queue.messages(&queue.place), &record).await?;
        taken.push(Taken {
            message: record,
            receipt,
            content,
        });
    }
    Ok(taken)
}

/// The message as it is now, if it is as it was found and no other call takes it.
async fn claim(
    ctx: &Ctx,
    place: &Key,
    found: &MessageRecord,
) -> Result<Option<(Arc<MessageRecord>, Arc<ContentRecord>)>> {
    if !ctx.claim::<MessageRecord>(place) {
        return Ok(None);
    }
    let Some(current) = ctx.get::<MessageRecord>(place).await? else {
        return Ok(None);
    };
    let is_same =
        current.receipt == found.receipt && current.visible_millis == found.visible_millis;
    if !is_same {
        return Ok(None);
    }
    let content = ctx.get::<ContentRecord>(place).await?;
    Ok(content.map(|content| (current, content)))
}

/// Moves a message to the dead-letter queue, where it stands as if just sent, but for its age and
/// how often it was received.
async fn give_up(
    ctx: &Ctx,
    queue: &Queue,
    (redrive, dead): (&Redrive, &QueueRecord),
    (place, message, content): (&Key, &MessageRecord, &ContentRecord),
) -> Result<()> {
    ctx.delete::<MessageRecord>(place).await;
    ctx.delete::<ContentRecord>(place).await;
    lanes::remove(ctx, &queue.messages(&queue.place), message).await?;
    let mut moved = message.clone();
    moved.serial = ctx.next_serial();
    moved.receipt = None;
    moved.visible_millis = ctx.now.millis;
    moved.source = Some(queue.place.arn());
    if dead.settings.is_fifo() {
        moved.sent_millis = ctx.now.millis;
    }
    let place = MessageRecord::place(dead, &redrive.target, &message.id);
    ctx.put(place.clone(), content.clone()).await;
    ctx.put(place, moved.clone()).await;
    match dead.settings.is_fifo() {
        true => lanes::append(ctx, &dead.messages(&redrive.target), &moved).await,
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(serial: u64, group: &str, visible_millis: i64) -> Arc<MessageRecord> {
        Arc::new(MessageRecord {
            id: serial.to_string(),
            serial,
            sender: String::new(),
            sent_millis: 0,
            visible_millis,
            receives: 0,
            received_millis: None,
            receipt: None,
            group: Some(group.to_owned()),
            deduplication: None,
            source: None,
        })
    }

    #[test]
    fn nothing_passes_what_is_before_it_in_its_group() {
        let standing = [
            message(1, "a", 0),
            message(2, "b", 20),
            message(3, "a", 0),
            message(4, "b", 0),
            message(5, "c", 10),
        ];
        let serials = |is_fifo| {
            let found = available(standing.to_vec(), is_fifo, 10);
            found.iter().map(|one| one.serial).collect::<Vec<_>>()
        };
        assert_eq!(serials(true), [1, 3, 5]);
        assert_eq!(serials(false), [1, 3, 4, 5]);
    }
}
