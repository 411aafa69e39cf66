//! `cloudtrail:ListTrails`: lists the trails of the account, of all Regions.

use api::cloudtrail::{ListTrailsRequest, ListTrailsResponse, TrailInfo};
use platform::{Ctx, Result};

use crate::trail::TrailRecord;
use crate::{access, refusals};

pub(crate) async fn list_trails(ctx: &Ctx, req: ListTrailsRequest) -> Result<ListTrailsResponse> {
    access::everything(ctx, "cloudtrail:ListTrails").await?;
    if req.next_token.is_some() {
        // Five trails a Region fit into one answer: no token was ever given.
        return Err(refusals::never_a_token().into());
    }
    let trails = TrailRecord::all(ctx, ctx.account()).await?;
    let trails = trails.iter().map(|trail| TrailInfo {
        trail_arn: Some(trail.arn()),
        name: Some(trail.name.clone()),
        home_region: Some(trail.region.clone()),
    });
    Ok(ListTrailsResponse {
        trails: Some(trails.collect()),
        next_token: None,
    })
}
