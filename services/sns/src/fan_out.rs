//! One message for very many subscriptions, in portions.
//!
//! A topic may have millions of subscriptions, and a message 256 KiB: were all copies staged in the
//! call that publishes it, that would be one commit of gigabytes, for which all others wait. So the
//! call stages some, and a delivery of the service to itself the others, some in each commit. How far
//! it is stands in the delivery.
//!
//! A FIFO topic keeps its order: as long as one of its messages is on its way like this, those that
//! follow go behind it, one after the other.

use std::time::Duration;

use api::sns::MessageAttributeValue;
use platform::{Ctx, Delivery, Error, NewDelivery, Outcome, Result};
use serde::{Deserialize, Serialize};
use store::{Cursor, Record};
use wire::{Entries, Timestamp};
use zeroize::Zeroizing;

use crate::access::Topic;
use crate::delivering::{Attribute, INSIDE, Parcel};
use crate::encryption::{Kept, TopicKey};
use crate::names::TopicPlace;
use crate::publishing::{Outgoing, Published, Texts};
use crate::sending::{Sending, Sent};

/// The format that these payloads are written in. What is delivered to an endpoint has another.
pub(crate) const FORMAT: u8 = 2;
/// How much of what may wait of an account messages on their way may fill, in percent (decision 18).
const ROOM: u64 = 75;
/// How long a message waits while too much waits otherwise.
const UNTIL_ROOM: Duration = Duration::from_secs(1);
/// What is staged in the commit of the call, and in each that follows.
const AT_FIRST: Portion = Portion {
    rows: 100,
    bytes: 1024 * 1024,
};
const THEN: Portion = Portion {
    rows: 1000,
    bytes: 8 * 1024 * 1024,
};

/// How much is staged at once.
struct Portion {
    /// So many subscriptions are asked at most,
    rows: usize,
    /// and so many that copies of the message have about so many bytes.
    bytes: usize,
}

impl Portion {
    fn rows(&self, message: &Outgoing) -> usize {
        let copies = self.bytes / message.size().max(1);
        copies.clamp(1, self.rows)
    }
}

/// How many messages of a FIFO topic are on their way in portions.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct FanningRecord {
    pub(crate) messages: u64,
}

impl Record for FanningRecord {
    const TABLE: &'static str = "sns.fanning";
    const SERVICE: &'static str = "sns";
}

/// A message, with where the subscriptions begin that it is still to be staged for.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct FanOut {
    /// The account, Region and name of the topic.
    pub(crate) topic: (String, String, String),
    pub(crate) message: Kept,
    pub(crate) subject: Option<String>,
    pub(crate) structure: Option<String>,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) deduplication: Option<String>,
    pub(crate) group: Option<String>,
    pub(crate) message_id: String,
    pub(crate) sequence_number: Option<String>,
    pub(crate) at_millis: i64,
    /// A cursor; none for all subscriptions.
    pub(crate) after: Option<String>,
}

/// Stages a message for subscriptions: some now, and what brings it to the others.
pub(crate) async fn begin(ctx: &Ctx, sending: &mut Sending<'_>) -> Result<()> {
    let is_fifo = sending.topic.is_fifo();
    let waits = is_fifo && fanning(ctx, &sending.topic.place).await? > 0;
    let after = match waits {
        true => None,
        false => {
            let rows = AT_FIRST.rows(&sending.sent.outgoing);
            let Some(next) = sending.stage_some(ctx, None, rows).await? else {
                return Ok(());
            };
            Some(next)
        }
    };
    if is_fifo {
        count(ctx, &sending.topic.place, 1).await?;
    }
    let rest = FanOut::of(ctx, sending, after)?;
    ctx.stage_delivery(NewDelivery {
        service: &api::sns::SERVICE,
        account: sending.topic.place.account.clone(),
        queue: sending.topic.place.arn(),
        ordered: is_fifo,
        retries: INSIDE,
        payload: rest.encode()?,
    })
    .await
}

