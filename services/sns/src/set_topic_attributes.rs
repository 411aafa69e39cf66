//! `sns:SetTopicAttributes`: changes what is set of a topic.

use api::sns::SetTopicAttributesInput;
use platform::{Ctx, Result};
use wire::Empty;

use crate::subscribe::MOST_OF_LARGE;
use crate::subscription::SubscriptionRecord;
use crate::{access, refusals};

pub(crate) async fn set_topic_attributes(ctx: &Ctx, req: SetTopicAttributesInput) -> Result<Empty> {
    let topic = access::topic(ctx, "sns:SetTopicAttributes", &req.topic_arn).await?;
    let mut record = topic.draft();
    let value = req.attribute_value.unwrap_or_default();
    record.set(ctx, &req.attribute_name, &value).await?;
    if record.takes_large() {
        let all = SubscriptionRecord::all(ctx, &topic.place).await?;
        if all.len() > MOST_OF_LARGE || all.iter().any(|one| one.is_web()) {
            let reason = "The topic has subscriptions that do not take messages above 256 KiB";
            return Err(refusals::bad_because("MaximumMessageSize", reason).into());
        }
    }
    ctx.put(topic.place.key(), record).await;
    Ok(Empty)
}
