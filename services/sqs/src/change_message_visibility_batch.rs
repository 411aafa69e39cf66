//! `sqs:ChangeMessageVisibilityBatch`: changes when up to ten messages can be received again.

use api::sqs::{
    ChangeMessageVisibilityBatchRequest, ChangeMessageVisibilityBatchResult,
    ChangeMessageVisibilityBatchResultEntry,
};
use platform::{Ctx, Result};

use crate::{access, batch, visibility};

pub(crate) async fn change_message_visibility_batch(
    ctx: &Ctx,
    req: ChangeMessageVisibilityBatchRequest,
) -> Result<ChangeMessageVisibilityBatchResult> {
    let queue = access::queue(ctx, "sqs:ChangeMessageVisibility", &req.queue_url).await?;
    let ids = req.entries.iter().map(|entry| entry.id.as_str());
    batch::check(ids, "ChangeMessageVisibilityBatchRequestEntry")?;
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for entry in req.entries {
        let (handle, seconds) = (&entry.receipt_handle, entry.visibility_timeout);
        match visibility::change(ctx, &queue, handle, seconds).await {
            Ok(()) => {
                let id = Some(entry.id);
                successful.push(ChangeMessageVisibilityBatchResultEntry { id });
            }
            Err(error) => failed.push(batch::failed(entry.id, error)?),
        }
    }
    Ok(ChangeMessageVisibilityBatchResult {
        successful: batch::some(successful),
        failed: batch::some(failed),
    })
}
