//! `cloudtrail:ListTags`: shows the tags of trails.

use api::cloudtrail::{ListTagsRequest, ListTagsResponse, ResourceTag, Tag};
use platform::{Ctx, Result, validation};

use crate::{refusals, tags, trail};

/// The most trails of one request.
const MOST: usize = 20;

pub(crate) async fn list_tags(ctx: &Ctx, req: ListTagsRequest) -> Result<ListTagsResponse> {
    if req.resource_id_list.is_empty() || req.resource_id_list.len() > MOST {
        trail::authorize_any(ctx, "cloudtrail:ListTags").await?;
        return Err(validation("ResourceIdList takes 1 to 20 ARNs."));
    }
    let mut listed = Vec::new();
    for arn in &req.resource_id_list {
        let trail = tags::trail_of(ctx, arn, |trail| {
            ctx.authorize("cloudtrail:ListTags", trail)
        });
        let tags = trail.await?.tags.into_iter().map(|(key, value)| Tag {
            key,
            value: Some(value).filter(|value| !value.is_empty()),
        });
        listed.push(ResourceTag {
            resource_id: Some(arn.clone()),
            tags_list: Some(tags.collect()),
        });
    }
    if req.next_token.is_some() {
        return Err(refusals::unknown_token("ListTags").into());
    }
    Ok(ListTagsResponse {
        resource_tag_list: Some(listed),
        next_token: None,
    })
}
