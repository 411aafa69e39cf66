//! `logs:TagResource`: gives a log group or a destination tags beside and over those that it has.

use api::logs::TagResourceRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::access::Tagging;
use crate::tagged::{self, Tagged};
use crate::tags;

pub(crate) async fn tag_resource(ctx: &Ctx, req: TagResourceRequest) -> Result<Empty> {
    let new = req.tags.0;
    let asked = Tagging::Gives(&new);
    let mut found: Tagged =
        tagged::reach(ctx, "logs:TagResource", &req.resource_arn, asked).await?;
    tags::check(&new)?;
    tags::merge(found.tags(), new)?;
    found.put(ctx).await;
    Ok(Empty)
}
