//! The user, group or role whose policies a simulation is about, named by its ARN.

use std::borrow::Cow;
use std::sync::Arc;

use api::iam::{InvalidInputException, NoSuchEntityException};
use platform::{Authorized, Ctx, Resource, Result};

use crate::groups::GroupRecord;
use crate::roles::RoleRecord;
use crate::tags;
use crate::users::UserRecord;

/// An identity, before it is known whether the caller may look at it.
pub(crate) struct Subject {
    arn: String,
    account: String,
    kind: &'static str,
    name: String,
    /// The identity, if there is one.
    pub(crate) found: Option<Found>,
}

/// An identity that exists.
pub(crate) enum Found {
    /// A user.
    User(Arc<UserRecord>),
    /// A group.
    Group(Arc<GroupRecord>),
    /// A role.
    Role(Arc<RoleRecord>),
}

/// The account, the kind and the name in the ARN of a user, group or role.
pub(crate) fn parts(arn: &str) -> Result<(&str, &'static str, &str)> {
    let parts = || {
        let (account, resource) = arn.strip_prefix("arn:aws:iam::")?.split_once(':')?;
        let (kind, rest) = resource.split_once('/')?;
        let kinds = ["user", "group", "role"];
        let kind = kinds.into_iter().find(|known| *known == kind)?;
        let name = rest.rsplit('/').next().filter(|name| !name.is_empty())?;
        let is_account = account.len() == 12 && account.bytes().all(|one| one.is_ascii_digit());
        is_account.then_some((account, kind, name))
    };
    parts().ok_or_else(|| {
        let message =
            format!("Invalid Entity Arn: {arn} does not clearly define entity type and name.");
        InvalidInputException::new(message).into()
    })
}

impl Subject {
    /// The identity that `PolicySourceArn` names. It is one of the caller's own account.
    pub(crate) async fn of_arn(ctx: &Ctx, arn: &str) -> Result<Self> {
        let (account, kind, name) = parts(arn)?;
        if account != ctx.account() {
            let message = format!(
                "Invalid Policy Source Arn: caller's account {} does not have access to policies \
                 in account {account}",
                ctx.account()
            );
            return Err(InvalidInputException::new(message).into());
        }
        let found = match kind {
            "user" => {
                let user = ctx.get(&UserRecord::key(account, name)).await?;
                user.map(Found::User)
            }
            "group" => {
                let group = ctx.get(&GroupRecord::key(account, name)).await?;
                group.map(Found::Group)
            }
            _ => {
                let role = ctx.get(&RoleRecord::key(account, name)).await?;
                role.map(Found::Role)
            }
        };
        Ok(Self {
            arn: arn.to_owned(),
            account: account.to_owned(),
            kind,
            name: name.to_owned(),
            found: found.filter(|found| found.arn() == arn),
        })
    }

    /// Decides whether the caller may perform `action` on it, and that it exists.
    pub(crate) async fn permit(self, ctx: &Ctx, action: &'static str) -> Result<Authorized<Self>> {
        let permitted = ctx.authorize(action, self).decide().await?;
        if permitted.found.is_none() {
            let Self { kind, name, .. } = &*permitted;
            let message = format!("The {kind} with name {name} cannot be found.");
            return Err(NoSuchEntityException::new(message).into());
        }
        Ok(permitted)
    }

    /// Keys and values, for `aws:PrincipalTag/..`.
    pub(crate) fn tags(&self) -> &[(String, String)] {
        match &self.found {
            Some(Found::User(user)) => &user.tags,
            Some(Found::Role(role)) => &role.tags,
            Some(Found::Group(_)) | None => &[],
        }
    }

    /// The unique id.
    pub(crate) fn unique_id(&self) -> Option<&str> {
        match self.found.as_ref()? {
            Found::User(user) => Some(&user.user_id),
            Found::Role(role) => Some(&role.role_id),
            Found::Group(_) => None,
        }
    }
}

impl Found {
    fn arn(&self) -> String {
        match self {
            Self::User(user) => user.arn(),
            Self::Group(group) => group.arn(),
            Self::Role(role) => role.arn(),
        }
    }
}

impl Resource for Subject {
    fn arn(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.arn)
    }

    fn account(&self) -> &str {
        &self.account
    }

    fn tag(&self, key: &str) -> Option<&str> {
        tags::value(self.tags(), key)
    }
}
