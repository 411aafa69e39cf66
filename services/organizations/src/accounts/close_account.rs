//! `organizations:CloseAccount`: closes a member account. Its credentials die with the commit, and
//! what it owns is out of everybody's reach.

use api::organizations::{AccountAlreadyClosedException, CloseAccountRequest};
use platform::{Ctx, Result};
use wire::Empty;

use crate::access::{About, Reach, permit};
use crate::organization::record::OrganizationRecord;
use crate::refusals;

/// The days over which closings are counted, in milliseconds.
const PERIOD_MILLIS: i64 = 30 * 24 * 60 * 60 * 1000;

pub(crate) async fn close_account(ctx: &Ctx, req: CloseAccountRequest) -> Result<Empty> {
    let about = About::id(&req.account_id);
    let permitted = permit(ctx, "organizations:CloseAccount", Reach::Management, about).await?;
    let mut organization = permitted.draft();
    if !organization.all_features {
        return Err(refusals::not_all_features());
    }
    if req.account_id == organization.management_account {
        return Err(refusals::constraint(
            "CANNOT_CLOSE_MANAGEMENT_ACCOUNT",
            "You can't close the management account of the organization.",
        ));
    }
    let recent = closed_since(&organization, ctx.now.millis - PERIOD_MILLIS);
    let quota = quota(organization.accounts.len() - 1);
    let member = organization.accounts.get_mut(&req.account_id);
    let member = member.ok_or_else(refusals::no_account)?;
    if member.closed_millis.is_some() {
        let message = "You attempted to close an account that is already closed.";
        return Err(AccountAlreadyClosedException::new(message).into());
    }
    if recent >= quota {
        return Err(refusals::constraint(
            "CLOSE_ACCOUNT_QUOTA_EXCEEDED",
            "You have exceeded close account quota for the past 30 days.",
        ));
    }
    member.closed_millis = Some(ctx.now.millis);
    organization.put(ctx).await;
    let (directory, mut txn) = ctx.directory().await;
    directory.close(&mut txn, &req.account_id).await?;
    Ok(Empty)
}

fn closed_since(organization: &OrganizationRecord, since_millis: i64) -> usize {
    let closings = organization.accounts.values();
    let closings = closings.filter_map(|account| account.closed_millis);
    closings.filter(|closed| *closed > since_millis).count()
}

/// How many of so many members may be closed within the period: the higher of 250 and a fifth, and
/// never more than 1000.
fn quota(members: usize) -> usize {
    (members / 5).clamp(250, 1000)
}

#[cfg(test)]
mod tests {
    use super::quota;

    #[test]
    fn the_quota_is_a_fifth_within_bounds() {
        assert_eq!([1, 1250, 1300, 9999].map(quota), [250, 250, 260, 1000]);
    }
}
