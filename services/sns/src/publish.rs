//! `sns:Publish`: publishes a message to a topic.

use api::sns::{PublishInput, PublishResponse};
use platform::{Ctx, Result};

use crate::publishing::{self, Outgoing};
use crate::{access, refusals};

pub(crate) async fn publish(ctx: &Ctx, req: PublishInput) -> Result<PublishResponse> {
    let arn = req.topic_arn.as_ref().or(req.target_arn.as_ref());
    let Some(arn) = arn.filter(|_| req.phone_number.is_none()) else {
        access::everything(ctx, "sns:Publish").await?;
        return Err(match req.phone_number {
            Some(_) => refusals::unsupported("text messages"),
            None => refusals::invalid("Invalid parameter: TopicArn or TargetArn Reason: no value for required parameter"),
        }
        .into());
    };
    let topic = access::topic(ctx, "sns:Publish", arn).await?;
    let outgoing = Outgoing {
        message: req.message,
        subject: req.subject,
        structure: req.message_structure,
        attributes: req.message_attributes,
        deduplication: req.message_deduplication_id,
        group: req.message_group_id,
    };
    let published = publishing::publish(ctx, &topic, outgoing).await?;
    Ok(PublishResponse {
        message_id: Some(published.message_id),
        sequence_number: published.sequence_number,
    })
}
