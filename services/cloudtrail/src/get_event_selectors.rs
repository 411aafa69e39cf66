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
    let (event_selectors, mut advanced_event_selectors) = shown(&trail.selectors);
    // Fields come in the order of their names, however they were put.
    for selector in advanced_event_selectors.iter_mut().flatten() {
        selector
            .field_selectors
            .sort_by(|one, other| one.field.cmp(&other.field));
    }
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
