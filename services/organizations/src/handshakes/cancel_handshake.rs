//! `organizations:CancelHandshake`: the sender withdraws a handshake, and those that are part of it.

use api::organizations::{CancelHandshakeRequest, CancelHandshakeResponse};
use platform::{Ctx, Result};

use crate::handshakes::lists;
use crate::handshakes::party::{self, Party, check_pending};
use crate::handshakes::record::State;
use crate::organization::record::OrganizationRecord;

pub(crate) async fn cancel_handshake(
    ctx: &Ctx,
    req: CancelHandshakeRequest,
) -> Result<CancelHandshakeResponse> {
    let action = "organizations:CancelHandshake";
    let permitted = party::permit(ctx, action, &req.handshake_id).await?;
    let handshake = Party::sent(&permitted)?;
    check_pending(ctx, handshake, State::Canceled)?;
    let key = OrganizationRecord::key(&handshake.management_account);
    if let Some(organization) = ctx.get::<OrganizationRecord>(&key).await? {
        for part in lists::sent(ctx, &organization).await? {
            let is_part = part.parent.as_ref() == Some(&handshake.id);
            if is_part && part.is_pending(ctx.now) {
                part.end(ctx, State::Canceled).await;
            }
        }
    }
    let canceled = handshake.end(ctx, State::Canceled).await;
    Ok(CancelHandshakeResponse {
        handshake: Some(canceled.shown(ctx.now)),
    })
}
