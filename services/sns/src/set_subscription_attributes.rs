//! `sns:SetSubscriptionAttributes`: changes what is set of a subscription.

use api::sns::SetSubscriptionAttributesInput;
use platform::{Ctx, Result};
use wire::Empty;

use crate::access::Topic;
use crate::subscription::SubscriptionRecord;
use crate::{one_subscription, subscribe, subscription_checks};

pub(crate) async fn set_subscription_attributes(
    ctx: &Ctx,
    req: SetSubscriptionAttributesInput,
) -> Result<Empty> {
    let action = "sns:SetSubscriptionAttributes";
    let (place, found) = one_subscription::existing(ctx, action, &req.subscription_arn).await?;
    let mut record = SubscriptionRecord::clone(&found);
    let value = req.attribute_value.unwrap_or_default();
    record.set((&req.attribute_name, &value), "")?;
    let topic = Topic::of_subscription(ctx, &place).await?;
    let is_fifo = topic.is_some_and(|topic| topic.is_fifo());
    subscription_checks::check_together(&record, is_fifo, "")?;
    let all = SubscriptionRecord::all(ctx, &place.topic).await?;
    subscribe::check_filters(&all, &record)?;
    record.put(ctx, &place).await;
    Ok(Empty)
}
