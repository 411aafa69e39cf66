//! `strongroom:CreateAccount`: makes an account that stands alone, with a root access key.

use platform::{Ctx, Error, Founding, FoundingError, Result};

use crate::access_keys::record::{AccessKeyRecord, Draft, Owner};
use crate::account::AccountRecord;
use crate::ids;
use crate::operator::tables::{CreateAccountRequest, CreateAccountResponse};
use crate::operator::{invalid, permit};

/// The longest name of an account, in characters (Organizations API reference, `CreateAccount`).
const NAME_LENGTH: usize = 50;

pub(super) async fn create_account(
    ctx: &Ctx,
    req: CreateAccountRequest,
) -> Result<CreateAccountResponse> {
    permit(ctx, "strongroom:CreateAccount").await?;
    let name = req.name.unwrap_or_default();
    let email = req.email.unwrap_or_default();
    if name.chars().count() > NAME_LENGTH {
        return Err(invalid(format!(
            "an account's name has at most {NAME_LENGTH} characters"
        )));
    }
    let is_address = email.contains('@') && (6..=64).contains(&email.len());
    if !email.is_empty() && !is_address {
        return Err(invalid(format!("`{email}` is no e-mail address")));
    }
    let founding = Founding {
        name: &name,
        email: &email,
        role_name: None,
        management_account: None,
        now: ctx.now,
        random: ctx.random(),
    };
    let founded = {
        let (directory, mut txn) = ctx.directory().await;
        directory.found(&mut txn, founding).await?
    };
    let account_id = founded.map_err(|FoundingError::EmailTaken| {
        invalid(format!("another account has the e-mail address `{email}`"))
    })?;
    root_key(ctx, account_id).await
}

/// Gives a new account its root access key.
async fn root_key(ctx: &Ctx, account_id: String) -> Result<CreateAccountResponse> {
    let access_key_id = ids::access_key_id(ctx.random())?;
    let taken = ctx
        .get::<AccessKeyRecord>(&AccessKeyRecord::key(&access_key_id))
        .await?;
    if taken.is_some() {
        return Err(Error::internal("a random access key id is taken"));
    }
    let secret_access_key = ids::secret_access_key(ctx.random())?;
    let draft = Draft {
        id: access_key_id.clone(),
        account: account_id.clone(),
        owner: Owner::Root,
        now: ctx.now,
    };
    let key = AccessKeyRecord::new(draft, &secret_access_key, ctx.keyring(), ctx.random())
        .map_err(Error::internal)?;
    key.put(ctx).await;
    let account = ctx
        .get::<AccountRecord>(&AccountRecord::key(&account_id))
        .await?;
    let account = account.ok_or_else(|| Error::dangling("a new account"))?;
    let mut account = AccountRecord::clone(&account);
    account.root_access_keys.push(access_key_id.clone());
    account.put(ctx).await;
    Ok(CreateAccountResponse {
        account_id,
        access_key_id,
        secret_access_key,
    })
}
