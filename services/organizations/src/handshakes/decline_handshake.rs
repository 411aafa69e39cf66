//! `organizations:DeclineHandshake`: says no.

use api::organizations::{DeclineHandshakeRequest, DeclineHandshakeResponse};
use platform::{Ctx, Result};

use crate::handshakes::party::{self, Party, check_pending};
use crate::handshakes::record::State;

pub(crate) async fn decline_handshake(
    ctx: &Ctx,
    req: DeclineHandshakeRequest,
) -> Result<DeclineHandshakeResponse> {
    let action = "organizations:DeclineHandshake";
    let permitted = party::permit(ctx, action, &req.handshake_id).await?;
    let handshake = Party::asked(&permitted)?;
    check_pending(ctx, handshake, State::Declined)?;
    let declined = handshake.end(ctx, State::Declined).await;
    Ok(DeclineHandshakeResponse {
        handshake: Some(declined.shown(ctx.now)),
    })
}
