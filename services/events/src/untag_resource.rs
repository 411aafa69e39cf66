//! `events:UntagResource`: takes tags from a bus or a rule.

use api::events::{UntagResourceRequest, UntagResourceResponse};
use platform::{Ctx, Result};

use crate::access::Tagging;
use crate::tagged::Tagged;

pub(crate) async fn untag_resource(
    ctx: &Ctx,
    req: UntagResourceRequest,
) -> Result<UntagResourceResponse> {
    let tagging = Tagging {
        tags: &[],
        keys: &req.tag_keys,
    };
    let tagged = Tagged::permitted(ctx, "events:UntagResource", &req.resource_arn, tagging).await?;
    let mut known = tagged.tags(ctx).await?;
    known.retain(|(key, _)| !req.tag_keys.contains(key));
    tagged.put(ctx, known).await?;
    Ok(UntagResourceResponse {})
}
