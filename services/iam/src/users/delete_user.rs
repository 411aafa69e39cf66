//! `iam:DeleteUser`: deletes a user that has nothing left that has to be removed first.

use api::iam::{DeleteConflictException, DeleteUserRequest};
use platform::{Ctx, Result};
use wire::Empty;

use crate::account::AccountRecord;
use crate::credentials;
use crate::users::record::UserRecord;
use crate::users::subject::{self, Subject};

pub(crate) async fn delete_user(ctx: &Ctx, req: DeleteUserRequest) -> Result<Empty> {
    let permitted = Subject::named(ctx, req.user_name)
        .await?
        .permit(ctx, "iam:DeleteUser")
        .await?;
    let user = subject::user(permitted)?;
    if !user.permissions.inline.is_empty() {
        return Err(conflict("policies"));
    }
    if !user.access_keys.is_empty() {
        return Err(conflict("access keys"));
    }
    if let Some(message) = credentials::conflict(ctx, &user).await? {
        return Err(DeleteConflictException::new(message).into());
    }
    ctx.delete::<UserRecord>(&UserRecord::key(&user.account, &user.name))
        .await;
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

fn conflict(what: &str) -> platform::Error {
    let message = format!("Cannot delete entity, must delete {what} first.");
    DeleteConflictException::new(message).into()
}
