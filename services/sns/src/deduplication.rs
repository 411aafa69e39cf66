//! FIFO topics publish no message twice ("Message deduplication for FIFO topics").
//!
//! What was published lately is kept in spans of five minutes: a message counts for that long, so it
//! is in the present span or the one before, and what is older can go.

use platform::{Ctx, Result};
use serde::{Deserialize, Serialize};
use store::{Key, Record};
use wire::Fault;

use crate::access::Topic;
use crate::names::TopicPlace;
use crate::publishing::{Outgoing, Published};
use crate::refusals;

/// How long a message is not published again, in milliseconds.
const SPAN: i64 = 5 * 60_000;
/// What sequence numbers begin with: they have 20 digits.
const FIRST_SEQUENCE: u128 = 10_000_000_000_000_000_000;
/// How many old messages a call takes away at most.
const MOST_SWEPT: usize = 100;

/// A message of a FIFO topic that was published lately.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct PublishedRecord {
    pub(crate) message_id: String,
    pub(crate) serial: u64,
    pub(crate) at_millis: i64,
}

impl Record for PublishedRecord {
    const TABLE: &'static str = "sns.published";
    const SERVICE: &'static str = "sns";
}

/// The spans of a topic of which messages are kept.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct SpansRecord {
    pub(crate) spans: Vec<i64>,
}

impl Record for SpansRecord {
    const TABLE: &'static str = "sns.spans";
    const SERVICE: &'static str = "sns";
}

/// Whether a message was published before.
pub(crate) enum Identified {
    /// The topic keeps no account of it.
    Never,
    /// It was, as this.
    Again(Published),
    /// It was not.
    First {
        /// What it is known by.
        id: String,
        /// Its place in the topic.
        sequence: String,
    },
}

/// Looks whether a message was published before, and remembers it.
pub(crate) async fn identify(
    ctx: &Ctx,
    topic: &Topic,
    outgoing: &Outgoing,
    message_id: &str,
) -> Result<Identified> {
    let Some(id) = id_of(topic, outgoing)? else {
        return Ok(Identified::Never);
    };
    let scoped = scoped(topic, &id, outgoing);
    let span = ctx.now.millis.div_euclid(SPAN);
    for of in [span, span - 1] {
        let known = ctx
            .get::<PublishedRecord>(&place(&topic.place, of, &scoped))
            .await?;
        let counts = known.filter(|known| known.at_millis + SPAN > ctx.now.millis);
        if let Some(known) = counts {
            return Ok(Identified::Again(Published {
                message_id: known.message_id.clone(),
                sequence_number: Some(sequence_number(known.serial)),
            }));
        }
    }
    let serial = ctx.next_serial();
    let record = PublishedRecord {
        message_id: message_id.to_owned(),
        serial,
        at_millis: ctx.now.millis,
    };
    ctx.put(place(&topic.place, span, &scoped), record).await;
    sweep(ctx, &topic.place, span).await?;
    Ok(Identified::First {
        id,
        sequence: sequence_number(serial),
    })
}

/// Stages that some of what is known of a topic is forgotten, up to `most` messages. Returns whether
/// nothing is known then.
pub(crate) async fn forget_some(ctx: &Ctx, topic: &TopicPlace, most: usize) -> Result<bool> {
    let page = ctx
        .scan::<PublishedRecord>(&topic.key(), None, most)
        .await?;
    for (key, _) in &page.rows {
        ctx.delete::<PublishedRecord>(key).await;
    }
    let is_all = page.next.is_none();
    if is_all {
        ctx.delete::<SpansRecord>(&topic.key()).await;
    }
    Ok(is_all)
}

/// Takes away what counts no longer, and notes the present span.
async fn sweep(ctx: &Ctx, topic: &TopicPlace, now: i64) -> Result<()> {
    let known = ctx.get::<SpansRecord>(&topic.key()).await?;
    let mut spans = known.map(|known| known.spans.clone()).unwrap_or_default();
    let before = spans.clone();
    if !spans.contains(&now) {
        spans.push(now);
    }
    if let Some(old) = spans.iter().copied().find(|span| *span < now - 1) {
        let prefix = topic.key().with(&old.to_string());
        let page = ctx
            .scan::<PublishedRecord>(&prefix, None, MOST_SWEPT)
            .await?;
        for (key, _) in &page.rows {
            ctx.delete::<PublishedRecord>(key).await;
        }
        if page.next.is_none() {
            spans.retain(|span| *span != old);
        }
    }
    if spans != before {
        ctx.put(topic.key(), SpansRecord { spans }).await;
    }
    Ok(())
}

fn place(topic: &TopicPlace, span: i64, id: &str) -> Key {
    topic.key().with(&span.to_string()).with(id)
}

/// Deduplication is in the topic or, where it says so, in each group (CreateTopic,
/// `FifoThroughputScope`).
fn scoped(topic: &Topic, id: &str, outgoing: &Outgoing) -> String {
    let scope = topic.settings.get("FifoThroughputScope");
    match (scope.map(String::as_str), &outgoing.group) {
        (Some("MessageGroup"), Some(group)) => format!("{id} {group}"),
        _ => id.to_owned(),
    }
}

fn sequence_number(serial: u64) -> String {
    (FIRST_SEQUENCE + u128::from(serial)).to_string()
}

/// The id by which a message of a FIFO topic is known; none for a standard topic.
fn id_of(topic: &Topic, outgoing: &Outgoing) -> Result<Option<String>, Fault> {
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
        return Err(refusals::bad(
            "The MessageGroupId parameter is required for FIFO topics",
        ));
    }
    match id {
        Some(id) => Ok(Some(id.clone())),
        None if topic.has("ContentBasedDeduplication") => {
            let digest = crypto::sha256(outgoing.message.as_bytes());
            Ok(Some(
                digest.iter().map(|byte| format!("{byte:02x}")).collect(),
            ))
        }
        None => Err(refusals::bad(
            "The topic should either have ContentBasedDeduplication enabled or \
             MessageDeduplicationId provided explicitly",
        )),
    }
}
