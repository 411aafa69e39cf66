//! `events:TagResource`: gives a bus or a rule tags beside and over those that it has.

use api::events::{TagResourceRequest, TagResourceResponse};
use platform::{Ctx, Result};

use crate::access::Tagging;
use crate::tagged::Tagged;
use crate::tags;

pub(crate) async fn tag_resource(
    ctx: &Ctx,
    req: TagResourceRequest,
) -> Result<TagResourceResponse> {
    let new = tags::pairs(req.tags);
    let tagging = Tagging::giving(new.as_deref().unwrap_or_default());
    let tagged = Tagged::permitted(ctx, "events:TagResource", &req.resource_arn, tagging).await?;
    let mut known = tagged.tags(ctx).await?;
    tags::merge(&mut known, new?)?;
    tagged.put(ctx, known).await?;
    Ok(TagResourceResponse {})
}
