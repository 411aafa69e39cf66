//! How far a forwarder is, for metrics.

use std::sync::atomic::{AtomicU64, Ordering};

/// Numbers of one forwarder.
pub struct Progress {
    /// `syslog`, `otlp` or `webhook`.
    pub destination: &'static str,
    next: AtomicU64,
    forwarded: AtomicU64,
    failures: AtomicU64,
}

impl Progress {
    pub(super) fn new(destination: &'static str) -> Self {
        Self {
            destination,
            next: AtomicU64::new(1),
            forwarded: AtomicU64::default(),
            failures: AtomicU64::default(),
        }
    }

    /// How many events wait, where the last one is number `head`.
    pub fn lag(&self, head: u64) -> u64 {
        (head + 1).saturating_sub(self.next.load(Ordering::Relaxed))
    }

    /// How many events were confirmed since the start.
    pub fn events(&self) -> u64 {
        self.forwarded.load(Ordering::Relaxed)
    }

    /// How many attempts failed since the start.
    pub fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    pub(super) fn reached(&self, next: u64) {
        self.next.store(next, Ordering::Relaxed);
    }

    pub(super) fn forwarded(&self, count: usize, next: u64) {
        self.forwarded.fetch_add(count as u64, Ordering::Relaxed);
        self.reached(next);
    }

    pub(super) fn failed(&self) {
        self.failures.fetch_add(1, Ordering::Relaxed);
    }
}
