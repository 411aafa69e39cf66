//! What a report on last use is about: the policies that open services, and the principals whose
//! calls count.

use std::sync::Arc;

use api::iam::PolicyOwnerEntityType;
use platform::{Ctx, Error, NamedPolicy, Result};
use policy::reference;

use crate::groups::{GroupRecord, members};
use crate::permissions::Permissions;
use crate::policies::Managed;
use crate::policies::target::{self, PolicyTarget};
use crate::roles::RoleRecord;
use crate::simulation::subject::{Found, Subject};
use crate::users::UserRecord;

/// The action that begins a report.
const ACTION: &str = "iam:GenerateServiceLastAccessedDetails";

/// The policies and principals behind an ARN.
#[derive(Default)]
pub(crate) struct Scope {
    /// The policies whose permissions are reported on.
    pub(crate) policies: Vec<Arc<NamedPolicy>>,
    /// The users and roles that have these permissions.
    pub(crate) members: Vec<Member>,
}

/// A user or role.
#[derive(Clone)]
pub(crate) struct Member {
    /// The ARN.
    pub(crate) arn: String,
    /// The name.
    pub(crate) name: String,
    /// The path.
    pub(crate) path: String,
    /// `AIDA..` or `AROA..`.
    pub(crate) id: String,
    /// Whether it is a role.
    pub(crate) is_role: bool,
}

impl Member {
    fn user(user: &UserRecord) -> Self {
        Self {
            arn: user.arn(),
            name: user.name.clone(),
            path: user.path.clone(),
            id: user.user_id.clone(),
            is_role: false,
        }
    }

    fn role(role: &RoleRecord) -> Self {
        Self {
            arn: role.arn(),
            name: role.name.clone(),
            path: role.path.clone(),
            id: role.role_id.clone(),
            is_role: true,
        }
    }

    /// What kind of identity it is, as AWS writes it.
    pub(crate) fn kind(is_role: bool) -> PolicyOwnerEntityType {
        if is_role {
            PolicyOwnerEntityType::Role
        } else {
            PolicyOwnerEntityType::User
        }
    }
}

impl Scope {
    /// The scope of the user, group, role or policy of this ARN, if the caller may report on it.
    pub(crate) async fn of_arn(ctx: &Ctx, arn: String) -> Result<Self> {
        let mut scope = Self::default();
        if arn.contains(":policy/") {
            let target = PolicyTarget::named(ctx, arn).await?;
            let policy = target::require(target.permit(ctx, ACTION).await?)?;
            scope.policies.push(policy.policy()?);
            scope.members = holders(ctx, &policy.arn()).await?;
            return Ok(scope);
        }
        let subject = Subject::of_arn(ctx, &arn)
            .await?
            .permit(ctx, ACTION)
            .await?;
        match &subject.found {
            Some(Found::User(user)) => {
                scope.add(ctx, &user.permissions).await?;
                for name in &user.groups {
                    let key = GroupRecord::key(&user.account, name);
                    if let Some(group) = ctx.get::<GroupRecord>(&key).await? {
                        scope.add(ctx, &group.permissions).await?;
                    }
                }
                scope.members.push(Member::user(user));
            }
            Some(Found::Group(group)) => {
                scope.add(ctx, &group.permissions).await?;
                let users = members::of(ctx, group).await?;
                scope.members = users.iter().map(|user| Member::user(user)).collect();
            }
            Some(Found::Role(role)) => {
                scope.add(ctx, &role.permissions).await?;
                scope.members.push(Member::role(role));
            }
            None => {}
        }
        Ok(scope)
    }

    async fn add(&mut self, ctx: &Ctx, permissions: &Permissions) -> Result<()> {
        self.policies
            .extend(permissions.inline_policies()?.iter().cloned());
        for arn in &permissions.attached {
            let managed = Managed::find(ctx, arn).await?;
            let managed = managed.ok_or_else(|| Error::dangling("a managed policy"))?;
            self.policies.push(managed.policy()?);
        }
        Ok(())
    }

    /// Whether a policy allows anything in the service.
    pub(crate) fn reaches(&self, service: &str) -> bool {
        self.policies
            .iter()
            .any(|one| one.policy.reaches_service(service))
    }

    /// The actions of a service that a policy allows, where they are known.
    pub(crate) fn actions(&self, service: &str) -> Vec<&'static str> {
        let actions = reference::service(service).map_or(&[][..], |service| service.actions);
        let names = actions.iter().map(|action| action.name);
        let allowed = names.filter(|name| {
            let action = format!("{service}:{name}");
            self.policies
                .iter()
                .any(|one| one.policy.reaches_action(&action))
        });
        allowed.collect()
    }
}

/// The users, also through their groups, and roles that a managed policy is attached to.
async fn holders(ctx: &Ctx, arn: &String) -> Result<Vec<Member>> {
    let account = ctx.account();
    let groups = ctx
        .scan_all::<GroupRecord>(&GroupRecord::prefix(account))
        .await?;
    let groups = groups
        .iter()
        .filter(|(_, group)| group.permissions.attached.contains(arn));
    let groups: Vec<_> = groups.map(|(_, group)| Arc::clone(group)).collect();
    let users = ctx
        .scan_all::<UserRecord>(&UserRecord::prefix(account))
        .await?;
    let holds = |user: &UserRecord| {
        user.permissions.attached.contains(arn)
            || groups.iter().any(|group| members::is_in(user, group))
    };
    let users = users.iter().filter(|(_, user)| holds(user));
    let roles = ctx
        .scan_all::<RoleRecord>(&RoleRecord::prefix(account))
        .await?;
    let roles = roles
        .iter()
        .filter(|(_, role)| role.permissions.attached.contains(arn));
    let users = users.map(|(_, user)| Member::user(user));
    Ok(users
        .chain(roles.map(|(_, role)| Member::role(role)))
        .collect())
}
