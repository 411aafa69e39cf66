//! `sqs:AddPermission`: lets accounts use a queue, by a statement of its policy.

use api::sqs::AddPermissionRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::{access, permissions};

pub(crate) async fn add_permission(ctx: &Ctx, req: AddPermissionRequest) -> Result<Empty> {
    let queue = access::queue(ctx, "sqs:AddPermission", &req.queue_url).await?;
    let (accounts, actions) = (&req.aws_account_ids, &req.actions);
    let statement = permissions::statement(&queue.place, &req.label, accounts, actions)?;
    let mut record = queue.draft();
    let policy = permissions::with(&queue.place, record.settings.get("Policy"), statement)?;
    let kept = permissions::kept(ctx, &policy).await?;
    record.settings.put("Policy", Some(kept));
    record.modified_millis = ctx.now.millis;
    record.put(ctx, &queue.place).await;
    Ok(Empty)
}
