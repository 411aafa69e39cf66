//! `cloudtrail:PutEventSelectors`: chooses the events that a trail delivers from now on.

use api::cloudtrail::{PutEventSelectorsRequest, PutEventSelectorsResponse};
use platform::{Ctx, Result};

use crate::selectors::Selectors;
use crate::{get_event_selectors, refusals, selector_checks, trail};

pub(crate) async fn put_event_selectors(
    ctx: &Ctx,
    req: PutEventSelectorsRequest,
) -> Result<PutEventSelectorsResponse> {
    let name = &req.trail_name;
    let mut trail = trail::at_home(ctx, "cloudtrail:PutEventSelectors", name).await?;
    let basic: Vec<_> = req.event_selectors.into_iter().map(Into::into).collect();
    let advanced = req.advanced_event_selectors.into_iter();
    let advanced: Vec<_> = advanced.map(Into::into).collect();
    let selectors = match (basic.is_empty(), advanced.is_empty()) {
        (false, true) => {
            selector_checks::basic(&basic)?;
            Selectors::Basic(basic)
        }
        (true, false) => {
            selector_checks::advanced(&advanced)?;
            Selectors::Advanced(advanced)
        }
        _ => return Err(refusals::either_selectors().into()),
    };
    trail.choose(selectors, ctx.last_event() + 1);
    let (event_selectors, advanced_event_selectors) = get_event_selectors::shown(&trail.selectors);
    let trail_arn = Some(trail.arn());
    trail.put(ctx).await;
    Ok(PutEventSelectorsResponse {
        trail_arn,
        event_selectors,
        advanced_event_selectors,
    })
}
