//! `iam:TagInstanceProfile`: gives an instance profile tags.

use api::iam::TagInstanceProfileRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::instance_profiles::record::InstanceProfileRecord;
use crate::tags::{self, Case};
use crate::target::{Asked, require};

pub(crate) async fn tag_instance_profile(
    ctx: &Ctx,
    req: TagInstanceProfileRequest,
) -> Result<Empty> {
    let tags = tags::pairs(req.tags);
    let asked = Asked {
        tags: &tags,
        ..Asked::default()
    };
    let target = InstanceProfileRecord::target(ctx, req.instance_profile_name).await?;
    let permitted = target
        .permit_with(ctx, "iam:TagInstanceProfile", &asked)
        .await?;
    let mut profile = InstanceProfileRecord::clone(&*require(permitted)?);
    tags::add(Case::Ignored, &mut profile.tags, tags)?;
    profile.put(ctx).await;
    Ok(Empty)
}
