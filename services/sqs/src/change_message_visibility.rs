//! `sqs:ChangeMessageVisibility`: changes when a message that was received can be received again.

use api::sqs::ChangeMessageVisibilityRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::{access, visibility};

pub(crate) async fn change_message_visibility(
    ctx: &Ctx,
    req: ChangeMessageVisibilityRequest,
) -> Result<Empty> {
    let queue = access::queue(ctx, "sqs:ChangeMessageVisibility", &req.queue_url).await?;
    visibility::change(
        ctx,
        &queue,
        &req.receipt_handle,
        Some(req.visibility_timeout),
    )
    .await?;
    Ok(Empty)
}
