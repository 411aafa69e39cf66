//! `sns:GetSubscriptionAttributes`: shows what is set of a subscription.

use api::sns::{GetSubscriptionAttributesInput, GetSubscriptionAttributesResponse};
use platform::{Ctx, Result};
use wire::Entries;

use crate::access::Topic;
use crate::one_subscription;
use crate::subscription::Standing;

pub(crate) async fn get_subscription_attributes(
    ctx: &Ctx,
    req: GetSubscriptionAttributesInput,
) -> Result<GetSubscriptionAttributesResponse> {
    let action = "sns:GetSubscriptionAttributes";
    let (place, found) = one_subscription::existing(ctx, action, &req.subscription_arn).await?;
    let mut all = found.settings.clone();
    let raw = found.is_raw().to_string();
    let is_pending = found.standing != Standing::Confirmed;
    for (name, value) in [
        ("SubscriptionArn", place.arn()),
        ("TopicArn", place.topic.arn()),
        ("Owner", found.owner.clone()),
        ("SubscriptionPrincipal", found.principal.clone()),
        ("Protocol", found.protocol.clone()),
        ("Endpoint", found.endpoint.clone()),
        ("PendingConfirmation", is_pending.to_string()),
        (
            "ConfirmationWasAuthenticated",
            found.is_authenticated.to_string(),
        ),
        ("RawMessageDelivery", raw),
    ] {
        all.insert(name.to_owned(), value);
    }
    if all.contains_key("FilterPolicy") {
        let scope = all.entry("FilterPolicyScope".to_owned());
        scope.or_insert_with(|| "MessageAttributes".to_owned());
    }
    if found.is_web() {
        let topic = Topic::of_subscription(ctx, &place).await?;
        let policy = topic
            .as_ref()
            .and_then(|topic| topic.settings.get("DeliveryPolicy"));
        let plan = found.retry_plan(policy.map(String::as_str));
        all.insert("EffectiveDeliveryPolicy".to_owned(), plan.shown());
    }
    Ok(GetSubscriptionAttributesResponse {
        attributes: Some(Entries(all.into_iter().collect())),
    })
}
