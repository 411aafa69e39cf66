//! `sns:UntagResource`: takes tags away from a topic.

use api::sns::{UntagResourceRequest, UntagResourceResponse};
use platform::{Ctx, Result};

use crate::access::{self, Tagging};

pub(crate) async fn untag_resource(
    ctx: &Ctx,
    req: UntagResourceRequest,
) -> Result<UntagResourceResponse> {
    let tagging = Tagging {
        tags: &[],
        keys: &req.tag_keys,
    };
    let topic = access::tagged(ctx, "sns:UntagResource", &req.resource_arn, tagging).await?;
    let mut record = topic.draft();
    record.tags.retain(|(key, _)| !req.tag_keys.contains(key));
    ctx.put(topic.place.key(), record).await;
    Ok(UntagResourceResponse {})
}
