//! Sending a message: SendMessage, and each entry of SendMessageBatch.

use api::sqs::{MessageAttributeValue, MessageSystemAttributeValue};
use platform::{Ctx, Result};
use serde::{Deserialize, Serialize};
use store::{Key, Record};
use wire::{Entries, Fault};

use crate::access::Queue;
use crate::encryption::DataKeys;
use crate::message::{Attribute, AttributeValue, Content, MessageRecord};
use crate::names::QueuePlace;
use crate::queue::QueueRecord;
use crate::{attributes, lanes, refusals};

/// How long a message is not sent again ("Exactly-once processing", developer guide).
const DEDUPLICATION_MILLIS: i64 = 5 * 60_000;

/// What sequence numbers of AWS have as their first digit, which keeps them at 20 digits.
const FIRST_SEQUENCE: u128 = 10_000_000_000_000_000_000;

/// What a request says of a message.
pub(crate) struct Outgoing {
    pub(crate) body: String,
    pub(crate) delay_seconds: Option<i32>,
    pub(crate) attributes: Entries<MessageAttributeValue>,
    pub(crate) system_attributes: Entries<MessageSystemAttributeValue>,
    pub(crate) deduplication: Option<String>,
    pub(crate) group: Option<String>,
}

/// What an answer says of a message.
pub(crate) struct Sent {
    pub(crate) message_id: String,
    pub(crate) md5_of_body: String,
    pub(crate) md5_of_attributes: Option<String>,
    pub(crate) md5_of_system_attributes: Option<String>,
    pub(crate) sequence_number: Option<String>,
}

/// A message of a FIFO queue that was sent lately.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct SentRecord {
    message_id: String,
    serial: u64,
    at_millis: i64,
}

impl Record for SentRecord {
    const TABLE: &'static str = "sqs.sent";
    const SERVICE: &'static str = "sqs";
}

impl SentRecord {
    /// Whether the message is not sent again.
    pub(crate) fn counts(&self, now_millis: i64) -> bool {
        self.at_millis + DEDUPLICATION_MILLIS > now_millis
    }

    /// Where all of a queue's are.
    pub(crate) fn all(queue: &QueueRecord, place: &QueuePlace) -> Key {
        Key::new(&place.account, &place.region, [queue.id.as_str()])
    }

    fn place(queue: &Queue, deduplication: &str, group: &str) -> Key {
        let all = Self::all(queue, &queue.place);
        match queue.settings.word("DeduplicationScope") {
            "messageGroup" => all.with(deduplication).with(group),
            _ => all.with(deduplication),
        }
    }
}

/// A message that may be sent.
struct Checked {
    content: Content,
    /// Of the attributes as they were sent, which are not all kept so.
    md5_of_attributes: Option<String>,
    delay_millis: i64,
    deduplication: Option<String>,
    group: Option<String>,
}

/// How many bytes a message counts.
pub(crate) fn size(body: &str, attributes: &Entries<MessageAttributeValue>) -> usize {
    let sizes = attributes.0.iter().map(|(name, value)| {
        let text = value.string_value.as_ref().map_or(0, String::len);
        let bytes = value.binary_value.as_ref().map_or(0, |bytes| bytes.len());
        name.len() + value.data_type.len() + text + bytes
    });
    body.len() + sizes.sum::<usize>()
}

/// Stages a message of the caller.
pub(crate) async fn send(
    ctx: &Ctx,
    queue: &Queue,
    outgoing: Outgoing,
    keys: &mut DataKeys,
) -> Result<Sent> {
    let checked = check(queue, outgoing)?;
    let content = &checked.content;
    let trace = content.trace.as_ref().map(|trace| Attribute {
        name: "AWSTraceHeader".to_owned(),
        data_type: "String".to_owned(),
        value: AttributeValue::Text(trace.clone()),
    });
    let mut sent = Sent {
        message_id: ctx.new_uuid()?,
        md5_of_body: crypto::md5_sum([content.body.as_bytes()]),
        md5_of_attributes: checked.md5_of_attributes.clone(),
        md5_of_system_attributes: attributes::md5(&trace),
        sequence_number: None,
    };
    let serial = ctx.next_serial();
    if let (Some(deduplication), Some(group)) = (&checked.deduplication, &checked.group) {
        let place = SentRecord::place(queue, deduplication, group);
        let known = ctx.get::<SentRecord>(&place).await?;
        if let Some(known) = known.filter(|known| known.counts(ctx.now.millis)) {
            sent.message_id.clone_from(&known.message_id);
            sent.sequence_number = Some(sequence_number(known.serial));
            // The caller needs the key for this one too.
            keys.seal(ctx, queue, &sent.message_id, content).await?;
            return Ok(sent);
        }
        let record = SentRecord {
            message_id: sent.message_id.clone(),
            serial,
            at_millis: ctx.now.millis,
        };
        ctx.put(place, record).await;
        sent.sequence_number = Some(sequence_number(serial));
    }
    stage(ctx, queue, (&sent.message_id, serial), checked, keys).await?;
    Ok(sent)
}

async fn stage(
    ctx: &Ctx,
    queue: &Queue,
    (id, serial): (&str, u64),
    checked: Checked,
    keys: &mut DataKeys,
) -> Result<()> {
    let sealed = keys.seal(ctx, queue, id, &checked.content).await?;
    let place = MessageRecord::place(queue, &queue.place, id);
    ctx.put(place.clone(), sealed).await;
    let record = MessageRecord {
        id: id.to_owned(),
        serial,
        sender: ctx.caller.user_id.clone(),
        sent_millis: ctx.now.millis,
        visible_millis: ctx.now.millis + checked.delay_millis,
        receives: 0,
        received_millis: None,
        receipt: None,
        group: checked.group,
        deduplication: checked.deduplication,
        source: None,
    };
    ctx.put(place, record.clone()).await;
    match queue.settings.is_fifo() {
        true => lanes::append(ctx, &queue.messages(&queue.place), &record).await,
        false => Ok(()),
    }
}

