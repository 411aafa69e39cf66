//! What a service does by itself as time goes by: [`Upkeep`] with the clock, for loops that outlast a
//! moment.

use std::sync::Arc;

use wire::Timestamp;

use crate::clock::Clock;
use crate::ctx::Ctx;
use crate::fault::Result;
use crate::upkeep::Upkeep;

/// Begins and commits what services do by themselves.
#[derive(Clone)]
pub struct OwnWork {
    pub(crate) upkeep: Upkeep,
    pub(crate) clock: Arc<dyn Clock>,
}

impl OwnWork {
    /// The time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// What jobs work with that need no more than records.
    pub fn upkeep(&self) -> &Upkeep {
        &self.upkeep
    }

    /// Begins a piece of work of the service principal `principal`, `events.amazonaws.com`, in a
    /// Region. Nothing of it holds before [`commit`](Self::commit).
    pub fn begin(&self, principal: &str, region: &str) -> Result<Ctx> {
        self.upkeep.ctx(principal, region, self.now())
    }

    /// Commits a piece of work with the events of the calls that it made. False where somebody else
    /// committed first: nothing was done then.
    pub async fn commit(&self, ctx: Ctx) -> Result<bool> {
        self.upkeep.commit_ctx(ctx, &[]).await
    }
}
