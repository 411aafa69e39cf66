//! Deleting a message: DeleteMessage, and each entry of DeleteMessageBatch.

use platform::{Ctx, Result};

use crate::access::Queue;
use crate::message::{ContentRecord, MessageRecord};
use crate::receipt::Receipt;
use crate::{lanes, refusals};

/// Deletes the message that the handle is of. One that is gone is no mistake. Nor is, for a standard
/// queue, one that was received again since; but it stays.
pub(crate) async fn delete(ctx: &Ctx, queue: &Queue, handle: &str) -> Result<()> {
    let receipt = Receipt::read(queue, handle)?;
    let place = MessageRecord::place(queue, &queue.place, &receipt.message_id);
    let Some(message) = ctx.get::<MessageRecord>(&place).await? else {
        return Ok(());
    };
    let is_last = message.receipt == Some(receipt.receipt);
    let has_expired = !is_last || message.visible_millis <= ctx.now.millis;
    if queue.settings.is_fifo() && has_expired {
        return Err(refusals::expired_receipt(handle).into());
    }
    if is_last {
        ctx.delete::<MessageRecord>(&place).await;
        ctx.delete::<ContentRecord>(&place).await;
        lanes::remove(ctx, &queue.messages(&queue.place), &message).await?;
    }
    Ok(())
}
