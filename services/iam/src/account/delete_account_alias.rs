//! `iam:DeleteAccountAlias`: takes the account's alias away.

use api::iam::{DeleteAccountAliasRequest, NoSuchEntityException};
use platform::{Ctx, Result};
use wire::Empty;

use crate::account::alias;
use crate::account::settings::{AccountAlias, AccountSettings};
use crate::account::whole_account;

pub(crate) async fn delete_account_alias(
    ctx: &Ctx,
    req: DeleteAccountAliasRequest,
) -> Result<Empty> {
    whole_account(ctx, "iam:DeleteAccountAlias").await?;
    alias::check(&req.account_alias)?;
    let mut settings = AccountSettings::clone(&*AccountSettings::of_caller(ctx).await?);
    // An alias of another account is as absent as one that nobody has.
    if settings.alias.as_ref() != Some(&req.account_alias) {
        let alias = &req.account_alias;
        let message = format!("The account alias {alias} cannot be found.");
        return Err(NoSuchEntityException::new(message).into());
    }
    settings.alias = None;
    let key = AccountAlias::key(&req.account_alias);
    ctx.delete::<AccountAlias>(&key).await;
    settings.put(ctx).await;
    Ok(Empty)
}
