//! What attributes of subscriptions may say (SetSubscriptionAttributes).

use platform::Result;
use serde_json::Value;
use wire::Fault;

use crate::subscription::{LAMBDA, SubscriptionRecord};
use crate::{delivery_policy, filter, refusals};

/// Checks one attribute. `prefix` is what errors say before its name.
pub(crate) fn check(
    record: &SubscriptionRecord,
    (name, value): (&str, &str),
    prefix: &str,
) -> Result<()> {
    let bad = |reason: &str| refusals::bad(&format!("{prefix}{name}: {reason}"));
    let checked = match name {
        "RawMessageDelivery" if value == "true" && record.protocol == LAMBDA => {
            return Err(refusals::no_raw_messages(LAMBDA).into());
        }
        "RawMessageDelivery" => match value {
            "true" | "false" => Ok(()),
            _ => Err(format!("Invalid value [{value}]. Must be true or false.")),
        },
        "FilterPolicyScope" => match value {
            "MessageAttributes" | "MessageBody" => Ok(()),
            _ => Err(format!(
                "Invalid value [{value}]. Please use either MessageBody or MessageAttributes"
            )),
        },
        "FilterPolicy" if value.is_empty() => Ok(()),
        "FilterPolicy" => filter::check_policy(value),
        "RedrivePolicy" if value.is_empty() => Ok(()),
        "RedrivePolicy" => check_redrive(value),
        "DeliveryPolicy" if value.is_empty() => Ok(()),
        "DeliveryPolicy" if !record.is_web() => {
            Err("only subscriptions of web servers have a delivery policy".to_owned())
        }
        "DeliveryPolicy" => delivery_policy::check_own(value),
        "SubscriptionRoleArn" | "ReplayPolicy" => {
            return Err(refusals::unsupported(&format!("{name} of subscriptions")).into());
        }
        _ => return Err(refusals::bad("AttributeName").into()),
    };
    checked.map_err(|reason| bad(&reason).into())
}

/// Checks what the attributes of a subscription are together, and to its topic.
pub(crate) fn check_together(
    record: &SubscriptionRecord,
    is_fifo: bool,
    prefix: &str,
) -> Result<(), Fault> {
    let scope = match record.filters_body() {
        true => "MessageBody",
        false => "MessageAttributes",
    };
    if let Some(policy) = record.settings.get("FilterPolicy") {
        let fits = filter::check_scope(policy, record.filters_body(), scope);
        fits.map_err(|reason| refusals::bad(&format!("{prefix}FilterPolicy: {reason}")))?;
    }
    let dead = record.dead_letters();
    if is_fifo && dead.is_some_and(|arn| !arn.ends_with(".fifo")) {
        let reason = "RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO \
                      Topic.";
        return Err(refusals::bad(&format!("{prefix}{reason}")));
    }
    Ok(())
}

fn check_redrive(value: &str) -> Result<(), String> {
    let policy = serde_json::from_str::<Value>(value);
    let policy = policy.map_err(|_| "failed to parse JSON.".to_owned())?;
    let arn = policy.get("deadLetterTargetArn").and_then(Value::as_str);
    let is_queue = |arn: &str| {
        let parts: Vec<_> = arn.split(':').collect();
        matches!(parts.as_slice(), ["arn", _, "sqs", region, account, name]
            if !region.is_empty() && platform::is_account(account) && !name.is_empty())
    };
    match arn.is_some_and(is_queue) {
        true => Ok(()),
        false => Err("deadLetterTargetArn is an invalid arn".to_owned()),
    }
}
