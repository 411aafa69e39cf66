//! The clock: the wall's, one that a developer may move forward, and one that tests hold still.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use wire::Timestamp;

/// Tells the time. It is asked once per request; everything below takes `now` as an argument.
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> Timestamp;
}

/// The machine's wall clock.
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that reads the clock"
    )]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp {
            millis: i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
        }
    }
}

/// The wall clock plus an offset that can only grow: `--dev` moves it to see deletion windows end.
#[derive(Default)]
pub struct ShiftedClock {
    offset_millis: AtomicI64,
}

impl ShiftedClock {
    /// Moves the clock forward by `seconds`; returns the time it shows then.
    pub fn advance(&self, seconds: u32) -> Timestamp {
        self.offset_millis
            .fetch_add(i64::from(seconds) * 1000, Ordering::SeqCst);
        self.now()
    }
}

impl Clock for ShiftedClock {
    fn now(&self) -> Timestamp {
        let offset = self.offset_millis.load(Ordering::SeqCst);
        Timestamp {
            millis: SystemClock.now().millis.saturating_add(offset),
        }
    }
}

/// Measures how long something takes, for metrics.
pub struct Stopwatch {
    started: std::time::Instant,
}

impl Stopwatch {
    /// Starts now.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that reads the clock"
    )]
    pub fn start() -> Self {
        Self {
            started: std::time::Instant::now(),
        }
    }

    /// Seconds since the start.
    pub fn seconds(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }
}

/// A clock that stands still until it is set.
pub struct FixedClock {
    millis: AtomicI64,
}

impl FixedClock {
    /// A clock that shows `now`.
    pub fn at(now: Timestamp) -> Self {
        Self {
            millis: AtomicI64::new(now.millis),
        }
    }

    /// Moves the clock forward by `seconds`.
    pub fn advance(&self, seconds: i64) {
        self.millis.fetch_add(seconds * 1000, Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp {
            millis: self.millis.load(Ordering::SeqCst),
        }
    }
}
