//! `iam:GetAccountPasswordPolicy`: shows the password policy of the account.

use api::iam::GetAccountPasswordPolicyResponse;
use platform::{Ctx, Everything, Result};
use wire::Empty;

use crate::password_policy::record::PasswordPolicyRecord;

pub(crate) async fn get_account_password_policy(
    ctx: &Ctx,
    _: Empty,
) -> Result<GetAccountPasswordPolicyResponse> {
    let everything = Everything {
        account: ctx.account().to_owned(),
    };
    let given = PasswordPolicyRecord::for_users(ctx).await?;
    let get = ctx.authorize("iam:GetAccountPasswordPolicy", everything);
    get.given(given).decide().await?;
    let policy = PasswordPolicyRecord::require(ctx).await?;
    Ok(GetAccountPasswordPolicyResponse {
        password_policy: Some(policy.shown()),
    })
}
