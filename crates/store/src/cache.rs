//! Decoded records and small scans, kept by table and key in sharded, bounded LRU lists.
//!
//! Coherence: a commit invalidates what it wrote before it is acknowledged. A reader that missed
//! holds a [`Ticket`] with its shard's generation; every invalidation raises the generation, so a
//! reader that read the database before the commit cannot insert after it. Absent keys are not
//! kept: callers choose them freely, and could so flush everybody else's records.

use std::any::Any;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher};
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use foldhash::quality::RandomState;
use lru::LruCache;

use crate::key::{Key, RowId};

const SHARDS: usize = 64;

pub(crate) type Value = Arc<dyn Any + Send + Sync>;

/// What an entry holds: the record of a key, or the records of all keys under it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Record,
    Scan,
}

/// A decoded record (or scan), its identity and its version.
#[derive(Clone)]
pub(crate) struct Cached {
    pub(crate) kind: Kind,
    pub(crate) row: Arc<RowId>,
    pub(crate) version: u64,
    pub(crate) value: Value,
}

/// The right to insert what is read after a miss.
pub(crate) struct Ticket {
    hash: u64,
    generation: u64,
}

pub(crate) struct Cache {
    shards: Vec<Mutex<Shard>>,
    hasher: RandomState,
}

struct Shard {
    /// By hash: a lookup compares the whole identity, and two keys of one hash evict each other.
    entries: LruCache<u64, Cached, BuildHasherDefault<Hashed>>,
    generation: u64,
}

/// Passes on what is a hash already.
#[derive(Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

impl Cache {
    pub(crate) fn new(capacity: usize) -> Self {
        let each = NonZeroUsize::new(capacity.div_ceil(SHARDS)).unwrap_or(NonZeroUsize::MIN);
        let shard = |_| {
            let entries = LruCache::with_hasher(each, BuildHasherDefault::default());
            Mutex::new(Shard {
                entries,
                generation: 0,
            })
        };
        Self {
            shards: (0..SHARDS).map(shard).collect(),
            hasher: RandomState::default(),
        }
    }

    pub(crate) fn get(&self, kind: Kind, table: &'static str, key: &Key) -> Result<Cached, Ticket> {
        let hash = self.hash(kind, table, key.as_bytes());
        let Some(mut shard) = self.shard(hash) else {
            return Err(Ticket {
                hash,
                generation: 0,
            });
        };
        match shard.entries.get(&hash) {
            Some(cached) if cached.is(kind, table, key) => Ok(cached.clone()),
            _ => Err(Ticket {
                hash,
                generation: shard.generation,
            }),
        }
    }

    pub(crate) fn insert(&self, ticket: &Ticket, cached: Cached) {
        let Some(mut shard) = self.shard(ticket.hash) else {
            return;
        };
        if shard.generation == ticket.generation {
            shard.entries.put(ticket.hash, cached);
        }
    }

    /// The same for what is one of many that are read: it is the first to go, unless it is asked for
    /// again before. A shard that is full loses no more than one other entry to all of them.
    pub(crate) fn insert_behind(&self, ticket: &Ticket, cached: Cached) {
        let Some(mut shard) = self.shard(ticket.hash) else {
            return;
        };
        if shard.generation == ticket.generation {
            shard.entries.put(ticket.hash, cached);
            shard.entries.demote(&ticket.hash);
        }
    }

    /// Forgets a record and every scan that could have seen it.
    pub(crate) fn invalidate(&self, row: &RowId) {
        let RowId { table, key, .. } = row;
        self.forget(self.hash(Kind::Record, table, key.as_bytes()));
        for prefix in key.prefixes() {
            self.forget(self.hash(Kind::Scan, table, prefix));
        }
    }

    fn forget(&self, hash: u64) {
        let Some(mut shard) = self.shard(hash) else {
            return;
        };
        shard.generation += 1;
        shard.entries.pop(&hash);
    }

    pub(crate) fn clear(&self) {
        for shard in &self.shards {
            let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            shard.generation += 1;
            shard.entries.clear();
        }
    }

    fn hash(&self, kind: Kind, table: &str, key: &[u8]) -> u64 {
        self.hasher.hash_one((kind, table, key))
    }

