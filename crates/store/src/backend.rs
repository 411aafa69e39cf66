//! The seam between transactions and the place where sealed rows are kept.

mod database;
mod memory;
mod sqlite;

use std::future::Future;
use std::ops::Bound;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::mpsc::{SendError, Sender};

use tokio::sync::oneshot;
use zeroize::Zeroizing;

pub(crate) use database::{Database, database as failed};
pub(crate) use memory::MemoryBackend;
pub(crate) use sqlite::SqliteBackend;

use crate::cache::Cache;
use crate::error::{CommitError, Contested, JournalError, StoreError};
use crate::journal::{Event, Head, MemoryJournal, Message, Pending, Status};
use crate::key::RowId;
use crate::sealing::Sealer;
use crate::watch::Watches;

pub(crate) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A sealed row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) index: Vec<u8>,
    /// The commit that wrote it.
    pub(crate) version: u64,
    pub(crate) sealed: Vec<u8>,
}

/// A range of opaque keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) from: Bound<Vec<u8>>,
    pub(crate) to: Bound<Vec<u8>>,
}

impl Range {
    /// The same for all who scan from here.
    pub(crate) fn contested(&self) -> Contested {
        let (Bound::Included(from) | Bound::Excluded(from)) = &self.from else {
            return Contested(Vec::new());
        };
        Contested(from.clone())
    }
}

/// A range that was read, and what was in it.
#[derive(Debug)]
pub(crate) struct Scanned {
    pub(crate) range: Range,
    pub(crate) count: u64,
    /// The highest version; versions only grow, so with the count it tells any change.
    pub(crate) last_version: u64,
}

/// A row to write, or to delete where there is no plaintext.
pub(crate) struct Write {
    pub(crate) row: Arc<RowId>,
    pub(crate) plaintext: Option<Zeroizing<Vec<u8>>>,
}

/// Everything a commit needs: what has to hold, what is written, and the events.
#[derive(Default)]
pub(crate) struct Batch {
    /// Rows that were read, with their versions (0: absent).
    pub(crate) reads: Vec<(Arc<RowId>, u64)>,
    pub(crate) ranges: Vec<Scanned>,
    pub(crate) writes: Vec<Write>,
    pub(crate) events: Vec<Event>,
}

/// Keeps sealed rows. A commit is applied entirely or not at all, is durable when it is answered,
/// and has invalidated the cache and appended its events by then.
pub(crate) trait Backend: Send + Sync {
    fn get(&self, index: &[u8]) -> BoxFuture<'_, Result<Option<Row>, StoreError>>;

    /// The rows of these keys, in their order, as they are at one time.
    fn get_all(&self, indexes: Vec<Vec<u8>>)
    -> BoxFuture<'_, Result<Vec<Option<Row>>, StoreError>>;

    /// At most `limit` rows of the range in the order of their keys.
    fn scan(&self, range: Range, limit: usize) -> BoxFuture<'_, Result<Vec<Row>, StoreError>>;

    /// How many rows are in the range.
    fn count(&self, range: Range) -> BoxFuture<'_, Result<u64, StoreError>>;

    fn commit(&self, batch: Batch) -> BoxFuture<'_, Result<(), CommitError>>;

    /// How many rows there are, checked against the sealed state.
    fn verify(&self) -> BoxFuture<'_, Result<u64, StoreError>>;

    /// Moves what can be moved out of the write-ahead log.
    fn checkpoint(&self) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Leaves nothing on disk of rows that were deleted or replaced.
    fn erase(&self) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Finishes what is under way and stops. Later calls fail.
    fn close(&self) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Drops everything. Only in memory.
    fn reset(&self) -> bool;
}

/// What the backends share.
#[derive(Clone)]
pub(crate) struct Parts {
    pub(crate) sealer: Arc<Sealer>,
    pub(crate) cache: Arc<Cache>,
    pub(crate) journal: Journal,
    pub(crate) status: Arc<Status>,
    pub(crate) watches: Arc<Watches>,
}

/// Where events go.
#[derive(Clone)]
pub(crate) enum Journal {
    Memory(Arc<MemoryJournal>),
    Files(Sender<Message>),
}

impl Journal {
    /// Hands the event over; the answer comes when it is durable.
    pub(crate) fn append(&self, pending: Pending) {
        match self {
            Self::Memory(journal) => journal.append(pending),
            Self::Files(thread) => {
                if let Err(SendError(Message::Append(mut unsent))) =
                    thread.send(Message::Append(pending))
                {
                    unsent.answer(Err(JournalError::Closed));
                }
            }
        }
    }

    /// Waits until all that was handed over is answered, trying again what there was no room for.
    /// Blocks; not for async threads.
    pub(crate) fn drain(&self) {
        if let Self::Files(thread) = self {
            let (done, answer) = oneshot::channel();
            if thread.send(Message::Drain(done)).is_ok() {
                let _ = answer.blocking_recv();
            }
        }
    }
}

impl Parts {
    /// After a batch is applied and before it is answered.
    pub(crate) fn invalidate(&self, batch: &Batch) {
        for write in &batch.writes {
            self.cache.invalidate(&write.row);
        }
        for write in &batch.writes {
            self.watches.tell(&write.row);
        }
    }

    pub(crate) fn head(&self) -> Head {
        self.status.head()
    }
}

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
