//! `logs:TagResource`: gives a log group tags beside and over those that it has.

use api::logs::TagResourceRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::access::{self, Tagging, Target};
use crate::{refusals, tags};

pub(crate) async fn tag_resource(ctx: &Ctx, req: TagResourceRequest) -> Result<Empty> {
    let target = of_arn(ctx, &req.resource_arn)?;
    let new = req.tags.0;
    let asked = Tagging::Gives(&new);
    let group = access::tags_of(ctx, "logs:TagResource", (&target, true), asked).await?;
    tags::check(&new)?;
    let mut record = group.record();
    record.merge_tags(new)?;
    record.put(ctx).await;
    Ok(Empty)
}

/// The group of this ARN: nothing else that AWS tags is kept here.
pub(crate) fn of_arn(ctx: &Ctx, arn: &str) -> Result<Target> {
    let found = Target::of_arn(ctx, arn).filter(|_| !arn.ends_with(":*"));
    Ok(found.ok_or_else(|| refusals::invalid("Invalid resource ARN."))?)
}
