//! `ssm:ListTagsForResource`: the tags of a parameter.

use api::ssm::{ListTagsForResourceRequest, ListTagsForResourceResult, Tag};
use platform::{Ctx, Result};

use crate::access::Asked;
use crate::tags;

pub(crate) async fn list_tags_for_resource(
    ctx: &Ctx,
    req: ListTagsForResourceRequest,
) -> Result<ListTagsForResourceResult> {
    let of = (req.resource_type, req.resource_id.as_str());
    let asked = Asked::default();
    let (_, record) = tags::tagged(ctx, "ssm:ListTagsForResource", of, asked).await?;
    let tags = record.tags.iter().map(|(key, value)| Tag {
        key: key.clone(),
        value: value.clone(),
    });
    Ok(ListTagsForResourceResult {
        tag_list: Some(tags.collect()),
    })
}
