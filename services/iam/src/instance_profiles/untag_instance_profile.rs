//! `iam:UntagInstanceProfile`: takes tags of an instance profile away.

use api::iam::UntagInstanceProfileRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::instance_profiles::record::InstanceProfileRecord;
use crate::tags::{self, Case};
use crate::target::{Asked, require};

pub(crate) async fn untag_instance_profile(
    ctx: &Ctx,
    req: UntagInstanceProfileRequest,
) -> Result<Empty> {
    let asked = Asked {
        tag_keys: &req.tag_keys,
        ..Asked::default()
    };
    let target = InstanceProfileRecord::target(ctx, req.instance_profile_name).await?;
    let permitted = target
        .permit_with(ctx, "iam:UntagInstanceProfile", &asked)
        .await?;
    let mut profile = InstanceProfileRecord::clone(&*require(permitted)?);
    tags::remove(Case::Ignored, &mut profile.tags, &req.tag_keys);
    profile.put(ctx).await;
    Ok(Empty)
}
