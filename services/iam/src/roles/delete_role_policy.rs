//! `iam:DeleteRolePolicy`: deletes an inline policy of a role.

use api::iam::DeleteRolePolicyRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::roles::record::{RoleRecord, no_such_policy};
use crate::target::require;

pub(crate) async fn delete_role_policy(ctx: &Ctx, req: DeleteRolePolicyRequest) -> Result<Empty> {
    let target = RoleRecord::target(ctx, req.role_name).await?;
    let found = require(target.permit(ctx, "iam:DeleteRolePolicy").await?)?;
    found.check_modifiable()?;
    let mut role = RoleRecord::clone(&found);
    let removed = role.permissions.remove_inline(&req.policy_name);
    removed.ok_or_else(|| no_such_policy(&req.policy_name))?;
    role.put(ctx).await;
    Ok(Empty)
}
