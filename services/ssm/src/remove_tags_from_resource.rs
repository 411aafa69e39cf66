//! `ssm:RemoveTagsFromResource`: takes tags off a parameter.

use api::ssm::{RemoveTagsFromResourceRequest, RemoveTagsFromResourceResult};
use platform::{Ctx, Result};

use crate::access::Asked;
use crate::parameter::ParameterRecord;
use crate::tags;

pub(crate) async fn remove_tags_from_resource(
    ctx: &Ctx,
    req: RemoveTagsFromResourceRequest,
) -> Result<RemoveTagsFromResourceResult> {
    let keys = req.tag_keys;
    let asked = Asked {
        tag_keys: &keys,
        ..Asked::default()
    };
    let of = (req.resource_type, req.resource_id.as_str());
    let (place, record) = tags::tagged(ctx, "ssm:RemoveTagsFromResource", of, asked).await?;
    let mut record = ParameterRecord::clone(&record);
    record.tags.retain(|(key, _)| !keys.contains(key));
    ctx.put(place.key(), record).await;
    Ok(RemoveTagsFromResourceResult {})
}
