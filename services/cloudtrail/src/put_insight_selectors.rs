//! `cloudtrail:PutInsightSelectors`: keeps the Insights types of a trail; none turns them off.

use api::cloudtrail::{PutInsightSelectorsRequest, PutInsightSelectorsResponse};
use platform::{Ctx, Result};

use crate::{insights, refusals, trail};

pub(crate) async fn put_insight_selectors(
    ctx: &Ctx,
    req: PutInsightSelectorsRequest,
) -> Result<PutInsightSelectorsResponse> {
    let has_store = req.event_data_store.is_some() || req.insights_destination.is_some();
    let name = named(req.trail_name, has_store);
    let action = "cloudtrail:PutInsightSelectors";
    let name = match name {
        Ok(name) => name,
        Err(refused) => {
            trail::authorize_any(ctx, action).await?;
            return Err(refused.into());
        }
    };
    let mut trail = trail::at_home(ctx, action, &name).await?;
    trail.insights = insights::asked(req.insight_selectors, &trail.selectors)?;
    let insight_selectors = Some(insights::shown(&trail.insights));
    let trail_arn = Some(trail.arn());
    trail.put(ctx).await;
    Ok(PutInsightSelectorsResponse {
        trail_arn,
        insight_selectors,
        ..PutInsightSelectorsResponse::default()
    })
}

/// The trail that is named, unless it is an event data store.
pub(crate) fn named(
    trail: Option<String>,
    has_store: bool,
) -> std::result::Result<String, wire::Fault> {
    match (trail, has_store) {
        (Some(trail), false) => Ok(trail),
        (None, true) => Err(refusals::not_built("EventDataStore")),
        _ => Err(refusals::trail_or_store()),
    }
}
