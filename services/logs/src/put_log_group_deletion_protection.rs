//! `logs:PutLogGroupDeletionProtection`: keeps a log group from being deleted, or no more.

use api::logs::PutLogGroupDeletionProtectionRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::access::{self, Target};

pub(crate) async fn put_log_group_deletion_protection(
    ctx: &Ctx,
    req: PutLogGroupDeletionProtectionRequest,
) -> Result<Empty> {
    let target = Target::given(ctx, None, Some(&req.log_group_identifier))?;
    let group = access::group(ctx, "logs:PutLogGroupDeletionProtection", &target).await?;
    let mut record = group.record();
    record.is_protected = req.deletion_protection_enabled;
    record.put(ctx).await;
    Ok(Empty)
}
