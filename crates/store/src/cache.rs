//! Decoded records and small scans, kept by table and key in shards that are bounded.
//!
//! Every call reads some, on every processor, mostly the same ones: a hit writes the lock's word and
//! nothing else, and what makes room for others is decided where something is put in ([`Clock`]).
//!
//! Coherence: a commit invalidates what it wrote before it is acknowledged. A reader that missed
//! holds a [`Ticket`] with its shard's generation; every invalidation raises the generation, so a
//! reader that read the database before the commit cannot insert after it. Absent keys are not
//! kept: callers choose them freely, and could so flush everybody else's records.

mod clock;

use std::any::Any;
use std::hash::BuildHasher;
use std::num::NonZeroUsize;
use std::sync::{Arc, PoisonError, RwLock};

use foldhash::quality::RandomState;

use self::clock::Clock;
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
    shards: Vec<Shard>,
    hasher: RandomState,
}

/// On lines of the processors' caches that it has for itself, and those are fetched in pairs.
#[repr(align(128))]
struct Shard(RwLock<Held>);

struct Held {
    /// By hash: a lookup compares the whole identity, and two keys of one hash evict each other.
    entries: Clock<Cached>,
    generation: u64,
}

impl Cache {
    pub(crate) fn new(capacity: usize) -> Self {
        let each = NonZeroUsize::new(capacity.div_ceil(SHARDS)).unwrap_or(NonZeroUsize::MIN);
        let shard = |_| {
            Shard(RwLock::new(Held {
                entries: Clock::new(each),
                generation: 0,
            }))
        };
        Self {
            shards: (0..SHARDS).map(shard).collect(),
            hasher: RandomState::default(),
        }
    }

    /// What `take` makes of the entry, which nobody can change meanwhile: it must be quick.
    pub(crate) fn get<T>(
        &self,
        (kind, table, key): (Kind, &'static str, &Key),
        take: impl FnOnce(&Cached) -> T,
    ) -> Result<T, Ticket> {
        let hash = self.hash(kind, table, key.as_bytes());
        let Some(shard) = self.shard(hash) else {
            return Err(Ticket {
                hash,
                generation: 0,
            });
        };
        let held = shard.0.read().unwrap_or_else(PoisonError::into_inner);
        match held.entries.get(hash) {
            Some(cached) if cached.is(kind, table, key) => Ok(take(cached)),
            _ => Err(Ticket {
                hash,
                generation: held.generation,
            }),
        }
    }

    pub(crate) fn insert(&self, ticket: &Ticket, cached: Cached) {
        self.change(ticket.hash, |held| {
            if held.generation == ticket.generation {
                held.entries.put(ticket.hash, cached);
            }
        });
    }

    /// The same for what is one of many that are read: it is the first to go, unless it is asked for
    /// again before. A shard that is full loses no more than one other entry to all of them.
    pub(crate) fn insert_behind(&self, ticket: &Ticket, cached: Cached) {
        self.change(ticket.hash, |held| {
            if held.generation == ticket.generation {
                held.entries.put_behind(ticket.hash, cached);
            }
        });
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
        self.change(hash, |held| {
            held.generation += 1;
            held.entries.remove(hash);
        });
    }

    pub(crate) fn clear(&self) {
        for shard in &self.shards {
            let mut held = shard.0.write().unwrap_or_else(PoisonError::into_inner);
            held.generation += 1;
            held.entries.clear();
        }
    }

    fn hash(&self, kind: Kind, table: &str, key: &[u8]) -> u64 {
        self.hasher.hash_one((kind, table, key))
    }

    fn change(&self, hash: u64, change: impl FnOnce(&mut Held)) {
        if let Some(shard) = self.shard(hash) {
            change(&mut shard.0.write().unwrap_or_else(PoisonError::into_inner));
        }
    }

    fn shard(&self, hash: u64) -> Option<&Shard> {
        self.shards.get((hash >> 32) as usize % SHARDS)
    }
}

impl Cached {
    fn is(&self, kind: Kind, table: &str, key: &Key) -> bool {
        self.kind == kind && self.row.table == table && self.row.key == *key
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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
        look(cache, Kind::Record, key).ok()
    }

    fn look(cache: &Cache, kind: Kind, key: &Key) -> Result<u64, Ticket> {
        cache.get((kind, "t", key), |cached| cached.version)
    }

    fn missed(cache: &Cache, kind: Kind, key: &Key) -> Ticket {
        look(cache, kind, key).err().unwrap()
    }

    #[test]
    fn keeps_what_was_inserted_until_it_is_invalidated() {
        let cache = Cache::new(100);
        let key = Key::new("1", "", ["a"]);
        let ticket = missed(&cache, Kind::Record, &key);
        cache.insert(&ticket, cached(&key, 1));
        assert_eq!(version(&cache, &key), Some(1));
        assert!(cache.get((Kind::Record, "u", &key), |_| ()).is_err());
        assert_eq!(version(&cache, &Key::new("1", "", ["b"])), None);
        cache.invalidate(&cached(&key, 2).row);
        assert_eq!(version(&cache, &key), None);
    }

