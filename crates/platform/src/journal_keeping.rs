//! Keeping the journal: what is closed is packed and indexed, what is too old is deleted.

use store::Store;
use store::journal::KeepError;
use wire::Timestamp;

use crate::event_history;

/// How many closed segments may wait, 16 MiB each, to be packed into a twentieth.
const MAY_WAIT: usize = 64;
const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// Keeps the journal of a store. All of it blocks on files, and packing takes the processor for
/// some tenths of a second: it is for a thread of its own.
pub struct JournalKeeping {
    store: Store,
}

impl JournalKeeping {
    /// Keeps the journal of this store; one in memory needs nothing.
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    /// The closed segments that are not packed or have no index, the oldest first.
    pub fn unfinished(&self) -> Result<Vec<u64>, KeepError> {
        let keeper = self.store.journal_keeper();
        keeper.map_or(Ok(Vec::new()), |keeper| keeper.unfinished())
    }

    /// Whether a segment may wait for a moment when few calls are under way, beside so many others:
    /// packing takes about 5 microseconds an event, and the caches of those that answer.
    pub fn may_wait(&self, others: usize) -> bool {
        others < MAY_WAIT && self.store.is_busy()
    }

    /// Packs one of them, and makes its index.
    pub fn finish(&self, segment: u64) -> Result<(), KeepError> {
        match self.store.journal_keeper() {
            Some(keeper) => event_history::finish(&keeper, segment),
            None => Ok(()),
        }
    }

    /// Deletes the oldest packed segments whose events are all older than `days`, and before event
    /// `floor`, which somebody has not read yet; returns how many.
    pub fn delete_old(&self, now: Timestamp, days: u32, floor: u64) -> Result<usize, KeepError> {
        let oldest = now.millis - i64::from(days) * DAY_MILLIS;
        match (self.store.journal_keeper(), u64::try_from(oldest)) {
            (Some(keeper), Ok(oldest)) => keeper.delete_before(floor, oldest),
            _ => Ok(0),
        }
    }
}

#[cfg(test)]
mod tests {
    #[tokio::test]
    async fn a_gigabyte_waits_beside_many_calls_and_nothing_beside_few() {
        let harness = crate::testing::Harness::new(Vec::new()).await;
        let (store, keeping) = (harness.pipeline.store(), harness.pipeline.journal_keeping());
        let mut calls: Vec<_> = (0..11).map(|_| store.call()).collect();
        assert!(!keeping.may_wait(0));
        calls.push(store.call());
        assert!(keeping.may_wait(0) && keeping.may_wait(63));
        assert!(!keeping.may_wait(64));
        calls.pop();
        assert!(!keeping.may_wait(0));
    }
}
