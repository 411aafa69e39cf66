//! `sns:GetTopicAttributes`: shows what is set of a topic.

use api::sns::{GetTopicAttributesInput, GetTopicAttributesResponse};
use platform::{Ctx, Result};
use wire::Entries;

use crate::access;
use crate::subscription::SubscriptionRecord;

/// How queues and others are tried ("Amazon SNS message delivery retries", defaults).
const DELIVERY_POLICY: &str = r#"{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":20,"maxDelayTarget":20,"numRetries":3,"numMaxDelayRetries":0,"numNoDelayRetries":0,"numMinDelayRetries":0,"backoffFunction":"linear"},"disableSubscriptionOverrides":false,"defaultRequestPolicy":{"headerContentType":"text/plain; charset=UTF-8"}}}"#;

pub(crate) async fn get_topic_attributes(
    ctx: &Ctx,
    req: GetTopicAttributesInput,
) -> Result<GetTopicAttributesResponse> {
    let topic = access::topic(ctx, "sns:GetTopicAttributes", &req.topic_arn).await?;
    let subscriptions = ctx.scan_all::<SubscriptionRecord>(&topic.place.key()).await?;
    let mut all = topic.settings.clone();
    if topic.is_fifo() {
        all.entry("ContentBasedDeduplication".to_owned()).or_insert_with(|| "false".to_owned());
    }
    let display = topic.settings.get("DisplayName").cloned();
    for (name, value) in [
        ("TopicArn", topic.place.arn()),
        ("Owner", topic.place.account.clone()),
        ("DisplayName", display.unwrap_or_default()),
        ("Policy", topic.shown_policy(ctx, &topic.place).await?),
        ("SubscriptionsConfirmed", subscriptions.len().to_string()),
        ("SubscriptionsPending", "0".to_owned()),
        ("SubscriptionsDeleted", "0".to_owned()),
        ("EffectiveDeliveryPolicy", DELIVERY_POLICY.to_owned()),
    ] {
        all.insert(name.to_owned(), value);
    }
    Ok(GetTopicAttributesResponse {
        attributes: Some(Entries(all.into_iter().collect())),
    })
}
