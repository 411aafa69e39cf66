//! `organizations:RemoveAccountFromOrganization`: makes a member account stand alone.

use api::organizations::{
    MasterCannotLeaveOrganizationException, RemoveAccountFromOrganizationRequest,
};
use platform::{Ctx, Result};
use wire::Empty;

use crate::access::{About, Reach, permit};
use crate::accounts::check_may_leave;
use crate::organization::record::MemberRecord;
use crate::refusals;

pub(crate) async fn remove_account_from_organization(
    ctx: &Ctx,
    req: RemoveAccountFromOrganizationRequest,
) -> Result<Empty> {
    let action = "organizations:RemoveAccountFromOrganization";
    let permitted = permit(ctx, action, Reach::Management, About::id(&req.account_id)).await?;
    let mut organization = permitted.draft();
    if req.account_id == organization.management_account {
        let message = "You can't remove a management account from an organization.";
        return Err(MasterCannotLeaveOrganizationException::new(message).into());
    }
    if !organization.accounts.contains_key(&req.account_id) {
        return Err(refusals::no_account());
    }
    check_may_leave(&organization, &req.account_id)?;
    organization.remove_account(&req.account_id);
    ctx.delete::<MemberRecord>(&MemberRecord::key(&req.account_id))
        .await;
    organization.put(ctx).await;
    Ok(Empty)
}
