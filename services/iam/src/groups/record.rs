//! The record of a group. Who is in a group stands in the records of its users.

use api::iam::Group;
use platform::Ctx;
use serde::{Deserialize, Serialize};
use store::{Key, Record};
use wire::Timestamp;

use crate::permissions::Permissions;
use crate::target::Entity;

/// A group.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct GroupRecord {
    /// The account, 12 digits.
    pub(crate) account: String,
    /// The friendly name, in the case in which it was given.
    pub(crate) name: String,
    /// The path, `/` or `/division/`.
    pub(crate) path: String,
    /// `AGPA..`.
    pub(crate) group_id: String,
    /// When it was made, in milliseconds since 1970.
    pub(crate) created_millis: i64,
    /// What it gives to its users.
    pub(crate) permissions: Permissions,
}

impl Record for GroupRecord {
    const TABLE: &'static str = "iam.groups";
    const SERVICE: &'static str = "iam";
}

impl GroupRecord {
    /// Where the group of this name is. Names do not distinguish case.
    pub(crate) fn key(account: &str, name: &str) -> Key {
        Key::new(account, "", [name.to_ascii_lowercase()])
    }

    /// Where all groups of an account are.
    pub(crate) fn prefix(account: &str) -> Key {
        Key::new(account, "", std::iter::empty::<String>())
    }

    /// The ARN, with the path.
    pub(crate) fn arn(&self) -> String {
        arn(&self.account, &self.path, &self.name)
    }

    /// Stages this version of the group.
    pub(crate) async fn put(self, ctx: &Ctx) {
        ctx.put(Self::key(&self.account, &self.name), self).await;
    }

    /// The group as AWS shows it.
    pub(crate) fn shown(&self) -> Group {
        Group {
            path: Some(self.path.clone()),
            group_name: Some(self.name.clone()),
            group_id: Some(self.group_id.clone()),
            arn: Some(self.arn()),
            create_date: Some(Timestamp {
                millis: self.created_millis,
            }),
        }
    }
}

/// The ARN of a group.
pub(crate) fn arn(account: &str, path: &str, name: &str) -> String {
    format!("arn:aws:iam::{account}:group{path}{name}")
}

impl Entity for GroupRecord {
    const KIND: &'static str = "group";

    fn arn_at(account: &str, path: &str, name: &str) -> String {
        arn(account, path, name)
    }

    fn arn(&self) -> String {
        Self::arn(self)
    }

    fn tags(&self) -> &[(String, String)] {
        &[]
    }
}
