//! Publishing a message: Publish, and each entry of PublishBatch.
//!
//! A message is staged for each subscription that takes it: for the first ones in the commit of the
//! call, and for those that are left by `fan_out`.

use api::sns::MessageAttributeValue;
use platform::{Ctx, Result};
use serde_json::{Map, Value};
use wire::{Entries, Fault};

use crate::access::Topic;
use crate::deduplication::{self, Identified};
use crate::encryption::TopicKey;
use crate::sending::{Sending, Sent};
use crate::{fan_out, filter, refusals};

/// How much of what may wait of an account calls may take up, in percent (decision 18).
pub(crate) const ROOM: u64 = 50;

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
    let sent = Sent {
        outgoing,
        texts,
        published,
        deduplication,
        at: ctx.now,
    };
    let mut sending = Sending::of(topic, key, &sent);
    fan_out::begin(ctx, &mut sending).await?;
    Ok(sent.published)
}

/// What a message says to each protocol (Publish, `MessageStructure`).
#[derive(Clone)]
pub(crate) struct Texts {
    default: String,
    own: Vec<(String, String)>,
}

impl Texts {
    /// What the message says.
    pub(crate) fn of(outgoing: &Outgoing) -> Result<Self, Fault> {
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

    /// What it says to this protocol.
    pub(crate) fn to(&self, protocol: &str) -> &str {
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
