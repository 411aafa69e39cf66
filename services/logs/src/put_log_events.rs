//! `logs:PutLogEvents`: takes a batch of events into a stream.

use api::logs::{PutLogEventsRequest, PutLogEventsResponse, RejectedLogEventsInfo};
use platform::{Ctx, Result};

use crate::access::{self, Group, Target};
use crate::batch::{self, Event};
use crate::group::DAY_MILLIS;
use crate::stream::StreamRecord;
use crate::{deliveries, refusals};

/// The most bytes of a batch: its messages in UTF-8, and 26 for each event (PutLogEvents).
const MOST_BYTES: usize = 1_048_576;
/// So old may an event be.
const OLDEST_MILLIS: i64 = 14 * DAY_MILLIS;
/// So far ahead may an event be.
const NEWEST_MILLIS: i64 = 2 * 60 * 60 * 1000;

pub(crate) async fn put_log_events(
    ctx: &Ctx,
    req: PutLogEventsRequest,
) -> Result<PutLogEventsResponse> {
    let target = Target::named(ctx, &req.log_group_name);
    let name = &req.log_stream_name;
    let group = access::stream(ctx, "logs:PutLogEvents", &target, name).await?;
    let mut stream = StreamRecord::get(ctx, &group, name).await?;
    let events = req.log_events.into_iter().map(|event| Event {
        millis: event.timestamp,
        message: event.message,
    });
    let mut events: Vec<_> = events.collect();
    check(&events)?;
    let rejected = sift(&mut events, &group, ctx.now.millis);
    check_span(&events)?;
    let is_empty = events.is_empty();
    if !is_empty {
        let number = stream.batches;
        batch::append(ctx, &group, &mut stream, events).await?;
        deliveries::stage(ctx, &group, (&stream, number)).await?;
    }
    let next_sequence_token = Some(stream.sequence_token());
    if !is_empty {
        stream.put(ctx, &group).await;
    }
    Ok(PutLogEventsResponse {
        next_sequence_token,
        rejected_log_events_info: rejected,
        rejected_entity_info: None,
    })
}

fn check(events: &[Event]) -> Result<()> {
    let bytes: usize = events.iter().map(Event::size).sum();
    if bytes > MOST_BYTES {
        return Err(refusals::too_large(bytes, MOST_BYTES).into());
    }
    if !events.is_sorted_by_key(|event| event.millis) {
        return Err(refusals::not_chronological().into());
    }
    Ok(())
}

/// Keeps the events whose time is acceptable at `now`, and tells which ones are not.
fn sift(events: &mut Vec<Event>, group: &Group, now_millis: i64) -> Option<RejectedLogEventsInfo> {
    let all = events.len();
    let before = |millis: i64| events.partition_point(|event| event.millis < millis);
    let too_old = before(now_millis - OLDEST_MILLIS);
    let expired = group.expired_before(now_millis).map_or(0, before);
    let too_new = before((now_millis + NEWEST_MILLIS).saturating_add(1));
    events.truncate(too_new);
    events.drain(..too_old.max(expired).min(too_new));
    let index = |at: usize| i32::try_from(at).ok();
    let is_expired = expired > too_old;
    let rejected = RejectedLogEventsInfo {
        too_new_log_event_start_index: index(too_new).filter(|_| too_new < all),
        too_old_log_event_end_index: index(too_old).filter(|_| too_old > 0),
        expired_log_event_end_index: index(expired).filter(|_| is_expired),
    };
    (events.len() < all).then_some(rejected)
}

fn check_span(events: &[Event]) -> Result<()> {
    let span = events
        .first()
        .zip(events.last())
        .map(|(first, last)| last.millis - first.millis);
    match span {
        Some(span) if span > DAY_MILLIS => Err(refusals::too_wide().into()),
        _ => Ok(()),
    }
}
