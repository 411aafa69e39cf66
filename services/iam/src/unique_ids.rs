//! Which user or role has a unique id. Policies keep principals by their ids and are shown with
//! their ARNs.
//!
//! INVARIANT: every user and role has its line here, from its making to its end. Without it, each
//! name that a policy keeps of somebody who is gone would cost a search through the account.

use platform::Result;
use serde::{Deserialize, Serialize};
use store::{Key, Record, Txn};

use crate::binding;

/// Where the user or role with a unique id is.
#[derive(Serialize, Deserialize)]
struct PrincipalOfId {
    /// The present ARN.
    arn: String,
}

impl Record for PrincipalOfId {
    const TABLE: &'static str = "iam.unique-ids";
    const SERVICE: &'static str = "iam";
}

impl PrincipalOfId {
    fn key(unique_id: &str) -> Key {
        Key::new("", "", [unique_id])
    }
}

/// Stages that the user or role with this unique id has this ARN from now on.
pub(crate) fn note(txn: &mut Txn, unique_id: &str, arn: String) {
    txn.put(PrincipalOfId::key(unique_id), PrincipalOfId { arn });
}

/// Stages that nobody has this unique id any more.
pub(crate) fn forget(txn: &mut Txn, unique_id: &str) {
    txn.delete::<PrincipalOfId>(&PrincipalOfId::key(unique_id));
}

/// The present ARN of the user or role with this unique id, if it exists.
pub(crate) async fn arn(txn: &mut Txn, unique_id: &str) -> Result<Option<String>> {
    let key = PrincipalOfId::key(unique_id);
    let Some(known) = txn.get::<PrincipalOfId>(&key).await? else {
        return Ok(None);
    };
    let present = binding::unique_id(txn, &known.arn).await?;
    let is_present = present.as_deref() == Some(unique_id);
    Ok(is_present.then(|| known.arn.clone()))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crypto::{Keyring, Random};
    use platform::SeededRandom;
    use store::{Config, Place, Store};

    use super::*;
    use crate::permissions::Permissions;
    use crate::users::UserRecord;

    fn user(name: &str, user_id: &str) -> UserRecord {
        UserRecord {
            account: "111122223333".to_owned(),
            name: name.to_owned(),
            path: "/".to_owned(),
            user_id: user_id.to_owned(),
            created_millis: 0,
            tags: Vec::new(),
            permissions: Permissions::default(),
            access_keys: Vec::new(),
            groups: Vec::new(),
        }
    }

    fn put(txn: &mut Txn, user: UserRecord) {
        note(txn, &user.user_id, user.arn());
        txn.put(UserRecord::key(&user.account, &user.name), user);
    }

    /// A search would conflict with every other call that makes a user meanwhile.
    #[tokio::test]
    async fn sec_i16_who_is_gone_is_not_searched_for() {
        let random = Arc::new(SeededRandom::new(1));
        let keyring = Arc::new(Keyring::generate(&*random).unwrap());
        let random = random as Arc<dyn Random>;
        let store = Store::open(Config::new(Place::Memory), keyring, random);
        let store = store.await.unwrap();
        let mut txn = store.begin();
        put(&mut txn, user("alice", "AIDA1"));
        put(&mut txn, user("bob", "AIDA2"));
        store.commit(txn, None).await.unwrap();
        let mut txn = store.begin();
        let bob = UserRecord::key("111122223333", "bob");
        txn.delete::<UserRecord>(&bob);
        forget(&mut txn, "AIDA2");
        store.commit(txn, None).await.unwrap();

        let mut reading = store.begin();
        let mut found = Vec::new();
        for id in ["AIDA1", "AIDA2", "AIDA3"] {
            found.push(arn(&mut reading, id).await.unwrap_or_else(|_| panic!()));
        }
        let alice = "arn:aws:iam::111122223333:user/alice".to_owned();
        assert_eq!(found, [Some(alice), None, None]);
        put(&mut reading, user("dan", "AIDA5"));

        let mut other = store.begin();
        put(&mut other, user("carol", "AIDA4"));
        store.commit(other, None).await.unwrap();
        assert!(store.commit(reading, None).await.is_ok());
    }
}
