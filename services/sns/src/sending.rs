//! A message on its way from a topic to subscriptions, some of them at a time.

use std::sync::Arc;

use platform::{Ctx, Result};
use store::Cursor;
use wire::Timestamp;

use crate::access::Topic;
use crate::delivering::Parcel;
use crate::encryption::{Kept, TopicKey};
use crate::envelope::{self, Envelope};
use crate::filter;
use crate::names::SubscriptionPlace;
use crate::publishing::{Outgoing, Published, ROOM, Texts};
use crate::signing_key::{self, Signature};
use crate::subscription::{Standing, SubscriptionRecord};

/// A message with more bytes than this has so many values that filters hold up other calls.
const LARGE: usize = 16 * 1024;

/// A message that was published.
pub(crate) struct Sent {
    pub(crate) outgoing: Outgoing,
    pub(crate) texts: Texts,
    pub(crate) published: Published,
    pub(crate) deduplication: Option<String>,
    /// When it was published.
    pub(crate) at: Timestamp,
}

/// A message on its way to subscriptions.
pub(crate) struct Sending<'a> {
    pub(crate) topic: &'a Topic,
    pub(crate) key: Option<&'a TopicKey>,
    pub(crate) sent: &'a Sent,
    timestamp: String,
    /// Texts with their signatures, which are the same for all subscriptions.
    signed: Vec<(&'a str, Signature)>,
}

impl<'a> Sending<'a> {
    /// A message that goes to subscriptions of `topic`, sealed under `key` if it has one.
    pub(crate) fn of(topic: &'a Topic, key: Option<&'a TopicKey>, sent: &'a Sent) -> Self {
        Self {
            topic,
            key,
            sent,
            timestamp: envelope::timestamp(sent.at),
            signed: Vec::new(),
        }
    }

    /// Stages the message for those of the next `rows` subscriptions that take it. Returns where the
    /// others begin, if there are more.
    pub(crate) async fn stage_some(
        &mut self,
        ctx: &Ctx,
        after: Option<&Cursor>,
        rows: usize,
    ) -> Result<Option<Cursor>> {
        let prefix = self.topic.place.key();
        let page = ctx.scan::<SubscriptionRecord>(&prefix, after, rows).await?;
        let mut asked = Vec::with_capacity(page.rows.len());
        for (_, subscription) in page.rows {
            // Nobody gets what was published before they subscribed, be it to a topic of the same
            // name that is gone.
            let is_later = subscription.since_millis > self.sent.at.millis;
            if subscription.standing != Standing::Confirmed || is_later {
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
            let text = self.sent.texts.to(&subscription.protocol);
            self.stage(ctx, &subscription, text).await?;
        }
        Ok(page.next)
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
        let is_large = self.sent.outgoing.size() > LARGE;
        let attributes = filter::attributes(&self.sent.outgoing.attributes);
        let texts = self.sent.texts.clone();
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
            message_id: self.sent.published.message_id.clone(),
            is_raw,
            dead_letters: subscription.dead_letters(),
            body: Kept::of(ctx, self.key, &topic_arn, body)?,
            attributes: match is_raw {
                true => Parcel::attributes(&self.sent.outgoing.attributes),
                false => Vec::new(),
            },
            deduplication: self.sent.deduplication.clone(),
            group: self.sent.outgoing.group.clone(),
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
            message_id: &self.sent.published.message_id,
            topic_arn,
            subject: self.sent.outgoing.subject.as_deref(),
            message: text,
            timestamp: &self.timestamp,
            sequence_number: self.sent.published.sequence_number.as_deref(),
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
        let attributes = &self.sent.outgoing.attributes;
        envelope.text(signature, base, Some(&unsubscribe), attributes)
    }
}
