//! `servicequotas:UntagResource`: takes tags off a quota.

use api::servicequotas::{UntagResourceRequest, UntagResourceResponse};
use platform::{Ctx, Result};

use crate::tags::TagRecord;
use crate::{access, lookup};

pub(crate) async fn untag_resource(
    ctx: &Ctx,
    req: UntagResourceRequest,
) -> Result<UntagResourceResponse> {
    access::tagging(ctx, "servicequotas:UntagResource", &[], &req.tag_keys).await?;
    let found = lookup::by_arn(ctx, &req.resource_arn)?;
    let mut known = TagRecord::of(ctx, found).await?;
    known.tags.retain(|(key, _)| !req.tag_keys.contains(key));
    known.put(ctx, found).await;
    Ok(UntagResourceResponse {})
}
