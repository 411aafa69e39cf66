//! The first start: an account and a way in.

use crypto::{Keyring, Random, RandomFailure, SealFailure, Secret};
use platform::is_account;
use store::{CommitError, Store, StoreError, Txn};
use wire::Timestamp;

use crate::access_keys::record::{AccessKeyRecord, Draft, Owner};
use crate::account::{AccountRecord, HomeAccount};
use crate::ids;

/// What a start found or made.
pub struct Bootstrapped {
    /// The installation's account, 12 digits.
    pub account: String,
    /// The id of the root access key that a start made or was given; none if it was deleted.
    pub access_key_id: Option<String>,
    /// The secret of the root access key, if this start made it. It is not shown again.
    pub secret: Option<Secret<String>>,
}

/// Why there is no account to serve.
#[derive(Debug, thiserror::Error)]
pub enum BootstrapError {
    /// The account asked for is not one.
    #[error("`{0}` is not an account id, which has 12 digits, and is not AWS's own")]
    NotAnAccount(String),
    /// The store belongs to another account than the one asked for.
    #[error("the store belongs to account `{stored}`, not to `{wanted}`")]
    AnotherAccount {
        /// The account of the store.
        stored: String,
        /// The account asked for.
        wanted: String,
    },
    /// The id given for the root access key cannot be one.
    #[error("the root access key id must have 16 to 128 letters, digits or underscores")]
    BadKeyId,
    /// The secret given for the root access key is too weak, or cannot be one.
    #[error("the root secret access key must have 16 to 128 visible ASCII characters")]
    BadSecret,
    /// The id given for the root access key is somebody else's.
    #[error("access key `{0}` exists and is not the root user's")]
    KeyTaken(String),
    /// A sealed secret does not open.
    #[error("the secret of root access key `{0}` does not open")]
    DamagedKey(String),
    /// Randomness failed.
    #[error(transparent)]
    Random(#[from] RandomFailure),
    /// Sealing failed.
    #[error(transparent)]
    Seal(#[from] SealFailure),
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store cannot be written.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

/// How often a start tries again because another node starts at the same time.
const ATTEMPTS: usize = 16;

/// Makes sure that there is an account with a root access key.
///
/// The first start makes the account, `account` or random digits, and a root access key. Later
/// starts find them. With `root_key` (id and secret) every start makes sure that this is the root
/// access key, active and with this secret, and deletes the one that an earlier start made or was
/// given; keys that the root user made through the API stay.
pub async fn bootstrap(
    store: &Store,
    keyring: &Keyring,
    random: &dyn Random,
    now: Timestamp,
    account: Option<&str>,
    root_key: Option<(String, Secret<String>)>,
) -> Result<Bootstrapped, BootstrapError> {
    check(account, root_key.as_ref())?;
    let start = Start {
        keyring,
        random,
        now,
    };
    let mut attempt = 1;
    loop {
        let mut txn = store.begin();
        let bootstrapped = start.stage(&mut txn, account, root_key.as_ref()).await?;
        if !txn.has_writes() {
            return Ok(bootstrapped);
        }
        match store.commit(txn, None).await {
            Ok(()) => return Ok(bootstrapped),
            Err(CommitError::Conflict(_)) if attempt < ATTEMPTS => attempt += 1,
            Err(error) => return Err(error.into()),
        }
    }
}

/// Refuses what can be refused without a look at the store.
fn check(
    account: Option<&str>,
    root_key: Option<&(String, Secret<String>)>,
) -> Result<(), BootstrapError> {
    if let Some(account) = account
        && !is_account(account)
    {
        return Err(BootstrapError::NotAnAccount(account.to_owned()));
    }
    let Some((id, secret)) = root_key else {
        return Ok(());
    };
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if !(16..=128).contains(&id.len()) || !id.bytes().all(is_word) {
        return Err(BootstrapError::BadKeyId);
    }
    let secret = secret.expose();
    if !(16..=128).contains(&secret.len()) || !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(BootstrapError::BadSecret);
    }
    Ok(())
}

/// What a start works with.
struct Start<'a> {
    keyring: &'a Keyring,
    random: &'a dyn Random,
    now: Timestamp,
}

impl Start<'_> {
    async fn stage(
        &self,
        txn: &mut Txn,
        wanted: Option<&str>,
        root_key: Option<&(String, Secret<String>)>,
    ) -> Result<Bootstrapped, BootstrapError> {
        let home = txn.get::<HomeAccount>(&HomeAccount::key()).await?;
        let name = match (&home, wanted) {
            (Some(home), Some(wanted)) if home.account != wanted => {
                let (stored, wanted) = (home.account.clone(), wanted.to_owned());
                return Err(BootstrapError::AnotherAccount { stored, wanted });
            }
            (Some(home), _) => home.account.clone(),
            (None, Some(wanted)) => wanted.to_owned(),
            (None, None) => ids::account_id(self.random)?,
        };
        let stored = txn.get::<AccountRecord>(&AccountRecord::key(&name)).await?;
        let account = match stored {
            Some(stored) => AccountRecord::clone(&stored),
            None => AccountRecord::new(&name, self.now.whole_secs().millis),
        };
        match root_key {
            Some((id, secret)) => self.ensure_key(txn, account, id, secret).await,
            None if home.is_none() => self.first_key(txn, account),
            None => Ok(found(&account)),
        }
    }

