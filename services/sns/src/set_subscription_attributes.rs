//! `sns:SetSubscriptionAttributes`: changes what is set of a subscription.

use api::sns::SetSubscriptionAttributesInput;
use platform::{Ctx, Result};
use wire::Empty;

use crate::one_subscription;
use crate::subscription::SubscriptionRecord;

pub(crate) async fn set_subscription_attributes(
    ctx: &Ctx,
    req: SetSubscriptionAttributesInput,
) -> Result<Empty> {
    let action = "sns:SetSubscriptionAttributes";
    let (place, found) = one_subscription::existing(ctx, action, &req.subscription_arn).await?;
    let mut record = SubscriptionRecord::clone(&found);
    record.set(&req.attribute_name, &req.attribute_value.unwrap_or_default())?;
    record.put(ctx, &place).await;
    Ok(Empty)
}
