//! Access keys. Their secrets are sealed once more inside their sealed records.

use std::sync::Arc;

use api::iam::{AccessKeyMetadata, StatusType};
use crypto::{Keyring, Random, SealFailure, Secret};
use platform::{Caller, CallerKind, Credential, Ctx, Derived, Error, Result};
use serde::{Deserialize, Serialize};
use store::{DecodeError, Key, Migrate, OldFormat, Record};
use wire::Timestamp;

use crate::users::record::UserRecord;

/// The most access keys that a user, or the root user, may have ("IAM and AWS STS quotas").
pub(crate) const QUOTA: usize = 2;

/// An access key.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct AccessKeyRecord {
    /// `AKIA..`.
    pub(crate) id: String,
    /// The account, 12 digits.
    pub(crate) account: String,
    /// Who signs with it.
    pub(crate) owner: Owner,
    /// Whether it may sign.
    pub(crate) active: bool,
    /// When it was made, in milliseconds since 1970.
    pub(crate) created_millis: i64,
    /// When it was made, or its status last changed, in milliseconds since 1970.
    pub(crate) changed_millis: i64,
    /// The secret access key, sealed.
    sealed_secret: Vec<u8>,
    #[serde(skip)]
    credential: Derived<Arc<Credential>>,
}

/// Whose access key it is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Owner {
    /// The account's root user.
    Root,
    /// A user.
    User {
        /// The friendly name.
        name: String,
        /// `AIDA..`; a user of the same name that is made later has another one.
        user_id: String,
        /// The ARN.
        arn: String,
    },
}

/// What is known about a key before it has a secret.
pub(crate) struct Draft {
    /// `AKIA..`.
    pub(crate) id: String,
    /// The account, 12 digits.
    pub(crate) account: String,
    /// Who signs with it.
    pub(crate) owner: Owner,
    /// The time.
    pub(crate) now: Timestamp,
}

impl Record for AccessKeyRecord {
    const TABLE: &'static str = "iam.access-keys";
    const SERVICE: &'static str = "iam";
    const FORMAT: u8 = 2;

    fn decode_older(format: u8, bytes: &[u8]) -> std::result::Result<Self, DecodeError> {
        Self::decode_previous(format, bytes)
    }
}

/// An access key that does not know when its status changed.
#[derive(Serialize, Deserialize)]
pub(crate) struct AccessKeyRecordV1 {
    id: String,
    account: String,
    owner: Owner,
    active: bool,
    created_millis: i64,
    sealed_secret: Vec<u8>,
}

impl OldFormat for AccessKeyRecordV1 {
    const FORMAT: u8 = 1;
}

impl Migrate for AccessKeyRecord {
    type Previous = AccessKeyRecordV1;

    fn migrate(previous: AccessKeyRecordV1) -> Self {
        Self {
            id: previous.id,
            account: previous.account,
            owner: previous.owner,
            active: previous.active,
            created_millis: previous.created_millis,
            changed_millis: previous.created_millis,
            sealed_secret: previous.sealed_secret,
            credential: Derived::default(),
        }
    }
}

impl AccessKeyRecord {
    /// Where the key of this id is: ids are unique among all accounts.
    pub(crate) fn key(id: &str) -> Key {
        Key::new("", "", [id])
    }

    /// An active key with this secret.
    pub(crate) fn new(
        draft: Draft,
        secret: &str,
        keyring: &Keyring,
        random: &dyn Random,
    ) -> std::result::Result<Self, SealFailure> {
        let Draft {
            id,
            account,
            owner,
            now,
        } = draft;
        let key = keyring.record_key(&account, Self::SERVICE);
        let sealed_secret = key.seal(&secret_aad(&account, &id), secret.as_bytes(), random)?;
        let (created_millis, credential) = (now.whole_secs().millis, Derived::default());
        Ok(Self {
            id,
            account,
            owner,
            active: true,
            created_millis,
            changed_millis: created_millis,
            sealed_secret,
            credential,
        })
    }

    /// The secret access key.
    pub(crate) fn secret(&self, keyring: &Keyring) -> Result<Secret<String>> {
        let key = keyring.record_key(&self.account, Self::SERVICE);
        let opened = key
            .open(&secret_aad(&self.account, &self.id), &self.sealed_secret)
            .map_err(Error::internal)?;
        let text = std::str::from_utf8(&opened).map_err(Error::internal)?;
        Ok(Secret::new(text.to_owned()))
    }

