//! `sns:ListTagsForResource`: lists the tags of a topic.

use api::sns::{ListTagsForResourceRequest, ListTagsForResourceResponse, Tag};
use platform::{Ctx, Result};

use crate::access::{self, Tagging};

pub(crate) async fn list_tags_for_resource(
    ctx: &Ctx,
    req: ListTagsForResourceRequest,
) -> Result<ListTagsForResourceResponse> {
    let action = "sns:ListTagsForResource";
    let topic = access::tagged(ctx, action, &req.resource_arn, Tagging::default()).await?;
    let tags = topic.tags.iter().map(|(key, value)| Tag {
        key: key.clone(),
        value: value.clone(),
    });
    Ok(ListTagsForResourceResponse {
        tags: Some(tags.collect()),
    })
}
