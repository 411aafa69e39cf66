//! `iam:ListRoleTags`: shows the tags of a role.

use api::iam::{ListRoleTagsRequest, ListRoleTagsResponse};
use platform::{Ctx, Result};

use crate::page::Wanted;
use crate::roles::record::RoleRecord;
use crate::tags::{self, Case};
use crate::target::require;

pub(crate) async fn list_role_tags(
    ctx: &Ctx,
    req: ListRoleTagsRequest,
) -> Result<ListRoleTagsResponse> {
    let target = RoleRecord::target(ctx, req.role_name).await?;
    let role = require(target.permit(ctx, "iam:ListRoleTags").await?)?;
    let wanted = Wanted {
        marker: req.marker,
        max_items: req.max_items,
    };
    let paged = tags::list(Case::Ignored, &role.tags, &wanted);
    Ok(ListRoleTagsResponse {
        tags: Some(paged.items),
        is_truncated: Some(paged.marker.is_some()),
        marker: paged.marker,
    })
}