impl FanOut {
    fn of(ctx: &Ctx, sending: &Sending<'_>, after: Option<Cursor>) -> Result<Self> {
        let (place, sent) = (&sending.topic.place, sending.sent);
        let outgoing = &sent.outgoing;
        Ok(Self {
            topic: (
                place.account.clone(),
                place.region.clone(),
                place.name.clone(),
            ),
            message: Kept::of(ctx, sending.key, &place.arn(), outgoing.message.clone())?,
            subject: outgoing.subject.clone(),
            structure: outgoing.structure.clone(),
            attributes: Parcel::attributes(&outgoing.attributes),
            deduplication: sent.deduplication.clone(),
            group: outgoing.group.clone(),
            message_id: sent.published.message_id.clone(),
            sequence_number: sent.published.sequence_number.clone(),
            at_millis: sent.at.millis,
            after: after.map(|cursor| cursor.to_string()),
        })
    }

    /// What was staged.
    pub(crate) fn read(delivery: &Delivery) -> Result<Self> {
        Ok(delivery.read::<(u8, Self)>()?.1)
    }

    /// The bytes to be staged.
    pub(crate) fn encode(&self) -> Result<Vec<u8>> {
        NewDelivery::payload_of(&(FORMAT, self))
    }

    /// Stages the message for the next subscriptions.
    pub(crate) async fn go_on(mut self, ctx: &Ctx) -> Result<Outcome> {
        if !ctx.has_room_for_deliveries(&self.topic.0, ROOM) {
            return Ok(Outcome::NotYet(UNTIL_ROOM));
        }
        let next = match Topic::at(ctx, self.place()).await? {
            Some(topic) => self.stage_some(ctx, &topic).await?,
            None => None,
        };
        match next {
            Some(next) => {
                self.after = Some(next.to_string());
                Ok(Outcome::Partly(self.encode()?))
            }
            None => {
                self.end(ctx).await?;
                Ok(Outcome::Done)
            }
        }
    }

    /// Stages that it is no longer on its way.
    pub(crate) async fn end(&self, ctx: &Ctx) -> Result<()> {
        let place = self.place();
        match place.is_fifo() {
            true => count(ctx, &place, -1).await,
            false => Ok(()),
        }
    }

    /// The topic.
    pub(crate) fn place(&self) -> TopicPlace {
        let (account, region, name) = self.topic.clone();
        TopicPlace {
            account,
            region,
            name,
        }
    }

    async fn stage_some(&self, ctx: &Ctx, topic: &Topic) -> Result<Option<Cursor>> {
        let topic_arn = topic.place.arn();
        let key = TopicKey::again(ctx, &topic_arn, &self.message)?;
        let outgoing = Outgoing {
            message: self.message.open(ctx, &topic_arn)?.to_string(),
            subject: self.subject.clone(),
            structure: self.structure.clone(),
            attributes: self.attributes(),
            deduplication: self.deduplication.clone(),
            group: self.group.clone(),
        };
        let rows = THEN.rows(&outgoing);
        let sent = Sent {
            texts: Texts::of(&outgoing)?,
            outgoing,
            published: Published {
                message_id: self.message_id.clone(),
                sequence_number: self.sequence_number.clone(),
            },
            deduplication: self.deduplication.clone(),
            at: Timestamp {
                millis: self.at_millis,
            },
        };
        let after = self.after.as_deref().map(str::parse::<Cursor>);
        let after = after.transpose().map_err(Error::internal)?;
        let mut sending = Sending::of(topic, key.as_ref(), &sent);
        sending.stage_some(ctx, after.as_ref(), rows).await
    }

    fn attributes(&self) -> Entries<MessageAttributeValue> {
        let attributes = self.attributes.iter().cloned();
        let attributes = attributes.map(|(name, data_type, text, bytes)| {
            let value = MessageAttributeValue {
                data_type,
                string_value: text,
                binary_value: bytes.map(Zeroizing::new),
            };
            (name, value)
        });
        Entries(attributes.collect())
    }
}

async fn fanning(ctx: &Ctx, topic: &TopicPlace) -> Result<u64> {
    let known = ctx.get::<FanningRecord>(&topic.key()).await?;
    Ok(known.map_or(0, |known| known.messages))
}

async fn count(ctx: &Ctx, topic: &TopicPlace, change: i64) -> Result<()> {
    let messages = fanning(ctx, topic).await?.saturating_add_signed(change);
    match messages {
        0 => ctx.delete::<FanningRecord>(&topic.key()).await,
        _ => ctx.put(topic.key(), FanningRecord { messages }).await,
    }
    Ok(())
}

#[cfg(test)]
mod tests;
