//! `iam:DetachRolePolicy`: detaches a managed policy from a role.

use api::iam::DetachRolePolicyRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::attachments;
use crate::roles::record::RoleRecord;
use crate::target::{Asked, require};

pub(crate) async fn detach_role_policy(ctx: &Ctx, req: DetachRolePolicyRequest) -> Result<Empty> {
    let asked = Asked {
        policy_arn: Some(&req.policy_arn),
        ..Asked::default()
    };
    let target = RoleRecord::target(ctx, req.role_name).await?;
    let permitted = target
        .permit_with(ctx, "iam:DetachRolePolicy", &asked)
        .await?;
    let mut role = RoleRecord::clone(&*require(permitted)?);
    role.check_modifiable()?;
    attachments::detach(ctx, &mut role.permissions, &req.policy_arn).await?;
    role.put(ctx).await;
    Ok(Empty)
}
