//! The change from consolidated billing to all features: every account that was invited agrees,
//! then the management account makes the change ("Enabling all features", Organizations user guide).

use platform::{Ctx, Result};

use crate::accounts::known;
use crate::handshakes::lists;
use crate::handshakes::record::{Action, Asked, HandshakeRecord, Sender, State};
use crate::ids::{self, Kind};
use crate::organization::record::OrganizationRecord;
use crate::refusals;

/// How long the change may take, in milliseconds.
const OPEN_MILLIS: i64 = 90 * 24 * 60 * 60 * 1000;

/// Asks every account that was invited, and gives the handshake that the others are part of.
pub(crate) async fn begin(ctx: &Ctx, organization: &OrganizationRecord) -> Result<HandshakeRecord> {
    let sent = lists::sent(ctx, organization).await?;
    let mut pending = sent.iter().filter(|one| one.is_pending(ctx.now));
    if pending.any(|one| one.action != Action::Invite) {
        return Err(refusals::handshake_constraint(
            "ORGANIZATION_IS_ALREADY_PENDING_ALL_FEATURES_MIGRATION",
            "The organization has already started the process to enable all features.",
        ));
    }
    let whole = (Action::EnableAllFeatures, Asked::Organization);
    let mut whole = new(ctx, organization, whole, OPEN_MILLIS).await?;
    whole.state = State::Requested;
    let mut alone = true;
    for (number, account) in &organization.accounts {
        let is_management = *number == organization.management_account;
        if account.invited && account.closed_millis.is_none() && !is_management {
            alone = false;
            let one = (Action::EnableAllFeatures, Asked::Account(number.clone()));
            part(ctx, organization, one, &whole).await?;
        }
    }
    if alone {
        let approval = (Action::ApproveAllFeatures, Asked::Organization);
        part(ctx, organization, approval, &whole).await?;
    }
    lists::add(ctx, whole.clone()).await;
    Ok(whole)
}

/// An account agrees. With the last one the management account is asked to make the change.
pub(super) async fn agree(
    ctx: &Ctx,
    organization: &OrganizationRecord,
    handshake: &HandshakeRecord,
) -> Result<()> {
    let Some(parent) = &handshake.parent else {
        return Ok(());
    };
    if waits(ctx, organization, parent, Some(&handshake.id)).await? {
        return Ok(());
    }
    if let Some(whole) = HandshakeRecord::find(ctx, parent).await? {
        let approval = (Action::ApproveAllFeatures, Asked::Organization);
        part(ctx, organization, approval, &whole).await?;
    }
    Ok(())
}

/// The management account makes the change.
pub(super) async fn finish(
    ctx: &Ctx,
    organization: &OrganizationRecord,
    handshake: &HandshakeRecord,
) -> Result<()> {
    let whole = handshake.parent.as_ref().unwrap_or(&handshake.id);
    if waits(ctx, organization, whole, None).await? {
        return Err(refusals::constraint(
            "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE",
            "Not all invited accounts have approved the change to all features.",
        ));
    }
    for one in lists::sent(ctx, organization).await? {
        let is_part = one.id == *whole || one.parent.as_ref() == Some(whole);
        if is_part && one.id != handshake.id && one.is_pending(ctx.now) {
            one.end(ctx, State::Accepted).await;
        }
    }
    let mut organization = organization.clone();
    organization.all_features = true;
    organization.put(ctx).await;
    Ok(())
}

/// Whether an account that is still a member has not agreed, not counting the one that does so now.
async fn waits(
    ctx: &Ctx,
    organization: &OrganizationRecord,
    whole: &str,
    agreeing: Option<&str>,
) -> Result<bool> {
    let sent = lists::sent(ctx, organization).await?;
    Ok(sent.iter().any(|one| {
        let is_member = match &one.asked {
            Asked::Account(number) => organization.accounts.contains_key(number),
            Asked::Email(_) | Asked::Organization => false,
        };
        let agrees = one.state == State::Accepted || Some(one.id.as_str()) == agreeing;
        one.parent.as_deref() == Some(whole) && is_member && !agrees
    }))
}

async fn part(
    ctx: &Ctx,
    organization: &OrganizationRecord,
    what: (Action, Asked),
    whole: &HandshakeRecord,
) -> Result<()> {
    let mut part = new(ctx, organization, what, OPEN_MILLIS).await?;
    part.parent = Some(whole.id.clone());
    part.expires_millis = whole.expires_millis;
    lists::add(ctx, part).await;
    Ok(())
}

/// A handshake that begins now.
pub(super) async fn new(
    ctx: &Ctx,
    organization: &OrganizationRecord,
    (action, asked): (Action, Asked),
    open_millis: i64,
) -> Result<HandshakeRecord> {
    let management = known::of(ctx, &organization.management_account).await?;
    let feature_set = if organization.all_features {
        "ALL"
    } else {
        "CONSOLIDATED_BILLING"
    };
    Ok(HandshakeRecord {
        id: ids::new(Kind::Handshake, ctx.random())?,
        organization_id: organization.id.clone(),
        management_account: organization.management_account.clone(),
        action,
        asked,
        state: State::Open,
        requested_millis: ctx.now.millis,
        expires_millis: ctx.now.millis + open_millis,
        ended_millis: None,
        sender: Sender {
            email: management.email,
            name: management.name,
            feature_set: feature_set.to_owned(),
        },
        notes: None,
        tags: Vec::new(),
        parent: None,
    })
}
