//! `cloudtrail:GetEventSelectors`: shows which events a trail delivers.

use api::cloudtrail::{
    AdvancedEventSelector, EventSelector, GetEventSelectorsRequest, GetEventSelectorsResponse,
};
use platform::{Ctx, Result};

use crate::selectors::Selectors;
use crate::trail;

pub(crate) async fn get_event_selectors(
    ctx: &Ctx,
    req: GetEventSelectorsRequest,
) -> Result<GetEventSelectorsResponse> {
    let trail = trail::find(ctx, "cloudtrail:GetEventSelectors", &req.trail_name).await?;
    let (event_selectors, advanced_event_selectors) = shown(&trail.selectors);
    Ok(GetEventSelectorsResponse {
        trail_arn: Some(trail.arn()),
        event_selectors,
        advanced_event_selectors,
    })
}

/// Selectors of the one kind or the other.
pub(crate) fn shown(
    selectors: &Selectors,
) -> (
    Option<Vec<EventSelector>>,
    Option<Vec<AdvancedEventSelector>>,
) {
    match selectors {
        Selectors::Basic(all) => (Some(all.iter().map(Into::into).collect()), None),
        Selectors::Advanced(all) => (None, Some(all.iter().map(Into::into).collect())),
    }
}
