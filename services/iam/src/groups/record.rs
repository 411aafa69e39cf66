//! The record of a group. Who is in a group stands in the records of its users.

use std::sync::Arc;

use api::iam::{EntityAlreadyExistsException, Group, NoSuchEntityException};
use platform::{Ctx, Error, Result};
use serde::{Deserialize, Serialize};
use store::{Key, Record};
use wire::Timestamp;

use crate::permissions::Permissions;
use crate::target::{Entity, Target};

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

/// The group of this name in the caller's account.
pub(crate) async fn named(ctx: &Ctx, name: String) -> Result<Target<GroupRecord>> {
    Ok(found(ctx, name).await?.1)
}

/// The group of this name with what there is of it, for looking ahead to another decision.
pub(crate) async fn found(
    ctx: &Ctx,
    name: String,
) -> Result<(Option<Arc<GroupRecord>>, Target<GroupRecord>)> {
    let key = GroupRecord::key(ctx.account(), &name);
    let found = ctx.get::<GroupRecord>(&key).await?;
    Ok((found.clone(), Target::new(ctx, name, found)))
}

/// Refuses a name that another group of the caller's account has.
pub(crate) async fn check_free(ctx: &Ctx, name: &str) -> Result<()> {
    let key = GroupRecord::key(ctx.account(), name);
    if ctx.get::<GroupRecord>(&key).await?.is_none() {
        return Ok(());
    }
    let message = format!("Group with name {name} already exists.");
    Err(EntityAlreadyExistsException::new(message).into())
}

/// AWS's answer that a group has no inline policy of this name.
pub(crate) fn no_such_policy(name: &str) -> Error {
    NoSuchEntityException::new(format!(
        "The group policy with name {name} cannot be found."
    ))
    .into()
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
