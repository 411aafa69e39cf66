//! Publishing a message: Publish, and each entry of PublishBatch.
//!
//! A message is staged for each subscription that takes it, in the commit of the call.

use api::sns::{MessageAttributeValue, SERVICE};
use platform::{Ctx, Error, NewDelivery, Result, Retries};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use store::{Key, Record};
use wire::{Entries, Fault};

use crate::access::Topic;
use crate::delivering::Parcel;
use crate::names::SubscriptionPlace;
use crate::subscription::{SQS, SubscriptionRecord};
use crate::{filter, refusals};

/// How long a message is not published again ("Message deduplication for FIFO topics").
const DEDUPLICATION_MILLIS: i64 = 5 * 60_000;
/// What sequence numbers begin with.
const FIRST_SEQUENCE: u128 = 10_000_000_000_000_000_000;

/// How long queues are tried ("Amazon SNS message delivery retries": 23 days).
const RETRIES: Retries = Retries {
    most: 100_015,
    most_age_secs: 23 * 86_400,
};

/// What a request says of a message.
pub(crate) struct Outgoing {
    pub(crate) message: String,
    pub(crate) subject: Option<String>,
    pub(crate) structure: Option<String>,
    pub(crate) attributes: Entries<MessageAttributeValue>,
    pub(crate) deduplication: Option<String>,
    pub(crate) group: Option<String>,
}

/// What an answer says of a message.
pub(crate) struct Published {
    pub(crate) message_id: String,
    pub(crate) sequence_number: Option<String>,
}

/// A message of a FIFO topic that was published lately.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct PublishedRecord {
    message_id: String,
    serial: u64,
    at_millis: i64,
}

impl Record for PublishedRecord {
    const TABLE: &'static str = "sns.published";
    const SERVICE: &'static str = "sns";
}

/// Publishes a message of the caller.
pub(crate) async fn publish(ctx: &Ctx, topic: &Topic, outgoing: Outgoing) -> Result<Published> {
    check(topic, &outgoing)?;
    let text = text_for_queues(&outgoing)?;
    let serial = ctx.next_serial();
    let mut published = Published {
        message_id: ctx.new_uuid()?,
        sequence_number: None,
    };
    let deduplication = deduplication(topic, &outgoing)?;
    if let Some(id) = &deduplication {
        let place = topic.place.key().with(&topic.deduplication_part(id, &outgoing));
        let known = ctx.get::<PublishedRecord>(&place).await?;
        let counts = |known: &std::sync::Arc<PublishedRecord>| {
            known.at_millis + DEDUPLICATION_MILLIS > ctx.now.millis
        };
        if let Some(known) = known.filter(counts) {
            published.message_id.clone_from(&known.message_id);
            published.sequence_number = Some(sequence_number(known.serial));
            return Ok(published);
        }
        let record = PublishedRecord {
            message_id: published.message_id.clone(),
            serial,
            at_millis: ctx.now.millis,
        };
        ctx.put(place, record).await;
        published.sequence_number = Some(sequence_number(serial));
    }
    let sending = Sending {
        topic,
        outgoing: &outgoing,
        text: &text,
        published: &published,
        deduplication,
    };
    sending.fan_out(ctx).await?;
    Ok(published)
}

impl Topic {
    fn deduplication_part(&self, id: &str, outgoing: &Outgoing) -> String {
        let scope = self.settings.get("FifoThroughputScope");
        match (scope.map(String::as_str), &outgoing.group) {
            (Some("MessageGroup"), Some(group)) => format!("{id} {group}"),
            _ => id.to_owned(),
        }
    }
}

fn sequence_number(serial: u64) -> String {
    (FIRST_SEQUENCE + u128::from(serial)).to_string()
}

/// A message on its way to subscriptions.
struct Sending<'a> {
    topic: &'a Topic,
    outgoing: &'a Outgoing,
    /// What it says to queues.
    text: &'a str,
    published: &'a Published,
    deduplication: Option<String>,
}

