//! Users with their inline policies.

use api::iam::{EntityAlreadyExistsException, NoSuchEntityException, User};
use platform::{Ctx, Error, Result};
use serde::{Deserialize, Serialize};
use store::{DecodeError, Key, Migrate, OldFormat, Record};
use wire::Timestamp;

use crate::attachments;
use crate::permissions::{InlinePolicy, Permissions};
use crate::tags;
use crate::target::Entity;
use crate::unique_ids;

/// A user.
///
/// INVARIANT: account and unique id never change. Access keys remember who their user is by name,
/// path and unique id, so whoever renames a user rewrites them.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct UserRecord {
    /// The account, 12 digits.
    pub(crate) account: String,
    /// The friendly name, in the case in which it was given.
    pub(crate) name: String,
    /// The path, `/` or `/division/`.
    pub(crate) path: String,
    /// `AIDA..`.
    pub(crate) user_id: String,
    /// When it was made, in milliseconds since 1970.
    pub(crate) created_millis: i64,
    /// Keys and values.
    pub(crate) tags: Vec<(String, String)>,
    /// What it may do beside what its groups give it.
    pub(crate) permissions: Permissions,
    /// The ids of the access keys.
    pub(crate) access_keys: Vec<String>,
    /// The names of its groups, in lower case.
    pub(crate) groups: Vec<String>,
}

impl Record for UserRecord {
    const TABLE: &'static str = "iam.users";
    const SERVICE: &'static str = "iam";
    const FORMAT: u8 = 2;

    fn decode_older(format: u8, bytes: &[u8]) -> Result<Self, DecodeError> {
        Self::decode_previous(format, bytes)
    }
}

/// A user with inline policies alone.
#[derive(Serialize, Deserialize)]
pub(crate) struct UserRecordV1 {
    account: String,
    name: String,
    path: String,
    user_id: String,
    created_millis: i64,
    tags: Vec<(String, String)>,
    policies: Vec<InlinePolicy>,
    access_keys: Vec<String>,
}

impl OldFormat for UserRecordV1 {
    const FORMAT: u8 = 1;
}

impl Migrate for UserRecord {
    type Previous = UserRecordV1;

    fn migrate(previous: UserRecordV1) -> Self {
        Self {
            account: previous.account,
            name: previous.name,
            path: previous.path,
            user_id: previous.user_id,
            created_millis: previous.created_millis,
            tags: previous.tags,
            permissions: Permissions {
                inline: previous.policies,
                ..Permissions::default()
            },
            access_keys: previous.access_keys,
            groups: Vec::new(),
        }
    }
}

impl UserRecord {
    /// Where the user of this name is. Names do not distinguish case.
    pub(crate) fn key(account: &str, name: &str) -> Key {
        Key::new(account, "", [name.to_ascii_lowercase()])
    }

    /// Where all users of an account are.
    pub(crate) fn prefix(account: &str) -> Key {
        Key::new(account, "", std::iter::empty::<String>())
    }

    /// The ARN, with the path.
    pub(crate) fn arn(&self) -> String {
        arn(&self.account, &self.path, &self.name)
    }

    /// Stages a user that is new or has another name or path.
    pub(crate) async fn put_named(self, ctx: &Ctx) {
        {
            let (_, mut txn) = ctx.directory().await;
            unique_ids::note(&mut txn, &self.user_id, self.arn());
        }
        self.put(ctx).await;
    }

    /// Stages this version of the user.
    pub(crate) async fn put(self, ctx: &Ctx) {
        ctx.put(Self::key(&self.account, &self.name), self).await;
    }

    /// The user as lists show it: without tags.
    pub(crate) fn listed(&self) -> User {
        User {
            path: Some(self.path.clone()),
            user_name: Some(self.name.clone()),
            user_id: Some(self.user_id.clone()),
            arn: Some(self.arn()),
            create_date: Some(Timestamp {
                millis: self.created_millis,
            }),
            ..User::default()
        }
    }

    /// The user with everything that may be shown.
    pub(crate) fn described(&self) -> User {
        User {
            tags: tags::shown_if_any(&self.tags),
            permissions_boundary: attachments::shown_boundary(&self.permissions),
            ..self.listed()
        }
    }
}

impl Entity for UserRecord {
    const KIND: &'static str = "user";

    fn arn_at(account: &str, path: &str, name: &str) -> String {
        arn(account, path, name)
    }

    fn arn(&self) -> String {
        Self::arn(self)
    }

    fn tags(&self) -> &[(String, String)] {
        &self.tags
    }

    fn boundary(&self) -> Option<&str> {
        self.permissions.boundary.as_deref()
    }
}

/// The ARN of a user.
pub(crate) fn arn(account: &str, path: &str, name: &str) -> String {
    format!("arn:aws:iam::{account}:user{path}{name}")
}

/// Refuses a name that another user of the caller's account has.
pub(crate) async fn check_free(ctx: &Ctx, name: &str) -> Result<()> {
    let key = UserRecord::key(ctx.account(), name);
    if ctx.get::<UserRecord>(&key).await?.is_none() {
        return Ok(());
    }
    let message = format!("User with name {name} already exists.");
    Err(EntityAlreadyExistsException::new(message).into())
}

/// AWS's answer that a user has no inline policy of this name.
pub(crate) fn no_such_policy(name: &str) -> Error {
    NoSuchEntityException::new(format!("The user policy with name {name} cannot be found.")).into()
}

#[cfg(test)]
mod tests {
    use store::record::{decode, encode};

    use super::*;

    impl Record for UserRecordV1 {
        const TABLE: &'static str = <UserRecord as Record>::TABLE;
        const SERVICE: &'static str = <UserRecord as Record>::SERVICE;
    }

    #[test]
    fn a_user_of_format_1_keeps_everything() {
        let text = str::to_owned;
        let old = UserRecordV1 {
            account: text("111122223333"),
            name: text("Alice"),
            path: text("/a/"),
            user_id: text("AIDAAAAAAAAAAAAAAAAAA"),
            created_millis: 1_767_225_600_000,
            tags: vec![(text("k"), text("v"))],
            policies: vec![InlinePolicy {
                name: text("p"),
                document: text("{}"),
            }],
            access_keys: vec![text("AKIAAAAAAAAAAAAAAAAA")],
        };
        let key = UserRecord::key("111122223333", "Alice");
        let bytes = encode(&key, &old).unwrap();
        let (found, user) = decode::<UserRecord>(&bytes).unwrap();
        assert!(found == key);
        assert_eq!(user.arn(), "arn:aws:iam::111122223333:user/a/Alice");
        assert_eq!(user.user_id, "AIDAAAAAAAAAAAAAAAAAA");
        assert_eq!(user.created_millis, 1_767_225_600_000);
        assert_eq!(user.tags, [(text("k"), text("v"))]);
        let inline = user.permissions.inline.iter();
        let inline: Vec<_> = inline.map(|one| (&*one.name, &*one.document)).collect();
        assert_eq!(inline, [("p", "{}")]);
        assert!(user.permissions.attached.is_empty() && user.permissions.boundary.is_none());
        assert_eq!(user.access_keys, ["AKIAAAAAAAAAAAAAAAAA"]);
        assert!(user.groups.is_empty());

        // What is written now is read as it is.
        let again = encode(&key, &user).unwrap();
        assert!(again != bytes);
        let (_, again) = decode::<UserRecord>(&again).unwrap();
        assert_eq!(
            (again.name, again.access_keys),
            (user.name, user.access_keys)
        );
    }
}
