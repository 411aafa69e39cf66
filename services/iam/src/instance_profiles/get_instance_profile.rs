//! `iam:GetInstanceProfile`: shows an instance profile with its role.

use api::iam::{GetInstanceProfileRequest, GetInstanceProfileResponse, InstanceProfile};
use platform::{Ctx, Result};

use crate::instance_profiles::record::InstanceProfileRecord;
use crate::tags;
use crate::target::require;

pub(crate) async fn get_instance_profile(
    ctx: &Ctx,
    req: GetInstanceProfileRequest,
) -> Result<GetInstanceProfileResponse> {
    let target = InstanceProfileRecord::target(ctx, req.instance_profile_name).await?;
    let profile = require(target.permit(ctx, "iam:GetInstanceProfile").await?)?;
    Ok(GetInstanceProfileResponse {
        instance_profile: Some(InstanceProfile {
            tags: Some(tags::shown(&profile.tags)),
            ..profile.listed(ctx).await?
        }),
    })
}
