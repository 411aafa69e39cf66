//! `sns:ConfirmSubscription`: the endpoint wants messages. The token says so, not who calls: a link in
//! a message leads here too.

use api::sns::{
    AuthorizationErrorException, ConfirmSubscriptionInput, ConfirmSubscriptionResponse,
};
use platform::{CallerKind, Ctx, Result};

use crate::names::{SubscriptionPlace, TopicPlace};
use crate::subscription::{Standing, SubscriptionRecord};
use crate::{access, confirming, refusals};

pub(crate) async fn confirm_subscription(
    ctx: &Ctx,
    req: ConfirmSubscriptionInput,
) -> Result<ConfirmSubscriptionResponse> {
    let is_signed = !matches!(ctx.caller.kind, CallerKind::Anonymous);
    if is_signed {
        access::as_subscriber(ctx, "sns:ConfirmSubscription", &req.topic_arn).await?;
    } else {
        ctx.needs_no_permission();
    }
    let is_guarded = match req.authenticate_on_unsubscribe.as_deref() {
        None | Some("false") => false,
        Some("true") if is_signed => true,
        Some("true") => {
            let text = "AuthenticateOnUnsubscribe requires a signed request";
            return Err(AuthorizationErrorException::new(text).into());
        }
        Some(_) => return Err(refusals::bad("AuthenticateOnUnsubscribe").into()),
    };
    let topic = TopicPlace::asked(ctx, &req.topic_arn)?;
    // Whether topic or subscription exist is for holders of their token alone.
    let bad = || refusals::bad("Token");
    if !req.token.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(refusals::invalid("Invalid token").into());
    }
    let id = confirming::subscription_of(&req.token).ok_or_else(bad)?;
    let place = SubscriptionPlace { topic, id };
    let found = SubscriptionRecord::get(ctx, &place)
        .await?
        .ok_or_else(bad)?;
    let given = crypto::sha256(req.token.as_bytes());
    let offer = found.offer.as_ref().ok_or_else(bad)?;
    // Digests: how far two of them agree tells nothing about the token.
    if offer.token != given || offer.until_millis <= ctx.now.millis {
        return Err(bad().into());
    }
    if found.standing != Standing::Confirmed {
        let mut record = SubscriptionRecord::clone(&found);
        record.confirm(ctx.now);
        record.is_authenticated = is_signed;
        record.is_guarded = is_guarded;
        record.put(ctx, &place).await;
    }
    Ok(ConfirmSubscriptionResponse {
        subscription_arn: Some(place.arn()),
    })
}
