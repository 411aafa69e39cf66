//! The way of a message to its endpoint. To a queue it is sent by the service principal of Amazon SNS
//! for the topic, as far as the queue's policy lets it, and so it is queued for a function; to a web
//! server it goes over HTTP. What the endpoint does not take goes to the dead-letter queue.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use api::sns::{MessageAttributeValue, SERVICE};
use api::sqs::{self, SendMessage, SendMessageRequest};
use platform::{
    Ctx, Deliverer, Delivery, DeliveryFuture, Error, Failure, GivenUp, NewDelivery,
    OutboundRequest, Outcome, Result, Retries,
};
use serde::{Deserialize, Serialize};
use wire::{Common, Entries, Fault, Timestamp};
use zeroize::Zeroizing;

use crate::delivery_policy::RetryPlan;
use crate::emptying::{self, Emptying};
use crate::encryption::Kept;
use crate::fan_out::{self, FanOut};
use crate::functions;
use crate::names::SubscriptionPlace;
use crate::subscription::{Standing, SubscriptionRecord};

/// Who sends.
pub(crate) const SNS: &str = "sns.amazonaws.com";
/// The format that payloads are written in.
const FORMAT: u8 = 1;
/// How long queues and functions are tried ("Amazon SNS message delivery retries": 23 days).
pub(crate) const INSIDE: Retries = Retries {
    most: 100_015,
    most_age_secs: 23 * 86_400,
};

/// An attribute of a message: name, type, text and bytes.
pub(crate) type Attribute = (String, String, Option<String>, Option<Vec<u8>>);

/// What is to be delivered.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Parcel {
    pub(crate) subscription_arn: String,
    pub(crate) topic_arn: String,
    /// `Notification`, `SubscriptionConfirmation` or `UnsubscribeConfirmation`
    pub(crate) kind: String,
    pub(crate) message_id: String,
    pub(crate) is_raw: bool,
    pub(crate) to: Endpoint,
    pub(crate) dead_letters: Option<String>,
    pub(crate) body: Kept,
    /// Which raw messages to queues take along.
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) deduplication: Option<String>,
    pub(crate) group: Option<String>,
}

/// Where it goes.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum Endpoint {
    /// The ARN of a queue.
    Queue(String),
    /// A URL, and how it is tried.
    Web(String, RetryPlan),
    /// The ARN of a function.
    Function(String),
}

impl Parcel {
    /// Attributes of a message, which raw messages take along.
    pub(crate) fn attributes(given: &Entries<MessageAttributeValue>) -> Vec<Attribute> {
        let kept = given.iter().map(|(name, value)| {
            let bytes = value.binary_value.as_ref().map(|bytes| bytes.to_vec());
            let text = value.string_value.clone();
            (name.clone(), value.data_type.clone(), text, bytes)
        });
        kept.collect()
    }

    /// Stages its delivery for an account. `ordered` where it may not pass those before it.
    pub(crate) async fn stage(self, ctx: &Ctx, account: &str, ordered: bool) -> Result<()> {
        let retries = match &self.to {
            Endpoint::Queue(_) | Endpoint::Function(_) => INSIDE,
            Endpoint::Web(_, plan) => plan.retries(),
        };
        ctx.stage_delivery(NewDelivery {
            service: &SERVICE,
            account: account.to_owned(),
            queue: self.subscription_arn.clone(),
            ordered,
            retries,
            payload: NewDelivery::payload_of(&(FORMAT, &self))?,
        })
        .await
    }

    fn read(delivery: &Delivery) -> Result<Self> {
        match delivery.read::<(u8, Self)>()? {
            (FORMAT, parcel) => Ok(parcel),
            _ => Err(Error::internal("a delivery of an unknown format")),
        }
    }

