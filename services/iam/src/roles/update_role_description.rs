//! `iam:UpdateRoleDescription`: changes the description of a role.

use api::iam::{UpdateRoleDescriptionRequest, UpdateRoleDescriptionResponse};
use platform::{Ctx, Result};

use crate::roles::record::RoleRecord;
use crate::target::require;

pub(crate) async fn update_role_description(
    ctx: &Ctx,
    req: UpdateRoleDescriptionRequest,
) -> Result<UpdateRoleDescriptionResponse> {
    let target = RoleRecord::target(ctx, req.role_name).await?;
    let found = require(target.permit(ctx, "iam:UpdateRoleDescription").await?)?;
    let mut role = RoleRecord::clone(&found);
    role.description = req.description;
    let shown = api::iam::Role {
        max_session_duration: None,
        ..role.listed(ctx).await?
    };
    role.put(ctx).await;
    Ok(UpdateRoleDescriptionResponse { role: Some(shown) })
}
