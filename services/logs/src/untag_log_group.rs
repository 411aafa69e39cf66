//! `logs:UntagLogGroup`: takes tags away from a log group; the older of two ways.

use api::logs::UntagLogGroupRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::access::{self, Tagging, Target};

pub(crate) async fn untag_log_group(ctx: &Ctx, req: UntagLogGroupRequest) -> Result<Empty> {
    let target = Target::named(ctx, &req.log_group_name);
    let asked = Tagging::Takes(&req.tags);
    let group = access::tags_of(ctx, "logs:UntagLogGroup", (&target, false), asked).await?;
    let mut record = group.record();
    record.remove_tags(&req.tags);
    record.put(ctx).await;
    Ok(Empty)
}
