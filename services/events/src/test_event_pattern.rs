//! `events:TestEventPattern`: tells whether a pattern matches an event.

use api::events::{TestEventPatternRequest, TestEventPatternResponse};
use patterns::{Event, Json};
use platform::{Ctx, Result};

use crate::routing::LARGE;
use crate::{access, refusals, rules};

/// What an event must have (EventBridge API reference, TestEventPattern).
const NEEDED: &[&str] = &[
    "id",
    "account",
    "source",
    "time",
    "region",
    "resources",
    "detail-type",
];

pub(crate) async fn test_event_pattern(
    ctx: &Ctx,
    req: TestEventPatternRequest,
) -> Result<TestEventPatternResponse> {
    access::everything(ctx, "events:TestEventPattern").await?;
    let bad_event = || refusals::invalid("Parameter Event is not valid.");
    let pattern = rules::new_pattern(&req.event_pattern)?;
    let json = Json::parse(&req.event).map_err(|_| bad_event())?;
    let event = Event::of(&json).map_err(|_| bad_event())?;
    if NEEDED.iter().any(|name| json.get(name).is_none()) {
        return Err(bad_event().into());
    }
    let result = match req.event.len() > LARGE {
        true => ctx.in_background(move || pattern.matches(&event)).await?,
        false => pattern.matches(&event),
    };
    Ok(TestEventPatternResponse {
        result: Some(result),
    })
}
