//! Subscriptions.

use std::collections::BTreeMap;
use std::sync::Arc;

use api::sns::Subscription;
use platform::{Ctx, Derived, Error, Result};
use patterns::Pattern;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{Key, Record};
use wire::Fault;

use crate::names::SubscriptionPlace;
use crate::refusals;

/// What the store keeps of a subscription, all of which are of queues and confirmed.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct SubscriptionRecord {
    pub(crate) id: String,
    /// The account that subscribed.
    pub(crate) owner: String,
    /// The queue's ARN.
    pub(crate) endpoint: String,
    /// What was set, by the attribute's name.
    pub(crate) settings: BTreeMap<String, String>,
    #[serde(skip)]
    pub(crate) compiled: Derived<Pattern>,
}

impl Record for SubscriptionRecord {
    const TABLE: &'static str = "sns.subscriptions";
    const SERVICE: &'static str = "sns";
}

/// A subscription by who owns it, whoever has the topic.
#[derive(Serialize, Deserialize)]
pub(crate) struct OwnedRecord {
    /// The ARN of the subscription.
    pub(crate) arn: String,
}

impl Record for OwnedRecord {
    const TABLE: &'static str = "sns.owned";
    const SERVICE: &'static str = "sns";
}

/// The protocol of queues.
pub(crate) const SQS: &str = "sqs";

impl OwnedRecord {
    /// Where the record of a subscription is.
    pub(crate) fn place(owner: &str, place: &SubscriptionPlace) -> Key {
        let topic = &place.topic;
        let parts = [topic.account.as_str(), topic.name.as_str(), place.id.as_str()];
        Key::new(owner, &topic.region, parts)
    }
}

impl SubscriptionRecord {
    /// The subscription, if there is one.
    pub(crate) async fn get(ctx: &Ctx, place: &SubscriptionPlace) -> Result<Option<Arc<Self>>> {
        ctx.get(&place.key()).await
    }

    /// Stages the record.
    pub(crate) async fn put(self, ctx: &Ctx, place: &SubscriptionPlace) {
        let owned = OwnedRecord { arn: place.arn() };
        ctx.put(OwnedRecord::place(&self.owner, place), owned).await;
        ctx.put(place.key(), self).await;
    }

    /// Stages that it is gone.
    pub(crate) async fn delete(&self, ctx: &Ctx, place: &SubscriptionPlace) {
        ctx.delete::<OwnedRecord>(&OwnedRecord::place(&self.owner, place)).await;
        ctx.delete::<Self>(&place.key()).await;
    }

    /// Sets an attribute, or takes it away.
    pub(crate) fn set(&mut self, name: &str, value: &str) -> Result<(), Fault> {
        check(name, value)?;
        match value.is_empty() || (name, value) == ("FilterPolicy", "{}") {
            true => drop(self.settings.remove(name)),
            false => drop(self.settings.insert(name.to_owned(), value.to_owned())),
        }
        Ok(())
    }

    /// What messages it takes, compiled once; none for all.
    pub(crate) fn filter(&self) -> Result<Option<&Pattern>> {
        let Some(text) = self.settings.get("FilterPolicy") else {
            return Ok(None);
        };
        let parse = || Pattern::parse(text).map_err(Error::internal);
        self.compiled.get_or_make(parse).map(Some)
    }

    /// Whether the filter is about what messages say, not about their attributes.
    pub(crate) fn filters_body(&self) -> bool {
        let scope = self.settings.get("FilterPolicyScope");
        scope.is_some_and(|scope| scope == "MessageBody")
    }

    /// Whether messages go as they are, without an envelope.
    pub(crate) fn is_raw(&self) -> bool {
        let raw = self.settings.get("RawMessageDelivery");
        raw.is_some_and(|raw| raw == "true")
    }

    /// The ARN of the queue that takes what cannot be delivered.
    pub(crate) fn dead_letters(&self) -> Option<String> {
        let policy: Value = serde_json::from_str(self.settings.get("RedrivePolicy")?).ok()?;
        let arn = policy.get("deadLetterTargetArn")?.as_str()?;
        Some(arn.to_owned())
    }

    /// The subscription as lists show it.
    pub(crate) fn shown(&self, place: &SubscriptionPlace) -> Subscription {
        Subscription {
            subscription_arn: Some(place.arn()),
            owner: Some(self.owner.clone()),
            protocol: Some(SQS.to_owned()),
            endpoint: Some(self.endpoint.clone()),
            topic_arn: Some(place.topic.arn()),
        }
    }
}

fn check(name: &str, value: &str) -> Result<(), Fault> {
    match name {
        "RawMessageDelivery" if matches!(value, "true" | "false") => Ok(()),
        "RawMessageDelivery" => Err(refusals::bad_because(
            "Attributes",
            &format!("RawMessageDelivery: Invalid value [{value}]. Must be true or false."),
        )),
        "FilterPolicyScope" if matches!(value, "MessageAttributes" | "MessageBody") => Ok(()),
        "FilterPolicyScope" => Err(refusals::bad_because(
            "Attributes",
            &format!(
                "FilterPolicyScope: Invalid value [{value}]. Please use either MessageBody or \
                 MessageAttributes"
            ),
        )),
        "FilterPolicy" if value.is_empty() || value == "{}" => Ok(()),
        "FilterPolicy" => match Pattern::parse(value) {
            Ok(_) => Ok(()),
            Err(error) => Err(refusals::invalid(format!(
                "Invalid parameter: FilterPolicy: {error}"
            ))),
        },
        "RedrivePolicy" if value.is_empty() => Ok(()),
        "RedrivePolicy" => {
            let policy = serde_json::from_str::<Value>(value).ok();
            let arn = policy.as_ref().and_then(|policy| policy.get("deadLetterTargetArn"));
            let is_queue = |arn: &str| arn.split(':').nth(2) == Some("sqs");
            match arn.and_then(Value::as_str).is_some_and(is_queue) {
                true => Ok(()),
                false => Err(refusals::invalid(
                    "Invalid parameter: RedrivePolicy: deadLetterTargetArn is an invalid arn",
                )),
            }
        }
        "DeliveryPolicy" | "SubscriptionRoleArn" | "ReplayPolicy" => {
            Err(refusals::unsupported(&format!("{name} of subscriptions")))
        }
        _ => Err(refusals::bad("AttributeName")),
    }
}
