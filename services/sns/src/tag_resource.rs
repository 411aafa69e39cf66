//! `sns:TagResource`: gives a topic tags beside and over those that it has.

use api::sns::{TagResourceRequest, TagResourceResponse};
use platform::{Ctx, Result};

use crate::access::{self, Tagging};
use crate::tags;

pub(crate) async fn tag_resource(
    ctx: &Ctx,
    req: TagResourceRequest,
) -> Result<TagResourceResponse> {
    let new: Vec<_> = req
        .tags
        .into_iter()
        .map(|tag| (tag.key, tag.value))
        .collect();
    let tagging = Tagging {
        tags: &new,
        keys: &[],
    };
    let topic = access::tagged(ctx, "sns:TagResource", &req.resource_arn, tagging).await?;
    let mut record = topic.draft();
    tags::merge(&mut record.tags, new)?;
    ctx.put(topic.place.key(), record).await;
    Ok(TagResourceResponse {})
}
