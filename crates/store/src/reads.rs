//! What a transaction has read, kept until it commits.
//!
//! Most transactions only read, and most of what they read is in the cache, and the same for all. To
//! hold on to a row there would be a write to its count of references, on a line that every processor
//! writes; its key and version are all that a commit needs, and these are copied.

use std::sync::Arc;

use crate::backend::Parts;
use crate::cache::Kind;
use crate::key::{Key, RowId};

/// What a call seldom reads more of, and how long their keys are together.
const USUAL_COUNT: usize = 12;
const USUAL_LEN: usize = 640;

#[derive(Default)]
pub(crate) struct Reads {
    /// Rows that did not come out of the cache, with their versions (0: absent).
    rows: Vec<(Arc<RowId>, u64)>,
    cached: Vec<Cached>,
    /// The keys of those in `cached`, one after the other.
    keys: Vec<u8>,
}

/// A record that came out of the cache.
struct Cached {
    table: &'static str,
    service: &'static str,
    version: u64,
    /// Where its key ends.
    end: usize,
}

impl Reads {
    pub(crate) fn note(&mut self, row: Arc<RowId>, version: u64) {
        self.rows.push((row, version));
    }

    pub(crate) fn note_cached(
        &mut self,
        (table, service): (&'static str, &'static str),
        key: &Key,
        version: u64,
    ) {
        if self.cached.is_empty() {
            self.cached.reserve(USUAL_COUNT);
            self.keys.reserve(USUAL_LEN);
        }
        self.keys.extend_from_slice(key.as_bytes());
        self.cached.push(Cached {
            table,
            service,
            version,
            end: self.keys.len(),
        });
    }

    /// All rows with the versions that were read, for a commit.
    pub(crate) fn rows(self, parts: &Parts) -> Vec<(Arc<RowId>, u64)> {
        let (mut rows, mut start) = (self.rows, 0);
        for cached in self.cached {
            let key = self.keys.get(start..cached.end).unwrap_or_default();
            start = cached.end;
            let row = cached.row(Key::from_bytes(key), parts);
            rows.push((row, cached.version));
        }
        rows
    }
}

impl Cached {
    /// The row, with its place on disk: found in the cache if it is still there, as it takes a while
    /// to compute.
    fn row(&self, key: Key, parts: &Parts) -> Arc<RowId> {
        let wanted = (Kind::Record, self.table, &key);
        let known = parts.cache.get(wanted, |cached| Arc::clone(&cached.row));
        known.unwrap_or_else(|_| {
            Arc::new(RowId {
                table: self.table,
                service: self.service,
                index: parts.sealer.index(self.table, &key),
                key,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::backend::testing::{Note, block_on, key, note, open};
    use crate::{CommitError, Config, Place, Store};

    async fn put(store: &Store, name: &str, text: &str) {
        let mut txn = store.begin();
        txn.put(key(name), note(text));
        store.commit(txn, None).await.unwrap();
    }

    async fn read(store: &Store, name: &str) -> Option<String> {
        let found = store.begin().get::<Note>(&key(name)).await.unwrap();
        found.map(|note| note.text.clone())
    }

    /// Reads what is cached, does what is asked, and commits something else.
    async fn commit_after(meanwhile: impl AsyncFnOnce(&Store)) -> Result<(), CommitError> {
        let store = open(Config::new(Place::Memory)).await;
        for name in ["a", "b", "c"] {
            put(&store, name, "one").await;
            read(&store, name).await;
        }
        let mut txn = store.begin();
        for name in ["a", "absent", "b", "c"] {
            let _ = txn.get::<Note>(&key(name)).await.unwrap();
        }
        assert_eq!(txn.reads.cached.len(), 3);
        meanwhile(&store).await;
        txn.put(key("d"), note("two"));
        let committed = store.commit(txn, None).await;
        assert_eq!(read(&store, "d").await.is_some(), committed.is_ok());
        committed
    }

    #[test]
    fn what_was_read_from_the_cache_must_still_hold() {
        block_on(async {
            for name in ["a", "b", "c", "absent"] {
                let changed = commit_after(async |store| put(store, name, "two").await).await;
                assert!(matches!(changed, Err(CommitError::Conflict(_))), "{name}");
                let forgotten = async |store: &Store| {
                    put(store, name, "two").await;
                    store.0.parts.cache.clear();
                };
                let forgotten = commit_after(forgotten).await;
                assert!(matches!(forgotten, Err(CommitError::Conflict(_))), "{name}");
            }
        });
    }

    #[test]
    fn what_the_cache_has_forgotten_since_holds_all_the_same() {
        block_on(async {
            let unchanged = commit_after(async |store| put(store, "e", "two").await).await;
            assert!(unchanged.is_ok());
            let forgotten = commit_after(async |store| store.0.parts.cache.clear()).await;
            assert!(forgotten.is_ok());
        });
    }
}
