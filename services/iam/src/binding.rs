//! What binds a principal: its own policies, those of its groups, managed policies, boundary.

use std::sync::Arc;

use platform::{Caller, CallerKind, Held, NamedPolicy, Result};
use store::Txn;

use crate::account::AccountRecord;
use crate::aws_managed;
use crate::groups::GroupRecord;
use crate::permissions::Permissions;
use crate::policies::ManagedPolicyRecord;
use crate::roles::RoleRecord;
use crate::users::UserRecord;

/// The policy of AWS's that denies everything.
const DENY_ALL: &str = "arn:aws:iam::aws:policy/AWSDenyAll";

/// Everything that binds `caller`.
pub(crate) async fn held(txn: &mut Txn, caller: &Caller) -> Result<Held> {
    let mut held = Held::default();
    let account = caller.account.as_str();
    match &caller.kind {
        CallerKind::Root | CallerKind::Anonymous | CallerKind::Service { .. } => {}
        CallerKind::User { name } => {
            if let Some(user) = user(txn, account, name, &caller.user_id).await? {
                of_user(txn, &user, &mut held).await?;
            }
        }
        CallerKind::FederatedUser {
            founder_arn,
            founder_id,
            ..
        } => {
            let name = founder_arn.rsplit('/').next().unwrap_or_default();
            if let Some(user) = user(txn, account, name, founder_id).await? {
                of_user(txn, &user, &mut held).await?;
                held.tags.clear();
            }
        }
        CallerKind::Role { name, .. } => {
            let role = txn
                .get::<RoleRecord>(&RoleRecord::key(account, name))
                .await?;
            let role = role.filter(|role| role.role_id == caller.unique_id());
            if let Some(role) = role {
                of_permissions(txn, account, &role.permissions, &mut held).await?;
                held.tags.clone_from(&role.tags);
            }
        }
    }
    let session = caller.session.as_ref();
    if let Some(policies) = session.and_then(|session| session.policies.as_ref()) {
        for arn in &policies.arns {
            // One that was deleted since may have denied something: without it, all is denied.
            let policy = match managed_policy(txn, account, arn).await? {
                Some(policy) => Some(policy),
                None => managed_policy(txn, account, DENY_ALL).await?,
            };
            let policy = policy.ok_or_else(|| platform::Error::dangling("a session policy"))?;
            held.session.push(policy);
        }
    }
    Ok(held)
}

/// What binds a user: its own policies and those of its groups.
pub(crate) async fn of_user(txn: &mut Txn, user: &UserRecord, held: &mut Held) -> Result<()> {
    of_permissions(txn, &user.account, &user.permissions, held).await?;
    held.tags.clone_from(&user.tags);
    for name in &user.groups {
        let key = GroupRecord::key(&user.account, name);
        if let Some(group) = txn.get::<GroupRecord>(&key).await? {
            of_permissions(txn, &user.account, &group.permissions, held).await?;
        }
    }
    Ok(())
}

/// Adds what `permissions` give and limit.
pub(crate) async fn of_permissions(
    txn: &mut Txn,
    account: &str,
    permissions: &Permissions,
    held: &mut Held,
) -> Result<()> {
    let inline = permissions.inline_policies()?.iter().cloned();
    held.identity.extend(inline);
    let managed = attached(txn, account, &permissions.attached).await?;
    held.identity.extend(managed);
    if let Some(arn) = &permissions.boundary {
        // A boundary cannot be deleted while it is one; were it gone, it would allow nothing.
        held.boundary = match managed_policy(txn, account, arn).await? {
            Some(policy) => Some(policy),
            None => return Err(platform::Error::dangling("a permissions boundary")),
        };
    }
    Ok(())
}

async fn attached(txn: &mut Txn, account: &str, arns: &[String]) -> Result<Vec<Arc<NamedPolicy>>> {
    let mut policies = Vec::with_capacity(arns.len());
    for arn in arns {
        policies.extend(managed_policy(txn, account, arn).await?);
    }
    Ok(policies)
}

/// The managed policy of this ARN as `account` sees it: one of its own, or one that AWS manages.
pub(crate) async fn managed(
    txn: &mut Txn,
    account: &str,
    arn: &str,
) -> Result<Option<Arc<NamedPolicy>>> {
    managed_policy(txn, account, arn).await
}

async fn managed_policy(
    txn: &mut Txn,
    account: &str,
    arn: &str,
) -> Result<Option<Arc<NamedPolicy>>> {
    if let Some(managed) = aws_managed::find(arn) {
        return managed.policy().map(Some);
    }
    let Some(name) = arn.rsplit('/').next() else {
        return Ok(None);
    };
    let key = ManagedPolicyRecord::key(account, name);
    let found = txn.get::<ManagedPolicyRecord>(&key).await?;
    let found = found.filter(|policy| policy.arn() == arn);
    found.map(|policy| policy.policy()).transpose()
}

/// The user, if it is still the one with this unique id: one that was made later under the same
/// name inherits nothing.
pub(crate) async fn user(
    txn: &mut Txn,
    account: &str,
    name: &str,
    user_id: &str,
) -> Result<Option<Arc<UserRecord>>> {
    let found = txn
        .get::<UserRecord>(&UserRecord::key(account, name))
        .await?;
    Ok(found.filter(|user| user.user_id == user_id))
}

/// The role of this ARN, path included.
pub(crate) async fn role_of_arn(txn: &mut Txn, arn: &str) -> Result<Option<Arc<RoleRecord>>> {
    let Some((account, "role", name)) = split(arn) else {
        return Ok(None);
    };
    let found = txn
        .get::<RoleRecord>(&RoleRecord::key(account, name))
        .await?;
    Ok(found.filter(|role| role.arn() == arn))
}

/// The unique id behind the ARN of a user, a role or a root user.
pub(crate) async fn unique_id(txn: &mut Txn, principal_arn: &str) -> Result<Option<String>> {
    Ok(match split(principal_arn) {
        Some((account, "root", _)) => {
            let key = AccountRecord::key(account);
            let found = txn.get::<AccountRecord>(&key).await?;
            found.map(|found| found.account.clone())
        }
        Some((account, "user", name)) => {
            let key = UserRecord::key(account, name);
            let found = txn.get::<UserRecord>(&key).await?;
            let found = found.filter(|user| user.arn() == principal_arn);
            found.map(|user| user.user_id.clone())
        }
        Some((_, "role", _)) => {
            let found = role_of_arn(txn, principal_arn).await?;
            found.map(|role| role.role_id.clone())
        }
        _ => None,
    })
}

/// Account, kind and name of an IAM ARN: `user` and `alice` of `..:user/division/alice`.
fn split(arn: &str) -> Option<(&str, &str, &str)> {
    let (account, resource) = arn.strip_prefix("arn:aws:iam::")?.split_once(':')?;
    if resource == "root" {
        return Some((account, "root", ""));
    }
    let (kind, rest) = resource.split_once('/')?;
    Some((account, kind, rest.rsplit('/').next()?))
}
