//! `logs:FilterLogEvents`: shows those events of a group's streams that match a pattern.

use api::logs::{FilterLogEventsRequest, FilterLogEventsResponse, FilteredLogEvent};
use platform::{Ctx, Result};

use crate::access::{self, Group, Target};
use crate::filter::Filter;
use crate::get_log_events::{limit, start};
use crate::position::{Direction, Position};
use crate::reading::{self, Wanted};
use crate::refusals;
use crate::stream::StreamRecord;

pub(crate) async fn filter_log_events(
    ctx: &Ctx,
    req: FilterLogEventsRequest,
) -> Result<FilterLogEventsResponse> {
    let target = Target::given(
        ctx,
        req.log_group_name.as_deref(),
        req.log_group_identifier.as_deref(),
    )?;
    let group = access::group(ctx, "logs:FilterLogEvents", &target).await?;
    if req.unmask {
        access::group(ctx, "logs:Unmask", &target).await?;
    }
    let filter = Filter::parse(req.filter_pattern.as_deref().unwrap_or_default())?;
    let streams = streams(ctx, &group, &req).await?;
    let (direction, from) = beginning(&req)?;
    let wanted = Wanted {
        direction,
        from,
        start_millis: start(ctx, &group, req.start_time),
        end_millis: req.end_time.map_or(i64::MAX, |end| end.saturating_add(1)),
        limit: limit(req.limit),
        filter: &filter,
    };
    let page = reading::page(ctx, &group, &streams, &wanted).await?;
    let name = |position: &Position| {
        let mut streams = streams.iter();
        let found = streams.find(|stream| stream.serial == position.stream);
        found.map(|stream| stream.name.clone())
    };
    let events = page
        .events
        .into_iter()
        .map(|(position, read)| FilteredLogEvent {
            log_stream_name: name(&position),
            timestamp: Some(read.event.millis),
            message: Some(read.event.message),
            ingestion_time: Some(read.ingested_millis),
            event_id: Some(position.digits()),
        });
    let letter = match direction {
        Direction::Forward => 'f',
        Direction::Backward => 'b',
    };
    Ok(FilterLogEventsResponse {
        events: Some(events.collect()),
        searched_log_streams: Some(Vec::new()),
        next_token: page.next.map(|next| format!("{letter}{}", next.digits())),
    })
}

/// The streams that are searched.
async fn streams(
    ctx: &Ctx,
    group: &Group,
    req: &FilterLogEventsRequest,
) -> Result<Vec<StreamRecord>> {
    let prefix = req.log_stream_name_prefix.as_deref();
    if req.log_stream_names.is_empty() {
        let mut streams = StreamRecord::list(ctx, group).await?;
        streams.retain(|stream| prefix.is_none_or(|prefix| stream.name.starts_with(prefix)));
        return Ok(streams);
    }
    if prefix.is_some() {
        let text = "logStreamNames and logStreamNamePrefix cannot both be specified.";
        return Err(refusals::invalid(text).into());
    }
    let mut names = req.log_stream_names.clone();
    names.sort();
    names.dedup();
    let mut streams = Vec::with_capacity(names.len());
    for name in &names {
        streams.push(StreamRecord::get(ctx, group, name).await?);
    }
    Ok(streams)
}

/// Where the page begins, and which way it goes: a token knows both.
fn beginning(req: &FilterLogEventsRequest) -> Result<(Direction, Position)> {
    let Some(token) = &req.next_token else {
        return Ok(match req.start_from_head.unwrap_or(true) {
            true => (Direction::Forward, Position::before_time(0)),
            false => (Direction::Backward, Position::END),
        });
    };
    let parsed = match token.split_at_checked(1) {
        Some(("f", digits)) => Some((Direction::Forward, digits)),
        Some(("b", digits)) => Some((Direction::Backward, digits)),
        _ => None,
    };
    let parsed = parsed.and_then(|(direction, digits)| {
        let position = Position::parse(digits)?;
        Some((direction, position))
    });
    Ok(parsed.ok_or_else(refusals::bad_token)?)
}
