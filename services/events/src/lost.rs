//! Dead letters: events that are under a key which cannot be used ("Using dead-letter queues to
//! capture encrypted event errors in EventBridge", EventBridge user guide).

use platform::{Ctx, Error, Failure, NewDelivery, Outcome, Result, Retries};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::audience::Audience;
use crate::bus::BusRecord;
use crate::deliverer::failed;
use crate::dispatch::Payload;
use crate::encryption::{Sealed, Text};
use crate::entry::{Incoming, Made};
use crate::names::BusPlace;
use crate::queues;

/// An event that a bus took and could not bring under its key, on the way to the bus's queue.
#[derive(Serialize, Deserialize)]
pub(crate) struct Lost {
    /// The account, Region and name of the bus.
    bus: (String, String, String),
    /// The event's JSON text.
    event: String,
    /// The ARN of the queue.
    queue: String,
    /// What failed, as dead-letter queues are told.
    code: String,
    message: String,
}

impl Lost {
    /// Stages the event for the queue of its bus, if that has one.
    pub(crate) async fn stage(
        ctx: &Ctx,
        event: &Incoming,
        bus: &BusRecord,
        failure: Failure,
    ) -> Result<()> {
        let place = &event.bus;
        let Some(queue) = bus.dead_letters.clone() else {
            let (code, bus) = (&failure.code, place.arn());
            tracing::warn!(
                code,
                bus,
                "an event is lost: the key of its bus is not usable"
            );
            return Ok(());
        };
        let lost = Self {
            bus: (
                place.account.clone(),
                place.region.clone(),
                place.name.clone(),
            ),
            event: event.text.clone(),
            queue,
            code: failure.code,
            message: failure.message,
        };
        ctx.stage_delivery(NewDelivery {
            service: &api::events::SERVICE,
            account: place.account.clone(),
            queue: place.arn(),
            ordered: false,
            retries: Retries::default(),
            payload: Payload::Lost(Box::new(lost)).encode()?,
        })
        .await
    }

    /// Sends it to the queue, for the bus.
    pub(crate) async fn deliver(&self, ctx: &Ctx) -> Result<Outcome> {
        let source = self.place().arn();
        let message = queues::cut(&self.message);
        let attributes = queues::texts(&[
            ("ERROR_CODE", Some(self.code.as_str())),
            ("ERROR_MESSAGE", Some(message).filter(|it| !it.is_empty())),
        ]);
        let to = (self.queue.as_str(), source.as_str());
        match queues::send(ctx, to, self.event.clone(), attributes).await {
            Ok(()) => Ok(Outcome::Done),
            Err(Error::Fault(fault)) => Ok(failed(&fault)),
            Err(internal) => Err(internal),
        }
    }

    /// The bus.
    pub(crate) fn place(&self) -> BusPlace {
        let (account, region, name) = self.bus.clone();
        BusPlace {
            account,
            region,
            name,
        }
    }
}

/// What a dead-letter queue gets of an event: its text, or where nobody opens that, what is under the
/// key ("Decrypting events in EventBridge dead-letter queues").
pub(crate) async fn body(ctx: &Ctx, event: &Text, rule_arn: Option<&str>) -> Result<String> {
    match (event.open(ctx).await, event) {
        (Ok(text), _) => Ok(text.to_string()),
        (Err(Error::Fault(_)), Text::Sealed(sealed)) => encrypted(ctx, sealed, rule_arn),
        (Err(error), _) => Err(error),
    }
}

fn encrypted(ctx: &Ctx, sealed: &Sealed, rule_arn: Option<&str>) -> Result<String> {
    let place = BusPlace::of_arn(&sealed.bus);
    let place = place.ok_or_else(|| Error::internal("an event under a key of no bus"))?;
    let detail = json!({
        "event-bus-arn": sealed.bus,
        "rule-arn": rule_arn,
        "kms-key-arn": sealed.key,
        "encrypted-payload": sealed.message,
    });
    let made = Made {
        id: ctx.new_uuid()?,
        source: "aws.events",
        detail_type: "Encrypted Events",
        account: &place.account,
        region: &place.region,
        time: ctx.now,
        resources: &[],
        detail: &detail.to_string(),
    };
    Ok(Incoming::made(made, place.clone(), Audience::Everyone)?.text)
}
