//! `iam:DeleteRole`: deletes a role that has neither policies nor instance profiles left.

use api::iam::{DeleteConflictException, DeleteRoleRequest};
use platform::{Ctx, Result};
use wire::Empty;

use crate::account::AccountRecord;
use crate::attachments;
use crate::instance_profiles::InstanceProfileRecord;
use crate::roles::record::RoleRecord;
use crate::target::require;
use crate::unique_ids;

pub(crate) async fn delete_role(ctx: &Ctx, req: DeleteRoleRequest) -> Result<Empty> {
    let target = RoleRecord::target(ctx, req.role_name).await?;
    let role = require(target.permit(ctx, "iam:DeleteRole").await?)?;
    role.check_modifiable()?;
    if let Some(what) = left(ctx, &role).await? {
        let message = format!("Cannot delete entity, must {what} first.");
        return Err(DeleteConflictException::new(message).into());
    }
    remove(ctx, &role).await?;
    Ok(Empty)
}

/// What has to happen before the role can be deleted, if anything ("Delete roles or instance
/// profiles", IAM user guide).
async fn left(ctx: &Ctx, role: &RoleRecord) -> Result<Option<&'static str>> {
    let profiles = InstanceProfileRecord::of_role(ctx, &role.name).await?;
    if !profiles.is_empty() {
        return Ok(Some("remove roles from instance profile"));
    }
    if !role.permissions.attached.is_empty() {
        return Ok(Some("detach all policies"));
    }
    let inline = &role.permissions.inline;
    Ok((!inline.is_empty()).then_some("delete policies"))
}

/// Deletes the record of a role with what it holds of managed policies.
pub(crate) async fn remove(ctx: &Ctx, role: &RoleRecord) -> Result<()> {
    let mut permissions = role.permissions.clone();
    attachments::release(ctx, &mut permissions).await?;
    let key = RoleRecord::key(&role.account, &role.name);
    ctx.delete::<RoleRecord>(&key).await;
    {
        let (_, mut txn) = ctx.directory().await;
        unique_ids::forget(&mut txn, &role.role_id);
    }
    let account = AccountRecord::of_caller(ctx).await?;
    let roles = account.roles.saturating_sub(1);
    AccountRecord {
        roles,
        ..AccountRecord::clone(&account)
    }
    .put(ctx)
    .await;
    Ok(())
}
