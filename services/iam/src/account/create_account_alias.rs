//! `iam:CreateAccountAlias`: gives the account an alias, in place of one that there is.

use api::iam::{CreateAccountAliasRequest, EntityAlreadyExistsException};
use platform::{Ctx, Result};
use wire::Empty;

use crate::account::alias;
use crate::account::settings::{AccountAlias, AccountSettings};
use crate::account::whole_account;

pub(crate) async fn create_account_alias(
    ctx: &Ctx,
    req: CreateAccountAliasRequest,
) -> Result<Empty> {
    whole_account(ctx, "iam:CreateAccountAlias").await?;
    alias::check(&req.account_alias)?;
    let alias = req.account_alias;
    let key = AccountAlias::key(&alias);
    if ctx.get::<AccountAlias>(&key).await?.is_some() {
        let message = format!("The account alias {alias} already exists.");
        return Err(EntityAlreadyExistsException::new(message).into());
    }
    let mut settings = AccountSettings::clone(&*AccountSettings::of_caller(ctx).await?);
    if let Some(former) = settings.alias.replace(alias) {
        ctx.delete::<AccountAlias>(&AccountAlias::key(&former))
            .await;
    }
    let account = ctx.account().to_owned();
    ctx.put(key, AccountAlias { account }).await;
    settings.put(ctx).await;
    Ok(Empty)
}
