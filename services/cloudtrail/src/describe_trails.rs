//! `cloudtrail:DescribeTrails`: shows the settings of the trails that log in the Region.

use std::sync::Arc;

use api::cloudtrail::{DescribeTrailsRequest, DescribeTrailsResponse};
use platform::{Ctx, Result};

use crate::access;
use crate::names;
use crate::trail::TrailRecord;

pub(crate) async fn describe_trails(
    ctx: &Ctx,
    req: DescribeTrailsRequest,
) -> Result<DescribeTrailsResponse> {
    access::everything(ctx, "cloudtrail:DescribeTrails").await?;
    let mut asked = Vec::new();
    for text in &req.trail_name_list {
        asked.push(names::trail(ctx, text)?);
    }
    let has_shadows = req.include_shadow_trails.unwrap_or(true);
    let mut trails = TrailRecord::all(ctx, ctx.account()).await?;
    if has_shadows {
        trails.extend(organizations(ctx).await?);
    }
    let shown = trails.iter().filter(|trail| {
        let is_here = trail.region == ctx.region || has_shadows && trail.is_multi_region;
        let is_asked = asked.is_empty()
            || asked.iter().any(|named| {
                (&named.account, &named.region, &named.name)
                    == (&trail.account, &trail.region, &trail.name)
            });
        is_here && is_asked
    });
    Ok(DescribeTrailsResponse {
        trail_list: Some(shown.map(|trail| trail.shown()).collect()),
    })
}

/// The trails of the caller's organization that other accounts own.
async fn organizations(ctx: &Ctx) -> Result<Vec<Arc<TrailRecord>>> {
    let membership = ctx.membership(ctx.account()).await?;
    let Some(membership) = membership.filter(|it| it.management_account != ctx.account()) else {
        return Ok(Vec::new());
    };
    let mut trails = TrailRecord::all(ctx, &membership.management_account).await?;
    trails
        .retain(|trail| trail.organization.as_deref() == Some(membership.organization_id.as_str()));
    Ok(trails)
}