    fn shard(&self, hash: u64) -> Option<MutexGuard<'_, Shard>> {
        let position = (hash >> 32) as usize % SHARDS;
        let shard = self.shards.get(position)?;
        Some(shard.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Cached {
    fn is(&self, kind: Kind, table: &str, key: &Key) -> bool {
        self.kind == kind && self.row.table == table && self.row.key == *key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cached(key: &Key, version: u64) -> Cached {
        let row = RowId {
            table: "t",
            service: "s",
            key: key.clone(),
            index: Vec::new(),
        };
        Cached {
            kind: Kind::Record,
            row: Arc::new(row),
            version,
            value: Arc::new(version),
        }
    }

    fn version(cache: &Cache, key: &Key) -> Option<u64> {
        cache
            .get(Kind::Record, "t", key)
            .ok()
            .map(|cached| cached.version)
    }

    #[test]
    fn keeps_what_was_inserted_until_it_is_invalidated() {
        let cache = Cache::new(100);
        let key = Key::new("1", "", ["a"]);
        let ticket = cache.get(Kind::Record, "t", &key).err().unwrap();
        cache.insert(&ticket, cached(&key, 1));
        assert_eq!(version(&cache, &key), Some(1));
        assert!(cache.get(Kind::Record, "u", &key).is_err());
        assert!(
            cache
                .get(Kind::Record, "t", &Key::new("1", "", ["b"]))
                .is_err()
        );
        cache.invalidate(&cached(&key, 2).row);
        assert_eq!(version(&cache, &key), None);
    }

    #[test]
    fn a_reader_that_raced_with_a_commit_inserts_nothing() {
        let cache = Cache::new(100);
        let key = Key::new("1", "", ["a"]);
        let ticket = cache.get(Kind::Record, "t", &key).err().unwrap();
        cache.invalidate(&cached(&key, 2).row);
        cache.insert(&ticket, cached(&key, 1));
        assert_eq!(version(&cache, &key), None);
        let ticket = cache.get(Kind::Record, "t", &key).err().unwrap();
        cache.clear();
        cache.insert(&ticket, cached(&key, 1));
        assert_eq!(version(&cache, &key), None);
    }

    #[test]
    fn a_write_forgets_the_scans_above_it_alone() {
        let cache = Cache::new(10_000);
        let key = Key::new("1", "r", ["a", "b"]);
        let prefixes = [
            (Key::new("1", "r", [""; 0]), false),
            (Key::new("1", "r", ["a"]), false),
            (key.clone(), false),
            (Key::new("1", "r", ["b"]), true),
            (Key::new("1", "", ["a"]), true),
            (Key::new("1", "r", ["a", "b", "c"]), true),
        ];
        for (prefix, _) in &prefixes {
            let ticket = cache.get(Kind::Scan, "t", prefix).err().unwrap();
            cache.insert(
                &ticket,
                Cached {
                    kind: Kind::Scan,
                    ..cached(prefix, 1)
                },
            );
            assert!(cache.get(Kind::Record, "t", prefix).is_err());
        }
        cache.invalidate(&cached(&key, 2).row);
        for (prefix, kept) in &prefixes {
            assert_eq!(
                cache.get(Kind::Scan, "t", prefix).is_ok(),
                *kept,
                "{prefix:?}"
            );
        }
    }

    #[test]
    fn a_walk_through_many_drives_out_next_to_nothing() {
        let cache = Cache::new(SHARDS * 4);
        let named = |name: &str, n: usize| Key::new("1", "", [name, &n.to_string()]);
        let insert = |key: &Key, is_behind: bool| {
            let ticket = cache.get(Kind::Record, "t", key).err().unwrap();
            match is_behind {
                true => cache.insert_behind(&ticket, cached(key, 1)),
                false => cache.insert(&ticket, cached(key, 1)),
            }
        };
        for n in 0..10_000 {
            insert(&named("needed", n), false);
        }
        let is_kept = |key: &Key| version(&cache, key).is_some();
        let needed = || (0..10_000).filter(|n| is_kept(&named("needed", *n)));
        assert_eq!(needed().count(), SHARDS * 4);
        for n in 0..10_000 {
            insert(&named("walked", n), true);
        }
        assert_eq!(needed().count(), SHARDS * 3);
        // What is asked for again stays like any other.
        let last = named("walked", 9_999);
        assert!(is_kept(&last));
        for n in 10_000..20_000 {
            insert(&named("walked", n), true);
        }
        assert!(is_kept(&last) && needed().count() >= SHARDS * 3 - 1);
        // Who raced with a commit inserts nothing here either.
        let key = named("raced", 1);
        let ticket = cache.get(Kind::Record, "t", &key).err().unwrap();
        cache.invalidate(&cached(&key, 2).row);
        cache.insert_behind(&ticket, cached(&key, 1));
        assert!(!is_kept(&key));
    }

    #[test]
    fn is_bounded() {
        let cache = Cache::new(SHARDS * 2);
        for n in 0..10_000 {
            let key = Key::new("1", "", [n.to_string()]);
            let ticket = cache.get(Kind::Record, "t", &key).err().unwrap();
            cache.insert(&ticket, cached(&key, 1));
        }
        let entries: usize = cache
            .shards
            .iter()
            .map(|it| it.lock().unwrap().entries.len())
            .sum();
        assert_eq!(entries, SHARDS * 2);
    }
}
