//! The permissions policies of an identity, one by one.

use std::sync::Arc;

use api::iam::{
    InvalidInputException, PolicyGrantingServiceAccess, PolicyOwnerEntityType, PolicyType,
};
use platform::{Ctx, Error, NamedPolicy, Result};

use crate::attachments::name_of;
use crate::groups::{self, GroupRecord};
use crate::permissions::Permissions;
use crate::policies::managed::Managed;
use crate::roles::RoleRecord;
use crate::target::{Entity, Target, require};
use crate::users::subject::{self, Subject};

/// The action that asks for it.
const ACTION: &str = "iam:ListPoliciesGrantingServiceAccess";

/// A policy that an identity holds.
pub(crate) struct Grant {
    policy: Arc<NamedPolicy>,
    from: From,
}

enum From {
    /// A managed policy, by its ARN.
    Managed(String),
    /// An inline policy of this identity.
    Inline(PolicyOwnerEntityType, String),
}

impl Grant {
    /// Whether the policy allows anything in a service.
    pub(crate) fn reaches(&self, namespace: &str) -> bool {
        self.policy.policy.reaches_service(namespace)
    }

    /// The policy as AWS shows it.
    pub(crate) fn shown(&self) -> PolicyGrantingServiceAccess {
        match &self.from {
            From::Managed(arn) => PolicyGrantingServiceAccess {
                policy_name: Some(name_of(arn).to_owned()),
                policy_type: Some(PolicyType::Managed),
                policy_arn: Some(arn.clone()),
                entity_type: None,
                entity_name: None,
            },
            From::Inline(kind, name) => PolicyGrantingServiceAccess {
                policy_name: Some(self.policy.name.clone()),
                policy_type: Some(PolicyType::Inline),
                policy_arn: None,
                entity_type: Some(*kind),
                entity_name: Some(name.clone()),
            },
        }
    }
}

/// Everything that gives permissions to the user, group or role of this ARN, if the caller may ask.
pub(crate) async fn of(ctx: &Ctx, arn: &str) -> Result<Vec<Grant>> {
    let invalid = || {
        Error::from(InvalidInputException::new(format!(
            "ARN {arn} is not valid."
        )))
    };
    let own = format!("arn:aws:iam::{}:", ctx.account());
    let resource = arn.strip_prefix(&own).ok_or_else(invalid)?;
    let (kind, path_and_name) = resource.split_once('/').ok_or_else(invalid)?;
    let name = name_of(path_and_name).to_owned();
    let mut grants = Vec::new();
    match kind {
        "user" => of_user(ctx, (name, arn), &mut grants).await?,
        "group" => {
            let target = groups::record::named(ctx, name).await?;
            let group = require(target.permit(ctx, ACTION).await?)?;
            check_path(group.as_ref(), arn)?;
            let owner = (PolicyOwnerEntityType::Group, group.name.as_str());
            add(ctx, &group.permissions, owner, &mut grants).await?;
        }
        "role" => {
            let key = RoleRecord::key(ctx.account(), &name);
            let found = ctx.get::<RoleRecord>(&key).await?;
            let role = require(Target::new(ctx, name, found).permit(ctx, ACTION).await?)?;
            check_path(role.as_ref(), arn)?;
            let owner = (PolicyOwnerEntityType::Role, role.name.as_str());
            add(ctx, &role.permissions, owner, &mut grants).await?;
        }
        _ => return Err(invalid()),
    }
    Ok(grants)
}

/// Whoever has another path than the ARN says is somebody else.
fn check_path<T: Entity>(found: &T, arn: &str) -> Result<()> {
    if found.arn() == arn {
        return Ok(());
    }
    Err(T::absent(name_of(arn)).into())
}

async fn of_user(ctx: &Ctx, (name, arn): (String, &str), grants: &mut Vec<Grant>) -> Result<()> {
    let permitted = Subject::named(ctx, name).await?.permit(ctx, ACTION).await?;
    let user = subject::user(permitted)?;
    check_path(user.as_ref(), arn)?;
    let owner = (PolicyOwnerEntityType::User, user.name.as_str());
    add(ctx, &user.permissions, owner, grants).await?;
    for name in &user.groups {
        let key = GroupRecord::key(&user.account, name);
        if let Some(group) = ctx.get::<GroupRecord>(&key).await? {
            let owner = (PolicyOwnerEntityType::Group, group.name.as_str());
            add(ctx, &group.permissions, owner, grants).await?;
        }
    }
    Ok(())
}

async fn add(
    ctx: &Ctx,
    permissions: &Permissions,
    (kind, owner): (PolicyOwnerEntityType, &str),
    grants: &mut Vec<Grant>,
) -> Result<()> {
    for policy in permissions.inline_policies()? {
        grants.push(Grant {
            policy: Arc::clone(policy),
            from: From::Inline(kind, owner.to_owned()),
        });
    }
    for arn in &permissions.attached {
        let managed = Managed::find(ctx, arn).await?;
        let managed = managed.ok_or_else(|| Error::dangling("a managed policy"))?;
        grants.push(Grant {
            policy: managed.policy()?,
            from: From::Managed(arn.clone()),
        });
    }
    Ok(())
}
