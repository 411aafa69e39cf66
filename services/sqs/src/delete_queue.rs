//! `sqs:DeleteQueue`: deletes a queue with all that is in it.

use api::sqs::DeleteQueueRequest;
use platform::{Ctx, Result};
use store::Key;
use wire::Empty;

use crate::access;
use crate::encryption::DataKeyRecord;
use crate::queue::{DeletedRecord, QueueRecord};

pub(crate) async fn delete_queue(ctx: &Ctx, req: DeleteQueueRequest) -> Result<Empty> {
    let queue = access::queue(ctx, "sqs:DeleteQueue", &req.queue_url).await?;
    let place = &queue.place;
    queue.leave_heap(ctx, place).await;
    let data_key = Key::new(&place.account, &place.region, [queue.id.as_str()]);
    ctx.delete::<DataKeyRecord>(&data_key).await;
    ctx.delete::<QueueRecord>(&place.key()).await;
    let deleted = DeletedRecord {
        at_millis: ctx.now.millis,
    };
    ctx.put(place.key(), deleted).await;
    Ok(Empty)
}
