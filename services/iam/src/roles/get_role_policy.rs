//! `iam:GetRolePolicy`: shows an inline policy of a role.

use api::iam::{GetRolePolicyRequest, GetRolePolicyResponse};
use platform::{Ctx, Result};

use crate::percent::percent_encoded;
use crate::roles::record::{RoleRecord, no_such_policy};
use crate::target::require;

pub(crate) async fn get_role_policy(
    ctx: &Ctx,
    req: GetRolePolicyRequest,
) -> Result<GetRolePolicyResponse> {
    let target = RoleRecord::target(ctx, req.role_name).await?;
    let role = require(target.permit(ctx, "iam:GetRolePolicy").await?)?;
    let policy = role.permissions.inline(&req.policy_name);
    let policy = policy.ok_or_else(|| no_such_policy(&req.policy_name))?;
    Ok(GetRolePolicyResponse {
        role_name: Some(role.name.clone()),
        policy_name: Some(policy.name.clone()),
        policy_document: Some(percent_encoded(&policy.document)?),
    })
}
