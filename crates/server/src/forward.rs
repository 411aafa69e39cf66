//! The audit journal, forwarded to where an organization keeps its logs: syslog, OTLP, a webhook.
//!
//! Each destination has a cursor of its own on disk that moves once a destination has confirmed a
//! batch: at least once, in order, across restarts. Nothing that a destination does holds up a call
//! or another destination, and nothing is ever skipped because a destination refuses it (decision 19).

mod backoff;
mod batch;
mod cursor;
mod destination;
mod otlp;
mod progress;
mod syslog;
mod webhook;

use std::sync::Arc;
use std::time::Duration;

use platform::{Clock, Upkeep};
use tokio::sync::watch;

use self::backoff::Backoff;
use self::batch::Batch;
use self::cursor::Cursor;
use self::destination::{Destination, Refusal};
pub use self::progress::Progress;
use crate::cli::ForwardFrom;
use crate::exit::Failure;
use crate::settings::ForwardSettings;

/// How long more events are waited for once there is one: a batch costs a connection and a commit.
const LINGER: Duration = Duration::from_millis(250);
/// How long nothing may happen until the cursor is read again: under `--dev` the journal can begin
/// anew.
const LOOK_AGAIN: Duration = Duration::from_secs(60);
/// The most events in a batch.
const MOST_EVENTS: usize = 500;

/// Forwards the journal to one destination.
pub struct Forwarder {
    upkeep: Upkeep,
    clock: Arc<dyn Clock>,
    destination: Destination,
    from: ForwardFrom,
    progress: Arc<Progress>,
}

/// A forwarder for each destination that the settings name.
pub fn forwarders(
    settings: &ForwardSettings,
    upkeep: &Upkeep,
    clock: &Arc<dyn Clock>,
) -> Result<Vec<Forwarder>, Failure> {
    let destinations = Destination::all(settings)?;
    let forwarder = |destination: Destination| Forwarder {
        progress: Arc::new(Progress::new(destination.name())),
        upkeep: upkeep.clone(),
        clock: Arc::clone(clock),
        destination,
        from: settings.from,
    };
    Ok(destinations.into_iter().map(forwarder).collect())
}

