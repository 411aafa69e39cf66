//! `logs:UntagResource`: takes tags away from a log group or a destination.

use api::logs::UntagResourceRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::access::Tagging;
use crate::tagged;

pub(crate) async fn untag_resource(ctx: &Ctx, req: UntagResourceRequest) -> Result<Empty> {
    let asked = Tagging::Takes(&req.tag_keys);
    let mut found = tagged::reach(ctx, "logs:UntagResource", &req.resource_arn, asked).await?;
    found
        .tags()
        .retain(|(known, _)| !req.tag_keys.contains(known));
    found.put(ctx).await;
    Ok(Empty)
}
