//! `cloudtrail:GetTrail`: shows the settings of a trail.

use api::cloudtrail::{GetTrailRequest, GetTrailResponse};
use platform::{Ctx, Result};

use crate::trail;

pub(crate) async fn get_trail(ctx: &Ctx, req: GetTrailRequest) -> Result<GetTrailResponse> {
    let trail = trail::find(ctx, "cloudtrail:GetTrail", &req.name).await?;
    Ok(GetTrailResponse {
        trail: Some(trail.shown()),
    })
}
