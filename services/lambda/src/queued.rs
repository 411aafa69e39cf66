//! Events that functions get some time soon ("Asynchronous invocation", Lambda developer guide): tried
//! again where the function fails, after one minute and after two; and where nothing runs it just now,
//! for as long as the event may wait.

mod destinations;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use api::lambda::TooManyRequestsException;
use bytes::Bytes;
use platform::{
    Ctx, Deliverer, Delivery, DeliveryFuture, Error, Exhausted, Failure, GivenUp, NewDelivery,
    Outcome as DeliveryOutcome, Result, Retries,
};
use serde::{Deserialize, Serialize};
use wire::{Fault, Protocol};

use crate::access::Function;
use crate::function::{EventInvokeRecord, FunctionRecord, VersionRecord};
use crate::names::{FunctionPlace, LATEST};
use crate::running::{Limits, Run, Running};
use crate::{concurrency, invoke};
use destinations::Ended;

/// How often an event is tried again where nobody says (PutFunctionEventInvokeConfig).
const RETRIES: u32 = 2;
/// How old one gets where nobody says, in seconds: six hours.
const AGE: u32 = 21_600;
/// How long an event waits for a function that is busy, at first and at most.
const SHORTEST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(300);
/// How much of the room for deliveries events of callers may take, in percent.
const ROOM: u64 = 90;

/// An event that waits. The enumeration tells later forms of it apart.
#[derive(Serialize, Deserialize)]
enum Queued {
    Event(Event),
}

/// An event, and what it is for.
#[derive(Serialize, Deserialize)]
struct Event {
    account: String,
    region: String,
    name: String,
    /// As the caller named it.
    qualifier: Option<String>,
    request_id: String,
    /// JSON.
    payload: Vec<u8>,
}

impl Event {
    fn place(&self) -> FunctionPlace {
        FunctionPlace {
            account: self.account.clone(),
            region: self.region.clone(),
            name: self.name.clone(),
        }
    }
}

/// Has the function get an event some time soon, if this call succeeds.
pub(crate) async fn stage(ctx: &Ctx, function: &Function, payload: Bytes) -> Result<()> {
    let place = &function.place;
    if !ctx.has_room_for_deliveries(&place.account, ROOM) {
        return Err(TooManyRequestsException::new("Rate Exceeded.").into());
    }
    let qualifier = function.qualifier.clone();
    let config = config(ctx, place, qualifier.as_deref()).await?;
    let event = Event {
        account: place.account.clone(),
        region: place.region.clone(),
        name: place.name.clone(),
        qualifier,
        request_id: ctx.request_id.clone(),
        payload: payload.to_vec(),
    };
    let new = NewDelivery {
        service: &api::lambda::SERVICE,
        account: place.account.clone(),
        queue: function.arn(),
        ordered: false,
        retries: Retries {
            most: config.retries.unwrap_or(RETRIES),
            most_age_secs: config.age_seconds.unwrap_or(AGE),
        },
        payload: NewDelivery::payload_of(&Queued::Event(event))?,
    };
    ctx.stage_delivery(new).await
}

/// What is set for events of the function, the version or the alias.
async fn config(
    ctx: &Ctx,
    place: &FunctionPlace,
    qualifier: Option<&str>,
) -> Result<EventInvokeRecord> {
    let key = place.key().with(qualifier.unwrap_or(LATEST));
    let found = ctx.get::<EventInvokeRecord>(&key).await?;
    Ok(found.map_or_else(EventInvokeRecord::default, |found| (*found).clone()))
}

/// What hands events to functions.
pub(crate) struct Events {
    running: Running,
    /// What came of attempts whose end is not committed yet: they are not made again for that.
    ended: Mutex<BTreeMap<(String, u32), Arc<Ended>>>,
}

/// What an attempt found.
enum Attempt {
    Ended(Arc<Ended>),
    /// It did not run, and may later.
    NotYet,
    /// It will never run.
    Never(Failure),
}

impl Events {
    pub(crate) fn new(running: Running) -> Self {
        Self {
            running,
            ended: Mutex::default(),
        }
    }

    async fn attempt(&self, ctx: &Ctx, delivery: &Delivery, event: &Event) -> Result<Attempt> {
        let known = (delivery.id.clone(), delivery.attempts);
        if let Some(ended) = self.remembered(&known) {
            return Ok(Attempt::Ended(ended));
        }
        let place = event.place();
        let Some(function) = FunctionRecord::get(ctx, &place).await? else {
            return Ok(Attempt::Never(absent(event)));
        };
        let qualifier = event.qualifier.as_deref();
        let Some(version) = invoke::chosen(ctx, (&place, qualifier)).await? else {
            return Ok(Attempt::Never(absent(event)));
        };
        let limits = Limits {
            reserved: function.reserved_concurrency,
            account: concurrency::limit(ctx, &place.account, &place.region).await?,
        };
        if limits.reserved == Some(0) {
            let text = "The function's reserved concurrency is 0.";
            return Ok(Attempt::Never(Failure::new(
                "ZeroReservedConcurrency",
                text,
            )));
        }
        let ran = self.run(event, Arc::clone(&version), limits).await;
        match ran {
            Ok(outcome) => {
                let ended = Arc::new(Ended {
                    version: version.version.clone(),
                    is_error: outcome.is_error,
                    payload: outcome.payload,
                });
                self.remember(known, &ended);
                Ok(Attempt::Ended(ended))
            }
            Err(Error::Fault(fault)) if is_final(&fault) => Ok(Attempt::Never(Failure::of(&fault))),
            Err(_) => Ok(Attempt::NotYet),
        }
    }

