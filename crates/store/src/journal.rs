//! The journal: an append-only, sealed, hash-chained log of events in segments.
//!
//! [`Reader`] reads it from any event on, while it grows or offline; [`verify`] checks all of it;
//! [`Keeper`] packs what is closed and deletes what is too old.
//! Writing goes through [`Store::append`](crate::Store::append) and
//! [`Store::commit`](crate::Store::commit).

mod beginning;
mod events;
mod files;
mod format;
mod index_file;
mod indexed;
mod keeper;
mod marks;
mod memory;
mod packed;
mod reader;
mod recover;
mod segment;
mod verify;
mod writer;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{oneshot, watch};

pub use events::Events;
pub use files::{JournalFiles, SegmentFile};
pub use index_file::SegmentIndex;
pub use indexed::{Indexed, indexed};
pub use keeper::{KeepError, Keeper};
pub use marks::Marked;
pub use reader::{Picker, Place, Reader, first_since, last_seq};
pub use verify::{Summary, verify};

pub(crate) use files::DiskFiles;
pub(crate) use marks::Marks;
pub(crate) use memory::MemoryJournal;
pub(crate) use reader::Source;
pub(crate) use recover::{Recovered, contains, recorded, recover};
pub(crate) use writer::{JournalThread, Start};

use crate::error::JournalError;
use crate::per_thread::{Alone, PerThread};

/// The largest payload of an event, in bytes.
pub const MAX_PAYLOAD: usize = 4 << 20;

/// So many calls under way make a busy store.
pub(crate) const BUSY: usize = 12;

/// Something to record.
#[derive(Clone, PartialEq, Eq)]
pub struct Event {
    /// When it happened, in milliseconds since 1970.
    pub now_millis: u64,
    /// What happened; the journal does not look inside.
    pub payload: Vec<u8>,
    /// Whether those who read marked events alone are told of it ([`Marked`]). It is not on disk.
    pub is_marked: bool,
}

/// A recorded event.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its number, from 1 without gaps.
    pub seq: u64,
    /// The commit that it belongs to, or 0.
    pub commit_seq: u64,
    /// When it happened, in milliseconds since 1970.
    pub now_millis: u64,
    /// What happened.
    pub payload: Vec<u8>,
}

/// The last durable event: its number (0 in an empty journal) and its chain hash, which vouches
/// for all before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Head {
    /// Number of the last event.
    pub seq: u64,
    /// SHA-256 over the previous hash and the event.
    pub hash: [u8; 32],
}

/// Where a journal is not what was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the journal is damaged: segment {segment}, byte {offset}: {what}")]
pub struct Damage {
    /// Number of the segment.
    pub segment: u64,
    /// Byte in the segment's file.
    pub offset: u64,
    /// What is wrong there.
    pub what: &'static str,
}

/// Events on their way, in one write, and who waits for them.
pub(crate) struct Pending {
    pub(crate) events: Events,
    /// The commit that they belong to, or 0.
    pub(crate) commit_seq: u64,
    /// Gets the number of the last one.
    pub(crate) done: Option<oneshot::Sender<Result<u64, JournalError>>>,
}

/// What the journal's thread is told.
pub(crate) enum Message {
    Append(Pending),
    /// Answer when all before is answered; try again what there was no room for.
    Drain(oneshot::Sender<()>),
    /// Finish the segment and end.
    Close,
}

impl Pending {
    /// Bytes of payload.
    pub(crate) fn size(&self) -> usize {
        self.events.iter().map(|event| event.payload.len()).sum()
    }

    /// The events, each with the commit that it belongs to.
    pub(crate) fn with_commit(&self) -> impl Iterator<Item = (&Event, u64)> {
        self.events.iter().map(|event| (event, self.commit_seq))
    }

    pub(crate) fn answer(&mut self, result: Result<u64, JournalError>) {
        if let Some(done) = self.done.take() {
            // Nobody waiting any more is fine.
            let _ = done.send(result);
        }
    }
}

/// What everybody may know about the journal.
pub(crate) struct Status {
    pub(crate) head: watch::Sender<Head>,
    pub(crate) failed: watch::Sender<bool>,
    /// The same for those who do not wait for it. Every call reads it, beside much that is written.
    has_failed: Alone<AtomicBool>,
    /// The last commit whose event is durable here.
    pub(crate) last_commit: AtomicU64,
    /// Events of commits that could not be appended yet.
    pub(crate) backlog: AtomicU64,
    /// Whether the last write found no room.
    pub(crate) is_full: AtomicBool,
    calls: Calls,
    marks: Mutex<Marks>,
}

/// How many calls are under way that will append an event: as many as there are references, beside
/// the one here, to what each thread hands out.
type Calls = PerThread<Arc<Alone<()>>>;

/// A call that is under way, until this is dropped: the journal's writer waits a moment for the events
/// of many.
pub struct Call {
    _counted: Arc<Alone<()>>,
}

impl Call {
    pub(crate) fn begin(status: &Status) -> Self {
        Self {
            _counted: Arc::clone(status.calls.own()),
        }
    }
}

impl Status {
    pub(crate) fn new(head: Head, last_commit: u64) -> Self {
        Self {
            head: watch::Sender::new(head),
            failed: watch::Sender::new(false),
            has_failed: Alone(AtomicBool::new(false)),
            last_commit: AtomicU64::new(last_commit),
            backlog: AtomicU64::new(0),
            is_full: AtomicBool::new(false),
            calls: Calls::new(|| Arc::new(Alone(()))),
            marks: Mutex::new(Marks::behind(head)),
        }
    }

    /// Calls under way that will append an event, more or less.
    pub(crate) fn calls(&self) -> usize {
        let counts = self.calls.all().map(Arc::strong_count);
        counts.map(|count| count.saturating_sub(1)).sum()
    }

    pub(crate) fn head(&self) -> Head {
        *self.head.borrow()
    }

    /// The marked events from `from` on, `at_most` so many.
    pub(crate) fn marked(&self, from: u64, at_most: usize) -> Marked {
        let marks = self.marks();
        // Read under the lock: all marks up to it are noted then, and of the same journal.
        let head = self.head();
        marks.from(from, head, at_most)
    }

    pub(crate) fn marks(&self) -> MutexGuard<'_, Marks> {
        self.marks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether work that can wait should, because many calls are under way. Not while there is no
    /// room on the disk, which such work may make.
    pub(crate) fn is_busy(&self) -> bool {
        self.calls() >= BUSY && !self.is_full.load(Ordering::Relaxed)
    }

    pub(crate) fn fail(&self) {
        self.has_failed.0.store(true, Ordering::Release);
        self.failed.send_replace(true);
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.has_failed.0.load(Ordering::Acquire)
    }

    pub(crate) fn last_commit(&self) -> u64 {
        self.last_commit.load(Ordering::Acquire)
    }
}

#[cfg(test)]
mod tests;
