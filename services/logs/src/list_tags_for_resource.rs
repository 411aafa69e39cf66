//! `logs:ListTagsForResource`: shows the tags of a log group.

use api::logs::{ListTagsForResourceRequest, ListTagsForResourceResponse};
use platform::{Ctx, Result};
use wire::Entries;

use crate::access::{self, Tagging};
use crate::tag_resource::of_arn;

pub(crate) async fn list_tags_for_resource(
    ctx: &Ctx,
    req: ListTagsForResourceRequest,
) -> Result<ListTagsForResourceResponse> {
    let target = (&of_arn(ctx, &req.resource_arn)?, true);
    let group = access::tags_of(ctx, "logs:ListTagsForResource", target, Tagging::Shows).await?;
    Ok(ListTagsForResourceResponse {
        tags: Some(Entries(group.tags.clone())),
    })
}
