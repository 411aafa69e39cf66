//! `logs:ListTagsForResource`: shows the tags of a log group or a destination.

use api::logs::{ListTagsForResourceRequest, ListTagsForResourceResponse};
use platform::{Ctx, Result};
use wire::Entries;

use crate::access::Tagging;
use crate::tagged;

pub(crate) async fn list_tags_for_resource(
    ctx: &Ctx,
    req: ListTagsForResourceRequest,
) -> Result<ListTagsForResourceResponse> {
    let (action, arn) = ("logs:ListTagsForResource", &req.resource_arn);
    let mut found = tagged::reach(ctx, action, arn, Tagging::Shows).await?;
    Ok(ListTagsForResourceResponse {
        tags: Some(Entries(std::mem::take(found.tags()))),
    })
}
