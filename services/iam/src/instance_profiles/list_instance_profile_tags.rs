//! `iam:ListInstanceProfileTags`: shows the tags of an instance profile.

use api::iam::{ListInstanceProfileTagsRequest, ListInstanceProfileTagsResponse};
use platform::{Ctx, Result};

use crate::instance_profiles::record::InstanceProfileRecord;
use crate::page::Wanted;
use crate::tags::{self, Case};
use crate::target::require;

pub(crate) async fn list_instance_profile_tags(
    ctx: &Ctx,
    req: ListInstanceProfileTagsRequest,
) -> Result<ListInstanceProfileTagsResponse> {
    let target = InstanceProfileRecord::target(ctx, req.instance_profile_name).await?;
    let profile = require(target.permit(ctx, "iam:ListInstanceProfileTags").await?)?;
    let wanted = Wanted {
        marker: req.marker,
        max_items: req.max_items,
    };
    let paged = tags::list(Case::Ignored, &profile.tags, &wanted);
    Ok(ListInstanceProfileTagsResponse {
        tags: Some(paged.items),
        is_truncated: Some(paged.marker.is_some()),
        marker: paged.marker,
    })
}
