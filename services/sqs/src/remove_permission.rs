//! `sqs:RemovePermission`: takes a statement out of a queue's policy.

use api::sqs::RemovePermissionRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::{access, permissions};

pub(crate) async fn remove_permission(ctx: &Ctx, req: RemovePermissionRequest) -> Result<Empty> {
    let queue = access::queue(ctx, "sqs:RemovePermission", &req.queue_url).await?;
    let mut record = queue.draft();
    let known = record.settings.get("Policy");
    let policy = permissions::without(&queue.place, known, &req.label)?;
    record.settings.put("Policy", policy);
    record.modified_millis = ctx.now.millis;
    record.put(ctx, &queue.place).await;
    Ok(Empty)
}
