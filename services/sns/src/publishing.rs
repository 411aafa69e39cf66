//! Publishing a message: Publish, and each entry of PublishBatch.
//!
//! A message is staged for each subscription that takes it, in the commit of the call.

use std::sync::Arc;

use api::sns::MessageAttributeValue;
use platform::{Ctx, Result};
use serde_json::{Map, Value};
use wire::{Entries, Fault};

use crate::access::Topic;
use crate::deduplication::{self, Identified};
use crate::delivering::Parcel;
use crate::encryption::{Kept, TopicKey};
use crate::envelope::{self, Envelope};
use crate::names::SubscriptionPlace;
use crate::signing_key::{self, Signature};
use crate::subscription::{Standing, SubscriptionRecord};
use crate::{filter, refusals};

/// How much of what may wait of an account calls may take up, in percent (decision 18).
const ROOM: u64 = 50;

/// A message with more bytes than this has so many values that filters hold up other calls.
const LARGE: usize = 16 * 1024;

/// What a request says of a message.
pub(crate) struct Outgoing {
    pub(crate) message: String,
    pub(crate) subject: Option<String>,
    pub(crate) structure: Option<String>,
    pub(crate) attributes: Entries<MessageAttributeValue>,
    pub(crate) deduplication: Option<String>,
    pub(crate) group: Option<String>,
}

impl Outgoing {
    /// How many bytes count against the topic's limit.
    pub(crate) fn size(&self) -> usize {
        let sizes = self.attributes.iter().map(|(name, value)| {
            let text = value.string_value.as_ref().map_or(0, String::len);
            let bytes = value.binary_value.as_ref().map_or(0, |bytes| bytes.len());
            name.len() + value.data_type.len() + text + bytes
        });
        self.message.len() + sizes.sum::<usize>()
    }
}

/// What an answer says of a message.
pub(crate) struct Published {
    pub(crate) message_id: String,
    pub(crate) sequence_number: Option<String>,
}

/// The data key of a topic with a KMS key, if the caller may use that.
pub(crate) async fn topic_key(ctx: &Ctx, topic: &Topic) -> Result<Option<TopicKey>> {
    match topic.settings.get("KmsMasterKeyId") {
        Some(named) => Ok(Some(TopicKey::make(ctx, &topic.place.arn(), named).await?)),
        None => Ok(None),
    }
}

/// Publishes a message of the caller.
pub(crate) async fn publish(
    ctx: &Ctx,
    topic: &Topic,
    key: Option<&TopicKey>,
    outgoing: Outgoing,
) -> Result<Published> {
    check(topic, &outgoing)?;
    if !ctx.has_room_for_deliveries(&topic.place.account, ROOM) {
        return Err(refusals::throttled().into());
    }
    let texts = Texts::of(&outgoing)?;
    let message_id = ctx.new_uuid()?;
    let identified = deduplication::identify(ctx, topic, &outgoing, &message_id).await?;
    let (deduplication, sequence_number) = match identified {
        Identified::Again(known) => return Ok(known),
        Identified::First { id, sequence } => (Some(id), Some(sequence)),
        Identified::Never => (None, None),
    };
    let published = Published {
        message_id,
        sequence_number,
    };
    let mut sending = Sending {
        topic,
        key,
        outgoing: &outgoing,
        texts: &texts,
        published: &published,
        deduplication,
        timestamp: envelope::timestamp(ctx.now),
        signed: Vec::new(),
    };
    sending.fan_out(ctx).await?;
    Ok(published)
}

/// A message on its way to subscriptions.
struct Sending<'a> {
    topic: &'a Topic,
    key: Option<&'a TopicKey>,
    outgoing: &'a Outgoing,
    texts: &'a Texts,
    published: &'a Published,
    deduplication: Option<String>,
    timestamp: String,
    /// Texts with their signatures, which are the same for all subscriptions.
    signed: Vec<(&'a str, Signature)>,
}

impl<'a> Sending<'a> {
    async fn fan_out(&mut self, ctx: &Ctx) -> Result<()> {
        let all = SubscriptionRecord::all(ctx, &self.topic.place).await?;
        let mut asked = Vec::with_capacity(all.len());
        for subscription in all {
            if subscription.standing != Standing::Confirmed {
                continue;
            }
            let is_foreign = subscription.owner != self.topic.place.account;
            if is_foreign && !ctx.has_room_for_deliveries(&subscription.owner, ROOM) {
                // Whoever publishes is not to suffer from an endpoint of others that does not answer.
                let (owner, id) = (&subscription.owner, &subscription.id);
                tracing::warn!(owner, id, "a message is dropped: too much waits");
                continue;
            }
            asked.push(subscription);
        }
        for subscription in self.takers(ctx, asked).await? {
            let text = self.texts.to(&subscription.protocol);
            self.stage(ctx, &subscription, text).await?;
        }
        Ok(())
    }

    /// Those of the subscriptions whose filters take the message. What filters are about is read
    /// once, however many there are, and a large message where it holds up no other call.
    async fn takers(
        &self,
        ctx: &Ctx,
        asked: Vec<Arc<SubscriptionRecord>>,
    ) -> Result<Vec<Arc<SubscriptionRecord>>> {
        let mut has_filter = false;
        for subscription in &asked {
            has_filter |= subscription.filter()?.is_some();
        }
        if !has_filter {
            return Ok(asked);
        }
        let is_large = self.outgoing.size() > LARGE;
        let attributes = filter::attributes(&self.outgoing.attributes);
        let texts = self.texts.clone();
        let choose = move || -> Result<Vec<_>> {
            let (mut matters, mut takers) = (Vec::new(), Vec::new());
            for subscription in asked {
                let text = texts.to(&subscription.protocol);
                let known = matters.iter().position(|(known, _)| *known == text);
                let at = known.unwrap_or_else(|| {
                    matters.push((text, filter::Matter::of(&attributes, text)));
                    matters.len() - 1
                });
                let matter = matters.get(at);
                let takes = matter.map(|(_, matter)| matter.is_taken_by(&subscription));
                if takes.transpose()?.unwrap_or(false) {
                    takers.push(subscription);
                }
            }
            Ok(takers)
        };
        match is_large {
            true => ctx.in_background(choose).await?,
            false => choose(),
        }
    }

