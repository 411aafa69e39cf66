//! `organizations:LeaveOrganization`: the caller's account leaves and stands alone.

use api::organizations::MasterCannotLeaveOrganizationException;
use platform::{Ctx, Result};
use wire::Empty;

use crate::access::{About, Reach, permit};
use crate::organization::record::{MemberRecord, OrganizationRecord};
use crate::refusals;

pub(crate) async fn leave_organization(ctx: &Ctx, _: Empty) -> Result<Empty> {
    let action = "organizations:LeaveOrganization";
    let permitted = permit(ctx, action, Reach::Member, About::everything()).await?;
    let mut organization = permitted.draft();
    check_may_leave(&organization, ctx.account())?;
    organization.remove_account(ctx.account());
    ctx.delete::<MemberRecord>(&MemberRecord::key(ctx.account()))
        .await;
    organization.put(ctx).await;
    Ok(Empty)
}

/// Refuses what must not leave an organization.
pub(crate) fn check_may_leave(organization: &OrganizationRecord, account: &str) -> Result<()> {
    if account == organization.management_account {
        let message = "You can't remove a management account from an organization.";
        return Err(MasterCannotLeaveOrganizationException::new(message).into());
    }
    if organization.is_delegate(account) {
        return Err(refusals::constraint(
            "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG",
            "You attempted to remove an account that is registered as a delegated administrator \
             for a service integrated with your organization. To complete this operation, you \
             must first deregister this account as a delegated administrator.",
        ));
    }
    // A closed account has nobody who could run it alone.
    let closed = organization
        .accounts
        .get(account)
        .is_some_and(|member| member.closed_millis.is_some());
    if closed {
        return Err(refusals::constraint(
            "MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED",
            "You can't remove a closed account from the organization.",
        ));
    }
    Ok(())
}
