//! Sealed, versioned, transactional tables, and the journal.
//!
//! The only crate that knows bytes on disk. A [`Store`] hands out transactions ([`Txn`]) over typed
//! records ([`Record`]); every record is sealed under a key of its account and service and bound to
//! its place and version, and names are on disk only as opaque HMAC segments. The journal is an
//! append-only, hash-chained log of events; a commit and its event succeed together (outbox).
//!
//! What it never does: write anything readable, answer before the data is durable, retry a failed
//! fsync, serve a stale record after the commit that changed it was acknowledged, load a table into
//! memory, or read the clock.

mod apply;
mod backend;
mod cache;
mod config;
mod directory;
mod error;
pub mod journal;
mod key;
mod open;
mod per_thread;
mod reads;
pub mod record;
mod scan;
pub mod seal_file;
mod sealing;
mod store;
mod txn;
mod watch;

pub use config::{Config, Place};
pub use error::{CommitError, Contested, JournalError, OpenError, StoreError};
pub use journal::{Event, Events};
pub use key::Key;
pub use per_thread::PerThread;
pub use record::{DecodeError, Migrate, OldFormat, Record};
pub use scan::{Cursor, Page};
pub use store::{OnTheWay, Store};
pub use txn::{Savepoint, Txn};
pub use watch::{Turn, Watch};
