//! Accounts, and which of them is this installation's own.

use std::sync::Arc;

use platform::{Account, Ctx};
use serde::{Deserialize, Serialize};
use store::{DecodeError, Key, Migrate, OldFormat, Record};

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
    /// The name; empty where none was given.
    pub(crate) name: String,
    /// The e-mail address of the root user; empty where none was given.
    pub(crate) email: String,
    /// Whether it was closed.
    pub(crate) closed: bool,
    /// How many groups it has.
    pub(crate) groups: u32,
    /// How many roles it has.
    pub(crate) roles: u32,
    /// How many managed policies it has.
    pub(crate) policies: u32,
    /// How many instance profiles it has.
    pub(crate) instance_profiles: u32,
}

impl Record for AccountRecord {
    const TABLE: &'static str = "iam.accounts";
    const SERVICE: &'static str = "iam";
    const FORMAT: u8 = 2;

    fn decode_older(format: u8, bytes: &[u8]) -> Result<Self, DecodeError> {
        Self::decode_previous(format, bytes)
    }
}

/// An account that has nothing but users.
#[derive(Serialize, Deserialize)]
pub(crate) struct AccountRecordV1 {
    account: String,
    created_millis: i64,
    users: u32,
    root_access_keys: Vec<String>,
    start_key: Option<String>,
}

impl OldFormat for AccountRecordV1 {
    const FORMAT: u8 = 1;
}

impl Migrate for AccountRecord {
    type Previous = AccountRecordV1;

    fn migrate(previous: AccountRecordV1) -> Self {
        Self {
            users: previous.users,
            root_access_keys: previous.root_access_keys,
            start_key: previous.start_key,
            ..Self::new(&previous.account, previous.created_millis)
        }
    }
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
    pub(crate) async fn of_caller(ctx: &Ctx) -> platform::Result<Arc<Self>> {
        let found = ctx.get(&Self::key(ctx.account())).await?;
        Ok(
            found
                .unwrap_or_else(|| Arc::new(Self::new(ctx.account(), ctx.now.whole_secs().millis))),
        )
    }

    /// The account as other services see it.
    pub(crate) fn shown(&self) -> Account {
        Account {
            id: self.account.clone(),
            name: self.name.clone(),
            email: self.email.clone(),
            created_millis: self.created_millis,
            closed: self.closed,
        }
    }

    /// Stages this version of the account.
    pub(crate) async fn put(self, ctx: &Ctx) {
        ctx.put(Self::key(&self.account), self).await;
    }
}

/// One line of the list of all accounts of the installation.
#[derive(Serialize, Deserialize)]
pub(crate) struct AccountEntry {
    /// The account, 12 digits.
    pub(crate) account: String,
}

impl Record for AccountEntry {
    const TABLE: &'static str = "iam.account-list";
    const SERVICE: &'static str = "iam";
}

impl AccountEntry {
    /// The entry of `account`.
    pub(crate) fn new(account: &str) -> Self {
        Self {
            account: account.to_owned(),
        }
    }

    /// Where the entry of `account` is.
    pub(crate) fn key(account: &str) -> Key {
        Key::new("", "", [account])
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

#[cfg(test)]
mod tests {
    use store::record::{decode, encode};

    use super::*;

    impl Record for AccountRecordV1 {
        const TABLE: &'static str = <AccountRecord as Record>::TABLE;
        const SERVICE: &'static str = <AccountRecord as Record>::SERVICE;
    }

    #[test]
    fn an_account_of_format_1_keeps_everything() {
        let old = AccountRecordV1 {
            account: "111122223333".to_owned(),
            created_millis: 1_767_225_600_000,
            users: 3,
            root_access_keys: vec!["AKIAAAAAAAAAAAAAAAAA".to_owned()],
            start_key: Some("AKIAAAAAAAAAAAAAAAAA".to_owned()),
        };
        let key = AccountRecord::key("111122223333");
        let bytes = encode(&key, &old).unwrap();
        let (found, account) = decode::<AccountRecord>(&bytes).unwrap();
        assert!(found == key);
        assert_eq!(account.account, "111122223333");
        assert_eq!(account.created_millis, 1_767_225_600_000);
        assert_eq!(account.users, 3);
        assert_eq!(account.root_access_keys, ["AKIAAAAAAAAAAAAAAAAA"]);
        assert_eq!(account.start_key.as_deref(), Some("AKIAAAAAAAAAAAAAAAAA"));
        assert!(account.name.is_empty() && account.email.is_empty() && !account.closed);
        let counts = [account.groups, account.roles, account.policies];
        assert_eq!((counts, account.instance_profiles), ([0; 3], 0));
    }
}
