//! `cloudtrail:RemoveTags`: takes tags from a trail, by their keys.

use api::cloudtrail::{RemoveTagsRequest, RemoveTagsResponse};
use platform::{Ctx, Result};

use crate::tags;

pub(crate) async fn remove_tags(ctx: &Ctx, req: RemoveTagsRequest) -> Result<RemoveTagsResponse> {
    let keys: Vec<_> = req.tags_list.iter().map(|tag| tag.key.clone()).collect();
    let trail = tags::trail_of(ctx, &req.resource_id, |trail| {
        ctx.authorize("cloudtrail:RemoveTags", trail)
            .tag_keys(&keys)
    });
    let mut trail = trail.await?;
    trail.tags.retain(|(known, _)| !keys.contains(known));
    trail.put(ctx).await;
    Ok(RemoveTagsResponse {})
}
