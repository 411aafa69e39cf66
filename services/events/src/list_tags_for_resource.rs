//! `events:ListTagsForResource`: shows the tags of a bus or a rule.

use api::events::{ListTagsForResourceRequest, ListTagsForResourceResponse};
use platform::{Ctx, Result};

use crate::access::Tagging;
use crate::tagged::Tagged;
use crate::tags;

pub(crate) async fn list_tags_for_resource(
    ctx: &Ctx,
    req: ListTagsForResourceRequest,
) -> Result<ListTagsForResourceResponse> {
    let action = "events:ListTagsForResource";
    let tagged = Tagged::permitted(ctx, action, &req.resource_arn, Tagging::default()).await?;
    let known = tagged.tags(ctx).await?;
    Ok(ListTagsForResourceResponse {
        tags: Some(tags::shown(&known)),
    })
}
