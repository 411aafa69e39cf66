//! Finding the subscription that a request names. Whoever owns it decides by its own policies;
//! everybody else needs the topic's owner.

use std::sync::Arc;

use platform::{Ctx, NoKeys, Result};

use crate::access::{self, Tagging};
use crate::names::SubscriptionPlace;
use crate::refusals;
use crate::subscription::SubscriptionRecord;

/// The subscription of this ARN, if the caller may do this to it.
pub(crate) async fn find(
    ctx: &Ctx,
    action: &'static str,
    arn: &str,
) -> Result<(SubscriptionPlace, Option<Arc<SubscriptionRecord>>)> {
    let place = match SubscriptionPlace::asked(ctx, arn) {
        Ok(place) => place,
        Err(bad) => {
            access::everything(ctx, action).await?;
            return Err(bad.into());
        }
    };
    let found = SubscriptionRecord::get(ctx, &place).await?;
    match found
        .as_ref()
        .is_some_and(|found| found.owner == ctx.account())
    {
        true => access::as_subscriber(ctx, action, &place.topic.arn()).await?,
        false => {
            let tagging = Tagging::default();
            access::place_of(ctx, action, &place.topic, tagging, &NoKeys).await?;
        }
    }
    Ok((place, found))
}

/// The same, for one that has to exist.
pub(crate) async fn existing(
    ctx: &Ctx,
    action: &'static str,
    arn: &str,
) -> Result<(SubscriptionPlace, Arc<SubscriptionRecord>)> {
    let (place, found) = find(ctx, action, arn).await?;
    Ok((place, found.ok_or_else(refusals::no_subscription)?))
}
