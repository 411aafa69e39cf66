//! `iam:GetUser`: shows a user, by default the caller.

use api::iam::{GetUserRequest, GetUserResponse, User};
use platform::{Caller, Ctx, Result};
use wire::Timestamp;

use crate::account::AccountRecord;
use crate::users::subject::{self, Subject};

pub(crate) async fn get_user(ctx: &Ctx, req: GetUserRequest) -> Result<GetUserResponse> {
    let permitted = Subject::named_or_caller(ctx, req.user_name)
        .await?
        .permit(ctx, "iam:GetUser")
        .await?;
    let user = match subject::user_or_root(permitted)? {
        Some(user) => user.described(),
        None => root(&ctx.caller, &*AccountRecord::of_caller(ctx).await?),
    };
    Ok(GetUserResponse { user: Some(user) })
}

/// The root user as AWS shows it: it has neither name nor path.
fn root(caller: &Caller, account: &AccountRecord) -> User {
    User {
        user_id: Some(caller.user_id.clone()),
        arn: Some(caller.arn.clone()),
        create_date: Some(Timestamp {
            millis: account.created_millis,
        }),
        ..User::default()
    }
}
