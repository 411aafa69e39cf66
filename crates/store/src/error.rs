//! What can go wrong, by layer.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crypto::SealFailure;

use crate::journal::Damage;
use crate::record::DecodeError;

/// Why a read failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The stored bytes are not what was written: damage or tampering.
    #[error("a record of table `{table}` is damaged: it does not authenticate")]
    Integrity {
        /// The table.
        table: &'static str,
    },
    /// The record is authentic and cannot be read by this version.
    #[error("a record of table `{table}` cannot be read: {source}")]
    Decode {
        /// The table.
        table: &'static str,
        /// Why.
        source: DecodeError,
    },
    /// The cursor was made by another query.
    #[error("the cursor does not belong to this query")]
    BadCursor,
    /// The database reports an error.
    #[error("the database failed: {0}")]
    Database(String),
    /// The store was closed, or stopped after a failure.
    #[error("the store is closed")]
    Closed,
}

/// What transactions got in each other's way over: a record, or a range that was scanned. Equal for
/// all of them. It is opaque, and says nothing once it is printed.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Contested(pub(crate) Vec<u8>);

impl fmt::Debug for Contested {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Contested")
    }
}

/// Why a commit failed. Only [`Conflict`](Self::Conflict) is worth another try.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// Something that the transaction read has changed since.
    #[error("the transaction conflicts with another")]
    Conflict(Contested),
    /// A record cannot be encoded.
    #[error("a record of table `{table}` cannot be encoded")]
    Encode {
        /// The table.
        table: &'static str,
    },
    /// Sealing failed.
    #[error(transparent)]
    Seal(#[from] SealFailure),
    /// Nothing was changed: the disk is full.
    #[error("the disk is full")]
    NoSpace,
    /// The database failed; nothing is accepted any more.
    #[error("the database failed: {0}")]
    Database(String),
    /// The journal could not be written. If the changes were made, their event is kept and is
    /// appended before any other.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The store was closed, or stopped after a failure.
    #[error("the store is closed")]
    Closed,
}

/// Why an event could not be made durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// A write or fsync failed earlier or now. It is never retried; the program has to end.
    #[error("the journal failed and accepts nothing any more")]
    Failed,
    /// The disk is full. The journal resumes when there is room.
    #[error("the disk is full, so that the journal cannot be written")]
    NoSpace,
    /// The event exceeds 4 MiB.
    #[error("the event is too large for the journal")]
    TooLarge,
    /// The store was closed.
    #[error("the journal is closed")]
    Closed,
}

/// Why a store does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has the directory.
    #[error("`{}` is in use by another process", .0.display())]
    InUse(PathBuf),
    /// The file system said no.
    #[error("cannot use `{}`: {source}", path.display())]
    Io {
        /// File or directory.
        path: PathBuf,
        /// What the system reports.
        source: io::Error,
    },
    /// The database cannot be opened or read.
    #[error("cannot use the database: {0}")]
    Database(String),
    /// The database's own state does not authenticate: damage, or the keyring of another store.
    #[error("the database is damaged or was sealed with another keyring")]
    DatabaseDamaged,
    /// The journal does not authenticate.
    #[error(transparent)]
    JournalDamaged(#[from] Damage),
    /// The journal knows commits that the database lacks.
    #[error(
        "the database lacks commits that the journal has: it ends at commit {store}, the journal \
         at commit {journal}; the database was damaged or an older copy was put back: restore a \
         complete backup of the directory"
    )]
    StoreBehindJournal {
        /// The database's last commit.
        store: u64,
        /// The journal's last commit.
        journal: u64,
    },
    /// The database knows events that the journal lacks.
    #[error(
        "the journal lacks events that the database has seen: event {seen} is missing or \
         different, the journal ends at event {journal}; the journal was damaged or an older copy \
         was put back: restore a complete backup of the directory"
    )]
    JournalBehindStore {
        /// The last event that the database knows to have been durable.
        seen: u64,
        /// The journal's last event.
        journal: u64,
    },
    /// Sealing failed.
    #[error(transparent)]
    Seal(#[from] SealFailure),
    /// An event could not be appended.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

impl OpenError {
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        |source| Self::Io { path, source }
    }
}
