//! The record of a deletion of a service-linked role.

use serde::{Deserialize, Serialize};
use store::{Key, Record};

/// What became of a deletion that was asked for.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct RoleDeletionRecord {
    /// Why the role was not deleted; none if it was.
    pub(crate) failure: Option<RoleInUse>,
}

/// Why a service still needs its role.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct RoleInUse {
    /// For people.
    pub(crate) reason: String,
    /// Where the role is used.
    pub(crate) region: String,
    /// The ARN of what uses it.
    pub(crate) resource: String,
}

impl Record for RoleDeletionRecord {
    const TABLE: &'static str = "iam.role-deletions";
    const SERVICE: &'static str = "iam";
}

impl RoleDeletionRecord {
    /// Where the deletion with this task id is.
    pub(crate) fn key(account: &str, task_id: &str) -> Key {
        Key::new(account, "", [task_id])
    }
}
