//! `iam:PutRolePermissionsBoundary`: limits what a role may ever be given.

use api::iam::PutRolePermissionsBoundaryRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::attachments;
use crate::permissions::Holding;
use crate::roles::record::RoleRecord;
use crate::target::{Asked, require};

pub(crate) async fn put_role_permissions_boundary(
    ctx: &Ctx,
    req: PutRolePermissionsBoundaryRequest,
) -> Result<Empty> {
    let arn = &req.permissions_boundary;
    let asked = Asked {
        boundary: Some(arn),
        ..Asked::default()
    };
    let target = RoleRecord::target(ctx, req.role_name).await?;
    let permitted = target
        .permit_with(ctx, "iam:PutRolePermissionsBoundary", &asked)
        .await?;
    let mut role = RoleRecord::clone(&*require(permitted)?);
    role.check_modifiable()?;
    attachments::set_boundary(ctx, &mut role.permissions, Holding::Role, arn).await?;
    role.put(ctx).await;
    Ok(Empty)
}
