//! `cloudtrail:DeleteTrail`: forgets a trail. What it delivered stays.

use api::cloudtrail::{DeleteTrailRequest, DeleteTrailResponse};
use platform::{Ctx, Result};

use crate::trail::{self, PendingTrail, TrailRecord};

pub(crate) async fn delete_trail(
    ctx: &Ctx,
    req: DeleteTrailRequest,
) -> Result<DeleteTrailResponse> {
    let trail = trail::at_home(ctx, "cloudtrail:DeleteTrail", &req.name).await?;
    let (account, region, name) = (&trail.account, &trail.region, &trail.name);
    ctx.delete::<TrailRecord>(&TrailRecord::place(account, region, name))
        .await;
    ctx.delete::<PendingTrail>(&PendingTrail::place(account, region, name))
        .await;
    Ok(DeleteTrailResponse {})
}
