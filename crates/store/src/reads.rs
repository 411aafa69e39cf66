//! What a transaction has read, kept until it commits.
//!
//! Most transactions only read, and most of what they read is in the cache, and the same for all. To
//! hold on to a row there would be a write to its count of references, on a line that every processor
//! writes; its key and version are all that a commit needs, and these are copied. So it is with scans.

use std::sync::Arc;

use crate::backend::{Parts, Scanned};
use crate::cache::Kind;
use crate::key::{Key, RowId};
use crate::record::Record;
use crate::scan;

/// What a call seldom reads more of, and how long their keys are together.
const USUAL_COUNT: usize = 12;
const USUAL_LEN: usize = 640;

#[derive(Default)]
pub(crate) struct Reads {
    /// Rows that did not come out of the cache, with their versions (0: absent).
    rows: Vec<(Arc<RowId>, u64)>,
    /// Ranges that did not come out of the cache.
    ranges: Vec<Scanned>,
    cached: Vec<Cached>,
    /// The keys of those in `cached`, one after the other.
    keys: Vec<u8>,
}

/// A record, or a scan, that came out of the cache.
struct Cached {
    kind: Kind,
    table: &'static str,
    service: &'static str,
    /// How many records there are, and their last version.
    count: usize,
    version: u64,
    /// Where its key ends.
    end: usize,
}

impl Reads {
    pub(crate) fn note(&mut self, row: Arc<RowId>, version: u64) {
        self.rows.push((row, version));
    }

    pub(crate) fn note_range(&mut self, scanned: Scanned) {
        self.ranges.push(scanned);
    }

    /// Notes so many records that were found in the cache at `key`, or below it.
    pub(crate) fn note_cached<R: Record>(
        &mut self,
        (kind, key): (Kind, &Key),
        (count, version): (usize, u64),
    ) {
        if self.cached.capacity() == 0 {
            self.cached = Vec::with_capacity(USUAL_COUNT);
            self.keys = Vec::with_capacity(USUAL_LEN);
        }
        self.keys.extend_from_slice(key.as_bytes());
        self.cached.push(Cached {
            kind,
            table: R::TABLE,
            service: R::SERVICE,
            count,
            version,
            end: self.keys.len(),
        });
    }

    /// All rows with the versions that were read, and all ranges, for a commit.
    pub(crate) fn all(self, parts: &Parts) -> (Vec<(Arc<RowId>, u64)>, Vec<Scanned>) {
        let (mut rows, mut ranges, mut start) = (self.rows, self.ranges, 0);
        for cached in self.cached {
            let key = self.keys.get(start..cached.end).unwrap_or_default();
            start = cached.end;
            let row = cached.row(Key::from_bytes(key), parts);
            match cached.kind {
                Kind::Record => rows.push((row, cached.version)),
                Kind::Scan => ranges.push(Scanned {
                    range: scan::whole(&row.index),
                    count: cached.count as u64,
                    last_version: cached.version,
                }),
            }
        }
        (rows, ranges)
    }
}

impl Cached {
    /// The row, with its place on disk: found in the cache if it is still there, as it takes a while
    /// to compute.
    fn row(&self, key: Key, parts: &Parts) -> Arc<RowId> {
        let wanted = (self.kind, self.table, &key);
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
    use super::*;
    use crate::backend::testing::{Note, block_on, key, note, open};
    use crate::{CommitError, Config, Place, Store};

    fn under(name: &str) -> Key {
        key("scanned").with(name)
    }

    async fn put(store: &Store, name: &str, text: &str) {
        put_at(store, key(name), text).await;
    }

    async fn put_at(store: &Store, key: Key, text: &str) {
        let mut txn = store.begin();
        txn.put(key, note(text));
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
        put_at(&store, under("s").with("1"), "one").await;
        for prefix in [&under("s"), &under("none")] {
            let _ = store.begin().scan::<Note>(prefix, None, 10).await.unwrap();
        }
        let mut txn = store.begin();
        for name in ["a", "absent", "b", "c"] {
            let _ = txn.get::<Note>(&key(name)).await.unwrap();
        }
        for prefix in [&under("s"), &under("none")] {
            let page = txn.scan::<Note>(prefix, None, 10).await.unwrap();
            assert!(page.next.is_none());
        }
        assert_eq!(txn.reads.cached.len(), 5);
        meanwhile(&store).await;
        txn.put(key("d"), note("two"));
        let committed = store.commit(txn, None).await;
        assert_eq!(read(&store, "d").await.is_some(), committed.is_ok());
        committed
    }

    #[test]
    fn what_was_read_from_the_cache_must_still_hold() {
        block_on(async {
            let records = ["a", "b", "c", "absent"].map(key);
            let scanned = ["s", "none"].map(|name| under(name).with("1"));
            for key in records.into_iter().chain(scanned) {
                let change = async |store: &Store| put_at(store, key.clone(), "two").await;
                let changed = commit_after(change).await;
                assert!(matches!(changed, Err(CommitError::Conflict(_))), "{key:?}");
                let forget = async |store: &Store| {
                    change(store).await;
                    store.0.parts.cache.clear();
                };
                let forgotten = commit_after(forget).await;
                assert!(
                    matches!(forgotten, Err(CommitError::Conflict(_))),
                    "{key:?}"
                );
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
