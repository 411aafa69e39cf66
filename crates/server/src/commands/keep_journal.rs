//! The thread that keeps the journal: packs and indexes what is closed, deletes what is too old.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use cloudtrail::LoggingTrails;
use platform::{Clock, Error, JournalKeeping, Pipeline, Upkeep};
use store::journal::KeepError;
use tokio::runtime::Handle;

use crate::exit::Failure;
use crate::forward::Unconfirmed;

/// How often it looks for segments that were closed.
const PAUSE: Duration = Duration::from_secs(5);
/// How often it looks for what is too old, in milliseconds.
const DELETING: i64 = 60 * 60 * 1000;

/// The running thread. Dropping it ends it, after the segment that it is at.
pub(super) struct JournalKeeper {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
    damaged: Arc<AtomicU64>,
}

impl JournalKeeper {
    /// Starts it; `days` is how long events are kept, for ever without it, and at least until all
    /// have read them, `unconfirmed` among them.
    pub(super) fn start(
        pipeline: &Pipeline,
        clock: Arc<dyn Clock>,
        (days, unconfirmed): (Option<u32>, Unconfirmed),
    ) -> Result<Self, Failure> {
        let (stop, stopped) = channel();
        let damaged = Arc::<AtomicU64>::default();
        let mut work = Work {
            trouble: Trouble {
                known: BTreeSet::new(),
                damaged: Arc::clone(&damaged),
            },
            keeping: pipeline.journal_keeping(),
            upkeep: pipeline.upkeep(),
            clock,
            days,
            unconfirmed,
            runtime: Handle::current(),
        };
        let builder = std::thread::Builder::new().name("journal-keeper".to_owned());
        let thread = builder
            .spawn(move || work.run(&stopped))
            .map_err(|error| Failure::failed(format!("cannot start a thread: {error}")))?;
        Ok(Self {
            stop: Some(stop),
            thread: Some(thread),
            damaged,
        })
    }

    /// How many segments were found that are not what was written.
    pub(super) fn damaged(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.damaged)
    }
}

