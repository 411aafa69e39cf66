//! The record of an instance profile.

use std::sync::Arc;

use api::iam::{InstanceProfile, NoSuchEntityException};
use platform::{Ctx, Error, Result};
use serde::{Deserialize, Serialize};
use store::{Key, Record};
use wire::Timestamp;

use crate::roles::RoleRecord;
use crate::tags;
use crate::target::{Entity, Target};

/// An instance profile: what hands a role to an instance of EC2.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct InstanceProfileRecord {
    /// The account, 12 digits.
    pub(crate) account: String,
    /// The friendly name, in the case in which it was given.
    pub(crate) name: String,
    /// The path, `/` or `/division/`.
    pub(crate) path: String,
    /// `AIPA..`.
    pub(crate) profile_id: String,
    /// When it was made, in milliseconds since 1970.
    pub(crate) created_millis: i64,
    /// Keys and values.
    pub(crate) tags: Vec<(String, String)>,
    /// The name of its role, which cannot be deleted while it is in here.
    pub(crate) role: Option<String>,
}

impl Record for InstanceProfileRecord {
    const TABLE: &'static str = "iam.instance-profiles";
    const SERVICE: &'static str = "iam";
}

impl InstanceProfileRecord {
    /// Where the instance profile of this name is. Names do not distinguish case.
    pub(crate) fn key(account: &str, name: &str) -> Key {
        Key::new(account, "", [name.to_ascii_lowercase()])
    }

    /// All instance profiles of the caller's account.
    pub(crate) async fn all(ctx: &Ctx) -> Result<Vec<Arc<Self>>> {
        let prefix = Key::new(ctx.account(), "", std::iter::empty::<String>());
        let rows = ctx.scan_all::<Self>(&prefix).await?;
        Ok(rows.into_iter().map(|(_, profile)| profile).collect())
    }

    /// Those that hold the role of this name.
    pub(crate) async fn of_role(ctx: &Ctx, role: &str) -> Result<Vec<Arc<Self>>> {
        let mut profiles = Self::all(ctx).await?;
        profiles.retain(|profile| profile.holds(role));
        Ok(profiles)
    }

    /// Whether the role of this name is in the instance profile.
    pub(crate) fn holds(&self, role: &str) -> bool {
        let held = self.role.as_deref();
        held.is_some_and(|held| held.eq_ignore_ascii_case(role))
    }

    /// The instance profile of this name in the caller's account, before it is known whether the
    /// caller may touch it.
    pub(crate) async fn target(ctx: &Ctx, name: String) -> Result<Target<Self>> {
        let found = ctx.get::<Self>(&Self::key(ctx.account(), &name)).await?;
        Ok(Target::new(ctx, name, found))
    }

    /// Stages this version of the instance profile.
    pub(crate) async fn put(self, ctx: &Ctx) {
        ctx.put(Self::key(&self.account, &self.name), self).await;
    }

    /// The instance profile as lists show it: without tags.
    pub(crate) async fn listed(&self, ctx: &Ctx) -> Result<InstanceProfile> {
        let mut roles = Vec::new();
        if let Some(name) = &self.role {
            let key = RoleRecord::key(&self.account, name);
            let role = ctx.get::<RoleRecord>(&key).await?;
            let role = role.ok_or_else(|| Error::dangling("the role of an instance profile"))?;
            roles.push(role.outlined(ctx).await?);
        }
        Ok(InstanceProfile {
            path: Some(self.path.clone()),
            instance_profile_name: Some(self.name.clone()),
            instance_profile_id: Some(self.profile_id.clone()),
            arn: Some(self.arn()),
            create_date: Some(Timestamp {
                millis: self.created_millis,
            }),
            roles: Some(roles),
            tags: None,
        })
    }

    /// The instance profile with everything that may be shown.
    pub(crate) async fn described(&self, ctx: &Ctx) -> Result<InstanceProfile> {
        Ok(InstanceProfile {
            tags: tags::shown_if_any(&self.tags),
            ..self.listed(ctx).await?
        })
    }
}

/// The ARN of an instance profile.
pub(crate) fn arn(account: &str, path: &str, name: &str) -> String {
    format!("arn:aws:iam::{account}:instance-profile{path}{name}")
}

impl Entity for InstanceProfileRecord {
    const KIND: &'static str = "instance profile";

    fn arn_at(account: &str, path: &str, name: &str) -> String {
        arn(account, path, name)
    }

    fn arn(&self) -> String {
        arn(&self.account, &self.path, &self.name)
    }

    fn tags(&self) -> &[(String, String)] {
        &self.tags
    }

    fn absent(name: &str) -> wire::Fault {
        NoSuchEntityException::new(format!("Instance Profile {name} cannot be found."))
    }
}
