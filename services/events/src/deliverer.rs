//! Makes deliveries to the targets of rules.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use platform::{
    Ctx, Deliverer, Delivery, DeliveryFuture, Error, Failure, GivenUp, Outcome, Result,
};
use wire::{Fault, Protocol, Timestamp};

use crate::dispatch::{Dispatch, Payload};
use crate::encryption::Text;
use crate::targets::Kind;
use crate::{authorizing, bus_target, fan_out, functions, log_target, queues, topics, webhook};

/// The service principal of EventBridge.
pub(crate) const EVENTS: &str = "events.amazonaws.com";

/// How long an event for many rules waits while too much waits otherwise.
const UNTIL_ROOM: Duration = Duration::from_secs(1);

/// The targets, with what is remembered of those outside.
#[derive(Default)]
pub(crate) struct Targets {
    pub(crate) tokens: authorizing::Tokens,
    pub(crate) rates: Rates,
}

impl Deliverer for Targets {
    fn deliver<'a>(&'a self, ctx: &'a Ctx, delivery: &'a Delivery) -> DeliveryFuture<'a, Outcome> {
        Box::pin(async move {
            match Payload::read(delivery)? {
                Payload::Event(dispatch) => self.dispatch(ctx, *dispatch).await,
                Payload::Lost(lost) => lost.deliver(ctx).await,
                Payload::Emptying(emptying) => emptying.go_on(ctx).await,
                Payload::FanOut(event) => {
                    if !event.has_room(ctx) {
                        return Ok(Outcome::NotYet(UNTIL_ROOM));
                    }
                    event.stage(ctx, fan_out::THEN).await?;
                    Ok(Outcome::Done)
                }
                Payload::Authorization(name, id, revision) => {
                    let connection = (name.as_str(), id.as_str(), revision);
                    authorizing::authorize(ctx, &delivery.account, connection).await
                }
            }
        })
    }

    fn give_up<'a>(
        &'a self,
        ctx: &'a Ctx,
        delivery: &'a Delivery,
        given_up: &'a GivenUp,
    ) -> DeliveryFuture<'a, ()> {
        Box::pin(async move {
            match Payload::read(delivery)? {
                Payload::Event(dispatch) => {
                    let code = &given_up.failure.code;
                    tracing::info!(code, rule = dispatch.rule_arn, "an event is given up");
                    queues::bury(ctx, &dispatch, given_up).await
                }
                Payload::Lost(lost) => {
                    let (code, bus) = (&given_up.failure.code, lost.place().arn());
                    tracing::warn!(code, bus, "a dead-letter queue does not take an event");
                    Ok(())
                }
                Payload::Emptying(_) => Ok(()),
                Payload::FanOut(event) => {
                    let (code, bus) = (&given_up.failure.code, event.place().arn());
                    tracing::warn!(code, bus, "an event is given up for some of its rules");
                    Ok(())
                }
                Payload::Authorization(name, id, revision) => {
                    let connection = (name.as_str(), id.as_str(), revision);
                    let account = &delivery.account;
                    authorizing::refuse(ctx, account, connection, &given_up.failure).await
                }
            }
        })
    }
}

impl Targets {
    async fn dispatch(&self, ctx: &Ctx, dispatch: Dispatch<Text>) -> Result<Outcome> {
        let outcome = match dispatch.open(ctx).await {
            Ok(dispatch) => self.to_target(ctx, &dispatch).await,
            Err(error) => Err(error),
        };
        match outcome {
            Err(Error::Fault(fault)) => Ok(failed(&fault)),
            outcome => outcome,
        }
    }

    async fn to_target(&self, ctx: &Ctx, dispatch: &Dispatch) -> Result<Outcome> {
        match Kind::of(&dispatch.target.arn)? {
            Kind::Bus(place) => bus_target::deliver(ctx, dispatch, place).await,
            Kind::LogGroup(name) => log_target::deliver(ctx, dispatch, name).await,
            Kind::Queue(queue) => queues::deliver(ctx, dispatch, queue).await,
            Kind::Topic(_) => topics::deliver(ctx, dispatch).await,
            Kind::Function => functions::deliver(ctx, dispatch).await,
            Kind::ApiDestination(name) => webhook::deliver(ctx, dispatch, name, self).await,
        }
    }
}

/// What becomes of a delivery whose receiver answers with this error ("Error codes of dead-letter
/// queues", EventBridge user guide).
pub(crate) fn failed(fault: &Fault) -> Outcome {
    let code = fault.code(Protocol::Json11);
    failed_with(code, fault.message().unwrap_or_default())
}

/// The same for an error of this code and text.
pub(crate) fn failed_with(code: &str, message: &str) -> Outcome {
    let is_code = |ends: &[&str]| ends.iter().any(|end| code.contains(end));
    if is_code(&["Throttl", "LimitExceeded", "TooManyRequests"]) {
        return Outcome::Retry(Failure::new("THROTTLING", message));
    }
    if is_code(&["Internal", "ServiceUnavailable", "ServiceException"]) {
        return Outcome::Retry(Failure::new("INTERNAL_ERROR", message));
    }
    if is_code(&["AccessDenied", "NotAuthorized", "AuthorizationError"]) {
        return Outcome::GiveUp(Failure::new("NO_PERMISSIONS", message));
    }
    if is_code(&["NotFound", "NonExistent", "NoSuch", "DoesNotExist"]) {
        return Outcome::GiveUp(Failure::new("NO_RESOURCE", message));
    }
    Outcome::GiveUp(Failure::new("INVALID_PARAMETER", message))
}

/// How many calls each API destination got in this second.
#[derive(Default)]
pub(crate) struct Rates(Mutex<BTreeMap<String, (i64, i32)>>);

/// How many API destinations are remembered.
const MANY: usize = 10_000;

impl Rates {
    /// Counts a call, or says how many milliseconds of this second are left.
    pub(crate) fn take(&self, arn: &str, most: i32, now: Timestamp) -> Result<(), u64> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let second = now.secs();
        if known.len() >= MANY && !known.contains_key(arn) {
            known.retain(|_, (of, _)| *of == second);
        }
        let count = known.entry(arn.to_owned()).or_default();
        if count.0 != second {
            *count = (second, 0);
        }
        if count.1 >= most {
            let left = 1000 - now.millis.rem_euclid(1000);
            return Err(u64::try_from(left).unwrap_or(1000));
        }
        count.1 += 1;
        Ok(())
    }
}
