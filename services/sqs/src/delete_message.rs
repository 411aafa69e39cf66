//! `sqs:DeleteMessage`: deletes a message that was received.

use api::sqs::DeleteMessageRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::{access, deleting};

pub(crate) async fn delete_message(ctx: &Ctx, req: DeleteMessageRequest) -> Result<Empty> {
    let queue = access::queue(ctx, "sqs:DeleteMessage", &req.queue_url).await?;
    deleting::delete(ctx, &queue, &req.receipt_handle).await?;
    Ok(Empty)
}
