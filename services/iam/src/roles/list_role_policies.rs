//! `iam:ListRolePolicies`: shows the names of a role's inline policies.

use api::iam::{ListRolePoliciesRequest, ListRolePoliciesResponse};
use platform::{Ctx, Result};

use crate::inline_policies;
use crate::page::Wanted;
use crate::roles::record::RoleRecord;
use crate::target::require;

pub(crate) async fn list_role_policies(
    ctx: &Ctx,
    req: ListRolePoliciesRequest,
) -> Result<ListRolePoliciesResponse> {
    let target = RoleRecord::target(ctx, req.role_name).await?;
    let role = require(target.permit(ctx, "iam:ListRolePolicies").await?)?;
    let wanted = Wanted {
        marker: req.marker,
        max_items: req.max_items,
    };
    let paged = inline_policies::list_names(&role.permissions, &wanted);
    Ok(ListRolePoliciesResponse {
        policy_names: Some(paged.items),
        is_truncated: Some(paged.marker.is_some()),
        marker: paged.marker,
    })
}
