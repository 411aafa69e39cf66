//! What an account switches for itself: its alias, token version and issuer.

use std::sync::Arc;

use platform::{Ctx, Result};
use serde::{Deserialize, Serialize};
use store::{Key, Record, Txn};

/// The switches of an account.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct AccountSettings {
    /// The alias, unique among all accounts.
    pub(crate) alias: Option<String>,
    /// Whether the global endpoint of STS hands out version 2 tokens.
    pub(crate) version_2_tokens: bool,
    /// The id of the issuer of its web identity tokens, once it had one.
    pub(crate) issuer_id: Option<String>,
    /// Whether its principals get web identity tokens.
    pub(crate) outbound_federation: bool,
}

impl Record for AccountSettings {
    const TABLE: &'static str = "iam.account-settings";
    const SERVICE: &'static str = "iam";
}

impl AccountSettings {
    fn key(account: &str) -> Key {
        Key::new(account, "", ["settings"])
    }

    /// Those of the caller's account.
    pub(crate) async fn of_caller(ctx: &Ctx) -> Result<Arc<Self>> {
        let found = ctx.get::<Self>(&Self::key(ctx.account())).await?;
        Ok(found.unwrap_or_default())
    }

    /// Stages new settings of the caller's account.
    pub(crate) async fn put(self, ctx: &Ctx) {
        ctx.put(Self::key(ctx.account()), self).await;
    }

    /// The issuer URL, while web identity tokens are enabled ("Outbound identity federation").
    pub(crate) fn issuer(&self) -> Option<String> {
        let id = self
            .issuer_id
            .as_ref()
            .filter(|_| self.outbound_federation)?;
        Some(format!("https://{id}.tokens.sts.global.api.aws"))
    }
}

/// The issuer URL of `account`, if its principals get web identity tokens.
pub(crate) async fn issuer(txn: &mut Txn, account: &str) -> Result<Option<String>> {
    let key = AccountSettings::key(account);
    let settings = txn.get::<AccountSettings>(&key).await?;
    Ok(settings.and_then(|settings| settings.issuer()))
}

/// Says which account has an alias.
#[derive(Serialize, Deserialize)]
pub(crate) struct AccountAlias {
    /// The account, 12 digits.
    pub(crate) account: String,
}

impl Record for AccountAlias {
    const TABLE: &'static str = "iam.account-aliases";
    const SERVICE: &'static str = "iam";
}

impl AccountAlias {
    /// Where the alias is.
    pub(crate) fn key(alias: &str) -> Key {
        Key::new("", "", [alias])
    }
}
