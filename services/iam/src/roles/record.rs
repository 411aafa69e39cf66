//! The record of a role.

use std::sync::Arc;

use platform::{Derived, Error, Result, Role};
use policy::{Policy, PolicyKind};
use serde::{Deserialize, Serialize};
use store::{Key, Record};

use crate::permissions::Permissions;
use crate::target::Entity;

/// A role.
///
/// INVARIANT: account, name, path and unique id never change; sessions remember their role by them.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct RoleRecord {
    /// The account, 12 digits.
    pub(crate) account: String,
    /// The friendly name, in the case in which it was given.
    pub(crate) name: String,
    /// The path, `/` or `/division/`.
    pub(crate) path: String,
    /// `AROA..`.
    pub(crate) role_id: String,
    /// When it was made, in milliseconds since 1970.
    pub(crate) created_millis: i64,
    /// The description; empty where none was given.
    pub(crate) description: String,
    /// The longest session, in seconds.
    pub(crate) max_session_seconds: i32,
    /// The trust policy. The principals of this installation that it names are kept by their
    /// unique ids: a name that somebody takes later is not trusted.
    pub(crate) trust: String,
    /// Keys and values.
    pub(crate) tags: Vec<(String, String)>,
    /// What its sessions may do.
    pub(crate) permissions: Permissions,
    /// The service that a service-linked role is for.
    pub(crate) linked_service: Option<String>,
    #[serde(skip)]
    pub(crate) assumable: Derived<Arc<Role>>,
}

impl Record for RoleRecord {
    const TABLE: &'static str = "iam.roles";
    const SERVICE: &'static str = "iam";
}

impl RoleRecord {
    /// Where the role of this name is. Names do not distinguish case.
    pub(crate) fn key(account: &str, name: &str) -> Key {
        Key::new(account, "", [name.to_ascii_lowercase()])
    }

    /// Where all roles of an account are.
    pub(crate) fn prefix(account: &str) -> Key {
        Key::new(account, "", std::iter::empty::<String>())
    }

    /// The ARN, with the path.
    pub(crate) fn arn(&self) -> String {
        arn(&self.account, &self.path, &self.name)
    }

    /// The role as STS needs it. A trust policy that is not understood today fails the call.
    pub(crate) fn assumable(&self) -> Result<Arc<Role>> {
        let make = || {
            let trust = Policy::parse(&self.trust, PolicyKind::Trust).map_err(|malformed| {
                let detail = malformed.detail();
                Error::internal(format!("a stored trust policy is malformed: {detail}"))
            })?;
            Ok(Arc::new(Role {
                arn: self.arn(),
                account: self.account.clone(),
                name: self.name.clone(),
                role_id: self.role_id.clone(),
                trust,
                max_session_seconds: self.max_session_seconds,
                tags: self.tags.clone(),
            }))
        };
        self.assumable.get_or_make(make).cloned()
    }
}

/// The ARN of a role.
pub(crate) fn arn(account: &str, path: &str, name: &str) -> String {
    format!("arn:aws:iam::{account}:role{path}{name}")
}

impl Entity for RoleRecord {
    const KIND: &'static str = "role";

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
