//! `cloudtrail:LookupEvents`: shows the events of the caller's account and Region of the last 90
//! days, the newest first.

use api::cloudtrail::{EventCategory, LookupEventsRequest, LookupEventsResponse};
use platform::{Ctx, HISTORY_MILLIS, HistoryQuery, Result};
use wire::Timestamp;

use crate::{access, history, refusals};

/// How many events a page has unless the caller asks for fewer; the most that it may ask for.
const PAGE: usize = 50;

pub(crate) async fn lookup_events(
    ctx: &Ctx,
    req: LookupEventsRequest,
) -> Result<LookupEventsResponse> {
    access::everything(ctx, "cloudtrail:LookupEvents").await?;
    let attribute = history::attribute(&req.lookup_attributes)?;
    if let (Some(start), Some(end)) = (req.start_time, req.end_time)
        && start > end
    {
        return Err(refusals::backward_range().into());
    }
    if req.start_time.is_some_and(|start| start > ctx.now) {
        return Err(refusals::range_ahead().into());
    }
    let before = history::position(ctx, &req)?;
    if req.event_category == Some(EventCategory::Insight) {
        // Insights events are what an analysis of management events finds; without one there are none.
        return Ok(LookupEventsResponse {
            events: Some(Vec::new()),
            next_token: None,
        });
    }
    let oldest = Timestamp {
        millis: ctx.now.millis - HISTORY_MILLIS,
    };
    let limit = req.max_results.and_then(|max| usize::try_from(max).ok());
    let query = HistoryQuery {
        account: ctx.account().to_owned(),
        region: ctx.region.clone(),
        attribute,
        from: req.start_time.unwrap_or(oldest).max(oldest),
        to: history::end(req.end_time),
        before,
        limit: limit.unwrap_or(PAGE).clamp(1, PAGE),
    };
    let page = ctx.event_history(query).await?;
    let next = page.next.map(|next| history::token(ctx, &req, next));
    Ok(LookupEventsResponse {
        events: Some(page.events.into_iter().map(history::shown).collect()),
        next_token: next.transpose()?,
    })
}
