//! `iam:UntagRole`: takes tags of a role away.

use api::iam::UntagRoleRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::roles::record::RoleRecord;
use crate::tags::{self, Case};
use crate::target::{Asked, require};

pub(crate) async fn untag_role(ctx: &Ctx, req: UntagRoleRequest) -> Result<Empty> {
    let asked = Asked {
        tag_keys: &req.tag_keys,
        ..Asked::default()
    };
    let target = RoleRecord::target(ctx, req.role_name).await?;
    let permitted = target.permit_with(ctx, "iam:UntagRole", &asked).await?;
    let mut role = RoleRecord::clone(&*require(permitted)?);
    tags::remove(Case::Ignored, &mut role.tags, &req.tag_keys);
    role.put(ctx).await;
    Ok(Empty)
}
