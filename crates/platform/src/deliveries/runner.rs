//! What makes deliveries: takes what is due, hands it to its service, and commits how that ended.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use wire::Timestamp;

use super::agenda::{DeliveryCounts, DeliveryId, Taken};
use super::records::{DeliveryRecord, PayloadRecord};
use super::{Deliverer, Delivery, Exhausted, Failure, GivenUp, Outcome, backoff};
use crate::acting::Ended;
use crate::clock::Clock;
use crate::ctx::{Ctx, House};
use crate::fault::{Error, Result};
use crate::upkeep::Upkeep;

/// How many records are read at once at the start.
const PAGE: usize = 1000;
/// Milliseconds until a delivery is tried again that this program could not try.
const AFTER_A_FAILURE: i64 = 30_000;
/// The longest sleep: clocks are set.
const LONGEST_SLEEP: i64 = 60_000;
/// How often what was done is committed anew because another call committed first.
const ATTEMPTS: usize = 16;

/// Makes the deliveries of a pipeline.
#[derive(Clone)]
pub struct DeliveryRunner {
    pub(crate) upkeep: Upkeep,
    pub(crate) clock: Arc<dyn Clock>,
}

/// A delivery that was read, to be tried.
struct Work {
    id: DeliveryId,
    record: DeliveryRecord,
    delivery: Delivery,
    deliverer: Arc<dyn Deliverer>,
}

/// What an attempt leaves.
enum Settled {
    Gone,
    Again(i64),
}