/// The number that AWS shows of a place in the order of a queue: 20 digits.
pub(crate) fn sequence_number(serial: u64) -> String {
    (FIRST_SEQUENCE + u128::from(serial)).to_string()
}

fn check(queue: &Queue, outgoing: Outgoing) -> Result<Checked, Fault> {
    let Outgoing { body, .. } = &outgoing;
    if body.is_empty() {
        return Err(refusals::missing("MessageBody"));
    }
    let largest = queue.settings.number("MaximumMessageSize");
    let size = size(body, &outgoing.attributes);
    if i64::try_from(size).unwrap_or(i64::MAX) > largest {
        return Err(refusals::invalid(format!(
            "One or more parameters are invalid. Reason: Message must be shorter than {largest} \
             bytes."
        )));
    }
    attributes::check_text(body).map_err(refusals::bad_character)?;
    let delay_millis = delay(queue, outgoing.delay_seconds)?;
    let (deduplication, group) = ids(queue, &outgoing)?;
    let taken = attributes::taken(outgoing.attributes)?;
    let md5_of_attributes = attributes::md5(&taken);
    let content = Content {
        attributes: attributes::kept(taken),
        trace: trace(outgoing.system_attributes)?,
        body: outgoing.body,
    };
    Ok(Checked {
        content,
        md5_of_attributes,
        delay_millis,
        deduplication,
        group,
    })
}

fn delay(queue: &Queue, asked: Option<i32>) -> Result<i64, Fault> {
    let Some(seconds) = asked else {
        return Ok(queue.settings.millis("DelaySeconds"));
    };
    if queue.settings.is_fifo() && seconds != 0 {
        return Err(refusals::not_for_this_type(
            "DelaySeconds",
            &seconds.to_string(),
        ));
    }
    match (0..=900).contains(&seconds) {
        true if queue.settings.is_fifo() => Ok(queue.settings.millis("DelaySeconds")),
        true => Ok(i64::from(seconds) * 1000),
        false => Err(refusals::bad_value(
            "DelaySeconds",
            &seconds.to_string(),
            "DelaySeconds must be >= 0 and <= 900.",
        )),
    }
}

/// The ids of deduplication and group, the former made from the body where the queue says so.
fn ids(queue: &Queue, outgoing: &Outgoing) -> Result<(Option<String>, Option<String>), Fault> {
    let (deduplication, group) = (&outgoing.deduplication, &outgoing.group);
    for (name, id) in [
        ("MessageDeduplicationId", deduplication),
        ("MessageGroupId", group),
    ] {
        if let Some(id) = id.as_ref().filter(|id| !is_id(id)) {
            return Err(refusals::bad_id(name, id));
        }
    }
    if !queue.settings.is_fifo() {
        return match deduplication {
            Some(id) => Err(refusals::not_for_this_type("MessageDeduplicationId", id)),
            None => Ok((None, group.clone())),
        };
    }
    if group.is_none() {
        return Err(refusals::missing("MessageGroupId"));
    }
    let is_made = queue.settings.word("ContentBasedDeduplication") == "true";
    let deduplication = match deduplication {
        Some(id) => id.clone(),
        None if is_made => {
            let digest = crypto::sha256(outgoing.body.as_bytes());
            digest.iter().map(|byte| format!("{byte:02x}")).collect()
        }
        None => return Err(refusals::no_deduplication()),
    };
    Ok((Some(deduplication), group.clone()))
}

/// Checks that an entry of a batch for a FIFO queue has the ids that it needs. One that has not fails
/// the whole batch, and with another code than a message by itself.
pub(crate) fn check_fifo(
    queue: &Queue,
    group: Option<&str>,
    deduplication: Option<&str>,
) -> Result<(), Fault> {
    let is_made = queue.settings.word("ContentBasedDeduplication") == "true";
    match (group, deduplication) {
        (None, _) => Err(refusals::invalid(
            "The request must contain the parameter MessageGroupId.",
        )),
        (Some(_), None) if !is_made => Err(refusals::no_deduplication()),
        (Some(_), _) => Ok(()),
    }
}

/// Whether this is an id that senders and receivers may choose.
pub(crate) fn is_id(id: &str) -> bool {
    (1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The one system attribute that senders set.
fn trace(given: Entries<MessageSystemAttributeValue>) -> Result<Option<String>, Fault> {
    let mut trace = None;
    for (name, value) in given.0 {
        if name != "AWSTraceHeader" {
            return Err(refusals::invalid(format!(
                "Message system attribute name '{name}' is invalid."
            )));
        }
        if value.data_type != "String" || value.string_value.is_none() {
            return Err(refusals::invalid(
                "The message system attribute 'AWSTraceHeader' must be of type String.",
            ));
        }
        trace = value.string_value;
    }
    Ok(trace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequence_numbers_have_twenty_digits_and_grow() {
        let numbers = [0, 1, 1 << 61, u64::MAX / 2].map(sequence_number);
        assert!(
            numbers.iter().all(|number| number.len() == 20),
            "{numbers:?}"
        );
        assert!(numbers.is_sorted());
    }

    #[test]
    fn ids_are_of_visible_letters() {
        assert!(is_id("a!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~9"));
        assert!(is_id(&"a".repeat(128)));
        for bad in ["", "a b", "ä", &"a".repeat(129)] {
            assert!(!is_id(bad), "{bad}");
        }
    }
}