    #[test]
    fn a_reader_that_raced_with_a_commit_inserts_nothing() {
        let cache = Cache::new(100);
        let key = Key::new("1", "", ["a"]);
        let ticket = missed(&cache, Kind::Record, &key);
        cache.invalidate(&cached(&key, 2).row);
        cache.insert(&ticket, cached(&key, 1));
        assert_eq!(version(&cache, &key), None);
        let ticket = missed(&cache, Kind::Record, &key);
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
            let ticket = missed(&cache, Kind::Scan, prefix);
            cache.insert(
                &ticket,
                Cached {
                    kind: Kind::Scan,
                    ..cached(prefix, 1)
                },
            );
            assert!(look(&cache, Kind::Record, prefix).is_err());
        }
        cache.invalidate(&cached(&key, 2).row);
        for (prefix, kept) in &prefixes {
            let held = look(&cache, Kind::Scan, prefix).is_ok();
            assert_eq!(held, *kept, "{prefix:?}");
        }
    }

    fn put(cache: &Cache, key: &Key) {
        if let Err(ticket) = look(cache, Kind::Record, key) {
            cache.insert(&ticket, cached(key, 1));
        }
    }

    fn numbered(n: usize) -> Key {
        Key::new("1", "", [n.to_string()])
    }

    #[test]
    fn a_walk_through_many_drives_out_next_to_nothing() {
        let cache = Cache::new(SHARDS * 4);
        let named = |name: &str, n: usize| Key::new("1", "", [name, &n.to_string()]);
        let insert = |key: &Key, is_behind: bool| {
            let ticket = look(&cache, Kind::Record, key).unwrap_err();
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
        // What is asked for again stays, in the place of one that was not.
        for n in 10_000..20_000 {
            insert(&named("unused", n), false);
        }
        for n in 10_000..20_000 {
            insert(&named("walked", n), true);
        }
        let last = named("walked", 19_999);
        assert!(is_kept(&last));
        for n in 20_000..30_000 {
            insert(&named("walked", n), true);
        }
        assert!(is_kept(&last));
        // Who raced with a commit inserts nothing here either.
        let key = named("raced", 1);
        let ticket = look(&cache, Kind::Record, &key).unwrap_err();
        cache.invalidate(&cached(&key, 2).row);
        cache.insert_behind(&ticket, cached(&key, 1));
        assert!(!is_kept(&key));
    }

    #[test]
    fn is_bounded() {
        let cache = Cache::new(SHARDS * 2);
        for n in 0..10_000 {
            put(&cache, &numbered(n));
        }
        let held = (0..10_000).filter(|n| version(&cache, &numbered(*n)).is_some());
        assert_eq!(held.count(), SHARDS * 2);
    }

    #[test]
    fn what_is_used_stays_among_what_is_not() {
        let cache = Cache::new(SHARDS * 8);
        let used: Vec<Key> = (0..SHARDS).map(numbered).collect();
        let known = |cache: &Cache| {
            used.iter()
                .filter(|key| version(cache, key).is_some())
                .count()
        };
        used.iter().for_each(|key| put(&cache, key));
        // Where more of them than it has room for fell into one shard.
        let kept = known(&cache);
        assert!(kept > SHARDS / 2);
        for n in 1000..6000 {
            put(&cache, &numbered(n));
            if n % 4 == 0 {
                assert!(known(&cache) >= kept - SHARDS / 8);
            }
        }
        for n in 20_000..30_000 {
            put(&cache, &numbered(n));
        }
        assert_eq!(known(&cache), 0);
    }

    /// A step of some readers and of whoever commits, with the number of a key.
    #[derive(Debug, Clone, Copy)]
    enum Step {
        /// Looks, and after a miss reads what is committed.
        Read(usize),
        /// Hands over what the reader before it has read.
        Insert,
        /// A commit is applied, and invalidates at once or after the next steps.
        Commit(usize),
        Invalidate,
        Clear,
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            4 => (0..6usize).prop_map(Step::Read),
            4 => Just(Step::Insert),
            2 => (0..6usize).prop_map(Step::Commit),
            2 => Just(Step::Invalidate),
            1 => Just(Step::Clear),
        ];
        prop::collection::vec(step, 0..100)
    }

    proptest! {
        /// Whatever readers and commits do between each other's steps: what is found is what is
        /// committed, but for a commit that is not acknowledged yet.
        #[test]
        fn no_reader_finds_what_was_replaced_by_an_acknowledged_commit(steps in steps()) {
            let cache = Cache::new(1);
            let mut committed = [1u64; 6];
            let (mut readers, mut unacknowledged) = (Vec::new(), Vec::new());
            for step in steps {
                match step {
                    Step::Read(n) => match look(&cache, Kind::Record, &numbered(n)) {
                        Ok(found) if unacknowledged.contains(&n) => {
                            prop_assert!(found <= committed[n]);
                        }
                        Ok(found) => prop_assert_eq!(found, committed[n]),
                        Err(ticket) => readers.push((ticket, n, committed[n])),
                    },
                    Step::Insert => {
                        if let Some((ticket, n, version)) = readers.pop() {
                            cache.insert(&ticket, cached(&numbered(n), version));
                        }
                    }
                    Step::Commit(n) => {
                        committed[n] += 1;
                        unacknowledged.push(n);
                    }
                    Step::Invalidate => {
                        for n in unacknowledged.drain(..) {
                            cache.invalidate(&cached(&numbered(n), 0).row);
                        }
                    }
                    Step::Clear => cache.clear(),
                }
            }
        }
    }
}
