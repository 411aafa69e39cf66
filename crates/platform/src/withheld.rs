//! The end of step 7: events on their way to the disk, and the answer that nobody hears before they
//! are durable.

use store::{JournalError, OnTheWay, journal};
use wire::{Fault, Value};

use crate::answer::{self, Context, Served};
use crate::lines::Standing;
use crate::waiting::Claim;
use crate::way::Way;

/// How a call ended, before anybody hears of it.
pub(crate) struct Ended {
    pub(crate) outcome: Result<Value, Fault>,
    recording: Option<Recording>,
}

/// The events of a call on their way, and what the call keeps until they are durable.
struct Recording {
    events: OnTheWay,
    _kept: Kept,
}

/// What a call keeps until it is over.
#[derive(Default)]
pub(crate) struct Kept {
    _call: Option<journal::Call>,
    _claims: Vec<Claim>,
}

/// An answer whose record may be on its way still: nobody may hear it before.
///
/// All else that the call took is given back by now. A call beside a hundred others waits for the disk
/// about as long as for the processor, and what it would hold on to meanwhile has to be fetched again
/// only to be thrown away.
#[must_use]
pub struct Withheld {
    /// The answer.
    pub served: Served,
    /// With what a refusal needs to know.
    recording: Option<(Recording, Context)>,
}

impl Kept {
    pub(crate) fn new(standing: &Standing, claims: Vec<Claim>) -> Self {
        Self {
            _call: standing.end(),
            _claims: claims,
        }
    }
}

impl Ended {
    /// A call whose events are on their way, unless they cannot be.
    pub(crate) fn recorded(
        outcome: Result<Value, Fault>,
        sent: Result<OnTheWay, JournalError>,
        kept: Kept,
        way: &Way,
    ) -> Self {
        match sent {
            Ok(events) => Self {
                outcome,
                recording: Some(Recording {
                    events,
                    _kept: kept,
                }),
            },
            Err(error) => answer::unavailable(&error, &way.request_id).into(),
        }
    }

    /// A call whose events are durable.
    pub(crate) fn durable(output: Value) -> Self {
        Self {
            outcome: Ok(output),
            recording: None,
        }
    }

    /// The answer, encoded.
    pub(crate) fn withheld(self, context: Context) -> Withheld {
        let served = match (&self.outcome, context.operation) {
            (Ok(output), Some(operation)) => context.success(operation, output),
            (Ok(_), None) => context.failure(&answer::internal()),
            (Err(fault), _) => context.failure(fault),
        };
        let recording = self.recording.map(|recording| (recording, context));
        Withheld { served, recording }
    }
}

/// A call of which nothing goes on record.
impl From<Fault> for Ended {
    fn from(fault: Fault) -> Self {
        Self {
            outcome: Err(fault),
            recording: None,
        }
    }
}

impl Withheld {
    /// An answer to a request that is for no service.
    pub(crate) fn nowhere(served: Served) -> Self {
        Self {
            served,
            recording: None,
        }
    }

    /// Waits until the call is on record, and releases the answer; or else the refusal of a call that
    /// could not be recorded.
    pub async fn recorded(self) -> Result<Served, Served> {
        let Some((recording, context)) = self.recording else {
            return Ok(self.served);
        };
        match recording.events.durable().await {
            Ok(_) => Ok(self.served),
            Err(error) => {
                let refusal = answer::unavailable(&error, &context.request_id);
                Err(context.failure(&refusal))
            }
        }
    }
}
