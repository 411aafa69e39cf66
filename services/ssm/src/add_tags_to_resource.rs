//! `ssm:AddTagsToResource`: sets tags of a parameter.

use api::ssm::{AddTagsToResourceRequest, AddTagsToResourceResult};
use platform::{Ctx, Result};

use crate::access::Asked;
use crate::parameter::ParameterRecord;
use crate::tags;

pub(crate) async fn add_tags_to_resource(
    ctx: &Ctx,
    req: AddTagsToResourceRequest,
) -> Result<AddTagsToResourceResult> {
    let new = tags::pairs(req.tags);
    let asked = Asked {
        tags: &new,
        ..Asked::default()
    };
    let of = (req.resource_type, req.resource_id.as_str());
    let (place, record) = tags::tagged(ctx, "ssm:AddTagsToResource", of, asked).await?;
    let mut record = ParameterRecord::clone(&record);
    tags::merge(&mut record.tags, new)?;
    ctx.put(place.key(), record).await;
    Ok(AddTagsToResourceResult {})
}
