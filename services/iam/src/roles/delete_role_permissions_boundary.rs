//! `iam:DeleteRolePermissionsBoundary`: takes the limit of a role away.

use api::iam::DeleteRolePermissionsBoundaryRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::attachments;
use crate::roles::record::RoleRecord;
use crate::target::require;

pub(crate) async fn delete_role_permissions_boundary(
    ctx: &Ctx,
    req: DeleteRolePermissionsBoundaryRequest,
) -> Result<Empty> {
    let target = RoleRecord::target(ctx, req.role_name).await?;
    let permitted = target
        .permit(ctx, "iam:DeleteRolePermissionsBoundary")
        .await?;
    let mut role = RoleRecord::clone(&*require(permitted)?);
    role.check_modifiable()?;
    attachments::clear_boundary(ctx, &mut role.permissions).await?;
    role.put(ctx).await;
    Ok(Empty)
}
