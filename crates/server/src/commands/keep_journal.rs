//! The thread that keeps the journal: packs and indexes what is closed, deletes what is too old.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use cloudtrail::LoggingTrails;
use platform::{Clock, Error, JournalKeeping, Pipeline, Upkeep};
use tokio::runtime::Handle;

use crate::exit::Failure;
use crate::forward::Unconfirmed;

/// How often it looks for segments that were closed.
const PAUSE: Duration = Duration::from_secs(5);
/// How often, in such pauses, it looks for what is too old.
const DELETING: u32 = 720;

/// The running thread. Dropping it ends it, after the segment that it is at.
pub(super) struct JournalKeeper {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
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
        let work = Work {
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
        })
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
    keeping: JournalKeeping,
    upkeep: Upkeep,
    clock: Arc<dyn Clock>,
    days: Option<u32>,
    unconfirmed: Unconfirmed,
    runtime: Handle,
}

impl Work {
    fn run(&self, stopped: &Receiver<()>) {
        // Packing can wait, callers cannot.
        platform::yield_to_others();
        let mut pauses = 0;
        loop {
            if !self.finish_closed(stopped) {
                return;
            }
            if pauses == 0 {
                self.delete_old();
            }
            pauses = (pauses + 1) % DELETING;
            match stopped.recv_timeout(PAUSE) {
                Err(RecvTimeoutError::Timeout) => {}
                Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// Packs and indexes what is closed; false if the program ends.
    fn finish_closed(&self, stopped: &Receiver<()>) -> bool {
        let unfinished = match self.keeping.unfinished() {
            Ok(unfinished) => unfinished,
            Err(error) => {
                tracing::error!(%error, "the journal's segments could not be listed");
                return true;
            }
        };
        for segment in unfinished {
            // What fails does so for a reason of its own: the others are tried.
            if let Err(error) = self.keeping.finish(segment) {
                tracing::error!(%error, segment, "a segment of the journal could not be packed");
            }
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

    use super::*;
    use crate::cli::ForwardFrom;

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