/// What the journal is still needed for by those that it is forwarded to.
#[derive(Clone, Default)]
pub struct Unconfirmed(Vec<(&'static str, ForwardFrom)>);

impl Unconfirmed {
    /// Of these.
    pub fn of(forwarders: &[Forwarder]) -> Self {
        let named = |it: &Forwarder| (it.destination.name(), it.from);
        Self(forwarders.iter().map(named).collect())
    }

    #[cfg(test)]
    pub(crate) fn named(destinations: &[(&'static str, ForwardFrom)]) -> Self {
        Self(destinations.to_vec())
    }

    /// The first event that one of them has not confirmed. One that has not begun yet waits for the
    /// first of all, or for none.
    pub async fn first(&self, upkeep: &Upkeep) -> platform::Result<Option<u64>> {
        let mut first = None;
        for (destination, from) in &self.0 {
            let known = match (Cursor::known(upkeep, destination).await?, from) {
                (None, ForwardFrom::Start) => Some(1),
                (known, _) => known,
            };
            first = known.into_iter().chain(first).min();
        }
        Ok(first)
    }
}

impl Forwarder {
    /// How far it is, for metrics.
    pub fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }

    /// Forwards until `stop` becomes true. What was under way then is sent again the next time.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        tokio::select! {
            () = self.forward() => {}
            _ = stop.wait_for(|stop| *stop) => {}
        }
    }

    async fn forward(&self) {
        let destination = self.destination.name();
        let mut pace = Pace::default();
        loop {
            let Err(trouble) = self.pass(&mut pace).await else {
                continue;
            };
            self.progress.failed();
            if trouble.too_large {
                continue;
            }
            let wait = pace.backoff.next(self.upkeep.random(), trouble.retry_after);
            let (why, retry_in) = (trouble.why, wait.as_secs_f32());
            tracing::warn!(
                destination,
                why,
                retry_in,
                "events of the journal could not be forwarded"
            );
            tokio::time::sleep(wait).await;
        }
    }

    /// Forwards what there is and what comes, until something fails or nothing happens for long.
    async fn pass(&self, pace: &mut Pace) -> Result<(), Refusal> {
        let mut cursor = Cursor::read(&self.upkeep, self.destination.name(), self.from).await?;
        self.progress.reached(cursor.next());
        let mut reader = self.upkeep.journal_reader(cursor.next());
        loop {
            tokio::select! {
                () = reader.wait() => {}
                () = tokio::time::sleep(LOOK_AGAIN) => return Ok(()),
            }
            tokio::time::sleep(LINGER).await;
            let most = pace.most;
            let read = move || {
                let batch = Batch::read(&mut reader, most);
                (reader, batch)
            };
            let (again, batch) = self.upkeep.blocking(read).await.map_err(Refusal::inside)?;
            reader = again;
            self.deliver(&batch.map_err(Refusal::because)?, &mut cursor, pace)
                .await?;
        }
    }

    /// Sends a batch and moves the cursor behind it.
    async fn deliver(
        &self,
        batch: &Batch,
        cursor: &mut Cursor,
        pace: &mut Pace,
    ) -> Result<(), Refusal> {
        let destination = self.destination.name();
        let (Some(first), Some(last)) = (batch.first(), batch.last()) else {
            return Ok(());
        };
        if first > cursor.next() {
            let gone = first - cursor.next();
            tracing::warn!(destination, gone, "events left the journal unforwarded");
        }
        let sent = self.destination.send(batch, self.clock.now()).await;
        sent.map_err(|refusal| pace.shrink(batch.len(), refusal))?;
        cursor.move_to(&self.upkeep, last + 1).await?;
        self.progress.forwarded(batch.len(), last + 1);
        if pace.go_on() {
            tracing::info!(destination, last, "the journal is forwarded again");
        }
        Ok(())
    }
}

/// How fast a destination takes what it gets.
struct Pace {
    backoff: Backoff,
    /// How many events it gets at once.
    most: usize,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            backoff: Backoff::default(),
            most: MOST_EVENTS,
        }
    }
}

impl Pace {
    /// Halves the batches if that may help; one event that is too large alone is a failure like others.
    fn shrink(&mut self, length: usize, mut refusal: Refusal) -> Refusal {
        refusal.too_large &= length > 1;
        if refusal.too_large {
            self.most = (length / 2).max(1);
        }
        refusal
    }

    /// A batch was taken: batches grow again, slowly, lest every other one be too large. Whether
    /// there were failures before.
    fn go_on(&mut self) -> bool {
        self.most = self.most.saturating_add(1).min(MOST_EVENTS);
        self.backoff.reset()
    }
}

#[cfg(test)]
mod tests {
    use platform::testing::Harness;

    use super::*;

    #[tokio::test]
    async fn the_destination_that_is_furthest_behind_counts_if_it_is_configured() {
        let harness = Harness::new(Vec::new()).await;
        let upkeep = harness.pipeline.upkeep();
        for (destination, next) in [("syslog", 7), ("otlp", 5), ("webhook", 2)] {
            let cursor = Cursor::read(&upkeep, destination, ForwardFrom::Start).await;
            let Ok(mut cursor) = cursor else {
                panic!("a store takes writes")
            };
            assert!(cursor.move_to(&upkeep, next).await.is_ok());
        }
        let first = async |destinations: &[&'static str], from| {
            let named: Vec<_> = destinations.iter().map(|name| (*name, from)).collect();
            Unconfirmed::named(&named).first(&upkeep).await.ok()
        };
        assert_eq!(
            first(&["syslog", "otlp"], ForwardFrom::Now).await,
            Some(Some(5))
        );
        assert_eq!(first(&["syslog"], ForwardFrom::Start).await, Some(Some(7)));
        assert_eq!(first(&[], ForwardFrom::Start).await, Some(None));
        let new = ["syslog", "new"];
        assert_eq!(first(&new, ForwardFrom::Now).await, Some(Some(7)));
        assert_eq!(first(&new, ForwardFrom::Start).await, Some(Some(1)));
    }
}
