//! `iam:GetRole`: shows a role.

use api::iam::{GetRoleRequest, GetRoleResponse};
use platform::{Ctx, Result};

use crate::roles::record::RoleRecord;
use crate::target::require;

pub(crate) async fn get_role(ctx: &Ctx, req: GetRoleRequest) -> Result<GetRoleResponse> {
    let target = RoleRecord::target(ctx, req.role_name).await?;
    let role = require(target.permit(ctx, "iam:GetRole").await?)?;
    Ok(GetRoleResponse {
        role: Some(role.described(ctx).await?),
    })
}
