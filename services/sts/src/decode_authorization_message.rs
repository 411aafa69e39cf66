//! `sts:DecodeAuthorizationMessage`: opens the message that some refusals carry.

use api::sts::{
    DecodeAuthorizationMessageRequest, DecodeAuthorizationMessageResponse,
    InvalidAuthorizationMessageException,
};
use platform::{Ctx, Everything, Result};

pub(crate) async fn decode_authorization_message(
    ctx: &Ctx,
    request: DecodeAuthorizationMessageRequest,
) -> Result<DecodeAuthorizationMessageResponse> {
    let account = ctx.account().to_owned();
    let everything = Everything { account };
    let access = ctx.authorize("sts:DecodeAuthorizationMessage", everything);
    access.decide().await?;
    let decoded = ctx.decode_authorization_message(&request.encoded_message);
    let invalid =
        || InvalidAuthorizationMessageException::new("The authorization message is not valid.");
    Ok(DecodeAuthorizationMessageResponse {
        decoded_message: Some(decoded.ok_or_else(invalid)?),
    })
}
