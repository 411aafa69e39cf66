//! `iam:RemoveRoleFromInstanceProfile`: takes the role out of an instance profile.

use api::iam::{NoSuchEntityException, RemoveRoleFromInstanceProfileRequest};
use platform::{Ctx, Result};
use wire::Empty;

use crate::instance_profiles::record::InstanceProfileRecord;
use crate::roles::RoleRecord;
use crate::target::{Entity, require};

pub(crate) async fn remove_role_from_instance_profile(
    ctx: &Ctx,
    req: RemoveRoleFromInstanceProfileRequest,
) -> Result<Empty> {
    let target = InstanceProfileRecord::target(ctx, req.instance_profile_name).await?;
    let permitted = target
        .permit(ctx, "iam:RemoveRoleFromInstanceProfile")
        .await?;
    let mut profile = InstanceProfileRecord::clone(&*require(permitted)?);
    if !profile.holds(&req.role_name) {
        let key = RoleRecord::key(ctx.account(), &req.role_name);
        if ctx.get::<RoleRecord>(&key).await?.is_none() {
            return Err(RoleRecord::absent(&req.role_name).into());
        }
        let (role, profile) = (&req.role_name, &profile.name);
        let message = format!("Role {role} in Instance Profile {profile} cannot be found.");
        return Err(NoSuchEntityException::new(message).into());
    }
    profile.role = None;
    profile.put(ctx).await;
    Ok(Empty)
}