impl DeliveryRunner {
    /// Makes deliveries until it is told to stop. Attempts that are under way then are broken off,
    /// to be made again after the next start.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        while let Err(error) = self.load().await {
            report(&error, "waiting deliveries could not be read");
            tokio::select! {
                () = tokio::time::sleep(Duration::from_secs(1)) => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
        }
        let Ok(house) = self.upkeep.house() else {
            return;
        };
        let agenda = &house.deliveries;
        let mut under_way = JoinSet::new();
        loop {
            while let Some(taken) = agenda.take(self.clock.now()) {
                let runner = self.clone();
                under_way.spawn(async move { runner.attempt(taken).await });
            }
            let due = agenda.next_due().unwrap_or(i64::MAX);
            let wait = due.saturating_sub(self.clock.now().millis);
            let wait = u64::try_from(wait.min(LONGEST_SLEEP)).unwrap_or_default();
            tokio::select! {
                () = agenda.wake.notified() => {}
                Some(_) = under_way.join_next() => {}
                () = tokio::time::sleep(Duration::from_millis(wait)) => {}
                _ = stop.wait_for(|stop| *stop) => break,
            }
        }
        under_way.shutdown().await;
    }

    /// Looks for what is due at once: the clock was moved.
    pub fn look(&self) {
        if let Ok(house) = self.upkeep.house() {
            house.deliveries.wake.notify_one();
        }
    }

    /// What became of deliveries.
    pub fn counts(&self) -> DeliveryCounts {
        let house = self.upkeep.house();
        house.map_or_else(
            |_| DeliveryCounts::default(),
            |house| house.deliveries.counts(),
        )
    }

    /// Reads what was waiting when the program ended.
    pub(crate) async fn load(&self) -> Result<()> {
        let house = self.upkeep.house()?;
        let (mut txn, mut after) = (self.upkeep.begin(), None);
        let all = store::Key::new("", "", [""; 0]);
        loop {
            let page = txn
                .scan::<DeliveryRecord>(&all, after.as_ref(), PAGE)
                .await?;
            let rows = page.rows.iter();
            let known = rows.filter_map(|(key, row)| Some(row.scheduled(DeliveryId::of(key)?)));
            house.deliveries.add(known.collect());
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(()),
            }
            // What a transaction read, it remembers.
            txn = self.upkeep.begin();
        }
    }

    /// Makes the attempts that are due, one after the other, until none is. Returns how many.
    pub(crate) async fn run_due(&self) -> Result<usize> {
        let house = self.upkeep.house()?;
        let mut attempts = 0;
        while let Some(taken) = house.deliveries.take(self.clock.now()) {
            self.attempt(taken).await;
            attempts += 1;
        }
        Ok(attempts)
    }

    async fn attempt(&self, taken: Taken) {
        match self.settle(taken.id()).await {
            Ok(Settled::Gone) => taken.gone(),
            Ok(Settled::Again(due_millis)) => taken.again(due_millis),
            Err(error) => {
                report(&error, "a delivery could not be tried");
                taken.again(self.clock.now().millis.saturating_add(AFTER_A_FAILURE));
            }
        }
    }

    async fn settle(&self, id: DeliveryId) -> Result<Settled> {
        let house = self.upkeep.house()?;
        for _ in 0..ATTEMPTS {
            // It is gone where a development server was reset.
            let Some(work) = self.read(&house, id).await? else {
                return Ok(Settled::Gone);
            };
            if let Some(settled) = self.try_once(&house, work).await? {
                return Ok(settled);
            }
        }
        Err(Error::internal("others always committed first"))
    }

    async fn read(&self, house: &House, id: DeliveryId) -> Result<Option<Work>> {
        let mut txn = self.upkeep.begin();
        let Some(record) = txn.get::<DeliveryRecord>(&id.key()).await? else {
            return Ok(None);
        };
        let payload = txn.get::<PayloadRecord>(&id.key()).await?;
        let payload = payload.ok_or_else(|| Error::dangling("a payload"))?;
        let name = record.service.as_str();
        let mut services = house.services.iter();
        let service = services.find(|service| service.table.name == name);
        let deliverer = service.and_then(|service| service.deliverer.clone());
        Ok(Some(Work {
            id,
            delivery: record.with(id, &payload),
            deliverer: deliverer
                .ok_or_else(|| Error::internal(format!("`{name}` makes no deliveries")))?,
            record: DeliveryRecord::clone(&record),
        }))
    }

    /// One attempt with what follows. None where another call committed first.
    async fn try_once(&self, house: &House, work: Work) -> Result<Option<Settled>> {
        let ctx = self.ctx(&work)?;
        let outcome = match work.deliverer.deliver(&ctx, &work.delivery).await {
            Ok(outcome) => outcome,
            Err(Error::Fault(fault)) => Outcome::GiveUp(Failure::of(&fault)),
            Err(error) => {
                report(&error, "an attempt to deliver failed");
                Outcome::Retry(Failure::new(
                    "InternalFailure",
                    "An internal error occurred.",
                ))
            }
        };
        match outcome {
            Outcome::Done => {
                let ended = self.upkeep.end(ctx, true)?;
                self.remove(work.id, ended, &house.deliveries.counted.done)
                    .await
            }
            Outcome::Partly(rest) => self.go_on(work, self.upkeep.end(ctx, true)?, rest).await,
            Outcome::NotYet(wait) => {
                let wait = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
                let due_millis = self.now().millis.saturating_add(wait);
                Ok(Some(Settled::Again(due_millis)))
            }
            Outcome::Retry(failure) => {
                let mut ended = self.upkeep.end(ctx, false)?;
                let mut record = work.record.clone();
                let delay = backoff::delay(record.attempts, self.upkeep.random())?;
                match record.postpone(self.clock.now(), delay, &failure) {
                    Ok(due_millis) => {
                        ended.txn.put(work.id.key(), record);
                        let counted = &house.deliveries.counted.retried;
                        let settled = self.commit(ended, counted).await?;
                        Ok(settled.then_some(Settled::Again(due_millis)))
                    }
                    Err(exhausted) => {
                        self.give_up(house, &work, ended, (failure, Some(exhausted)))
                            .await
                    }
                }
            }
            Outcome::GiveUp(failure) => {
                let ended = self.upkeep.end(ctx, false)?;
                self.give_up(house, &work, ended, (failure, None)).await
            }
        }
    }

    /// Commits a part of a delivery with what is left of it. That it went on makes up for attempts
    /// that failed.
    async fn go_on(
        &self,
        mut work: Work,
        mut ended: Ended,
        rest: Vec<u8>,
    ) -> Result<Option<Settled>> {
        let due_millis = self.now().millis;
        work.record.attempts = 0;
        work.record.due_millis = due_millis;
        ended.txn.put(work.id.key(), work.record);
        ended.txn.put(work.id.key(), PayloadRecord(rest));
        let is_committed = self.upkeep.commit_ended(ended, self.clock.now()).await?;
        Ok(is_committed.then_some(Settled::Again(due_millis)))
    }

    /// Hands a delivery to where those go that are given up. `ended` is what the last attempt left.
    async fn give_up(
        &self,
        house: &House,
        work: &Work,
        ended: Ended,
        (failure, exhausted): (Failure, Option<Exhausted>),
    ) -> Result<Option<Settled>> {
        let given_up = GivenUp {
            failure,
            exhausted,
            retries: work.record.attempts,
        };
        let ctx = self.ctx(work)?;
        let counted = &house.deliveries.counted;
        let handed = work
            .deliverer
            .give_up(&ctx, &work.delivery, &given_up)
            .await;
        let (is_kept, counted) = match handed {
            Ok(()) => (true, &counted.given_up),
            Err(Error::Fault(fault)) => {
                let code = Failure::of(&fault).code;
                tracing::warn!(code, service = work.record.service, "a delivery is dropped");
                (false, &counted.dropped)
            }
            Err(error) => return Err(error),
        };
        let last = self.upkeep.end(ctx, is_kept)?;
        self.remove(work.id, ended.then(last), counted).await
    }

    /// Commits the end of a delivery.
    async fn remove(
        &self,
        id: DeliveryId,
        mut ended: Ended,
        counted: &AtomicU64,
    ) -> Result<Option<Settled>> {
        let is_empty = !ended.txn.has_writes();
        if is_empty {
            // Nothing was done here that could meet what others did.
            ended.txn = self.upkeep.begin();
        }
        ended.txn.delete::<DeliveryRecord>(&id.key());
        ended.txn.delete::<PayloadRecord>(&id.key());
        let is_committed = self.commit(ended, counted).await?;
        Ok(is_committed.then_some(Settled::Gone))
    }

    async fn commit(&self, ended: Ended, counted: &AtomicU64) -> Result<bool> {
        let is_committed = self.upkeep.commit_ended(ended, self.clock.now()).await?;
        if is_committed {
            counted.fetch_add(1, Ordering::Relaxed);
        }
        Ok(is_committed)
    }

    fn ctx(&self, work: &Work) -> Result<Ctx> {
        let principal = format!("{}.amazonaws.com", work.record.service);
        self.upkeep.ctx(&principal, &work.record.region, self.now())
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

fn report(error: &Error, what: &str) {
    if let Error::Internal(error) = error {
        tracing::error!(%error, "{what}");
    }
}
