//! What the request pipeline asks about callers.

use std::sync::Arc;

use crypto::Keyring;
use platform::{
    Caller, CallerKind, Credential, Credentials, IdentityPolicy, Policies, PortFuture, Result,
};
use store::Txn;

use crate::access_key::{AccessKeyRecord, Owner};
use crate::account::AccountRecord;
use crate::user::UserRecord;

/// The longest access key id there is.
const MAX_ID_LENGTH: usize = 128;

/// Access keys and policies, out of the store.
///
/// It keeps nothing itself: credentials and parsed policies stay with the records that the store
/// keeps in memory, so that a deactivated key and a changed policy count at once.
pub struct Identities {
    keyring: Arc<Keyring>,
}

impl Identities {
    /// Opens secrets of access keys with `keyring`.
    pub fn new(keyring: Arc<Keyring>) -> Self {
        Self { keyring }
    }
}

impl Credentials for Identities {
    fn find<'a>(
        &'a self,
        txn: &'a mut Txn,
        access_key_id: &'a str,
    ) -> PortFuture<'a, Option<Arc<Credential>>> {
        Box::pin(async move {
            if access_key_id.is_empty() || access_key_id.len() > MAX_ID_LENGTH {
                return Ok(None);
            }
            let key = txn
                .get::<AccessKeyRecord>(&AccessKeyRecord::key(access_key_id))
                .await?;
            let Some(key) = key.filter(|key| key.active) else {
                return Ok(None);
            };
            if let Owner::User { name, user_id, .. } = &key.owner
                && user(txn, &key.account, name, user_id).await?.is_none()
            {
                return Ok(None);
            }
            key.credential(&self.keyring).map(Some)
        })
    }
}

impl Policies for Identities {
    fn identity<'a>(
        &'a self,
        txn: &'a mut Txn,
        caller: &'a Caller,
    ) -> PortFuture<'a, Arc<[IdentityPolicy]>> {
        Box::pin(policies(txn, caller))
    }

    fn exists<'a>(&'a self, txn: &'a mut Txn, principal_arn: &'a str) -> PortFuture<'a, bool> {
        Box::pin(exists(txn, principal_arn))
    }
}

async fn policies(txn: &mut Txn, caller: &Caller) -> Result<Arc<[IdentityPolicy]>> {
    let CallerKind::User { name } = &caller.kind else {
        return Ok(Arc::new([]));
    };
    match user(txn, &caller.account, name, &caller.user_id).await? {
        Some(user) => user.identity_policies(),
        None => Ok(Arc::new([])),
    }
}

/// There are users and root users so far; a role's ARN names nobody.
async fn exists(txn: &mut Txn, principal_arn: &str) -> Result<bool> {
    let rest = principal_arn.strip_prefix("arn:aws:iam::");
    let Some((account, resource)) = rest.and_then(|rest| rest.split_once(':')) else {
        return Ok(false);
    };
    if resource == "root" {
        let found = txn
            .get::<AccountRecord>(&AccountRecord::key(account))
            .await?;
        return Ok(found.is_some());
    }
    let Some((_, name)) = resource.rsplit_once('/') else {
        return Ok(false);
    };
    let found = txn
        .get::<UserRecord>(&UserRecord::key(account, name))
        .await?;
    Ok(found.is_some_and(|user| user.arn() == principal_arn))
}

/// The user, if it is still the one with this unique id: one that was made later under the same
/// name inherits nothing.
async fn user(
    txn: &mut Txn,
    account: &str,
    name: &str,
    user_id: &str,
) -> Result<Option<Arc<UserRecord>>> {
    let found = txn
        .get::<UserRecord>(&UserRecord::key(account, name))
        .await?;
    Ok(found.filter(|user| user.user_id == user_id))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crypto::Random;
    use platform::SeededRandom;
    use store::{Config, Place, Store};
    use wire::Timestamp;

    use super::*;
    use crate::access_key::Draft;
    use crate::user::InlinePolicy;
    use platform::Derived;

    const ACCOUNT: &str = "111122223333";

    fn alice(user_id: &str, document: &str) -> UserRecord {
        let policy = InlinePolicy {
            name: "p".to_owned(),
            document: document.to_owned(),
        };
        UserRecord {
            account: ACCOUNT.to_owned(),
            name: "Alice".to_owned(),
            path: "/".to_owned(),
            user_id: user_id.to_owned(),
            created_millis: 0,
            tags: Vec::new(),
            policies: vec![policy],
            access_keys: Vec::new(),
            parsed: Derived::default(),
        }
    }

    /// A store with `user` and a key of the user with the id `owner`.
    async fn fixture(user: UserRecord, owner: &str) -> (Store, Identities) {
        let random = Arc::new(SeededRandom::new(1));
        let keyring = Arc::new(Keyring::generate(&*random).unwrap());
        let draft = Draft {
            id: "AKIAALICE".to_owned(),
            account: ACCOUNT.to_owned(),
            owner: Owner::user(&alice(owner, "")),
            now: Timestamp::from_secs(0),
        };
        let key = AccessKeyRecord::new(draft, "secret", &keyring, &*random).unwrap();
        let (keys, random) = (Arc::clone(&keyring), random as Arc<dyn Random>);
        let store = Store::open(Config::new(Place::Memory), keys, random)
            .await
            .unwrap();
        let mut txn = store.begin();
        txn.put(UserRecord::key(ACCOUNT, &user.name), user);
        txn.put(AccessKeyRecord::key(&key.id), key);
        store.commit(txn, None).await.unwrap();
        (store, Identities::new(keyring))
    }

    const ALLOW: &str =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;

    /// How many policies a caller has, or `None` for a failure.
    async fn policies_of(store: &Store, identities: &Identities, user_id: &str) -> Option<usize> {
        let caller = Caller {
            account: ACCOUNT.to_owned(),
            arn: format!("arn:aws:iam::{ACCOUNT}:user/Alice"),
            user_id: user_id.to_owned(),
            kind: CallerKind::User {
                name: "Alice".to_owned(),
            },
            access_key_id: "AKIAALICE".to_owned(),
        };
        let held = identities.identity(&mut store.begin(), &caller).await;
        held.ok().map(|held| held.len())
    }

    async fn finds(store: &Store, identities: &Identities) -> bool {
        matches!(
            identities.find(&mut store.begin(), "AKIAALICE").await,
            Ok(Some(_))
        )
    }

    #[tokio::test]
    async fn a_user_is_who_has_the_unique_id_not_the_name() {
        let (store, identities) = fixture(alice("AIDA2", ALLOW), "AIDA2").await;
        assert!(finds(&store, &identities).await);
        assert_eq!(policies_of(&store, &identities, "AIDA2").await, Some(1));
        assert_eq!(policies_of(&store, &identities, "AIDA1").await, Some(0));
        let (store, identities) = fixture(alice("AIDA2", ALLOW), "AIDA1").await;
        assert!(!finds(&store, &identities).await);
    }

    #[tokio::test]
    async fn a_stored_policy_that_is_not_understood_fails_the_call() {
        let (store, identities) = fixture(alice("AIDA1", "{"), "AIDA1").await;
        assert_eq!(policies_of(&store, &identities, "AIDA1").await, None);
    }
}
