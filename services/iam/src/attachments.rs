//! Managed policies as users, groups and roles hold them: attached, or as a permissions boundary.
//!
//! INVARIANT: the [`PolicyUse`] of a policy says exactly how many of the account's identities hold
//! it, which keeps a policy that is in use from being deleted. So whatever changes
//! [`Permissions::attached`] or [`Permissions::boundary`] goes through here.

use api::iam::{
    AttachedPermissionsBoundary, AttachedPolicy, InvalidInputException, LimitExceededException,
    NoSuchEntityException, PermissionsBoundaryAttachmentType, PolicyNotAttachableException,
};
use platform::{Ctx, Result, validation};

use crate::page::{Paged, Wanted, page};
use crate::permissions::{Holding, Permissions};
use crate::policies::{Managed, PolicyUse};

/// The most managed policies that one user, group or role may have attached ("IAM and AWS STS
/// quotas").
const QUOTA: usize = 10;

/// Attaches the managed policy of this ARN; one that is attached already stays as it is.
pub(crate) async fn attach(
    ctx: &Ctx,
    permissions: &mut Permissions,
    holding: Holding,
    arn: &str,
) -> Result<()> {
    check_attachable(ctx, holding, arn).await?;
    if permissions.attached.iter().any(|known| known == arn) {
        return Ok(());
    }
    if permissions.attached.len() >= QUOTA {
        let name = holding.name();
        let message = format!("Cannot exceed quota for PoliciesPer{name}: {QUOTA}");
        return Err(LimitExceededException::new(message).into());
    }
    permissions.attached.push(arn.to_owned());
    count(ctx, arn, |used| used.attachments += 1).await
}

/// Attaches the policy that AWS keeps for a service-linked role to that role.
pub(crate) async fn attach_for_service(
    ctx: &Ctx,
    permissions: &mut Permissions,
    arn: &str,
) -> Result<()> {
    permissions.attached.push(arn.to_owned());
    count(ctx, arn, |used| used.attachments += 1).await
}

/// Detaches a managed policy.
pub(crate) async fn detach(ctx: &Ctx, permissions: &mut Permissions, arn: &str) -> Result<()> {
    check_form(arn)?;
    let index = permissions.attached.iter().position(|known| known == arn);
    let Some(index) = index else {
        return Err(NoSuchEntityException::new(format!("Policy {arn} was not found.")).into());
    };
    permissions.attached.remove(index);
    count(ctx, arn, |used| {
        used.attachments = used.attachments.saturating_sub(1);
    })
    .await
}

/// Makes the managed policy of this ARN the permissions boundary, in place of one that there is.
pub(crate) async fn set_boundary(
    ctx: &Ctx,
    permissions: &mut Permissions,
    holding: Holding,
    arn: &str,
) -> Result<()> {
    check_form(arn)?;
    let Some(managed) = Managed::find(ctx, arn).await? else {
        let message = format!("Scope ARN: {arn} does not exist or is not attachable.");
        return Err(NoSuchEntityException::new(message).into());
    };
    check_customer(&managed, holding)?;
    clear_boundary(ctx, permissions).await?;
    permissions.boundary = Some(arn.to_owned());
    count(ctx, arn, |used| used.boundaries += 1).await
}

/// Takes the permissions boundary away, if there is one.
pub(crate) async fn clear_boundary(ctx: &Ctx, permissions: &mut Permissions) -> Result<()> {
    let Some(arn) = permissions.boundary.take() else {
        return Ok(());
    };
    count(ctx, &arn, |used| {
        used.boundaries = used.boundaries.saturating_sub(1);
    })
    .await
}

/// Lets go of every managed policy: for an identity that is deleted.
pub(crate) async fn release(ctx: &Ctx, permissions: &mut Permissions) -> Result<()> {
    clear_boundary(ctx, permissions).await?;
    for arn in permissions.attached.clone() {
        detach(ctx, permissions, &arn).await?;
    }
    Ok(())
}

/// Refuses what cannot be attached: what is no ARN of a policy, no policy of the account or of
/// AWS, or reserved for service-linked roles.
pub(crate) async fn check_attachable(ctx: &Ctx, holding: Holding, arn: &str) -> Result<()> {
    if !is_policy(arn) {
        return Err(validation(format!("ARN {arn} is not valid.")));
    }
    let Some(managed) = Managed::find(ctx, arn).await? else {
        let message = format!("Policy {arn} does not exist or is not attachable.");
        return Err(NoSuchEntityException::new(message).into());
    };
    check_customer(&managed, holding)
}