    /// What verifies signatures of this key; it remembers derived signing keys as long as this
    /// record stands.
    pub(crate) fn credential(&self, keyring: &Keyring) -> Result<Arc<Credential>> {
        let credential = self.credential.get_or_make(|| {
            let caller = Arc::new(self.caller());
            Ok(Arc::new(Credential::new(caller, self.secret(keyring)?)))
        });
        credential.cloned()
    }

    fn caller(&self) -> Caller {
        match &self.owner {
            Owner::Root => Caller::root(&self.account, &self.id),
            Owner::User { name, user_id, arn } => Caller {
                account: self.account.clone(),
                arn: arn.clone(),
                user_id: user_id.clone(),
                kind: CallerKind::User { name: name.clone() },
                access_key_id: self.id.clone(),
                session: None,
            },
        }
    }

    /// Stages this version of the key.
    pub(crate) async fn put(self, ctx: &Ctx) {
        ctx.put(Self::key(&self.id), self).await;
    }

    /// Whether it may sign, as AWS writes it.
    pub(crate) fn status(&self) -> StatusType {
        if self.active {
            StatusType::Active
        } else {
            StatusType::Inactive
        }
    }

    /// The key as lists show it.
    pub(crate) fn listed(&self) -> AccessKeyMetadata {
        AccessKeyMetadata {
            user_name: self.owner.user_name(),
            access_key_id: Some(self.id.clone()),
            status: Some(self.status()),
            create_date: Some(Timestamp {
                millis: self.created_millis,
            }),
        }
    }
}

impl Owner {
    /// The owner that a user is.
    pub(crate) fn user(user: &UserRecord) -> Self {
        let (name, user_id) = (user.name.clone(), user.user_id.clone());
        Self::User {
            name,
            user_id,
            arn: user.arn(),
        }
    }

    /// The friendly name; the root user has none.
    pub(crate) fn user_name(&self) -> Option<String> {
        match self {
            Self::Root => None,
            Self::User { name, .. } => Some(name.clone()),
        }
    }
}

/// Binds a sealed secret to its key, so that it opens nowhere else.
fn secret_aad(account: &str, id: &str) -> Vec<u8> {
    format!("secret access key of {id} in {account}").into_bytes()
}

#[cfg(test)]
mod tests {
    use platform::SeededRandom;
    use store::record::{decode, encode};

    use super::*;

    #[test]
    fn a_secret_opens_only_in_its_own_record() {
        let random = SeededRandom::new(5);
        let keyring = Keyring::generate(&random).unwrap();
        let draft = |id: &str, account: &str| Draft {
            id: id.to_owned(),
            account: account.to_owned(),
            owner: Owner::Root,
            now: Timestamp::from_secs(0),
        };
        let key = draft("AKIAONE", "111122223333");
        let key = AccessKeyRecord::new(key, "open sesame", &keyring, &random).unwrap();
        let opens = |key: &AccessKeyRecord| {
            let secret = key.secret(&keyring).ok();
            secret.is_some_and(|secret| secret.ct_eq(b"open sesame"))
        };
        assert!(opens(&key));
        assert!(!key.sealed_secret.windows(4).any(|window| window == b"open"));
        for (id, account) in [("AKIATWO", "111122223333"), ("AKIAONE", "444455556666")] {
            let other = draft(id, account);
            let mut other = AccessKeyRecord::new(other, "else", &keyring, &random).unwrap();
            other.sealed_secret.clone_from(&key.sealed_secret);
            assert!(!opens(&other), "{id} {account}");
        }
    }

    impl Record for AccessKeyRecordV1 {
        const TABLE: &'static str = <AccessKeyRecord as Record>::TABLE;
        const SERVICE: &'static str = <AccessKeyRecord as Record>::SERVICE;
    }

    #[test]
    fn a_key_of_format_1_changed_last_when_it_was_made() {
        let old = AccessKeyRecordV1 {
            id: "AKIAONE".to_owned(),
            account: "111122223333".to_owned(),
            owner: Owner::Root,
            active: false,
            created_millis: 1_767_225_600_000,
            sealed_secret: vec![1, 2, 3],
        };
        let key = AccessKeyRecord::key("AKIAONE");
        let bytes = encode(&key, &old).unwrap();
        let (found, new) = decode::<AccessKeyRecord>(&bytes).unwrap();
        assert!(found == key && new.owner == Owner::Root && !new.active);
        assert_eq!((&*new.id, &*new.account), ("AKIAONE", "111122223333"));
        assert_eq!(new.created_millis, 1_767_225_600_000);
        assert_eq!(new.changed_millis, 1_767_225_600_000);
        assert_eq!(new.sealed_secret, [1, 2, 3]);
    }
}
