//! `logs:GetLogGroupFields`: shows the fields that events of a log group have, and how many do.

use std::collections::BTreeMap;

use api::logs::{GetLogGroupFieldsRequest, GetLogGroupFieldsResponse, LogGroupField};
use insights::Event;
use platform::{Ctx, Result};

use crate::access::{self, Target};
use crate::filter::Filter;
use crate::get_log_events;
use crate::position::{Direction, Position};
use crate::reading::{self, MOST_EVENTS, Wanted};
use crate::stream::StreamRecord;

const MINUTE_MILLIS: i64 = 60_000;

pub(crate) async fn get_log_group_fields(
    ctx: &Ctx,
    req: GetLogGroupFieldsRequest,
) -> Result<GetLogGroupFieldsResponse> {
    let target = Target::given(
        ctx,
        req.log_group_name.as_deref(),
        req.log_group_identifier.as_deref(),
    )?;
    let group = access::group(ctx, "logs:GetLogGroupFields", &target).await?;
    let (from, to) = match req.time {
        None => (ctx.now.millis - 15 * MINUTE_MILLIS, ctx.now.millis + 1),
        Some(secs) => {
            let centre = secs.saturating_mul(1000);
            let reach = 8 * MINUTE_MILLIS;
            (
                centre.saturating_sub(reach),
                centre.saturating_add(reach + 1),
            )
        }
    };
    let streams = StreamRecord::list(ctx, &group).await?;
    let wanted = Wanted {
        direction: Direction::Backward,
        from: Position::END,
        start_millis: get_log_events::start(ctx, &group, Some(from)),
        end_millis: to,
        limit: MOST_EVENTS,
        filter: &Filter::everything(),
    };
    // The latest page stands for all: what more events have is not worth reading them for.
    let page = reading::page(ctx, &group, &streams, &wanted).await?;
    let log = format!("{}:{}", group.account, group.name).into();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (_, read) in &page.events {
        let event = Event {
            millis: read.event.millis,
            ingested_millis: read.ingested_millis,
            message: &read.event.message,
            stream: "",
            log: &log,
            place: [0; 4],
        };
        for (name, _) in insights::fields(&event) {
            *counts.entry(name).or_default() += 1;
        }
    }
    let all = page.events.len().max(1);
    let fields = counts.into_iter().map(|(name, count)| LogGroupField {
        name: Some(name),
        percent: i32::try_from((count * 100 / all).min(100)).ok(),
    });
    let mut fields: Vec<_> = fields.collect();
    fields.sort_by_key(|field| std::cmp::Reverse(field.percent));
    Ok(GetLogGroupFieldsResponse {
        log_group_fields: Some(fields),
    })
}
