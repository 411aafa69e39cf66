//! `sns:Unsubscribe`: ends a subscription. One that is not there is no mistake. The link in each
//! message leads here too, unless whoever confirmed did not want that.

use api::sns::{AuthorizationErrorException, UnsubscribeInput};
use platform::{CallerKind, Ctx, Result};
use wire::Empty;

use crate::access::Topic;
use crate::confirming::{self, Confirmation};
use crate::names::SubscriptionPlace;
use crate::one_subscription;
use crate::subscription::{Standing, SubscriptionRecord};

pub(crate) async fn unsubscribe(ctx: &Ctx, req: UnsubscribeInput) -> Result<Empty> {
    let arn = &req.subscription_arn;
    let is_signed = !matches!(ctx.caller.kind, CallerKind::Anonymous);
    let (place, found) = if is_signed {
        one_subscription::find(ctx, "sns:Unsubscribe", arn).await?
    } else {
        ctx.needs_no_permission();
        let place = SubscriptionPlace::asked(ctx, arn)?;
        let found = SubscriptionRecord::get(ctx, &place).await?;
        (place, found)
    };
    let Some(found) = found else {
        return Ok(Empty);
    };
    if found.is_guarded && !is_signed {
        let text = "The subscription can be ended by a signed request alone";
        return Err(AuthorizationErrorException::new(text).into());
    }
    // Only what was confirmed can be told that it is over.
    if found.owner == ctx.account() || found.standing != Standing::Confirmed {
        if is_signed {
            found.delete(ctx, &place).await;
        }
        return Ok(Empty);
    }
    let Some(topic) = Topic::of_subscription(ctx, &place).await? else {
        found.delete(ctx, &place).await;
        return Ok(Empty);
    };
    let mut record = SubscriptionRecord::clone(&found);
    record.standing = Standing::Deleted;
    confirming::ask(
        ctx,
        &topic,
        (&place, &mut record),
        Confirmation::Unsubscription,
    )
    .await?;
    record.put(ctx, &place).await;
    Ok(Empty)
}
