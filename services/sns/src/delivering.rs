//! The way of a message to a queue: sent by the service principal of Amazon SNS for the topic, as
//! far as the queue's policy lets it. What the queue refuses goes to the dead-letter queue.

use api::sns::MessageAttributeValue;
use api::sqs::{self, SendMessage, SendMessageRequest};
use platform::{
    Ctx, Deliverer, Delivery, DeliveryFuture, Error, Failure, GivenUp, Outcome, Result,
};
use serde::{Deserialize, Serialize};
use wire::{Common, Entries};
use zeroize::Zeroizing;

/// Who sends.
const SNS: &str = "sns.amazonaws.com";

/// What is to be delivered.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Parcel {
    pub(crate) topic_arn: String,
    pub(crate) queue_arn: String,
    pub(crate) dead_letters: Option<String>,
    pub(crate) body: String,
    pub(crate) attributes: Vec<(String, String, Option<String>, Option<Vec<u8>>)>,
    pub(crate) deduplication: Option<String>,
    pub(crate) group: Option<String>,
}

impl Parcel {
    /// Attributes of a message, which raw messages take along.
    pub(crate) fn attributes(
        given: &Entries<MessageAttributeValue>,
    ) -> Vec<(String, String, Option<String>, Option<Vec<u8>>)> {
        let kept = given.iter().map(|(name, value)| {
            let bytes = value.binary_value.as_ref().map(|bytes| bytes.to_vec());
            let text = value.string_value.clone();
            (name.clone(), value.data_type.clone(), text, bytes)
        });
        kept.collect()
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
        let request = SendMessageRequest {
            queue_url: url(queue_arn),
            message_body: self.body.clone(),
            delay_seconds: None,
            message_attributes: Entries(attributes.collect()),
            message_system_attributes: Entries::default(),
            message_deduplication_id: self.deduplication.clone().filter(|_| is_fifo),
            message_group_id: self.group.clone(),
        };
        let call = ctx.as_service(SNS).source(&self.topic_arn);
        call.call::<SendMessage>(request).await.map(|_| ())
    }
}

/// The URL of a queue, at whatever endpoint.
fn url(queue_arn: &str) -> String {
    let mut parts = queue_arn.splitn(6, ':').skip(3);
    let (region, account) = (parts.next(), parts.next());
    let (region, account) = (region.unwrap_or_default(), account.unwrap_or_default());
    let name = parts.next().unwrap_or_default();
    format!("https://sqs.{region}.amazonaws.com/{account}/{name}")
}

/// Delivers messages of topics.
pub(crate) struct ToQueues;

impl Deliverer for ToQueues {
    fn deliver<'a>(&'a self, ctx: &'a Ctx, delivery: &'a Delivery) -> DeliveryFuture<'a, Outcome> {
        Box::pin(async move {
            let parcel: Parcel =
                serde_json::from_slice(&delivery.payload).map_err(Error::internal)?;
            match parcel.send(ctx, &parcel.queue_arn).await {
                Ok(()) => Ok(Outcome::Done),
                Err(Error::Fault(fault)) => Ok(match fault.as_common() {
                    Some(Common::InternalFailure | Common::Throttling) => {
                        Outcome::Retry(Failure::of(&fault))
                    }
                    // A queue that is not there, or does not let the topic in: "client-side errors"
                    // are not tried again ("Amazon SNS message delivery retries").
                    _ => Outcome::GiveUp(Failure::of(&fault)),
                }),
                Err(internal) => Err(internal),
            }
        })
    }

    fn give_up<'a>(
        &'a self,
        ctx: &'a Ctx,
        delivery: &'a Delivery,
        _: &'a GivenUp,
    ) -> DeliveryFuture<'a, ()> {
        Box::pin(async move {
            let parcel: Parcel =
                serde_json::from_slice(&delivery.payload).map_err(Error::internal)?;
            match &parcel.dead_letters {
                Some(dead) => parcel.send(ctx, dead).await,
                None => Ok(()),
            }
        })
    }
}