    async fn run(
        &self,
        event: &Event,
        version: Arc<VersionRecord>,
        limits: Limits,
    ) -> Result<functions::Outcome> {
        let place = event.place();
        let run = Run {
            limits,
            invoked_arn: place.qualified(event.qualifier.as_deref()),
            place,
            version,
            request_id: event.request_id.clone(),
            payload: Bytes::copy_from_slice(&event.payload),
            client_context: None,
        };
        self.running.runner()?.run(run).await
    }

    async fn deliver(&self, ctx: &Ctx, delivery: &Delivery) -> Result<DeliveryOutcome> {
        let Queued::Event(event) = delivery.read()?;
        let ended = match self.attempt(ctx, delivery, &event).await? {
            Attempt::Ended(ended) => ended,
            Attempt::Never(failure) => return Ok(DeliveryOutcome::GiveUp(failure)),
            Attempt::NotYet => return self.wait(ctx, delivery, &event).await,
        };
        if ended.is_error {
            let mut failure = Failure::new("Unhandled", "The function failed.");
            let minutes = u64::from(delivery.attempts) + 1;
            failure.retry_after = Some(Duration::from_secs(60 * minutes));
            return Ok(DeliveryOutcome::Retry(failure));
        }
        let config = config(ctx, &event.place(), event.qualifier.as_deref()).await?;
        if let Some(arn) = &config.on_success {
            let success = (arn.as_str(), destinations::SUCCESS);
            destinations::tell(ctx, success, (delivery, &event), Some(&ended)).await?;
        }
        Ok(DeliveryOutcome::Done)
    }

    /// Waits for a function that does not run just now, twice as long as before, unless the event is
    /// too old by then.
    async fn wait(&self, ctx: &Ctx, delivery: &Delivery, event: &Event) -> Result<DeliveryOutcome> {
        let age = ctx.now.millis.saturating_sub(delivery.staged.millis);
        let age = Duration::from_millis(u64::try_from(age).unwrap_or(0));
        let config = config(ctx, &event.place(), event.qualifier.as_deref()).await?;
        let most = Duration::from_secs(config.age_seconds.unwrap_or(AGE).into());
        let wait = age.clamp(SHORTEST_WAIT, LONGEST_WAIT);
        if age + wait > most {
            let text = "The event is too old.";
            return Ok(DeliveryOutcome::GiveUp(Failure::new(TOO_OLD, text)));
        }
        Ok(DeliveryOutcome::NotYet(wait))
    }

    async fn give_up(&self, ctx: &Ctx, delivery: &Delivery, why: &GivenUp) -> Result<()> {
        let Queued::Event(event) = delivery.read()?;
        let ended = self.remembered(&(delivery.id.clone(), delivery.attempts));
        let place = event.place();
        let config = config(ctx, &place, event.qualifier.as_deref()).await?;
        let condition = match why.exhausted {
            Some(Exhausted::Age) => TOO_OLD,
            None if why.failure.code == TOO_OLD => TOO_OLD,
            _ => "RetriesExhausted",
        };
        let about = (delivery, &event);
        if let Some(arn) = &config.on_failure {
            destinations::tell(ctx, (arn, condition), about, ended.as_deref()).await?;
        }
        let named = (&place, event.qualifier.as_deref());
        let version = invoke::chosen(ctx, named).await?;
        let letters = version.as_ref().and_then(|it| it.dead_letters.as_deref());
        if let Some(arn) = letters {
            destinations::bury(ctx, arn, about, (why, ended.as_deref())).await?;
        }
        Ok(())
    }

    fn remembered(&self, known: &(String, u32)) -> Option<Arc<Ended>> {
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        ended.get(known).cloned()
    }

    /// Remembers what came of an attempt, and forgets all others of the event, and the eldest where
    /// there are many.
    fn remember(&self, known: (String, u32), new: &Arc<Ended>) {
        let mut ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        ended.retain(|(id, _), _| *id != known.0);
        while ended.len() >= MANY {
            // Ids grow with time.
            ended.pop_first();
        }
        ended.insert(known, Arc::clone(new));
    }
}

/// How many ends of attempts are remembered. A few are on their way at once.
const MANY: usize = 512;
/// The event waited for too long ("approximate age", `condition`).
const TOO_OLD: &str = "EventAgeExceeded";

impl Deliverer for Events {
    fn deliver<'a>(
        &'a self,
        ctx: &'a Ctx,
        delivery: &'a Delivery,
    ) -> DeliveryFuture<'a, DeliveryOutcome> {
        Box::pin(self.deliver(ctx, delivery))
    }

    fn give_up<'a>(
        &'a self,
        ctx: &'a Ctx,
        delivery: &'a Delivery,
        given_up: &'a GivenUp,
    ) -> DeliveryFuture<'a, ()> {
        Box::pin(self.give_up(ctx, delivery, given_up))
    }
}

fn absent(event: &Event) -> Failure {
    let arn = event.place().qualified(event.qualifier.as_deref());
    let text = format!("Function not found: {arn}");
    Failure::new("ResourceNotFoundException", text)
}

/// Whether it would not run however often it were tried.
fn is_final(fault: &Fault) -> bool {
    let code = fault.code(Protocol::RestJson);
    matches!(
        code,
        "ResourceNotFoundException" | "InvalidParameterValueException" | "InvalidRuntimeException"
    )
}
