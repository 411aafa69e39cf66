//! `lambda:UntagResource`: takes tags away from a function.

use api::lambda::UntagResourceRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::access::With;
use crate::tags;

pub(crate) async fn untag_resource(ctx: &Ctx, req: UntagResourceRequest) -> Result<Empty> {
    let with = With {
        tag_keys: &req.tag_keys,
        ..With::default()
    };
    let function = tags::tagged(ctx, "lambda:UntagResource", &req.resource, with).await?;
    let mut record = function.draft();
    record.tags.retain(|(key, _)| !req.tag_keys.contains(key));
    ctx.put(function.place.key(), record).await;
    Ok(Empty)
}
