//! `sqs:DeleteMessageBatch`: deletes up to ten messages that were received.

use api::sqs::{
    DeleteMessageBatchRequest, DeleteMessageBatchResult, DeleteMessageBatchResultEntry,
};
use platform::{Ctx, Result};

use crate::{access, batch, deleting};

pub(crate) async fn delete_message_batch(
    ctx: &Ctx,
    req: DeleteMessageBatchRequest,
) -> Result<DeleteMessageBatchResult> {
    let queue = access::queue(ctx, "sqs:DeleteMessage", &req.queue_url).await?;
    let ids = req.entries.iter().map(|entry| entry.id.as_str());
    batch::check(ids, "DeleteMessageBatchRequestEntry")?;
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for entry in req.entries {
        match deleting::delete(ctx, &queue, &entry.receipt_handle).await {
            Ok(()) => {
                let id = Some(entry.id);
                successful.push(DeleteMessageBatchResultEntry { id });
            }
            Err(error) => failed.push(batch::failed(entry.id, error)?),
        }
    }
    Ok(DeleteMessageBatchResult {
        successful: batch::some(successful),
        failed: batch::some(failed),
    })
}
