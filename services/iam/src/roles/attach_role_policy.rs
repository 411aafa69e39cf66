//! `iam:AttachRolePolicy`: attaches a managed policy to a role.

use api::iam::AttachRolePolicyRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::attachments;
use crate::permissions::Holding;
use crate::roles::record::RoleRecord;
use crate::target::{Asked, require};

pub(crate) async fn attach_role_policy(ctx: &Ctx, req: AttachRolePolicyRequest) -> Result<Empty> {
    let asked = Asked {
        policy_arn: Some(&req.policy_arn),
        ..Asked::default()
    };
    let target = RoleRecord::target(ctx, req.role_name).await?;
    let permitted = target
        .permit_with(ctx, "iam:AttachRolePolicy", &asked)
        .await?;
    let mut role = RoleRecord::clone(&*require(permitted)?);
    role.check_modifiable()?;
    attachments::attach(ctx, &mut role.permissions, Holding::Role, &req.policy_arn).await?;
    role.put(ctx).await;
    Ok(Empty)
}
