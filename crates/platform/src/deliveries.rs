//! Deliveries: what a call sets off and what may take several attempts, such as an event on its way
//! to a webhook.
//!
//! A handler stages a delivery in its own transaction, so there is one just if the call succeeds. A
//! runner hands each to the service that staged it, again and again until it is done or given up.
//! It is removed in the commit that holds what was done for it, so that what stays inside this
//! program happens once; what leaves it happens at least once. All of it survives the program's end.

mod agenda;
mod backoff;
mod records;
mod runner;

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use wire::{Fault, Protocol, ServiceTable, Timestamp};

use crate::ctx::Ctx;
use crate::fault::{Error, Result};

pub use agenda::DeliveryCounts;
pub(crate) use agenda::{Agenda, Scheduled, Waiting};
use records::{DeliveryRecord, PayloadRecord};
pub use runner::DeliveryRunner;

/// The most bytes of a payload.
const MOST_PAYLOAD: usize = 2 << 20;

/// How long a delivery is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retries {
    /// The most attempts after the first one.
    pub most: u32,
    /// The most seconds between staging and an attempt.
    pub most_age_secs: u32,
}

/// EventBridge's ("How EventBridge retries delivering events": 24 hours and up to 185 times).
impl Default for Retries {
    fn default() -> Self {
        Self {
            most: 185,
            most_age_secs: 86_400,
        }
    }
}

/// A delivery to be staged.
pub struct NewDelivery {
    /// The service that delivers it. It must have a [`Deliverer`].
    pub service: &'static ServiceTable,
    /// The account for which it is made.
    pub account: String,
    /// What it shares its place with, for example the ARN of a rule and the id of its target: one
    /// queue never holds up another.
    pub queue: String,
    /// Whether it waits until all that was staged in the queue before is done or given up.
    pub ordered: bool,
    /// How long it is tried.
    pub retries: Retries,
    /// What the service needs for it, at most 2 MiB: an event has up to one.
    pub payload: Vec<u8>,
}

/// A delivery to be made.
pub struct Delivery {
    /// The same for each attempt, and unlike any other.
    pub id: String,
    /// The account for which it is made.
    pub account: String,
    /// The queue.
    pub queue: String,
    /// How many attempts were made before this one.
    pub attempts: u32,
    /// When it was staged.
    pub staged: Timestamp,
    /// What the service staged.
    pub payload: Vec<u8>,
}

impl NewDelivery {
    /// A payload that holds `value`, for [`Delivery::read`]. Its type must not change as long as any
    /// waits: a service that changes it writes a number first.
    pub fn payload_of<T: Serialize>(value: &T) -> Result<Vec<u8>> {
        postcard::to_stdvec(value).map_err(Error::internal)
    }
}

impl Delivery {
    /// The value that the payload holds.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T> {
        postcard::from_bytes(&self.payload).map_err(Error::internal)
    }
}

/// How an attempt ended.
pub enum Outcome {
    /// It is delivered.
    Done,
    /// A part of it is done, and the rest follows at once, with this payload in place of the one
    /// that was staged. It keeps its place in its queue, so that in one with order nothing passes.
    Partly(Vec<u8>),
    /// It may be tried again.
    Retry(Failure),
    /// It was not tried, since its receiver takes no more just now. It is no attempt.
    NotYet(Duration),
    /// It would not do any good to try again.
    GiveUp(Failure),
}

/// Why an attempt failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Failure {
    /// AWS's code: `SDK_CLIENT_ERROR`, `ConnectionFailure`.
    pub code: String,
    /// What happened, without secrets.
    pub message: String,
    /// The least time until the next attempt, where the receiver said so.
    pub retry_after: Option<Duration>,
}

impl Failure {
    /// A failure of this code and text.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
            retry_after: None,
        }
    }

    /// The error that a service answered with.
    pub fn of(fault: &Fault) -> Self {
        let code = fault.code(Protocol::Json11);
        Self::new(code, fault.message().unwrap_or_default())
    }
}

/// What ended a delivery that might have been tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exhausted {
    /// There were as many attempts as its [`Retries`] allow.
    Attempts,
    /// It was too old.
    Age,
}

/// A delivery that is given up.
pub struct GivenUp {
    /// Why the last attempt failed.
    pub failure: Failure,
    /// What ended it; none where the failure itself did.
    pub exhausted: Option<Exhausted>,
    /// How many attempts were made after the first one.
    pub retries: u32,
}

/// The future of a [`Deliverer`].
pub type DeliveryFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// The part of a service that makes its deliveries. Its `Ctx` is of no caller but the service
/// itself; [`Ctx::as_service`] and [`Ctx::as_role`] make its calls, and what they and the function
/// itself stage is committed together with the delivery's end.
pub trait Deliverer: Send + Sync {
    /// Makes one attempt. What it staged is dropped unless it is [`Outcome::Done`] or
    /// [`Outcome::Partly`]. An error of AWS's ends the delivery; any other failure is tried again.
    fn deliver<'a>(&'a self, ctx: &'a Ctx, delivery: &'a Delivery) -> DeliveryFuture<'a, Outcome>;

    /// Does what is to be done with a delivery that is given up, in the commit that removes it. An
    /// error of AWS's drops it; any other failure is tried again.
    fn give_up<'a>(
        &'a self,
        ctx: &'a Ctx,
        delivery: &'a Delivery,
        given_up: &'a GivenUp,
    ) -> DeliveryFuture<'a, ()>;
}

impl Ctx {
    /// Whether an account may have more deliveries than wait already: of a million with 512 MiB,
    /// `percent` (decision 18). It is for the service to say what it does with a call that would
    /// stage some. What a delivery stages in its turn needs room that calls leave to it.
    pub fn has_room_for_deliveries(&self, account: &str, percent: u64) -> bool {
        self.house.deliveries.has_room(account, percent)
    }

    /// Stages a delivery in the call's Region. There is one if the call succeeds.
    pub async fn stage_delivery(&self, new: NewDelivery) -> Result<()> {
        if new.payload.len() > MOST_PAYLOAD {
            return Err(Error::internal("a delivery is larger than 2 MiB"));
        }
        let id = self.house.deliveries.next_id(self.now, self.random())?;
        let record = DeliveryRecord {
            service: new.service.name.to_owned(),
            queue: new.queue,
            ordered: new.ordered,
            account: new.account,
            region: self.region.clone(),
            staged_millis: self.now.millis,
            due_millis: self.now.millis,
            attempts: 0,
            most_retries: new.retries.most,
            most_age_secs: new.retries.most_age_secs,
            bytes: u32::try_from(new.payload.len()).unwrap_or(u32::MAX),
        };
        self.note_delivery(record.scheduled(id));
        self.put(id.key(), PayloadRecord(new.payload)).await;
        self.put(id.key(), record).await;
        Ok(())
    }
}
