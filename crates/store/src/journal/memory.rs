//! The journal of a store in memory.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::format::chain;
use super::{Entry, Head, Pending, Status};
use crate::error::JournalError;

/// All events, in memory. For development and tests: nothing is ever dropped.
pub(crate) struct MemoryJournal {
    entries: Mutex<Vec<Entry>>,
    status: Arc<Status>,
}

impl MemoryJournal {
    pub(crate) fn new(status: Arc<Status>) -> Self {
        Self {
            entries: Mutex::default(),
            status,
        }
    }

    pub(crate) fn append(&self, mut pending: Pending) {
        if self.status.has_failed() {
            return pending.answer(Err(JournalError::Failed));
        }
        let mut entries = self.entries();
        let seq = entries.len() as u64 + 1;
        let hash = chain(&self.status.head().hash, &pending.event.payload);
        let payload = std::mem::take(&mut pending.event.payload);
        let Pending { commit_seq, .. } = pending;
        let now_millis = pending.event.now_millis;
        entries.push(Entry {
            seq,
            commit_seq,
            now_millis,
            payload,
        });
        self.status.head.send_replace(Head { seq, hash });
        drop(entries);
        pending.answer(Ok(seq));
    }

    pub(crate) fn get(&self, seq: u64) -> Option<Entry> {
        let position = usize::try_from(seq.checked_sub(1)?).ok()?;
        self.entries().get(position).cloned()
    }

    pub(crate) fn clear(&self) {
        let mut entries = self.entries();
        entries.clear();
        self.status.head.send_replace(Head::default());
    }

    fn entries(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
