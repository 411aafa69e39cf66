//! `servicequotas:TagResource`: gives a quota tags beside and over those that it has.

use api::servicequotas::{TagResourceRequest, TagResourceResponse};
use platform::{Ctx, Result};

use crate::tags::{self, TagRecord};
use crate::{access, lookup};

pub(crate) async fn tag_resource(
    ctx: &Ctx,
    req: TagResourceRequest,
) -> Result<TagResourceResponse> {
    let new = tags::pairs(req.tags);
    access::tagging(ctx, "servicequotas:TagResource", &new, &[]).await?;
    let found = lookup::by_arn(ctx, &req.resource_arn)?;
    tags::check(&new)?;
    let mut known = TagRecord::of(ctx, found).await?;
    known.merge(new)?;
    known.put(ctx, found).await;
    Ok(TagResourceResponse {})
}