    /// Makes the first root access key, and the account with it.
    fn first_key(
        &self,
        txn: &mut Txn,
        account: AccountRecord,
    ) -> Result<Bootstrapped, BootstrapError> {
        let id = ids::access_key_id(self.random)?;
        let mut secret = ids::secret_access_key(self.random)?;
        self.put_key(txn, &account.account, &id, &secret)?;
        let bootstrapped = put_account(txn, account, id);
        Ok(Bootstrapped {
            secret: Some(Secret::new(std::mem::take(&mut *secret))),
            ..bootstrapped
        })
    }

    /// Makes sure that the root access key that a start made or was given is this one.
    async fn ensure_key(
        &self,
        txn: &mut Txn,
        mut account: AccountRecord,
        id: &str,
        secret: &Secret<String>,
    ) -> Result<Bootstrapped, BootstrapError> {
        let known = txn
            .get::<AccessKeyRecord>(&AccessKeyRecord::key(id))
            .await?;
        let mut unchanged = false;
        if let Some(known) = known {
            if known.account != account.account || known.owner != Owner::Root {
                return Err(BootstrapError::KeyTaken(id.to_owned()));
            }
            let opened = known.secret(self.keyring);
            let opened = opened.map_err(|_| BootstrapError::DamagedKey(id.to_owned()))?;
            unchanged = known.active && opened.ct_eq(secret.expose().as_bytes());
        }
        if !unchanged {
            self.put_key(txn, &account.account, id, secret.expose())?;
        }
        if account.start_key.as_deref() == Some(id) {
            return Ok(if account.root_access_keys.iter().any(|key| key == id) {
                found(&account)
            } else {
                put_account(txn, account, id.to_owned())
            });
        }
        if let Some(replaced) = account.start_key.take() {
            account.root_access_keys.retain(|key| *key != replaced);
            txn.delete::<AccessKeyRecord>(&AccessKeyRecord::key(&replaced));
        }
        Ok(put_account(txn, account, id.to_owned()))
    }

    fn put_key(
        &self,
        txn: &mut Txn,
        account: &str,
        id: &str,
        secret: &str,
    ) -> Result<(), BootstrapError> {
        let (id, account) = (id.to_owned(), account.to_owned());
        let draft = Draft {
            id,
            account,
            owner: Owner::Root,
            now: self.now,
        };
        let key = AccessKeyRecord::new(draft, secret, self.keyring, self.random)?;
        txn.put(AccessKeyRecord::key(&key.id), key);
        Ok(())
    }
}

/// What a start finds that has nothing to make.
fn found(account: &AccountRecord) -> Bootstrapped {
    let key = account.start_key.clone();
    let access_key_id = key.filter(|key| account.root_access_keys.contains(key));
    Bootstrapped {
        account: account.account.clone(),
        access_key_id,
        secret: None,
    }
}

/// Stages the account with `id` as its root access key.
fn put_account(txn: &mut Txn, mut account: AccountRecord, id: String) -> Bootstrapped {
    if !account.root_access_keys.contains(&id) {
        account.root_access_keys.push(id.clone());
    }
    account.start_key = Some(id);
    let bootstrapped = found(&account);
    let home = HomeAccount {
        account: account.account.clone(),
    };
    txn.put(HomeAccount::key(), home);
    txn.put(AccountRecord::key(&account.account), account);
    bootstrapped
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use platform::SeededRandom;
    use store::{Config, Place};

    use super::*;

    #[tokio::test]
    async fn a_start_that_changes_nothing_writes_nothing() {
        let random = Arc::new(SeededRandom::new(1));
        let keyring = Arc::new(Keyring::generate(&*random).unwrap());
        let (keys, source) = (Arc::clone(&keyring), Arc::clone(&random));
        let store = Store::open(Config::new(Place::Memory), keys, source)
            .await
            .unwrap();
        let now = Timestamp::from_secs(1);
        let key = |secret: &str| {
            (
                "AKIAGIVENROOTKEY0001".to_owned(),
                Secret::new(secret.to_owned()),
            )
        };
        let given = Some(key("a-secret-from-outside"));
        let first = bootstrap(&store, &keyring, &*random, now, None, given).await;
        let account = first.ok().map(|first| first.account).unwrap();

        let start = Start {
            keyring: &keyring,
            random: &*random,
            now,
        };
        for (given, writes) in [
            (None, false),
            (Some(key("a-secret-from-outside")), false),
            (Some(key("another-secret-from-outside")), true),
        ] {
            let mut txn = store.begin();
            let found = start.stage(&mut txn, Some(&account), given.as_ref()).await;
            assert!(matches!(found, Ok(found) if found.account == account));
            assert_eq!(txn.has_writes(), writes);
        }
    }
}
