//! `logs:GetLogEvents`: shows the events of one stream, page by page in either direction.

use api::logs::{GetLogEventsRequest, GetLogEventsResponse, OutputLogEvent};
use platform::{Ctx, Result};

use crate::access::{self, Group, Target};
use crate::filter::Filter;
use crate::position::{Direction, Position};
use crate::reading::{self, MOST_EVENTS, Wanted};
use crate::refusals;
use crate::stream::StreamRecord;

pub(crate) async fn get_log_events(
    ctx: &Ctx,
    req: GetLogEventsRequest,
) -> Result<GetLogEventsResponse> {
    let target = Target::given(
        ctx,
        req.log_group_name.as_deref(),
        req.log_group_identifier.as_deref(),
    )?;
    let name = &req.log_stream_name;
    let group = access::stream(ctx, "logs:GetLogEvents", &target, name).await?;
    if req.unmask {
        access::group(ctx, "logs:Unmask", &target).await?;
    }
    let stream = StreamRecord::get(ctx, &group, name).await?;
    let (direction, from) = beginning(&req)?;
    let wanted = Wanted {
        direction,
        from,
        start_millis: start(ctx, &group, req.start_time),
        end_millis: req.end_time.unwrap_or(i64::MAX),
        limit: limit(req.limit),
        filter: &Filter::everything(),
    };
    let mut page = reading::page(ctx, &group, std::slice::from_ref(&stream), &wanted).await?;
    if direction == Direction::Backward {
        page.events.reverse();
    }
    let first = page.events.first().map(|(position, _)| *position);
    let last = page.events.last().map(|(position, _)| position.next());
    // Where a page shows nothing, both directions go on from where it began; with what is still to
    // come in sight, if the stream has nothing yet.
    let start = match (&req.next_token, page.next) {
        (_, Some(next)) => next,
        (Some(_), None) => from,
        (None, None) => Position::before_time(0),
    };
    let events = page.events.into_iter().map(|(_, read)| OutputLogEvent {
        timestamp: Some(read.event.millis),
        message: Some(read.event.message),
        ingestion_time: Some(read.ingested_millis),
    });
    Ok(GetLogEventsResponse {
        events: Some(events.collect()),
        next_forward_token: Some(format!("f/{}/s", last.unwrap_or(start).digits())),
        next_backward_token: Some(format!("b/{}/s", first.unwrap_or(start).digits())),
    })
}

/// The first millisecond that is shown: what has expired is not, even if it is still there.
pub(crate) fn start(ctx: &Ctx, group: &Group, asked: Option<i64>) -> i64 {
    let alive = group.expired_before(ctx.now.millis).unwrap_or(0);
    asked.unwrap_or(0).max(alive)
}

/// How many events a page may have.
pub(crate) fn limit(asked: Option<i32>) -> usize {
    let asked = asked.and_then(|asked| usize::try_from(asked).ok());
    asked.unwrap_or(MOST_EVENTS)
}

/// Where the page begins, and which way it goes.
fn beginning(req: &GetLogEventsRequest) -> Result<(Direction, Position)> {
    if let Some(token) = &req.next_token {
        return Ok(parse(token).ok_or_else(refusals::bad_token)?);
    }
    Ok(match req.start_from_head {
        true => (Direction::Forward, Position::before_time(0)),
        false => (Direction::Backward, Position::END),
    })
}

fn parse(token: &str) -> Option<(Direction, Position)> {
    let (direction, rest) = token.split_once('/')?;
    let direction = match direction {
        "f" => Direction::Forward,
        "b" => Direction::Backward,
        _ => return None,
    };
    let position = Position::parse(rest.strip_suffix("/s")?)?;
    Some((direction, position))
}
