//! Trails of organizations ("Creating a trail for an organization", AWS CloudTrail user guide).

use std::sync::Arc;

use platform::{Ctx, Everything, Membership, Result, ServiceAccess};

use crate::refusals;

/// The service as Organizations knows it.
const PRINCIPAL: &str = "cloudtrail.amazonaws.com";

/// The organization for which the caller may make trails: the account that owns them, which is the
/// management account whoever makes them, and the organization's id.
pub(crate) async fn owner(ctx: &Ctx) -> Result<(String, String)> {
    let (membership, access) = check_administrator(ctx).await?;
    if !access.all_features {
        return Err(refusals::not_all_features().into());
    }
    let everything = Everything {
        account: ctx.account().to_owned(),
    };
    let action = "organizations:ListAWSServiceAccessForOrganization";
    if !ctx.authorize(action, everything).would_allow().await? {
        return Err(refusals::insufficient_dependency().into());
    }
    if !access.trusted {
        return Err(refusals::no_trusted_access().into());
    }
    let owner = membership.management_account.clone();
    Ok((owner, membership.organization_id.clone()))
}

/// Refuses callers who do not administer the trails of their organization.
pub(crate) async fn check_administrator(ctx: &Ctx) -> Result<(Arc<Membership>, ServiceAccess)> {
    let membership = ctx.membership(ctx.account()).await?;
    let membership = membership.ok_or_else(refusals::no_organization)?;
    let manager = &membership.management_account;
    let access = ctx.service_access(manager, PRINCIPAL).await?;
    let mut delegated = access.delegated_administrators.iter();
    if manager != ctx.account() && !delegated.any(|it| it == ctx.account()) {
        return Err(refusals::not_management_account().into());
    }
    Ok((membership, access))
}
