//! Users with their inline policies.

use std::sync::Arc;

use api::iam::{NoSuchEntityException, Tag, User};
use platform::{Ctx, Derived, Error, IdentityPolicy, Result};
use policy::{Policy, PolicyKind};
use serde::{Deserialize, Serialize};
use store::{Key, Record};
use wire::Timestamp;

/// A user.
///
/// INVARIANT: account, name, path and unique id never change; access keys remember who their user
/// is by them.
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
    /// The inline policies.
    pub(crate) policies: Vec<InlinePolicy>,
    /// The ids of the access keys.
    pub(crate) access_keys: Vec<String>,
    #[serde(skip)]
    pub(crate) parsed: Derived<Arc<[IdentityPolicy]>>,
}

/// A policy that lives in a user's record.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct InlinePolicy {
    /// The name, in the case in which it was given.
    pub(crate) name: String,
    /// The JSON text, as it was given.
    pub(crate) document: String,
}

impl Record for UserRecord {
    const TABLE: &'static str = "iam.users";
    const SERVICE: &'static str = "iam";
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

    /// The identity-based policies. A document that was accepted once and is not understood today
    /// fails the call: leaving it out could leave out a denial.
    pub(crate) fn identity_policies(&self) -> Result<Arc<[IdentityPolicy]>> {
        let parse = || self.policies.iter().map(InlinePolicy::parse).collect();
        self.parsed.get_or_make(parse).cloned()
    }

    /// Where in `policies` the one of this name is. Names do not distinguish case.
    pub(crate) fn policy_index(&self, name: &str) -> Option<usize> {
        self.policies
            .iter()
            .position(|policy| policy.name.eq_ignore_ascii_case(name))
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
        let tag = |(key, value): &(String, String)| Tag {
            key: key.clone(),
            value: value.clone(),
        };
        let tags = (!self.tags.is_empty()).then(|| self.tags.iter().map(tag).collect());
        User {
            tags,
            ..self.listed()
        }
    }
}

impl InlinePolicy {
    fn parse(&self) -> Result<IdentityPolicy> {
        let policy = Policy::parse(&self.document, PolicyKind::Identity);
        let policy = policy.map_err(|malformed| {
            Error::internal(format!(
                "a stored policy is malformed: {}",
                malformed.detail()
            ))
        })?;
        Ok(IdentityPolicy {
            name: self.name.clone(),
            policy,
        })
    }
}

/// The ARN of a user.
pub(crate) fn arn(account: &str, path: &str, name: &str) -> String {
    format!("arn:aws:iam::{account}:user{path}{name}")
}

/// AWS's answer that a user has no inline policy of this name.
pub(crate) fn no_such_policy(name: &str) -> Error {
    NoSuchEntityException::new(format!("The user policy with name {name} cannot be found.")).into()
}
