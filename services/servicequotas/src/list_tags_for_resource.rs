//! `servicequotas:ListTagsForResource`: shows the tags of a quota.

use api::servicequotas::{ListTagsForResourceRequest, ListTagsForResourceResponse, Tag};
use platform::{Ctx, Result};

use crate::tags::TagRecord;
use crate::{access, lookup};

pub(crate) async fn list_tags_for_resource(
    ctx: &Ctx,
    req: ListTagsForResourceRequest,
) -> Result<ListTagsForResourceResponse> {
    access::everything(ctx, "servicequotas:ListTagsForResource").await?;
    let found = lookup::by_arn(ctx, &req.resource_arn)?;
    let known = TagRecord::of(ctx, found).await?;
    let shown = |(key, value)| Tag { key, value };
    Ok(ListTagsForResourceResponse {
        tags: Some(known.tags.into_iter().map(shown).collect()),
    })
}
