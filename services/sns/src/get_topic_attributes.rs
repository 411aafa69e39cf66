//! `sns:GetTopicAttributes`: shows what is set of a topic.

use api::sns::{GetTopicAttributesInput, GetTopicAttributesResponse};
use platform::{Ctx, Result};
use wire::Entries;

use crate::access;
use crate::delivery_policy::RetryPlan;
use crate::subscription::{Standing, SubscriptionRecord};

pub(crate) async fn get_topic_attributes(
    ctx: &Ctx,
    req: GetTopicAttributesInput,
) -> Result<GetTopicAttributesResponse> {
    let topic = access::topic(ctx, "sns:GetTopicAttributes", &req.topic_arn).await?;
    let subscriptions = SubscriptionRecord::all(ctx, &topic.place).await?;
    let count = |standing: Standing| {
        let those = subscriptions.iter().filter(|one| one.standing == standing);
        those
            .filter(|one| !one.is_over(ctx.now))
            .count()
            .to_string()
    };
    let policy = topic.settings.get("DeliveryPolicy").map(String::as_str);
    let is_fixed =
        policy.is_some_and(|policy| policy.contains(r#""disableSubscriptionOverrides":true"#));
    let plan = RetryPlan::of(policy, None);
    let mut all = topic.settings.clone();
    if topic.is_fifo() {
        all.entry("ContentBasedDeduplication".to_owned())
            .or_insert_with(|| "false".to_owned());
    }
    let display = topic.settings.get("DisplayName").cloned();
    for (name, value) in [
        ("TopicArn", topic.place.arn()),
        ("Owner", topic.place.account.clone()),
        ("DisplayName", display.unwrap_or_default()),
        ("Policy", topic.shown_policy(ctx, &topic.place).await?),
        ("SubscriptionsConfirmed", count(Standing::Confirmed)),
        ("SubscriptionsPending", count(Standing::Pending)),
        ("SubscriptionsDeleted", count(Standing::Deleted)),
        ("EffectiveDeliveryPolicy", plan.shown_of_topic(is_fixed)),
    ] {
        all.insert(name.to_owned(), value);
    }
    Ok(GetTopicAttributesResponse {
        attributes: Some(Entries(all.into_iter().collect())),
    })
}
