//! `iam:DeleteUserPermissionsBoundary`: takes the limit of a user away.

use api::iam::DeleteUserPermissionsBoundaryRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::attachments;
use crate::users::record::UserRecord;
use crate::users::subject::{self, Subject};

pub(crate) async fn delete_user_permissions_boundary(
    ctx: &Ctx,
    req: DeleteUserPermissionsBoundaryRequest,
) -> Result<Empty> {
    let permitted = Subject::named(ctx, req.user_name)
        .await?
        .permit(ctx, "iam:DeleteUserPermissionsBoundary")
        .await?;
    let mut user = UserRecord::clone(&*subject::user(permitted)?);
    attachments::clear_boundary(ctx, &mut user.permissions).await?;
    user.put(ctx).await;
    Ok(Empty)
}
