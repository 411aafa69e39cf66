//! `iam:UpdateAccountPasswordPolicy`: sets the password policy of the account. What is not said
//! takes its default; nothing of the policy before remains.

use api::iam::UpdateAccountPasswordPolicyRequest;
use platform::{Ctx, Everything, Result};
use wire::Empty;

use crate::password_policy::record::PasswordPolicyRecord;

/// The default of `MinimumPasswordLength`.
const MINIMUM_LENGTH: i32 = 6;

pub(crate) async fn update_account_password_policy(
    ctx: &Ctx,
    req: UpdateAccountPasswordPolicyRequest,
) -> Result<Empty> {
    let account = ctx.account().to_owned();
    let everything = Everything {
        account: account.clone(),
    };
    let update = ctx.authorize("iam:UpdateAccountPasswordPolicy", everything);
    update.decide().await?;
    let policy = PasswordPolicyRecord {
        account,
        minimum_length: req.minimum_password_length.unwrap_or(MINIMUM_LENGTH),
        symbols: req.require_symbols,
        numbers: req.require_numbers,
        uppercase: req.require_uppercase_characters,
        lowercase: req.require_lowercase_characters,
        users_change: req.allow_users_to_change_password,
        max_age_days: req.max_password_age,
        reuse_prevention: req.password_reuse_prevention,
        hard_expiry: req.hard_expiry,
    };
    ctx.put(PasswordPolicyRecord::key(&policy.account), policy)
        .await;
    Ok(Empty)
}
