//! `iam:DeleteAccountPasswordPolicy`: goes back to AWS's default password policy.

use api::iam::NoSuchEntityException;
use platform::{Ctx, Everything, Result};
use wire::Empty;

use crate::password_policy::record::PasswordPolicyRecord;

pub(crate) async fn delete_account_password_policy(ctx: &Ctx, _: Empty) -> Result<Empty> {
    let everything = Everything {
        account: ctx.account().to_owned(),
    };
    let delete = ctx.authorize("iam:DeleteAccountPasswordPolicy", everything);
    delete.decide().await?;
    let policy = PasswordPolicyRecord::of_caller(ctx).await?.ok_or_else(|| {
        let message = "The account policy with name PasswordPolicy cannot be found.";
        NoSuchEntityException::new(message)
    })?;
    let key = PasswordPolicyRecord::key(&policy.account);
    ctx.delete::<PasswordPolicyRecord>(&key).await;
    Ok(Empty)
}