    async fn send(&self, ctx: &Ctx, queue_arn: &str) -> Result<()> {
        let attributes = self.attributes.iter().cloned();
        let attributes = attributes.map(|(name, data_type, text, bytes)| {
            let value = sqs::MessageAttributeValue {
                string_value: text,
                binary_value: bytes.map(Zeroizing::new),
                string_list_values: None,
                binary_list_values: None,
                data_type,
            };
            (name, value)
        });
        let is_fifo = queue_arn.ends_with(".fifo");
        // A message to confirm with has neither, and a FIFO queue takes none without.
        let own = |known: &Option<String>| {
            let known = known.as_ref().or(is_fifo.then_some(&self.message_id));
            known.cloned()
        };
        let request = SendMessageRequest {
            queue_url: url(queue_arn),
            message_body: self.body.open(ctx, &self.topic_arn)?.to_string(),
            delay_seconds: None,
            message_attributes: Entries(attributes.collect()),
            message_system_attributes: Entries::default(),
            message_deduplication_id: own(&self.deduplication).filter(|_| is_fifo),
            message_group_id: own(&self.group),
        };
        let call = ctx.as_service(SNS).source(&self.topic_arn);
        call.call::<SendMessage>(request).await.map(|_| ())
    }

    fn request(&self, ctx: &Ctx, url: &str, plan: &RetryPlan) -> Result<OutboundRequest> {
        let body = self.body.open(ctx, &self.topic_arn)?;
        let request = OutboundRequest::new("POST", url, body.as_bytes().to_vec());
        let mut request = request
            .header("x-amz-sns-message-type", &self.kind)
            .header("x-amz-sns-message-id", &self.message_id)
            .header("x-amz-sns-topic-arn", &self.topic_arn)
            .header("content-type", &plan.content_type)
            .header("user-agent", "Amazon Simple Notification Service Agent");
        // Whoever has not confirmed yet knows no subscription.
        if self.kind != "SubscriptionConfirmation" {
            request = request.header("x-amz-sns-subscription-arn", &self.subscription_arn);
        }
        if self.is_raw {
            request = request.header("x-amz-sns-rawdelivery", "true");
        }
        request.patience = PATIENCE;
        Ok(request)
    }
}

/// How long a web server may take ("Amazon SNS message delivery retries": 15 seconds).
const PATIENCE: Duration = Duration::from_secs(15);

/// The URL of a queue, at whatever endpoint.
fn url(queue_arn: &str) -> String {
    let mut parts = queue_arn.splitn(6, ':').skip(3);
    let (region, account) = (parts.next(), parts.next());
    let (region, account) = (region.unwrap_or_default(), account.unwrap_or_default());
    let name = parts.next().unwrap_or_default();
    format!("https://sqs.{region}.amazonaws.com/{account}/{name}")
}

/// Delivers messages of topics.
#[derive(Default)]
pub(crate) struct Endpoints {
    rates: Rates,
}

impl Deliverer for Endpoints {
    fn deliver<'a>(&'a self, ctx: &'a Ctx, delivery: &'a Delivery) -> DeliveryFuture<'a, Outcome> {
        Box::pin(async move {
            match delivery.payload.first() {
                Some(&fan_out::FORMAT) => return FanOut::read(delivery)?.go_on(ctx).await,
                Some(&emptying::FORMAT) => return Emptying::read(delivery)?.go_on(ctx).await,
                _ => {}
            }
            let parcel = Parcel::read(delivery)?;
            if parcel.kind == "Notification" && !still_wanted(ctx, &parcel).await? {
                return Ok(Outcome::Done);
            }
            match &parcel.to {
                Endpoint::Queue(arn) => to_queue(ctx, &parcel, arn).await,
                Endpoint::Function(arn) => functions::deliver(ctx, &parcel, arn).await,
                Endpoint::Web(url, plan) => {
                    let taken = self.rates.take(&parcel.subscription_arn, plan, ctx.now);
                    if let Err(left) = taken {
                        return Ok(Outcome::NotYet(left));
                    }
                    let request = parcel.request(ctx, url, plan)?;
                    to_web(ctx, request, plan.wait(delivery.attempts)).await
                }
            }
        })
    }

    fn give_up<'a>(
        &'a self,
        ctx: &'a Ctx,
        delivery: &'a Delivery,
        given_up: &'a GivenUp,
    ) -> DeliveryFuture<'a, ()> {
        Box::pin(async move {
            match delivery.payload.first() {
                Some(&fan_out::FORMAT) => {
                    let message = FanOut::read(delivery)?;
                    let (code, topic) = (&given_up.failure.code, message.place().arn());
                    tracing::warn!(code, topic, "a message is given up for some subscriptions");
                    return message.end(ctx).await;
                }
                Some(&emptying::FORMAT) => return Ok(()),
                _ => {}
            }
            let parcel = Parcel::read(delivery)?;
            let code = &given_up.failure.code;
            tracing::info!(
                code,
                subscription = parcel.subscription_arn,
                "a message is given up"
            );
            match &parcel.dead_letters {
                Some(dead) => parcel.send(ctx, dead).await,
                None => Ok(()),
            }
        })
    }
}

