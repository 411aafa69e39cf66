//! `iam:DeleteInstanceProfile`: deletes an instance profile that holds no role.

use api::iam::{DeleteConflictException, DeleteInstanceProfileRequest};
use platform::{Ctx, Result};
use wire::Empty;

use crate::account::AccountRecord;
use crate::instance_profiles::record::InstanceProfileRecord;
use crate::target::require;

pub(crate) async fn delete_instance_profile(
    ctx: &Ctx,
    req: DeleteInstanceProfileRequest,
) -> Result<Empty> {
    let target = InstanceProfileRecord::target(ctx, req.instance_profile_name).await?;
    let profile = require(target.permit(ctx, "iam:DeleteInstanceProfile").await?)?;
    if profile.role.is_some() {
        let message = "Cannot delete entity, must remove roles from instance profile first.";
        return Err(DeleteConflictException::new(message).into());
    }
    let key = InstanceProfileRecord::key(&profile.account, &profile.name);
    ctx.delete::<InstanceProfileRecord>(&key).await;
    let account = AccountRecord::of_caller(ctx).await?;
    let instance_profiles = account.instance_profiles.saturating_sub(1);
    AccountRecord {
        instance_profiles,
        ..AccountRecord::clone(&account)
    }
    .put(ctx)
    .await;
    Ok(Empty)
}