    async fn stage(
        &mut self,
        ctx: &Ctx,
        subscription: &SubscriptionRecord,
        text: &'a str,
    ) -> Result<()> {
        let place = SubscriptionPlace {
            topic: self.topic.place.clone(),
            id: subscription.id.clone(),
        };
        let (arn, topic_arn) = (place.arn(), place.topic.arn());
        let is_raw = subscription.is_raw();
        let body = match is_raw {
            true => text.to_owned(),
            false => {
                let at = self.signature(ctx, text).await?;
                self.envelope(ctx.public_url(), (&arn, &topic_arn), text, at)
            }
        };
        let policy = self.topic.settings.get("DeliveryPolicy");
        let parcel = Parcel {
            to: subscription.to(|| subscription.retry_plan(policy.map(String::as_str))),
            kind: "Notification".to_owned(),
            message_id: self.published.message_id.clone(),
            is_raw,
            dead_letters: subscription.dead_letters(),
            body: Kept::of(ctx, self.key, &topic_arn, body)?,
            attributes: match is_raw {
                true => Parcel::attributes(&self.outgoing.attributes),
                false => Vec::new(),
            },
            deduplication: self.deduplication.clone(),
            group: self.outgoing.group.clone(),
            subscription_arn: arn,
            topic_arn,
        };
        let ordered = self.topic.is_fifo();
        parcel.stage(ctx, &subscription.owner, ordered).await
    }

    /// Where in `signed` the signature of a text is, made where there is none yet.
    async fn signature(&mut self, ctx: &Ctx, text: &'a str) -> Result<usize> {
        if let Some(at) = self.signed.iter().position(|(known, _)| *known == text) {
            return Ok(at);
        }
        let topic_arn = self.topic.place.arn();
        let to_sign = self.unsigned(&topic_arn, text).to_sign();
        let is_version_2 = self.topic.is_version_2();
        let signature = signing_key::sign(ctx, to_sign, is_version_2).await?;
        self.signed.push((text, signature));
        Ok(self.signed.len() - 1)
    }

    fn unsigned<'b>(&'b self, topic_arn: &'b str, text: &'b str) -> Envelope<'b> {
        Envelope {
            kind: "Notification",
            message_id: &self.published.message_id,
            topic_arn,
            subject: self.outgoing.subject.as_deref(),
            message: text,
            timestamp: &self.timestamp,
            sequence_number: self.published.sequence_number.as_deref(),
            offer: None,
        }
    }

    fn envelope(
        &self,
        base: &str,
        (arn, topic_arn): (&str, &str),
        text: &str,
        at: usize,
    ) -> String {
        let Some((_, signature)) = self.signed.get(at) else {
            return String::new();
        };
        let unsubscribe = envelope::unsubscribe_link(base, arn);
        let envelope = self.unsigned(topic_arn, text);
        let attributes = &self.outgoing.attributes;
        envelope.text(signature, base, Some(&unsubscribe), attributes)
    }
}

/// What a message says to each protocol (Publish, `MessageStructure`).
#[derive(Clone)]
struct Texts {
    default: String,
    own: Vec<(String, String)>,
}

impl Texts {
    fn of(outgoing: &Outgoing) -> Result<Self, Fault> {
        match outgoing.structure.as_deref() {
            None => {
                return Ok(Self {
                    default: outgoing.message.clone(),
                    own: Vec::new(),
                });
            }
            Some("json") => {}
            Some(_) => return Err(refusals::bad("MessageStructure")),
        }
        let parsed = serde_json::from_str::<Map<String, Value>>(&outgoing.message);
        let structure = |reason: &str| refusals::bad(&format!("Message Structure - {reason}"));
        let mut parsed = parsed.map_err(|_| structure("JSON message body failed to parse"))?;
        let Some(Value::String(default)) = parsed.remove("default") else {
            return Err(structure("No default entry in JSON message body"));
        };
        let own = parsed
            .into_iter()
            .filter_map(|(protocol, text)| match text {
                Value::String(text) => Some((protocol, text)),
                _ => None,
            });
        Ok(Self {
            default,
            own: own.collect(),
        })
    }

    fn to(&self, protocol: &str) -> &str {
        let own = self.own.iter().find(|(known, _)| known == protocol);
        own.map_or(&self.default, |(_, text)| text)
    }
}

fn check(topic: &Topic, outgoing: &Outgoing) -> Result<(), Fault> {
    if outgoing.message.is_empty() {
        return Err(refusals::bad("Empty message"));
    }
    // Publish, `Subject`: up to 100 characters of ASCII, which begin with a letter, digit or mark.
    let is_line = |text: &str| {
        (1..=100).contains(&text.len())
            && text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
            && !text.starts_with(' ')
    };
    let subject = outgoing.subject.as_deref();
    if subject.is_some_and(|subject| !is_line(subject)) {
        return Err(refusals::bad("Subject"));
    }
    if outgoing.size() > topic.largest() {
        return Err(refusals::bad("Message too long"));
    }
    for (name, value) in outgoing.attributes.iter() {
        filter::check_attribute(name, value)?;
    }
    Ok(())
}
