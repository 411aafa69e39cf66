//! `iam:PutUserPermissionsBoundary`: limits what a user may ever be given.

use api::iam::PutUserPermissionsBoundaryRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::attachments;
use crate::permissions::Holding;
use crate::target::Asked;
use crate::users::record::UserRecord;
use crate::users::subject::{self, Subject};

pub(crate) async fn put_user_permissions_boundary(
    ctx: &Ctx,
    req: PutUserPermissionsBoundaryRequest,
) -> Result<Empty> {
    let asked = Asked {
        boundary: Some(&req.permissions_boundary),
        ..Asked::default()
    };
    let permitted = Subject::named(ctx, req.user_name)
        .await?
        .permit_with(ctx, "iam:PutUserPermissionsBoundary", &asked)
        .await?;
    let mut user = UserRecord::clone(&*subject::user(permitted)?);
    let permissions = &mut user.permissions;
    let arn = &req.permissions_boundary;
    attachments::set_boundary(ctx, permissions, Holding::User, arn).await?;
    user.put(ctx).await;
    Ok(Empty)
}
