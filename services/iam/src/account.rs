//! Accounts, and which of them is this installation's own.

use std::sync::Arc;

use platform::{Ctx, Result};
use serde::{Deserialize, Serialize};
use store::{Key, Record};

/// What IAM keeps about an account.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct AccountRecord {
    /// The account, 12 digits.
    pub(crate) account: String,
    /// When it was made, in milliseconds since 1970.
    pub(crate) created_millis: i64,
    /// How many users it has.
    pub(crate) users: u32,
    /// The ids of the root user's access keys.
    pub(crate) root_access_keys: Vec<String>,
    /// The root access key that the start of the server made or was given.
    pub(crate) start_key: Option<String>,
}

impl Record for AccountRecord {
    const TABLE: &'static str = "iam.accounts";
    const SERVICE: &'static str = "iam";
}

impl AccountRecord {
    /// Where the record of `account` is.
    pub(crate) fn key(account: &str) -> Key {
        Key::new(account, "", ["account"])
    }

    /// A new account.
    pub(crate) fn new(account: &str, now_millis: i64) -> Self {
        let (account, created_millis) = (account.to_owned(), now_millis);
        Self {
            account,
            created_millis,
            ..Self::default()
        }
    }

    /// The caller's account.
    pub(crate) async fn of_caller(ctx: &Ctx) -> Result<Arc<Self>> {
        let found = ctx.get(&Self::key(ctx.account())).await?;
        Ok(
            found
                .unwrap_or_else(|| Arc::new(Self::new(ctx.account(), ctx.now.whole_secs().millis))),
        )
    }

    /// Stages this version of the account.
    pub(crate) async fn put(self, ctx: &Ctx) {
        ctx.put(Self::key(&self.account), self).await;
    }
}

/// The account that the first start made.
#[derive(Serialize, Deserialize)]
pub(crate) struct HomeAccount {
    /// The account, 12 digits.
    pub(crate) account: String,
}

impl Record for HomeAccount {
    const TABLE: &'static str = "iam.home";
    const SERVICE: &'static str = "iam";
}

impl HomeAccount {
    /// Where the record is.
    pub(crate) fn key() -> Key {
        Key::new("", "", ["home"])
    }
}
