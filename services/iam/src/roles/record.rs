//! The record of a role.

use std::sync::Arc;

use api::iam::{
    EntityAlreadyExistsException, NoSuchEntityException, RoleLastUsed, UnmodifiableEntityException,
};
use platform::{Ctx, Derived, Error, Result, Role};
use policy::{Policy, PolicyKind};
use serde::{Deserialize, Serialize};
use store::{Key, Record};
use wire::Timestamp;

use crate::attachments;
use crate::last_used;
use crate::percent::percent_encoded;
use crate::permissions::Permissions;
use crate::tags;
use crate::target::{Entity, Target};
use crate::unique_ids;

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

    /// The role of this name in the caller's account, before it is known whether the caller may
    /// touch it.
    pub(crate) async fn target(ctx: &Ctx, name: String) -> Result<Target<Self>> {
        let found = ctx.get::<Self>(&Self::key(ctx.account(), &name)).await?;
        Ok(Target::new(ctx, name, found))
    }

    /// Stages a new role.
    pub(crate) async fn put_new(self, ctx: &Ctx) {
        {
            let (_, mut txn) = ctx.directory().await;
            unique_ids::note(&mut txn, &self.role_id, self.arn());
        }
        self.put(ctx).await;
    }

    /// Stages this version of the role.
    pub(crate) async fn put(mut self, ctx: &Ctx) {
        self.assumable = Derived::default();
        ctx.put(Self::key(&self.account, &self.name), self).await;
    }

    /// Refuses to change a role that only its service may change.
    pub(crate) fn check_modifiable(&self) -> Result<()> {
        if self.linked_service.is_none() {
            return Ok(());
        }
        let name = &self.name;
        let message = format!(
            "Cannot perform the operation on the protected role '{name}' - this role is only \
             modifiable by AWS"
        );
        Err(UnmodifiableEntityException::new(message).into())
    }

    /// The role as its making and instance profiles show it.
    pub(crate) async fn outlined(&self, ctx: &Ctx) -> Result<api::iam::Role> {
        let trust = ctx.show_principals(&self.trust).await?;
        Ok(api::iam::Role {
            path: Some(self.path.clone()),
            role_name: Some(self.name.clone()),
            role_id: Some(self.role_id.clone()),
            arn: Some(self.arn()),
            create_date: Some(Timestamp {
                millis: self.created_millis,
            }),
            assume_role_policy_document: Some(percent_encoded(&trust)?),
            ..api::iam::Role::default()
        })
    }

    /// The role as its maker sees it.
    pub(crate) async fn created(&self, ctx: &Ctx) -> Result<api::iam::Role> {
        Ok(api::iam::Role {
            tags: tags::shown_if_any(&self.tags),
            permissions_boundary: attachments::shown_boundary(&self.permissions),
            ..self.outlined(ctx).await?
        })
    }

    /// The role as lists show it: without tags and boundary.
    pub(crate) async fn listed(&self, ctx: &Ctx) -> Result<api::iam::Role> {
        let description = Some(&self.description).filter(|text| !text.is_empty());
        Ok(api::iam::Role {
            description: description.cloned(),
            max_session_duration: Some(self.max_session_seconds),
            ..self.outlined(ctx).await?
        })
    }

    /// The role with everything that may be shown.
    pub(crate) async fn described(&self, ctx: &Ctx) -> Result<api::iam::Role> {
        Ok(api::iam::Role {
            tags: tags::shown_if_any(&self.tags),
            permissions_boundary: attachments::shown_boundary(&self.permissions),
            role_last_used: Some(self.last_used(ctx).await?),
            ..self.listed(ctx).await?
        })
    }

    /// When and where the role was last used; empty for one that never was.
    async fn last_used(&self, ctx: &Ctx) -> Result<RoleLastUsed> {
        let used = last_used::of(ctx, &self.role_id).await?;
        Ok(RoleLastUsed {
            last_used_date: used.as_ref().map(|used| used.at.whole_secs()),
            region: used.map(|used| used.region),
        })
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

/// Fails if the caller's account has a role of this name.
pub(crate) async fn check_free(ctx: &Ctx, name: &str) -> Result<()> {
    let key = RoleRecord::key(ctx.account(), name);
    if ctx.get::<RoleRecord>(&key).await?.is_none() {
        return Ok(());
    }
    let message = format!("Role with name {name} already exists.");
    Err(EntityAlreadyExistsException::new(message).into())
}

/// AWS's answer that a role has no inline policy of this name.
pub(crate) fn no_such_policy(name: &str) -> Error {
    NoSuchEntityException::new(format!("The role policy with name {name} cannot be found.")).into()
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
