//! Finding the subscription that a request names. The decision is about its topic.

use std::sync::Arc;

use platform::{Ctx, NoKeys, Result};

use crate::access::{self, Tagging};
use crate::names::SubscriptionPlace;
use crate::refusals;
use crate::subscription::SubscriptionRecord;

/// The subscription of this ARN, if the caller may do this to its topic, or owns it.
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
    access::place_of(ctx, action, &place.topic, Tagging::default(), &NoKeys).await?;
    let found = SubscriptionRecord::get(ctx, &place).await?;
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
