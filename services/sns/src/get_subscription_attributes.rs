//! `sns:GetSubscriptionAttributes`: shows what is set of a subscription.

use api::sns::{GetSubscriptionAttributesInput, GetSubscriptionAttributesResponse};
use platform::{Ctx, Result};
use wire::Entries;

use crate::one_subscription;
use crate::subscription::SQS;

pub(crate) async fn get_subscription_attributes(
    ctx: &Ctx,
    req: GetSubscriptionAttributesInput,
) -> Result<GetSubscriptionAttributesResponse> {
    let action = "sns:GetSubscriptionAttributes";
    let (place, found) = one_subscription::existing(ctx, action, &req.subscription_arn).await?;
    let mut all = found.settings.clone();
    let raw = found.is_raw().to_string();
    for (name, value) in [
        ("SubscriptionArn", place.arn()),
        ("TopicArn", place.topic.arn()),
        ("Owner", found.owner.clone()),
        ("Protocol", SQS.to_owned()),
        ("Endpoint", found.endpoint.clone()),
        ("PendingConfirmation", "false".to_owned()),
        ("ConfirmationWasAuthenticated", "true".to_owned()),
        ("RawMessageDelivery", raw),
    ] {
        all.insert(name.to_owned(), value);
    }
    if all.contains_key("FilterPolicy") {
        let scope = all.entry("FilterPolicyScope".to_owned());
        scope.or_insert_with(|| "MessageAttributes".to_owned());
    }
    Ok(GetSubscriptionAttributesResponse {
        attributes: Some(Entries(all.into_iter().collect())),
    })
}
