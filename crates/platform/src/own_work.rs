//! What a service does by itself with everything that a handler has: it reads, calls other services
//! as a service principal and stages, in a [`Ctx`] that is no call's.

use std::sync::Arc;

use store::CommitError;
use store::Event;
use wire::Timestamp;

use crate::caller::Caller;
use crate::clock::Clock;
use crate::ctx::{Call, Connection, Ctx, House};
use crate::fault::{Error, Result};
use crate::pipeline::AuthMode;
use crate::service_call::{NestedEvent, Through};
use crate::upkeep::Upkeep;
use crate::way;

/// Begins and commits what services do by themselves.
#[derive(Clone)]
pub struct OwnWork {
    pub(crate) house: Arc<House>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) auth: AuthMode,
}

impl OwnWork {
    /// The time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// What jobs work with that need no more than records.
    pub fn upkeep(&self) -> &Upkeep {
        &self.house.upkeep
    }

    /// Begins a piece of work of the service principal `principal`, `events.amazonaws.com`, in a
    /// Region. Nothing of it holds before [`commit`](Self::commit).
    pub fn begin(&self, principal: &str, region: &str) -> Result<Ctx> {
        let mut id = [0; 16];
        self.house.random.fill(&mut id)?;
        let call = Call {
            now: self.clock.now(),
            caller: Arc::new(Caller::service(principal)),
            region: region.to_owned(),
            request_id: way::uuid(id),
            connection: Connection::default(),
            enforce: self.auth == AuthMode::Enforce,
            through: Through::default(),
        };
        let txn = self.house.upkeep.begin();
        Ok(Ctx::new(call, Arc::clone(&self.house), txn))
    }

    /// Commits a piece of work with the events of the calls that it made. False where somebody else
    /// committed first: nothing was done then.
    pub async fn commit(&self, ctx: Ctx) -> Result<bool> {
        let now_millis = u64::try_from(ctx.now.millis).unwrap_or_default();
        let (txn, _, traces) = ctx.finish();
        let events = traces.nested.into_iter().map(NestedEvent::kept);
        let events = events.map(|payload| Event {
            now_millis,
            payload: payload.to_vec(),
        });
        match self.house.upkeep.store.commit(txn, events).await {
            Ok(()) => Ok(true),
            Err(CommitError::Conflict) => Ok(false),
            Err(error) => Err(Error::internal(error)),
        }
    }
}
