//! `cloudtrail:AddTags`: gives a trail tags beside and over those that it has.

use api::cloudtrail::{AddTagsRequest, AddTagsResponse};
use platform::{Ctx, Result};

use crate::tags;

pub(crate) async fn add_tags(ctx: &Ctx, req: AddTagsRequest) -> Result<AddTagsResponse> {
    let asked = tags::asked(&req.tags_list);
    let trail = tags::trail_of(ctx, &req.resource_id, |trail| {
        ctx.authorize("cloudtrail:AddTags", trail)
            .request_tags(&asked)
    });
    let mut trail = trail.await?;
    trail.merge_tags(tags::checked(&req.tags_list)?)?;
    trail.put(ctx).await;
    Ok(AddTagsResponse {})
}