fn check_customer(managed: &Managed, holding: Holding) -> Result<()> {
    if !managed.is_for_service_linked_roles() {
        return Ok(());
    }
    let name = holding.name();
    let message = format!("Cannot attach a Service Role Policy to a Customer {name}.");
    Err(PolicyNotAttachableException::new(message).into())
}

/// Refuses what is no ARN of a managed policy. Attaching one answers with another code.
pub(crate) fn check_form(arn: &str) -> Result<()> {
    if is_policy(arn) {
        return Ok(());
    }
    Err(InvalidInputException::new(format!("ARN {arn} is not valid.")).into())
}

fn is_policy(arn: &str) -> bool {
    let of_iam = arn
        .strip_prefix("arn:aws:iam::")
        .and_then(|rest| rest.split_once(':'));
    of_iam.is_some_and(|(account, resource)| {
        let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
        (is_account || account == "aws") && resource.starts_with("policy/")
    })
}

/// Counts what the caller's account does with a policy. What is used no more needs no record.
async fn count(ctx: &Ctx, arn: &str, change: impl FnOnce(&mut PolicyUse)) -> Result<()> {
    let key = PolicyUse::key(ctx.account(), arn);
    let mut used = PolicyUse::of(ctx, arn).await?;
    change(&mut used);
    if used.attachments == 0 && used.boundaries == 0 {
        ctx.delete::<PolicyUse>(&key).await;
    } else {
        ctx.put(key, used).await;
    }
    Ok(())
}

/// A page of the attached policies whose path begins with `path_prefix`.
pub(crate) fn list_attached(
    permissions: &Permissions,
    path_prefix: Option<&str>,
    wanted: &Wanted,
) -> Paged<AttachedPolicy> {
    let below = |arn: &&String| path_of(arn).starts_with(path_prefix.unwrap_or("/"));
    let arns: Vec<&String> = permissions.attached.iter().filter(below).collect();
    // A policy of the account may have the name of one of AWS's, so the order is that of ARNs.
    let paged = page(arns, |arn| arn, wanted);
    Paged {
        items: paged.items.into_iter().map(|arn| attached(arn)).collect(),
        marker: paged.marker,
    }
}

fn attached(arn: &str) -> AttachedPolicy {
    AttachedPolicy {
        policy_name: Some(name_of(arn).to_owned()),
        policy_arn: Some(arn.to_owned()),
    }
}

/// The path in the ARN of a managed policy: `/division/` of `..:policy/division/name`.
pub(crate) fn path_of(arn: &str) -> &str {
    let resource = arn.split_once(":policy").map_or("/", |(_, rest)| rest);
    let end = resource.rfind('/').map_or(0, |slash| slash + 1);
    resource.get(..end).unwrap_or("/")
}

/// The name in the ARN of a managed policy.
pub(crate) fn name_of(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or_default()
}

/// A permissions boundary as AWS shows it.
pub(crate) fn shown_boundary(permissions: &Permissions) -> Option<AttachedPermissionsBoundary> {
    let arn = permissions.boundary.as_ref()?;
    let kind = PermissionsBoundaryAttachmentType::Policy;
    Some(AttachedPermissionsBoundary {
        permissions_boundary_type: Some(kind),
        permissions_boundary_arn: Some(arn.clone()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_tells_path_and_name() {
        for (arn, path, name) in [
            ("arn:aws:iam::aws:policy/A", "/", "A"),
            (
                "arn:aws:iam::aws:policy/service-role/A",
                "/service-role/",
                "A",
            ),
            (
                "arn:aws:iam::111122223333:policy/a/b/policy",
                "/a/b/",
                "policy",
            ),
            (
                "arn:aws:iam::111122223333:policy/x:policy/A",
                "/x:policy/",
                "A",
            ),
        ] {
            assert_eq!((path_of(arn), name_of(arn)), (path, name));
        }
    }

    #[test]
    fn only_arns_of_policies_have_the_form() {
        for arn in [
            "arn:aws:iam::aws:policy/A",
            "arn:aws:iam::111122223333:policy/a/b",
        ] {
            assert!(check_form(arn).is_ok(), "{arn}");
        }
        for arn in [
            "arn:aws:iam::11112222333:policy/a",
            "arn:aws:iam::11112222333x:policy/a",
            "arn:aws:iam::111122223333:role/a",
            "arn:aws:iam::111122223333:policies/a",
            "arn:aws-cn:iam::aws:policy/a",
            "arn:aws:iam:us-east-1:aws:policy/a",
            "PowerUserAccess-PowerUserAccess",
        ] {
            assert!(check_form(arn).is_err(), "{arn}");
        }
    }
}
