//! `organizations:AcceptHandshake`: says yes. An account that is invited joins, leaving the
//! organization that it is in.

use std::sync::Arc;

use api::organizations::{AcceptHandshakeRequest, AcceptHandshakeResponse};
use platform::{Ctx, Error, Result};

use crate::access::{About, Reach, permit};
use crate::accounts::{check_may_leave, join};
use crate::handshakes::all_features;
use crate::handshakes::party::{self, Party, check_pending};
use crate::handshakes::record::{Action, Asked, HandshakeRecord, State};
use crate::organization::record::{MemberRecord, OrganizationRecord};
use crate::organization::tree::MAX_ACCOUNTS;
use crate::{refusals, tags};

pub(crate) async fn accept_handshake(
    ctx: &Ctx,
    req: AcceptHandshakeRequest,
) -> Result<AcceptHandshakeResponse> {
    let action = "organizations:AcceptHandshake";
    let permitted = party::permit(ctx, action, &req.handshake_id).await?;
    let handshake = Party::asked(&permitted)?;
    check_pending(ctx, handshake, State::Accepted)?;
    let organization = sender(ctx, handshake).await?;
    match (handshake.action, &handshake.asked) {
        (Action::Invite, _) => enter(ctx, &organization, handshake).await?,
        (_, Asked::Organization) => all_features::finish(ctx, &organization, handshake).await?,
        _ => all_features::agree(ctx, &organization, handshake).await?,
    }
    let accepted = handshake.end(ctx, State::Accepted).await;
    Ok(AcceptHandshakeResponse {
        handshake: Some(accepted.shown(ctx.now)),
    })
}

/// The organization that asks. Its handshakes end with it.
async fn sender(ctx: &Ctx, handshake: &HandshakeRecord) -> Result<Arc<OrganizationRecord>> {
    let key = OrganizationRecord::key(&handshake.management_account);
    let found = ctx.get::<OrganizationRecord>(&key).await?;
    let found = found.filter(|found| found.id == handshake.organization_id);
    found.ok_or_else(|| Error::dangling("an organization"))
}

/// Lets the caller's account in.
async fn enter(
    ctx: &Ctx,
    organization: &OrganizationRecord,
    handshake: &HandshakeRecord,
) -> Result<()> {
    let account = ctx.account();
    if organization.accounts.contains_key(account) {
        return Err(already_inside());
    }
    if organization.accounts.len() >= MAX_ACCOUNTS {
        return Err(refusals::handshake_constraint(
            "ACCOUNT_NUMBER_LIMIT_EXCEEDED",
            refusals::TOO_MANY_ACCOUNTS,
        ));
    }
    if MemberRecord::of(ctx, account).await?.is_some() {
        // Who must not leave must not leave this way either.
        let action = "organizations:LeaveOrganization";
        let permitted = permit(ctx, action, Reach::Member, About::everything()).await?;
        let mut left = permitted.draft();
        check_may_leave(&left, account)?;
        left.remove_account(account);
        left.put(ctx).await;
    }
    let mut organization = organization.clone();
    join(ctx, &mut organization, account, true).await;
    tags::give(&mut organization, account, handshake.tags.clone());
    organization.put(ctx).await;
    Ok(())
}

/// The account is in the organization.
pub(super) fn already_inside() -> Error {
    refusals::handshake_constraint(
        "ALREADY_IN_AN_ORGANIZATION",
        "The AWS account is already a member of an organization.",
    )
}