impl Drop for JournalKeeper {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Work {
    trouble: Trouble,
    keeping: JournalKeeping,
    upkeep: Upkeep,
    clock: Arc<dyn Clock>,
    days: Option<u32>,
    unconfirmed: Unconfirmed,
    runtime: Handle,
}

impl Work {
    fn run(&mut self, stopped: &Receiver<()>) {
        // Packing can wait, callers cannot.
        platform::yield_to_others();
        let mut deleted_at = None;
        loop {
            if !self.finish_closed(stopped) {
                return;
            }
            let now = self.clock.now().millis;
            // By the clock that ages are told by: a development server's may have been moved.
            if deleted_at.is_none_or(|then: i64| now.abs_diff(then) >= DELETING.unsigned_abs()) {
                self.delete_old();
                deleted_at = Some(now);
            }
            match stopped.recv_timeout(PAUSE) {
                Err(RecvTimeoutError::Timeout) => {}
                Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// Packs and indexes what is closed and may not wait; false if the program ends.
    fn finish_closed(&mut self, stopped: &Receiver<()>) -> bool {
        let unfinished = match self.keeping.unfinished() {
            Ok(unfinished) => unfinished,
            Err(error) => {
                tracing::error!(%error, "the journal's segments could not be listed");
                return true;
            }
        };
        for (segment, after) in unfinished.iter().copied().zip((0..unfinished.len()).rev()) {
            if self.keeping.may_wait(after) {
                return true;
            }
            if self.trouble.is_damaged(segment) {
                continue;
            }
            // What fails does so for a reason of its own: the others are tried.
            self.trouble.note(segment, self.keeping.finish(segment));
            if stopped.try_recv() == Err(std::sync::mpsc::TryRecvError::Disconnected) {
                return false;
            }
        }
        true
    }

    /// Deletes what is older than it has to be, as far as everybody who reads has read it.
    fn delete_old(&self) {
        let Some(days) = self.days else {
            return;
        };
        let floor = match self
            .runtime
            .block_on(first_unread(&self.upkeep, &self.unconfirmed))
        {
            Ok(floor) => floor.unwrap_or(u64::MAX),
            Err(Error::Internal(error)) => {
                tracing::error!(%error, "nothing tells how far the journal has been read");
                return;
            }
            Err(Error::Fault(_)) => return,
        };
        match self.keeping.delete_old(self.clock.now(), days, floor) {
            Ok(0) => {}
            Ok(deleted) => tracing::info!(deleted, days, "old segments of the journal are deleted"),
            Err(error) => tracing::error!(%error, "old segments could not be deleted"),
        }
    }
}

/// The segments that could not be packed or indexed. Each is told of once: it is tried again every
/// few seconds, or, where it is damaged, never.
struct Trouble {
    /// With whether it is damaged.
    known: BTreeSet<(u64, bool)>,
    damaged: Arc<AtomicU64>,
}

impl Trouble {
    fn is_damaged(&self, segment: u64) -> bool {
        self.known.contains(&(segment, true))
    }

    fn note(&mut self, segment: u64, finished: Result<(), KeepError>) {
        let Err(error) = finished else {
            self.known.remove(&(segment, false));
            return;
        };
        let is_damaged = matches!(error, KeepError::Damaged(_));
        if !self.known.insert((segment, is_damaged)) {
            return;
        }
        if is_damaged {
            self.damaged.fetch_add(1, Ordering::Relaxed);
        }
        tracing::error!(%error, segment, "a segment of the journal could not be packed");
    }
}

/// The first event that somebody has yet to read: all who keep a place in the journal of their own.
async fn first_unread(upkeep: &Upkeep, unconfirmed: &Unconfirmed) -> platform::Result<Option<u64>> {
    let trails = cloudtrail::first_undelivered(upkeep).await?;
    let buses = events::first_unrouted(upkeep, &LoggingTrails).await?;
    let destinations = unconfirmed.first(upkeep).await?;
    let all = [trails, buses, destinations];
    Ok(all.into_iter().flatten().min())
}

#[cfg(test)]
mod tests {
    use platform::testing::Harness;

    use std::io;

    use super::*;
    use crate::cli::ForwardFrom;

    #[test]
    fn a_damaged_segment_is_counted_once_and_left_alone() {
        let damaged = Arc::<AtomicU64>::default();
        let mut trouble = Trouble {
            known: BTreeSet::new(),
            damaged: Arc::clone(&damaged),
        };
        let damage = |segment| {
            let (offset, what) = (7, "an event does not authenticate");
            Err(KeepError::Damaged(store::journal::Damage {
                segment,
                offset,
                what,
            }))
        };
        let full = || Err(KeepError::Io(io::ErrorKind::StorageFull.into()));
        for _ in 0..3 {
            trouble.note(1, full());
            assert!(!trouble.is_damaged(1), "it is tried again");
        }
        trouble.note(1, Ok(()));
        assert!(trouble.known.is_empty(), "the next failure is told of");
        for _ in 0..3 {
            trouble.note(1, damage(1));
            trouble.note(2, Ok(()));
        }
        assert!(trouble.is_damaged(1) && !trouble.is_damaged(2));
        trouble.note(3, damage(3));
        assert_eq!(damaged.load(Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn the_journal_is_kept_for_those_that_it_is_forwarded_to() {
        let harness = Harness::new(crate::registry::services()).await;
        let upkeep = harness.pipeline.upkeep();
        let unconfirmed = Unconfirmed::named(&[("syslog", ForwardFrom::Start)]);
        let floor = first_unread(&upkeep, &unconfirmed).await;
        assert_eq!(floor.ok().flatten(), Some(1));
        let floor = first_unread(&upkeep, &Unconfirmed::default()).await;
        assert!(matches!(floor, Ok(None)), "nobody reads");
    }
}
