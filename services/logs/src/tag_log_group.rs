//! `logs:TagLogGroup`: gives a log group tags; the older of two ways.

use api::logs::TagLogGroupRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::access::{self, Tagging, Target};
use crate::tags;

pub(crate) async fn tag_log_group(ctx: &Ctx, req: TagLogGroupRequest) -> Result<Empty> {
    let target = Target::named(ctx, &req.log_group_name);
    let new = req.tags.0;
    let asked = Tagging::Gives(&new);
    let group = access::tags_of(ctx, "logs:TagLogGroup", (&target, false), asked).await?;
    tags::check(&new)?;
    let mut record = group.record();
    record.merge_tags(new)?;
    record.put(ctx).await;
    Ok(Empty)
}
