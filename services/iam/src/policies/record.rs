//! The records of managed policies.

use std::sync::Arc;

use api::iam::NoSuchEntityException;
use platform::{Ctx, Derived, Error, NamedPolicy, Result};
use serde::{Deserialize, Serialize};
use store::{Key, Record};

use crate::permissions::parse_stored;
use crate::target::Entity;

/// A managed policy of an account.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ManagedPolicyRecord {
    /// The account, 12 digits.
    pub(crate) account: String,
    /// The friendly name, in the case in which it was given.
    pub(crate) name: String,
    /// The path, `/` or `/division/`.
    pub(crate) path: String,
    /// `ANPA..`.
    pub(crate) policy_id: String,
    /// When it was made, in milliseconds since 1970.
    pub(crate) created_millis: i64,
    /// When its versions last changed, in milliseconds since 1970.
    pub(crate) updated_millis: i64,
    /// The description; empty where none was given.
    pub(crate) description: String,
    /// Keys and values.
    pub(crate) tags: Vec<(String, String)>,
    /// The number of the version that counts.
    pub(crate) default_version: u32,
    /// The number that the next version gets.
    pub(crate) next_version: u32,
    /// The versions, oldest first.
    pub(crate) versions: Vec<PolicyVersionRecord>,
    #[serde(skip)]
    parsed: Derived<Arc<NamedPolicy>>,
}

/// A version of a managed policy.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct PolicyVersionRecord {
    /// 1 of `v1`.
    pub(crate) number: u32,
    /// The JSON text, as it was given.
    pub(crate) document: String,
    /// When it was made, in milliseconds since 1970.
    pub(crate) created_millis: i64,
}

/// What is known about a policy when it is made.
pub(crate) struct PolicyDraft {
    /// The account, 12 digits.
    pub(crate) account: String,
    /// The friendly name.
    pub(crate) name: String,
    /// The path.
    pub(crate) path: String,
    /// `ANPA..`.
    pub(crate) policy_id: String,
    /// The description.
    pub(crate) description: String,
    /// Keys and values.
    pub(crate) tags: Vec<(String, String)>,
    /// The first version's JSON text.
    pub(crate) document: String,
    /// The time, in milliseconds since 1970.
    pub(crate) now_millis: i64,
}

impl Record for ManagedPolicyRecord {
    const TABLE: &'static str = "iam.policies";
    const SERVICE: &'static str = "iam";
}

impl ManagedPolicyRecord {
    /// Where the policy of this name is. Names do not distinguish case, nor does the path.
    pub(crate) fn key(account: &str, name: &str) -> Key {
        Key::new(account, "", [name.to_ascii_lowercase()])
    }

    /// Where all policies of an account are.
    pub(crate) fn prefix(account: &str) -> Key {
        Key::new(account, "", std::iter::empty::<String>())
    }

    /// A policy with its first version.
    pub(crate) fn new(draft: PolicyDraft) -> Self {
        let first = PolicyVersionRecord {
            number: 1,
            document: draft.document,
            created_millis: draft.now_millis,
        };
        Self {
            account: draft.account,
            name: draft.name,
            path: draft.path,
            policy_id: draft.policy_id,
            created_millis: draft.now_millis,
            updated_millis: draft.now_millis,
            description: draft.description,
            tags: draft.tags,
            default_version: 1,
            next_version: 2,
            versions: vec![first],
            parsed: Derived::default(),
        }
    }

    /// The ARN, with the path.
    pub(crate) fn arn(&self) -> String {
        arn(&self.account, &self.path, &self.name)
    }

    /// Stages this version of the record.
    pub(crate) async fn put(self, ctx: &Ctx) {
        ctx.put(Self::key(&self.account, &self.name), self).await;
    }

    /// The version of this number.
    pub(crate) fn version(&self, number: u32) -> Option<&PolicyVersionRecord> {
        self.versions
            .iter()
            .find(|version| version.number == number)
    }

    /// The default version, parsed.
    pub(crate) fn policy(&self) -> Result<Arc<NamedPolicy>> {
        let parse = || {
            let version = self.version(self.default_version);
            let version = version.ok_or_else(|| Error::dangling("a default version"))?;
            parse_stored(&self.arn(), &version.document).map(Arc::new)
        };
        self.parsed.get_or_make(parse).cloned()
    }
}

impl Entity for ManagedPolicyRecord {
    const KIND: &'static str = "policy";

    fn arn_at(account: &str, path: &str, name: &str) -> String {
        arn(account, path, name)
    }

    fn arn(&self) -> String {
        Self::arn(self)
    }

    fn tags(&self) -> &[(String, String)] {
        &self.tags
    }

    /// Policies are named by their ARNs.
    fn absent(arn: &str) -> wire::Fault {
        NoSuchEntityException::new(format!("Policy {arn} was not found."))
    }
}

/// The ARN of a managed policy.
pub(crate) fn arn(account: &str, path: &str, name: &str) -> String {
    format!("arn:aws:iam::{account}:policy{path}{name}")
}

/// How often an account uses a managed policy, be it its own or one that AWS manages.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct PolicyUse {
    /// To how many users, groups and roles it is attached.
    pub(crate) attachments: u32,
    /// For how many users and roles it is the permissions boundary.
    pub(crate) boundaries: u32,
}

impl Record for PolicyUse {
    const TABLE: &'static str = "iam.policy-use";
    const SERVICE: &'static str = "iam";
}

impl PolicyUse {
    /// Where the use of the policy of this ARN by `account` is.
    pub(crate) fn key(account: &str, policy_arn: &str) -> Key {
        Key::new(account, "", [policy_arn])
    }

    /// How often the caller's account uses the policy of this ARN.
    pub(crate) async fn of(ctx: &Ctx, policy_arn: &str) -> Result<Self> {
        let found = ctx
            .get::<Self>(&Self::key(ctx.account(), policy_arn))
            .await?;
        Ok(found.map(|found| Self::clone(&found)).unwrap_or_default())
    }
}
