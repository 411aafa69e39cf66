//! `iam:PutRolePolicy`: adds or replaces an inline policy of a role.

use api::iam::PutRolePolicyRequest;
use platform::{Ctx, Result};
use policy::Version;
use wire::Empty;

use crate::inline_policies;
use crate::permissions::Holding;
use crate::roles::record::RoleRecord;
use crate::target::require;

pub(crate) async fn put_role_policy(ctx: &Ctx, req: PutRolePolicyRequest) -> Result<Empty> {
    let target = RoleRecord::target(ctx, req.role_name).await?;
    let permitted = target.permit(ctx, "iam:PutRolePolicy").await?;
    let mut role = RoleRecord::clone(&*require(permitted)?);
    role.check_modifiable()?;
    inline_policies::check_document(&req.policy_document, Version::V2008)?;
    inline_policies::put(
        &mut role.permissions,
        (Holding::Role, &role.name),
        req.policy_name,
        req.policy_document,
    )?;
    role.put(ctx).await;
    Ok(Empty)
}
