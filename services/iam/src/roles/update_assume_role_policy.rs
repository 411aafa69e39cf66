//! `iam:UpdateAssumeRolePolicy`: replaces the trust policy of a role.

use api::iam::UpdateAssumeRolePolicyRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::roles::record::RoleRecord;
use crate::roles::trust;
use crate::target::require;

pub(crate) async fn update_assume_role_policy(
    ctx: &Ctx,
    req: UpdateAssumeRolePolicyRequest,
) -> Result<Empty> {
    let target = RoleRecord::target(ctx, req.role_name).await?;
    let found = require(target.permit(ctx, "iam:UpdateAssumeRolePolicy").await?)?;
    found.check_modifiable()?;
    let mut role = RoleRecord::clone(&found);
    role.trust = trust::bound(ctx, &req.policy_document).await?;
    role.put(ctx).await;
    Ok(Empty)
}
