//! Handshakes: how an account is invited and joins, and how members agree to all features.

mod accept_handshake;
pub(crate) mod all_features;
mod cancel_handshake;
mod decline_handshake;
mod describe_handshake;
mod invite_account_to_organization;
mod list_handshakes_for_account;
mod list_handshakes_for_organization;
mod lists;
mod party;
pub(crate) mod record;

use api::organizations::{
    AcceptHandshake, CancelHandshake, DeclineHandshake, DescribeHandshake,
    InviteAccountToOrganization, ListHandshakesForAccount, ListHandshakesForOrganization,
};
use platform::{Ctx, Result, Service};

use crate::handshakes::record::State;
use crate::organization::record::OrganizationRecord;

pub(crate) fn operations(service: Service) -> Service {
    service
        .op::<AcceptHandshake>(accept_handshake::accept_handshake)
        .op::<CancelHandshake>(cancel_handshake::cancel_handshake)
        .op::<DeclineHandshake>(decline_handshake::decline_handshake)
        .op::<DescribeHandshake>(describe_handshake::describe_handshake)
        .op::<InviteAccountToOrganization>(
            invite_account_to_organization::invite_account_to_organization,
        )
        .op::<ListHandshakesForAccount>(list_handshakes_for_account::list_handshakes_for_account)
        .op::<ListHandshakesForOrganization>(
            list_handshakes_for_organization::list_handshakes_for_organization,
        )
}

/// Cancels what an organization that ends has asked.
pub(crate) async fn withdraw_all(ctx: &Ctx, organization: &OrganizationRecord) -> Result<()> {
    for handshake in lists::sent(ctx, organization).await? {
        if handshake.is_pending(ctx.now) {
            handshake.end(ctx, State::Canceled).await;
        }
    }
    Ok(())
}
