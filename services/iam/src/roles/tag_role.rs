//! `iam:TagRole`: gives a role tags.

use api::iam::TagRoleRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::roles::record::RoleRecord;
use crate::tags::{self, Case};
use crate::target::{Asked, require};

pub(crate) async fn tag_role(ctx: &Ctx, req: TagRoleRequest) -> Result<Empty> {
    let tags = tags::pairs(req.tags);
    let asked = Asked {
        tags: &tags,
        ..Asked::default()
    };
    let target = RoleRecord::target(ctx, req.role_name).await?;
    let permitted = target.permit_with(ctx, "iam:TagRole", &asked).await?;
    let mut role = RoleRecord::clone(&*require(permitted)?);
    tags::add(Case::Ignored, &mut role.tags, tags)?;
    role.put(ctx).await;
    Ok(Empty)
}
