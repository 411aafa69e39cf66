//! `iam:DeleteUser`: deletes a user that has neither groups, policies nor credentials left.

use api::iam::{DeleteConflictException, DeleteUserRequest};
use platform::{Ctx, Result};
use wire::Empty;

use crate::account::AccountRecord;
use crate::attachments;
use crate::credentials;
use crate::unique_ids;
use crate::users::record::UserRecord;
use crate::users::subject::{self, Subject};

pub(crate) async fn delete_user(ctx: &Ctx, req: DeleteUserRequest) -> Result<Empty> {
    let permitted = Subject::named(ctx, req.user_name)
        .await?
        .permit(ctx, "iam:DeleteUser")
        .await?;
    let mut user = UserRecord::clone(&*subject::user(permitted)?);
    if let Some(what) = left(&user) {
        let message = format!("Cannot delete entity, must {what} first.");
        return Err(DeleteConflictException::new(message).into());
    }
    if let Some(message) = credentials::conflict(ctx, &user).await? {
        return Err(DeleteConflictException::new(message).into());
    }
    // A permissions boundary goes with its user.
    attachments::release(ctx, &mut user.permissions).await?;
    ctx.delete::<UserRecord>(&UserRecord::key(&user.account, &user.name))
        .await;
    {
        let (_, mut txn) = ctx.directory().await;
        unique_ids::forget(&mut txn, &user.user_id);
    }
    let account = AccountRecord::of_caller(ctx).await?;
    let users = account.users.saturating_sub(1);
    AccountRecord {
        users,
        ..AccountRecord::clone(&account)
    }
    .put(ctx)
    .await;
    Ok(Empty)
}

/// What has to happen before the user can be deleted, if anything ("Deleting an IAM user").
fn left(user: &UserRecord) -> Option<&'static str> {
    if !user.groups.is_empty() {
        return Some("remove users from group");
    }
    if !user.permissions.attached.is_empty() {
        return Some("detach all policies");
    }
    if !user.permissions.inline.is_empty() {
        return Some("delete policies");
    }
    (!user.access_keys.is_empty()).then_some("delete access keys")
}
