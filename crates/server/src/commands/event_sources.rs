//! The loops that attend to EventBridge's sources of events and to replays while the program serves.

use std::sync::Arc;
use std::time::Duration;

use cloudtrail::LoggingTrails;
use events::Sources;
use platform::{Error, OwnWork, Result};
use tokio::sync::watch;

/// How long events may gather before they are looked at: a look costs something, and calls may come
/// by the ten thousand a second.
const GATHER: Duration = Duration::from_millis(100);
/// How long is waited after a failure.
const PAUSE: Duration = Duration::from_secs(1);

/// Attends to all of it until it is told to stop.
pub(super) async fn run(work: OwnWork, stop: watch::Receiver<bool>) {
    tokio::join!(attend(work.clone(), stop.clone()), replay(work, stop));
}

/// Attends to schedules, to what services tell of and to calls on record, as they come.
async fn attend(work: OwnWork, mut stop: watch::Receiver<bool>) {
    let mut sources = Sources::new(work, Arc::new(LoggingTrails));
    loop {
        let pause = pause_after(
            sources.go().await,
            "events could not be brought to their bus",
        );
        let rest = sources.rest();
        tokio::select! {
            () = news(&mut sources, pause) => {}
            () = tokio::time::sleep(rest.max(pause)) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

/// Brings replays to their end.
async fn replay(work: OwnWork, mut stop: watch::Receiver<bool>) {
    loop {
        let seen = work.upkeep().journal_head();
        let replaying = async {
            let pause = pause_after(events::replay(&work).await, "a replay could not go on");
            tokio::time::sleep(pause.max(PAUSE)).await;
            work.upkeep().journal_reader(seen + 1).wait().await;
        };
        // A replay that is stopped half way goes on where it was.
        tokio::select! {
            () = replaying => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

async fn news(sources: &mut Sources, pause: Duration) {
    tokio::time::sleep(pause).await;
    sources.wait().await;
}

fn pause_after(outcome: Result<()>, what: &'static str) -> Duration {
    match outcome {
        Ok(()) | Err(Error::Fault(_)) => GATHER,
        Err(Error::Internal(error)) => {
            tracing::error!(%error, "{what}");
            PAUSE
        }
    }
}
