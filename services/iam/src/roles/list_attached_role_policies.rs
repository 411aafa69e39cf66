//! `iam:ListAttachedRolePolicies`: shows the managed policies of a role.

use api::iam::{ListAttachedRolePoliciesRequest, ListAttachedRolePoliciesResponse};
use platform::{Ctx, Result};

use crate::attachments;
use crate::page::Wanted;
use crate::roles::record::RoleRecord;
use crate::target::require;

pub(crate) async fn list_attached_role_policies(
    ctx: &Ctx,
    req: ListAttachedRolePoliciesRequest,
) -> Result<ListAttachedRolePoliciesResponse> {
    let target = RoleRecord::target(ctx, req.role_name).await?;
    let role = require(target.permit(ctx, "iam:ListAttachedRolePolicies").await?)?;
    let wanted = Wanted {
        marker: req.marker,
        max_items: req.max_items,
    };
    let prefix = req.path_prefix.as_deref();
    let paged = attachments::list_attached(&role.permissions, prefix, &wanted);
    Ok(ListAttachedRolePoliciesResponse {
        attached_policies: Some(paged.items),
        is_truncated: Some(paged.marker.is_some()),
        marker: paged.marker,
    })
}
