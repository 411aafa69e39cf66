//! What is delivered: an event to a target, or the authorization of a connection.

use std::sync::Arc;

use patterns::Event;
use platform::{Ctx, Delivery, Error, NewDelivery, Result};
use serde::{Deserialize, Serialize};
use wire::{Callable, Timestamp};

use crate::audience::Audience;
use crate::deliverer::EVENTS;
use crate::dispatch_formats::{PayloadV1, PayloadV2};
use crate::emptying::Emptying;
use crate::encryption::Text;
use crate::entry::Incoming;
use crate::fan_out::FanOut;
use crate::input::Matched;
use crate::lost::Lost;
use crate::names::BusPlace;
use crate::targets::TargetRecord;

/// The format that payloads are written in.
const FORMAT: u8 = 3;

/// The payload of a delivery.
#[derive(Serialize, Deserialize)]
pub(crate) enum Payload {
    /// An event for a target.
    Event(Box<Dispatch<Text>>),
    /// A connection whose token is to be fetched, by name, id and revision.
    Authorization(String, String, u64),
    /// An event for the targets of further rules.
    FanOut(Box<FanOut>),
    /// An event that a bus could not process, for its dead-letter queue.
    Lost(Box<Lost>),
    /// What is left of an archive that was deleted.
    Emptying(Emptying),
}

/// An event for a target, with the target as it was when the event came. It waits with its text as it
/// is kept, and is delivered with the text itself.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Dispatch<T = String> {
    /// The rule that matched.
    pub(crate) rule_arn: String,
    /// Its name.
    pub(crate) rule_name: String,
    /// The account, Region and name of its bus.
    pub(crate) bus: (String, String, String),
    /// The event's id.
    pub(crate) event_id: String,
    /// `source`
    pub(crate) source: String,
    /// `detail-type`
    pub(crate) detail_type: String,
    /// The event's JSON text.
    pub(crate) event: T,
    /// Whom it is for where it goes.
    pub(crate) audience: Audience,
    /// When the bus took it.
    pub(crate) taken_millis: i64,
    /// The target.
    pub(crate) target: TargetRecord,
}

impl Dispatch<Text> {
    /// An event that matched the rule of this name, for one of its targets.
    pub(crate) fn of(event: &FanOut, rule: &str, target: &TargetRecord) -> Self {
        Self {
            rule_arn: event.place().rule_arn(rule),
            rule_name: rule.to_owned(),
            bus: event.bus.clone(),
            event_id: event.event_id.clone(),
            source: event.source.clone(),
            detail_type: event.detail_type.clone(),
            event: event.event.clone(),
            audience: event.audience.beyond(),
            taken_millis: event.taken_millis,
            target: target.clone(),
        }
    }

    /// The same with the text, which KMS opens where it is under a key.
    pub(crate) async fn open(self, ctx: &Ctx) -> Result<Dispatch> {
        let text = self.event.open(ctx).await?;
        Ok(self.with(text.to_string()))
    }
}

impl<T> Dispatch<T> {
    /// The same with another text.
    fn with<U>(self, event: U) -> Dispatch<U> {
        Dispatch {
            rule_arn: self.rule_arn,
            rule_name: self.rule_name,
            bus: self.bus,
            event_id: self.event_id,
            source: self.source,
            detail_type: self.detail_type,
            event,
            audience: self.audience,
            taken_millis: self.taken_millis,
            target: self.target,
        }
    }
}

impl Dispatch {
    /// The same as it waits, under no key.
    pub(crate) fn kept(mut self) -> Dispatch<Text> {
        let text = std::mem::take(&mut self.event);
        self.with(Text::Plain(text))
    }

    /// What the target gets.
    pub(crate) fn input(&self) -> Result<String> {
        let taken = Timestamp {
            millis: self.taken_millis,
        };
        let ingested = taken.whole_secs().iso8601();
        self.target.input.of_event(&Matched {
            event: &self.event,
            rule_arn: &self.rule_arn,
            rule_name: &self.rule_name,
            ingested: &ingested,
        })
    }

    /// The same. To follow paths through a large event holds up other calls, so it is done beside
    /// them.
    pub(crate) async fn input_apart(&self, ctx: &Ctx) -> Result<String> {
        let own = self.clone();
        ctx.in_background(move || own.input()).await?
    }

    /// Makes the call that is the delivery: in a session of the target's role if it has one, and as
    /// EventBridge otherwise.
    pub(crate) async fn call<O: Callable>(
        &self,
        ctx: &Ctx,
        request: O::Input,
    ) -> Result<O::Output> {
        let Some(role) = &self.target.role else {
            let call = ctx.as_service(EVENTS).source(&self.rule_arn);
            return call.call::<O>(request).await;
        };
        let session = (role.as_str(), self.event_id.as_str());
        let session = ctx.as_role(EVENTS, session, &self.rule_arn).await?;
        ctx.in_session(&session).call::<O>(request).await
    }

    /// The account of the rule.
    pub(crate) fn account(&self) -> &str {
        &self.bus.0
    }

    /// The event as it comes to the bus `to`.
    pub(crate) fn onto(&self, to: BusPlace) -> Result<Incoming> {
        Ok(Incoming {
            id: self.event_id.clone(),
            bus: to,
            source: self.source.clone(),
            detail_type: self.detail_type.clone(),
            text: self.event.clone(),
            audience: self.audience.clone(),
            fields: Arc::new(Event::parse(&self.event).map_err(Error::internal)?),
        })
    }
}

impl Payload {
    /// The bytes to be staged.
    pub(crate) fn encode(&self) -> Result<Vec<u8>> {
        NewDelivery::payload_of(&(FORMAT, self))
    }

    /// What was staged.
    pub(crate) fn read(delivery: &Delivery) -> Result<Self> {
        match delivery.payload.first() {
            Some(&FORMAT) => Ok(delivery.read::<(u8, Self)>()?.1),
            Some(&PayloadV2::FORMAT) => Ok(delivery.read::<(u8, PayloadV2)>()?.1.into()),
            Some(&PayloadV1::FORMAT) => Ok(delivery.read::<(u8, PayloadV1)>()?.1.into()),
            _ => Err(Error::internal("a delivery of an unknown format")),
        }
    }
}
