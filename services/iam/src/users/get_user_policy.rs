//! `iam:GetUserPolicy`: shows an inline policy of a user.

use api::iam::{GetUserPolicyRequest, GetUserPolicyResponse};
use platform::{Ctx, Result};

use crate::percent::percent_encoded;
use crate::users::record::no_such_policy;
use crate::users::subject::{self, Subject};

pub(crate) async fn get_user_policy(
    ctx: &Ctx,
    req: GetUserPolicyRequest,
) -> Result<GetUserPolicyResponse> {
    let permitted = Subject::named(ctx, req.user_name)
        .await?
        .permit(ctx, "iam:GetUserPolicy")
        .await?;
    let user = subject::user(permitted)?;
    let policy = user.permissions.inline(&req.policy_name);
    let policy = policy.ok_or_else(|| no_such_policy(&req.policy_name))?;
    Ok(GetUserPolicyResponse {
        user_name: Some(user.name.clone()),
        policy_name: Some(policy.name.clone()),
        policy_document: Some(percent_encoded(&policy.document)?),
    })
}
