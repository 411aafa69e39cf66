//! `logs:UntagResource`: takes tags away from a log group.

use api::logs::UntagResourceRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::access::{self, Tagging};
use crate::tag_resource::of_arn;

pub(crate) async fn untag_resource(ctx: &Ctx, req: UntagResourceRequest) -> Result<Empty> {
    let target = of_arn(ctx, &req.resource_arn)?;
    let asked = Tagging::Takes(&req.tag_keys);
    let group = access::tags_of(ctx, "logs:UntagResource", (&target, true), asked).await?;
    let mut record = group.record();
    record.remove_tags(&req.tag_keys);
    record.put(ctx).await;
    Ok(Empty)
}