/// Whether the subscription that a message was for is still there.
async fn still_wanted(ctx: &Ctx, parcel: &Parcel) -> Result<bool> {
    let Some(place) = SubscriptionPlace::of_arn(&parcel.subscription_arn) else {
        return Ok(false);
    };
    let found = SubscriptionRecord::get(ctx, &place).await?;
    Ok(found.is_some_and(|found| found.standing == Standing::Confirmed))
}

async fn to_queue(ctx: &Ctx, parcel: &Parcel, arn: &str) -> Result<Outcome> {
    match parcel.send(ctx, arn).await {
        Ok(()) => Ok(Outcome::Done),
        Err(Error::Fault(fault)) => Ok(refused_by_queue(&fault)),
        Err(internal) => Err(internal),
    }
}

/// A queue that is not there, or does not let the topic in: "client-side errors" are not tried again
/// ("Amazon SNS message delivery retries").
fn refused_by_queue(fault: &Fault) -> Outcome {
    let failure = Failure::of(fault);
    let is_passing = matches!(
        fault.as_common(),
        Some(Common::InternalFailure | Common::Throttling)
    );
    match is_passing || failure.code.contains("Throttl") {
        true => Outcome::Retry(failure),
        false => Outcome::GiveUp(failure),
    }
}

async fn to_web(ctx: &Ctx, request: OutboundRequest, wait: Duration) -> Result<Outcome> {
    let (mut failure, is_final) = match ctx.upkeep().outbound().send(request).await {
        Ok(answer) if answer.is_success() => return Ok(Outcome::Done),
        Ok(answer) => {
            let status = answer.status;
            let message = format!("The endpoint answered with status {status}.");
            // Of those that are the receiver's decision, only 429 may pass.
            let is_final = (400..500).contains(&status) && status != 429;
            (Failure::new("ERROR_FROM_TARGET", message), is_final)
        }
        Err(unreached) => {
            let message = format!("The endpoint could not be called: {unreached}.");
            (
                Failure::new("CONNECTION_FAILURE", message),
                unreached.is_final(),
            )
        }
    };
    failure.retry_after = Some(wait);
    Ok(match is_final {
        true => Outcome::GiveUp(failure),
        false => Outcome::Retry(failure),
    })
}

/// How many attempts each web server got in this second.
#[derive(Default)]
struct Rates(Mutex<BTreeMap<String, (i64, u32)>>);

/// How many subscriptions are remembered.
const MANY: usize = 10_000;

impl Rates {
    /// Counts an attempt, or says how long the rest of this second is.
    fn take(&self, arn: &str, plan: &RetryPlan, now: Timestamp) -> Result<(), Duration> {
        let Some(most) = plan.most_a_second else {
            return Ok(());
        };
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let second = now.secs();
        if known.len() >= MANY && !known.contains_key(arn) {
            known.retain(|_, (of, _)| *of == second);
        }
        let count = known.entry(arn.to_owned()).or_default();
        if count.0 != second {
            *count = (second, 0);
        }
        if count.1 >= most {
            let left = 1000 - now.millis.rem_euclid(1000);
            return Err(Duration::from_millis(u64::try_from(left).unwrap_or(1000)));
        }
        count.1 += 1;
        Ok(())
    }
}
