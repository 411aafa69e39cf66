//! The journal of a store in memory.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::format::chain;
use super::{Entry, Event, Head, Marks, Pending, Place, Status};
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
        let mut head = self.status.head();
        let commit_seq = pending.commit_seq;
        let mut marked = Vec::new();
        for Event {
            now_millis,
            payload,
            is_marked,
        } in std::mem::take(&mut pending.events)
        {
            let (seq, hash) = (head.seq + 1, chain(&head.hash, &payload));
            head = Head { seq, hash };
            marked.extend(is_marked.then(|| Place::new(seq, 0, 0)));
            entries.push(Entry {
                seq,
                commit_seq,
                now_millis,
                payload,
            });
        }
        self.status.marks().note(marked);
        self.status.head.send_replace(head);
        drop(entries);
        pending.answer(Ok(head.seq));
    }

    pub(crate) fn get(&self, seq: u64) -> Option<Entry> {
        let position = usize::try_from(seq.checked_sub(1)?).ok()?;
        self.entries().get(position).cloned()
    }

    pub(crate) fn clear(&self) {
        let mut entries = self.entries();
        entries.clear();
        let mut marks = self.status.marks();
        *marks = Marks::behind(Head::default());
        self.status.head.send_replace(Head::default());
    }

    fn entries(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
