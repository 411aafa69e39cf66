//! `sqs:UntagQueue`: takes tags from a queue.

use api::sqs::UntagQueueRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::access::{self, Tagging};

pub(crate) async fn untag_queue(ctx: &Ctx, req: UntagQueueRequest) -> Result<Empty> {
    let tagging = Tagging {
        tags: &[],
        keys: &req.tag_keys,
    };
    let queue = access::tagging(ctx, "sqs:UntagQueue", &req.queue_url, tagging).await?;
    let mut record = queue.draft();
    record.tags.retain(|(key, _)| !req.tag_keys.contains(key));
    record.put(ctx, &queue.place).await;
    Ok(Empty)
}
