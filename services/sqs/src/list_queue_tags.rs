//! `sqs:ListQueueTags`: lists the tags of a queue.

use api::sqs::{ListQueueTagsRequest, ListQueueTagsResult};
use platform::{Ctx, Result};
use wire::Entries;

use crate::access;

pub(crate) async fn list_queue_tags(
    ctx: &Ctx,
    req: ListQueueTagsRequest,
) -> Result<ListQueueTagsResult> {
    let queue = access::queue(ctx, "sqs:ListQueueTags", &req.queue_url).await?;
    let tags = Entries(queue.tags.clone());
    Ok(ListQueueTagsResult {
        tags: (!tags.is_empty()).then_some(tags),
    })
}