impl Sending<'_> {
    async fn fan_out(&self, ctx: &Ctx) -> Result<()> {
        let of_topic: Key = self.topic.place.key();
        let rows = ctx.scan_all::<SubscriptionRecord>(&of_topic).await?;
        let matter = filter::Matter::of(&self.outgoing.attributes, self.text);
        for (_, subscription) in rows {
            if matter.is_taken_by(&subscription)? {
                self.stage(ctx, &subscription).await?;
            }
        }
        Ok(())
    }

    async fn stage(&self, ctx: &Ctx, subscription: &SubscriptionRecord) -> Result<()> {
        let place = SubscriptionPlace {
            topic: self.topic.place.clone(),
            id: subscription.id.clone(),
        };
        let body = match subscription.is_raw() {
            true => self.text.to_owned(),
            false => self.envelope(ctx, &place),
        };
        let parcel = Parcel {
            topic_arn: place.topic.arn(),
            queue_arn: subscription.endpoint.clone(),
            dead_letters: subscription.dead_letters(),
            body,
            attributes: match subscription.is_raw() {
                true => Parcel::attributes(&self.outgoing.attributes),
                false => Vec::new(),
            },
            deduplication: self.deduplication.clone(),
            group: self.outgoing.group.clone(),
        };
        ctx.stage_delivery(NewDelivery {
            service: &SERVICE,
            account: subscription.owner.clone(),
            queue: place.arn(),
            ordered: self.topic.is_fifo(),
            retries: RETRIES,
            payload: serde_json::to_vec(&parcel).map_err(Error::internal)?,
        })
        .await
    }

    /// The message as queues get it that do not ask for raw messages ("Amazon SNS message formats").
    fn envelope(&self, ctx: &Ctx, place: &SubscriptionPlace) -> String {
        let mut envelope = Map::new();
        let mut put = |name: &str, value: Value| drop(envelope.insert(name.to_owned(), value));
        put("Type", json!("Notification"));
        put("MessageId", json!(self.published.message_id));
        if let Some(number) = &self.published.sequence_number {
            put("SequenceNumber", json!(number));
        }
        put("TopicArn", json!(place.topic.arn()));
        if let Some(subject) = &self.outgoing.subject {
            put("Subject", json!(subject));
        }
        put("Message", json!(self.text));
        put("Timestamp", json!(ctx.now.iso8601()));
        if !self.outgoing.attributes.is_empty() {
            put("MessageAttributes", shown(&self.outgoing.attributes));
        }
        Value::Object(envelope).to_string()
    }
}

fn shown(attributes: &Entries<MessageAttributeValue>) -> Value {
    let shown = attributes.iter().map(|(name, value)| {
        let text = value.string_value.clone();
        let bytes = value.binary_value.as_ref().map(|bytes| wire::pem::base64(bytes));
        let value = json!({ "Type": value.data_type, "Value": text.or(bytes) });
        (name.clone(), value)
    });
    Value::Object(shown.collect())
}

fn check(topic: &Topic, outgoing: &Outgoing) -> Result<(), Fault> {
    if outgoing.message.is_empty() {
        return Err(refusals::invalid("Invalid parameter: Empty message"));
    }
    let subject = outgoing.subject.as_deref();
    let is_line = |text: &str| {
        (1..=100).contains(&text.chars().count()) && !text.chars().any(char::is_control)
    };
    if subject.is_some_and(|subject| !is_line(subject)) {
        return Err(refusals::bad("Subject"));
    }
    let sizes = outgoing.attributes.iter().map(|(name, value)| {
        let text = value.string_value.as_ref().map_or(0, String::len);
        let bytes = value.binary_value.as_ref().map_or(0, |bytes| bytes.len());
        name.len() + value.data_type.len() + text + bytes
    });
    if outgoing.message.len() + sizes.sum::<usize>() > topic.largest() {
        return Err(refusals::invalid("Invalid parameter: Message too long"));
    }
    for (name, value) in outgoing.attributes.iter() {
        filter::check_attribute(name, value)?;
    }
    Ok(())
}

/// What the message says to queues (Publish, `MessageStructure`).
fn text_for_queues(outgoing: &Outgoing) -> Result<String, Fault> {
    match outgoing.structure.as_deref() {
        None => return Ok(outgoing.message.clone()),
        Some("json") => {}
        Some(_) => return Err(refusals::bad("MessageStructure")),
    }
    let parsed = serde_json::from_str::<Map<String, Value>>(&outgoing.message);
    let parsed = parsed.map_err(|_| {
        refusals::invalid("Invalid parameter: Message Structure - JSON message body failed to parse")
    })?;
    let default = parsed.get("default").and_then(Value::as_str);
    let default = default.ok_or_else(|| {
        refusals::invalid("Invalid parameter: Message Structure - No default entry in JSON message body")
    })?;
    let own = parsed.get(SQS).and_then(Value::as_str);
    Ok(own.unwrap_or(default).to_owned())
}

/// The id by which a message of a FIFO topic is known; none for a standard topic.
fn deduplication(topic: &Topic, outgoing: &Outgoing) -> Result<Option<String>, Fault> {
    let (id, group) = (&outgoing.deduplication, &outgoing.group);
    let is_id = |id: &String| {
        (1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic())
    };
    if id.as_ref().is_some_and(|id| !is_id(id)) {
        return Err(refusals::bad("MessageDeduplicationId"));
    }
    if group.as_ref().is_some_and(|group| !is_id(group)) {
        return Err(refusals::bad("MessageGroupId"));
    }
    if !topic.is_fifo() {
        return match id {
            Some(_) => Err(refusals::bad_because(
                "MessageDeduplicationId",
                "The request includes MessageDeduplicationId parameter that is not valid for this \
                 topic type",
            )),
            None => Ok(None),
        };
    }
    if group.is_none() {
        return Err(refusals::invalid(
            "Invalid parameter: The MessageGroupId parameter is required for FIFO topics",
        ));
    }
    match id {
        Some(id) => Ok(Some(id.clone())),
        None if topic.has("ContentBasedDeduplication") => {
            let digest = crypto::sha256(outgoing.message.as_bytes());
            Ok(Some(digest.iter().map(|byte| format!("{byte:02x}")).collect()))
        }
        None => Err(refusals::invalid(
            "Invalid parameter: The topic should either have ContentBasedDeduplication enabled or \
             MessageDeduplicationId provided explicitly",
        )),
    }
}
