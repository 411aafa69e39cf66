//! How a store is opened.

use std::path::PathBuf;
use std::sync::Arc;

use crate::journal::JournalFiles;

/// Where the data lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In memory, for tests and development. Nothing survives.
    Memory,
    /// In a directory of its own, with SQLite. It is created if absent.
    Directory(PathBuf),
}

/// Everything about a store that can be chosen.
#[derive(Clone)]
pub struct Config {
    /// Where the data lives.
    pub place: Place,
    /// How many decoded records are kept.
    pub cached_records: usize,
    /// A journal segment that has reached this many bytes is followed by a new one.
    pub segment_bytes: u64,
    /// The journal's files; `None` for those of the directory. Tests put failing ones here.
    pub journal_files: Option<Arc<dyn JournalFiles>>,
}

impl Config {
    /// The defaults for `place`: 20,000 records, segments of 16 MiB.
    pub fn new(place: Place) -> Self {
        Self {
            place,
            cached_records: 20_000,
            segment_bytes: 16 << 20,
            journal_files: None,
        }
    }
}
