//! `lambda:TagResource`: gives a function tags beside and over those that it has.

use api::lambda::TagResourceRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::access::With;
use crate::tags;

pub(crate) async fn tag_resource(ctx: &Ctx, req: TagResourceRequest) -> Result<Empty> {
    let with = With {
        tags: &req.tags,
        ..With::default()
    };
    let function = tags::tagged(ctx, "lambda:TagResource", &req.resource, with).await?;
    let mut record = function.draft();
    tags::set(&mut record.tags, req.tags.0)?;
    ctx.put(function.place.key(), record).await;
    Ok(Empty)
}
