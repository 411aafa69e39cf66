//! `sns:Publish`: publishes a message to a topic.

use api::sns::{PublishInput, PublishResponse};
use platform::{Ctx, Result};

use crate::publishing::{self, Outgoing};
use crate::{access, refusals};

pub(crate) async fn publish(ctx: &Ctx, req: PublishInput) -> Result<PublishResponse> {
    let arns = [&req.topic_arn, &req.target_arn];
    let mut named = arns.into_iter().flatten();
    let (arn, has_more) = (named.next(), named.next().is_some());
    let arn = match (arn, &req.phone_number) {
        (Some(arn), None) if !has_more => arn,
        (None, None) => {
            access::everything(ctx, "sns:Publish").await?;
            let reason = "no value for required parameter";
            return Err(refusals::bad_because("TopicArn or TargetArn", reason).into());
        }
        (None, Some(_)) => {
            access::everything(ctx, "sns:Publish").await?;
            return Err(refusals::unsupported("text messages").into());
        }
        _ => {
            access::everything(ctx, "sns:Publish").await?;
            let reason = "Only one of TopicArn, TargetArn and PhoneNumber can be given";
            return Err(refusals::bad_because("TargetArn", reason).into());
        }
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
    let key = publishing::topic_key(ctx, &topic).await?;
    let published = publishing::publish(ctx, &topic, key.as_ref(), outgoing).await?;
    Ok(PublishResponse {
        message_id: Some(published.message_id),
        sequence_number: published.sequence_number,
    })
}
