//! `cloudtrail:GetInsightSelectors`: shows the Insights types of a trail.

use api::cloudtrail::{GetInsightSelectorsRequest, GetInsightSelectorsResponse};
use platform::{Ctx, Result};

use crate::put_insight_selectors::named;
use crate::{insights, refusals, trail};

pub(crate) async fn get_insight_selectors(
    ctx: &Ctx,
    req: GetInsightSelectorsRequest,
) -> Result<GetInsightSelectorsResponse> {
    let action = "cloudtrail:GetInsightSelectors";
    let name = match named(req.trail_name, req.event_data_store.is_some()) {
        Ok(name) => name,
        Err(refused) => {
            trail::authorize_any(ctx, action).await?;
            return Err(refused.into());
        }
    };
    let trail = trail::find(ctx, action, &name).await?;
    if trail.insights.is_empty() {
        return Err(refusals::no_insights(&trail.arn()).into());
    }
    Ok(GetInsightSelectorsResponse {
        trail_arn: Some(trail.arn()),
        insight_selectors: Some(insights::shown(&trail.insights)),
        ..GetInsightSelectorsResponse::default()
    })
}
