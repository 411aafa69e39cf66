//! `sns:SetTopicAttributes`: changes what is set of a topic.

use api::sns::SetTopicAttributesInput;
use platform::{Ctx, Result};
use wire::Empty;

use crate::access;

pub(crate) async fn set_topic_attributes(
    ctx: &Ctx,
    req: SetTopicAttributesInput,
) -> Result<Empty> {
    let topic = access::topic(ctx, "sns:SetTopicAttributes", &req.topic_arn).await?;
    let mut record = topic.draft();
    let value = req.attribute_value.unwrap_or_default();
    record.set(ctx, &req.attribute_name, &value).await?;
    ctx.put(topic.place.key(), record).await;
    Ok(Empty)
}
