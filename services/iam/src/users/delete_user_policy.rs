//! `iam:DeleteUserPolicy`: deletes an inline policy of a user.

use api::iam::DeleteUserPolicyRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::users::record::{UserRecord, no_such_policy};
use crate::users::subject::{self, Subject};

pub(crate) async fn delete_user_policy(ctx: &Ctx, req: DeleteUserPolicyRequest) -> Result<Empty> {
    let permitted = Subject::named(ctx, req.user_name)
        .await?
        .permit(ctx, "iam:DeleteUserPolicy")
        .await?;
    let mut user = UserRecord::clone(&*subject::user(permitted)?);
    let removed = user.permissions.remove_inline(&req.policy_name);
    removed.ok_or_else(|| no_such_policy(&req.policy_name))?;
    user.put(ctx).await;
    Ok(Empty)
}
