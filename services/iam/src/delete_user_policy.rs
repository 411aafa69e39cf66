//! `iam:DeleteUserPolicy`: deletes an inline policy of a user.

use api::iam::DeleteUserPolicyRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::subject::{self, Subject};
use crate::user::{UserRecord, no_such_policy};

pub(crate) async fn delete_user_policy(ctx: &Ctx, req: DeleteUserPolicyRequest) -> Result<Empty> {
    let permitted = Subject::named(ctx, req.user_name)
        .await?
        .permit(ctx, "iam:DeleteUserPolicy")
        .await?;
    let mut user = UserRecord::clone(&*subject::user(permitted)?);
    let index = user.policy_index(&req.policy_name);
    let index = index.ok_or_else(|| no_such_policy(&req.policy_name))?;
    user.policies.remove(index);
    user.put(ctx).await;
    Ok(Empty)
}
