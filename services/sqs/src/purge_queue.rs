//! `sqs:PurgeQueue`: deletes all messages of a queue.

use api::sqs::PurgeQueueRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::{access, refusals};

/// How long a queue is not purged again (PurgeQueueInProgress).
const APART_MILLIS: i64 = 60_000;

pub(crate) async fn purge_queue(ctx: &Ctx, req: PurgeQueueRequest) -> Result<Empty> {
    let queue = access::queue(ctx, "sqs:PurgeQueue", &req.queue_url).await?;
    let is_purged = queue.purged_millis != 0;
    if is_purged && queue.purged_millis + APART_MILLIS > ctx.now.millis {
        return Err(refusals::purging(&queue.place.name).into());
    }
    let mut record = queue.draft();
    record.leave_heap(ctx, &queue.place).await;
    record.begin_heap(ctx, &queue.place).await?;
    record.purged_millis = ctx.now.millis;
    record.put(ctx, &queue.place).await;
    Ok(Empty)
}
