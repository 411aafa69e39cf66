//! `organizations:ListHandshakesForOrganization`: shows what the organization asked.

use api::organizations::{
    ListHandshakesForOrganizationRequest, ListHandshakesForOrganizationResponse,
};
use platform::{Ctx, Result};

use crate::access::{About, Reach, permit};
use crate::handshakes::lists;
use crate::page::Wanted;

pub(crate) async fn list_handshakes_for_organization(
    ctx: &Ctx,
    req: ListHandshakesForOrganizationRequest,
) -> Result<ListHandshakesForOrganizationResponse> {
    let action = "organizations:ListHandshakesForOrganization";
    let permitted = permit(ctx, action, Reach::Reader, About::everything()).await?;
    let sent = lists::sent(ctx, permitted.organization()).await?;
    let wanted = Wanted {
        next_token: req.next_token,
        max_results: req.max_results,
    };
    let (handshakes, next_token) = lists::shown(ctx, sent, req.filter, &wanted)?;
    Ok(ListHandshakesForOrganizationResponse {
        handshakes: Some(handshakes),
        next_token,
    })
}
