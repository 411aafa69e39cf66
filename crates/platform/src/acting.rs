//! What a service does with calls of other services, for no caller: a delivery, a schedule.
//!
//! It gets a [`Ctx`] as a handler does, whose caller is the service itself. Its own reads and writes
//! ask nobody; its calls of other services are decided and recorded like all calls, as a service
//! principal ([`Ctx::as_service`]) or in a session of a role ([`Ctx::as_role`]).

use std::sync::Arc;

use store::{CommitError, Txn};
use wire::Timestamp;

use crate::caller::Caller;
use crate::ctx::{Call, Connection, Ctx, House};
use crate::deliveries::Scheduled;
use crate::fault::{Error, Result};
use crate::lines::Standing;
use crate::record::Payload;
use crate::service_call::{NestedEvent, Through};
use crate::upkeep::{ServiceEvent, Upkeep};

/// What is left of a `Ctx`, to be committed.
pub(crate) struct Ended {
    pub(crate) txn: Txn,
    events: Vec<Payload>,
    deliveries: Vec<Scheduled>,
}

impl Ended {
    /// This, without what it staged, and `last` after it.
    pub(crate) fn then(self, last: Self) -> Self {
        let events = self.events.into_iter().chain(last.events).collect();
        Self { events, ..last }
    }
}

impl Upkeep {
    /// Begins work of the service principal `service`, `events.amazonaws.com`, in `region`.
    pub fn ctx(&self, service: &str, region: &str, now: Timestamp) -> Result<Ctx> {
        let house = self.house()?;
        let mut request_id = [0; 16];
        self.random.fill(&mut request_id)?;
        let call = Call {
            now,
            caller: Arc::new(Caller::service(service)),
            region: region.to_owned(),
            request_id: crate::way::uuid(request_id),
            connection: Arc::new(Connection {
                secure: true,
                user_agent: Some(service.to_owned()),
                ..Connection::default()
            }),
            enforce: self.enforce,
            through: Through::by(service.to_owned()),
            standing: Standing::default(),
        };
        Ok(Ctx::new(call, house, self.begin()))
    }

    /// Commits what the work staged, with the events of its calls and `events` of its own. False
    /// where somebody else committed first: nothing was done then.
    pub async fn commit_ctx(&self, ctx: Ctx, events: &[ServiceEvent<'_>]) -> Result<bool> {
        let now = ctx.now;
        let mut ended = self.end(ctx, true)?;
        for event in events {
            let mut id = [0; 16];
            self.random.fill(&mut id)?;
            ended.events.push(event.payload(&crate::way::uuid(id), now));
        }
        if !ended.txn.has_writes() {
            // What was read meets nobody, and calls that took long are not made again for it.
            ended.txn = self.begin();
        }
        self.commit_ended(ended, now).await
    }

    /// Ends work that failed: nothing of it holds but the record of its calls.
    pub async fn drop_ctx(&self, ctx: Ctx) -> Result<()> {
        let now = ctx.now;
        let ended = self.end(ctx, false)?;
        self.commit_ended(ended, now).await.map(drop)
    }

    /// Ends the work: with what it staged if it is `kept`, otherwise with no more than the record of
    /// its calls.
    pub(crate) fn end(&self, ctx: Ctx, kept: bool) -> Result<Ended> {
        let (txn, _, mut traces) = ctx.finish();
        let nested = std::mem::take(&mut traces.nested).into_iter();
        if !kept {
            return Ok(Ended {
                txn: self.begin(),
                events: nested.filter_map(NestedEvent::dropped).collect(),
                deliveries: Vec::new(),
            });
        }
        Ok(Ended {
            txn,
            events: nested.map(NestedEvent::kept).collect(),
            deliveries: traces.deliveries,
        })
    }

    /// Commits what is left. False where somebody else committed first.
    pub(crate) async fn commit_ended(&self, ended: Ended, now: Timestamp) -> Result<bool> {
        let events = ended.events.into_iter().map(|payload| payload.at(now));
        match self.store.commit(ended.txn, events).await {
            Ok(()) => {
                self.house()?.deliveries.add(ended.deliveries);
                Ok(true)
            }
            Err(CommitError::Conflict(_)) => Ok(false),
            Err(error) => Err(Error::internal(error)),
        }
    }

    pub(crate) fn house(&self) -> Result<Arc<House>> {
        let house = self.house.upgrade();
        house.ok_or_else(|| Error::internal("the pipeline is gone"))
    }
}
