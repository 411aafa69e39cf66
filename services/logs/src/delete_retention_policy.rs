//! `logs:DeleteRetentionPolicy`: keeps a log group's events for ever.

use api::logs::DeleteRetentionPolicyRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::access::{self, Target};
use crate::retention;

pub(crate) async fn delete_retention_policy(
    ctx: &Ctx,
    req: DeleteRetentionPolicyRequest,
) -> Result<Empty> {
    let target = Target::named(ctx, &req.log_group_name);
    let group = access::group(ctx, "logs:DeleteRetentionPolicy", &target).await?;
    group.check_not_delivery()?;
    let mut record = group.record();
    record.retention_in_days = None;
    retention::schedule(ctx, &record).await;
    record.put(ctx).await;
    Ok(Empty)
}
