//! `iam:UpdateRole`: changes the description or the longest session of a role.

use api::iam::{UpdateRoleRequest, UpdateRoleResponse};
use platform::{Ctx, Result};

use crate::roles::record::RoleRecord;
use crate::target::require;

pub(crate) async fn update_role(ctx: &Ctx, req: UpdateRoleRequest) -> Result<UpdateRoleResponse> {
    let target = RoleRecord::target(ctx, req.role_name).await?;
    let found = require(target.permit(ctx, "iam:UpdateRole").await?)?;
    let mut role = RoleRecord::clone(&found);
    // Of a service-linked role the account may change the description alone ("Edit a
    // service-linked role").
    if let Some(seconds) = req.max_session_duration {
        role.check_modifiable()?;
        role.max_session_seconds = seconds;
    }
    if let Some(description) = req.description {
        role.description = description;
    }
    role.put(ctx).await;
    Ok(UpdateRoleResponse {})
}
