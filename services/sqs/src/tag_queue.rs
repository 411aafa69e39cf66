//! `sqs:TagQueue`: gives a queue tags beside and over those that it has.

use api::sqs::TagQueueRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::access::{self, Tagging};
use crate::{refusals, tags};

pub(crate) async fn tag_queue(ctx: &Ctx, req: TagQueueRequest) -> Result<Empty> {
    let new = req.tags.0;
    let tagging = Tagging {
        tags: &new,
        keys: &[],
    };
    let queue = access::tagging(ctx, "sqs:TagQueue", &req.queue_url, tagging).await?;
    if new.is_empty() {
        return Err(refusals::missing("Tags").into());
    }
    let mut record = queue.draft();
    tags::merge(&mut record.tags, new)?;
    record.put(ctx, &queue.place).await;
    Ok(Empty)
}
