//! Subscriptions.

use std::collections::BTreeMap;
use std::sync::Arc;

use api::sns::Subscription;
use patterns::Pattern;
use platform::{Ctx, Derived, Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{DecodeError, Key, Migrate as _, Record};
use wire::Timestamp;

use crate::delivering::Endpoint;
use crate::delivery_policy::RetryPlan;
use crate::names::{SubscriptionPlace, TopicPlace};
use crate::{filter, subscription_checks};

/// The protocol of queues.
pub(crate) const SQS: &str = "sqs";
/// The protocol of functions.
pub(crate) const LAMBDA: &str = "lambda";
/// How long an endpoint may take to confirm, in milliseconds (Subscribe: two days).
pub(crate) const OFFER_MILLIS: i64 = 48 * 3_600_000;

/// What the store keeps of a subscription.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct SubscriptionRecord {
    pub(crate) id: String,
    /// The account that subscribed.
    pub(crate) owner: String,
    /// The ARN of who did it.
    pub(crate) principal: String,
    /// `sqs`, `lambda`, `https` or `http`
    pub(crate) protocol: String,
    /// The ARN of the queue or the function, or a URL.
    pub(crate) endpoint: String,
    pub(crate) standing: Standing,
    /// Since when messages go to it, in milliseconds since 1970; 0 for those that were there before
    /// it was noted.
    pub(crate) since_millis: i64,
    /// What the endpoint can confirm with.
    pub(crate) offer: Option<Offer>,
    /// Whether who confirmed had signed.
    pub(crate) is_authenticated: bool,
    /// Whether nobody ends it without a signature (ConfirmSubscription,
    /// `AuthenticateOnUnsubscribe`).
    pub(crate) is_guarded: bool,
    /// What was set, by the attribute's name.
    pub(crate) settings: BTreeMap<String, String>,
    #[serde(skip)]
    pub(crate) compiled: Derived<Pattern>,
}

/// Whether messages go to a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Standing {
    /// They do.
    Confirmed,
    /// Not before its endpoint confirms.
    Pending,
    /// No longer, unless its endpoint confirms anew.
    Deleted,
}

/// What an endpoint was sent, to confirm with.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Offer {
    /// SHA-256 of the token.
    pub(crate) token: [u8; 32],
    pub(crate) until_millis: i64,
}

impl Record for SubscriptionRecord {
    const TABLE: &'static str = "sns.subscriptions";
    const SERVICE: &'static str = "sns";
    const FORMAT: u8 = 3;

    fn decode_older(format: u8, bytes: &[u8]) -> std::result::Result<Self, DecodeError> {
        Self::decode_previous(format, bytes)
    }
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

impl OwnedRecord {
    /// Where the record of a subscription is.
    pub(crate) fn place(owner: &str, place: &SubscriptionPlace) -> Key {
        let topic = &place.topic;
        let parts = [
            topic.account.as_str(),
            topic.name.as_str(),
            place.id.as_str(),
        ];
        Key::new(owner, &topic.region, parts)
    }
}

impl SubscriptionRecord {
    /// The subscription, if there is one.
    pub(crate) async fn get(ctx: &Ctx, place: &SubscriptionPlace) -> Result<Option<Arc<Self>>> {
        let found = ctx.get::<Self>(&place.key()).await?;
        Ok(found.filter(|found| !found.is_over(ctx.now)))
    }

    /// All subscriptions of a topic, those that nobody confirmed in time too.
    pub(crate) async fn all(ctx: &Ctx, topic: &TopicPlace) -> Result<Vec<Arc<Self>>> {
        let rows = ctx.scan_all::<Self>(&topic.key()).await?;
        Ok(rows.into_iter().map(|(_, found)| found).collect())
    }

    /// Has messages go to it from `now` on.
    pub(crate) fn confirm(&mut self, now: Timestamp) {
        self.standing = Standing::Confirmed;
        self.since_millis = now.millis;
    }

    /// Stages the record.
    pub(crate) async fn put(self, ctx: &Ctx, place: &SubscriptionPlace) {
        let owned = OwnedRecord { arn: place.arn() };
        ctx.put(OwnedRecord::place(&self.owner, place), owned).await;
        ctx.put(place.key(), self).await;
    }

    /// Stages that it is gone.
    pub(crate) async fn delete(&self, ctx: &Ctx, place: &SubscriptionPlace) {
        let owned = OwnedRecord::place(&self.owner, place);
        ctx.delete::<OwnedRecord>(&owned).await;
        ctx.delete::<Self>(&place.key()).await;
    }

    /// Whether it waits for nothing any more: nobody confirmed it in time.
    pub(crate) fn is_over(&self, now: Timestamp) -> bool {
        let until = self.offer.as_ref().map_or(0, |offer| offer.until_millis);
        self.standing != Standing::Confirmed && until <= now.millis
    }

    /// Sets an attribute, or takes it away. `prefix` is what errors say before its name. What
    /// attributes are together is checked by [`check`](Self::check).
    pub(crate) fn set(&mut self, (name, value): (&str, &str), prefix: &str) -> Result<()> {
        subscription_checks::check(self, (name, value), prefix)?;
        let kept = match name {
            "FilterPolicy" => filter::without_spaces(value),
            _ => value.to_owned(),
        };
        match kept.is_empty() || (name, &*kept) == ("FilterPolicy", "{}") {
            true => drop(self.settings.remove(name)),
            false => drop(self.settings.insert(name.to_owned(), kept)),
        }
        self.compiled = Derived::default();
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

    /// Whether its endpoint is a web server, not a queue or a function.
    pub(crate) fn is_web(&self) -> bool {
        ![SQS, LAMBDA].contains(&self.protocol.as_str())
    }

    /// Where its messages go; `plan` is how a web server is tried.
    pub(crate) fn to(&self, plan: impl FnOnce() -> RetryPlan) -> Endpoint {
        let endpoint = self.endpoint.clone();
        match self.protocol.as_str() {
            SQS => Endpoint::Queue(endpoint),
            LAMBDA => Endpoint::Function(endpoint),
            _ => Endpoint::Web(endpoint, plan()),
        }
    }

    /// How its web server is tried; `topic` is the topic's delivery policy.
    pub(crate) fn retry_plan(&self, topic: Option<&str>) -> RetryPlan {
        let own = self.settings.get("DeliveryPolicy").map(String::as_str);
        RetryPlan::of(topic, own)
    }

    /// The ARN of the queue that takes what cannot be delivered.
    pub(crate) fn dead_letters(&self) -> Option<String> {
        let policy: Value = serde_json::from_str(self.settings.get("RedrivePolicy")?).ok()?;
        let arn = policy.get("deadLetterTargetArn")?.as_str()?;
        Some(arn.to_owned())
    }

    /// The subscription as lists show it.
    pub(crate) fn shown(&self, place: &SubscriptionPlace) -> Subscription {
        let arn = match self.standing {
            Standing::Confirmed => place.arn(),
            Standing::Pending => "PendingConfirmation".to_owned(),
            Standing::Deleted => "Deleted".to_owned(),
        };
        Subscription {
            subscription_arn: Some(arn),
            owner: Some(self.owner.clone()),
            protocol: Some(self.protocol.clone()),
            endpoint: Some(self.endpoint.clone()),
            topic_arn: Some(place.topic.arn()),
        }
    }
}
