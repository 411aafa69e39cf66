//! `iam:AddRoleToInstanceProfile`: puts a role into an instance profile.

use api::iam::{AddRoleToInstanceProfileRequest, LimitExceededException};
use platform::{Ctx, Passing, Result};
use wire::Empty;

use crate::instance_profiles::record::InstanceProfileRecord;
use crate::roles::RoleRecord;
use crate::roles::record;
use crate::target::{Entity, require};

/// How many roles an instance profile holds ("IAM and AWS STS quotas").
const QUOTA: u32 = 1;

pub(crate) async fn add_role_to_instance_profile(
    ctx: &Ctx,
    req: AddRoleToInstanceProfileRequest,
) -> Result<Empty> {
    let target = InstanceProfileRecord::target(ctx, req.instance_profile_name).await?;
    let permitted = target.permit(ctx, "iam:AddRoleToInstanceProfile").await?;
    let role = passed(ctx, &req.role_name).await?;
    let mut profile = InstanceProfileRecord::clone(&*require(permitted)?);
    let role = role.ok_or_else(|| RoleRecord::absent(&req.role_name))?;
    role.check_modifiable()?;
    if profile.role.is_some() {
        let message =
            format!("Cannot exceed quota for InstanceSessionsPerInstanceProfile: {QUOTA}");
        return Err(LimitExceededException::new(message).into());
    }
    profile.role = Some(role.name.clone());
    profile.put(ctx).await;
    Ok(Empty)
}

/// The role, which the caller must be allowed to hand to instances of its account.
async fn passed(ctx: &Ctx, name: &str) -> Result<Option<std::sync::Arc<RoleRecord>>> {
    let account = ctx.account();
    let found = ctx
        .get::<RoleRecord>(&RoleRecord::key(account, name))
        .await?;
    let arn = match &found {
        Some(role) => role.arn(),
        None => record::arn(account, "/", name),
    };
    let instances = format!("arn:aws:ec2:*:{account}:instance/*");
    let passing = Passing {
        service: "ec2.amazonaws.com",
        resource: Some(&instances),
    };
    ctx.pass_role(&arn, passing).await?;
    Ok(found)
}
