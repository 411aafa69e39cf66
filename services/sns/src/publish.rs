//! `sns:Publish`: publishes a message to a topic.

use api::sns::{PublishInput, PublishResponse};
use platform::{Ctx, Result};

use crate::publishing::{self, Outgoing};
use crate::{access, refusals};

pub(crate) async fn publish(ctx: &Ctx, req: PublishInput) -> Result<PublishResponse> {
    let arns = [&req.topic_arn, &req.target_arn];
    let mut named = arns.into_iter().flatten();
    let Some(arn) = named.next() else {
        access::everything(ctx, "sns:Publish").await?;
        return Err(match req.phone_number {
            Some(_) => refusals::unsupported("text messages"),
            None => {
                let reason = "no value for required parameter";
                refusals::bad_because("TopicArn or TargetArn", reason)
            }
        }
        .into());
    };
    let topic = access::topic(ctx, "sns:Publish", arn).await?;
    if named.next().is_some() || req.phone_number.is_some() {
        let reason = "Only one of TopicArn, TargetArn and PhoneNumber can be given";
        return Err(refusals::bad_because("TargetArn", reason).into());
    }
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
