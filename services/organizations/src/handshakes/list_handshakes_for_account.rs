//! `organizations:ListHandshakesForAccount`: shows what the caller's account was asked.

use api::organizations::{ListHandshakesForAccountRequest, ListHandshakesForAccountResponse};
use platform::{Ctx, Everything, Result};

use crate::handshakes::lists;
use crate::page::Wanted;

pub(crate) async fn list_handshakes_for_account(
    ctx: &Ctx,
    req: ListHandshakesForAccountRequest,
) -> Result<ListHandshakesForAccountResponse> {
    let everything = Everything {
        account: ctx.account().to_owned(),
    };
    ctx.authorize("organizations:ListHandshakesForAccount", everything)
        .decide()
        .await?;
    let received = lists::received(ctx).await?;
    let wanted = Wanted {
        next_token: req.next_token,
        max_results: req.max_results,
    };
    let (handshakes, next_token) = lists::shown(ctx, received, req.filter, &wanted)?;
    Ok(ListHandshakesForAccountResponse {
        handshakes: Some(handshakes),
        next_token,
    })
}
