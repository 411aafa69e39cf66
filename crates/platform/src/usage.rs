//! When access keys and principals were last used.
//!
//! Every call notes it in memory, without waiting for another call and without a write; a job puts
//! it on disk once a minute. What a crash loses of it is a minute's worth of a convenience.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use foldhash::quality::FixedState;
use store::{CommitError, PerThread, Store};
use wire::Timestamp;

use crate::fault::{Error, Result};
use crate::ports::Directory;

/// Calls of different keys rarely meet in the same shard.
const SHARDS: usize = 32;
/// So many uses a thread knows to be noted already, one by each remainder of their hashes.
const NOTED: usize = 64;
/// Uses that are put on disk in one transaction.
const BATCH: usize = 256;

/// The last use of an access key, or of a user or role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// When, to the second.
    pub at: Timestamp,
    /// The service's signing name.
    pub service: String,
    /// The region of the credential scope.
    pub region: String,
}

/// Last uses that are not on disk yet.
pub(crate) struct Usage {
    shards: [Mutex<BTreeMap<String, Used>>; SHARDS],
    /// Hashes of uses that each thread has noted. Most calls repeat one within the second.
    noted: PerThread<[AtomicU64; NOTED]>,
}

impl Default for Usage {
    fn default() -> Self {
        Self {
            shards: std::array::from_fn(|_| Mutex::default()),
            noted: PerThread::new(|| std::array::from_fn(|_| AtomicU64::new(0))),
        }
    }
}

impl Usage {
    /// Notes a use of what has this id. A call never waits: where another one is noting a use in
    /// the same shard at this moment, this use is left out.
    pub(crate) fn note(&self, id: &str, service: &str, region: &str, now: Timestamp) {
        let at = now.whole_secs();
        let hash = FixedState::default().hash_one((id, service, region, at.millis));
        let place = usize::try_from(hash % NOTED as u64).unwrap_or(0);
        let noted = self.noted.own().get(place);
        if noted.is_some_and(|noted| noted.load(Ordering::Relaxed) == hash) {
            return;
        }
        let Some(Ok(mut shard)) = self.shard(id).map(Mutex::try_lock) else {
            return;
        };
        if let Some(noted) = noted {
            noted.store(hash, Ordering::Relaxed);
        }
        let Some(known) = shard.get_mut(id) else {
            let used = Used {
                at,
                service: service.to_owned(),
                region: region.to_owned(),
            };
            shard.insert(id.to_owned(), used);
            return;
        };
        if known.at <= at {
            known.at = at;
            if known.service != service {
                service.clone_into(&mut known.service);
            }
            if known.region != region {
                region.clone_into(&mut known.region);
            }
        }
    }

    /// Forgets all uses, as if there had been none.
    pub(crate) fn clear(&self) {
        for shard in &self.shards {
            let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            shard.clear();
        }
        for noted in self.noted.all().flatten() {
            noted.store(0, Ordering::Relaxed);
        }
    }

    /// The last use of what has this id, if it is not on disk yet.
    pub(crate) fn of(&self, id: &str) -> Option<Used> {
        let shard = self.shard(id)?.lock();
        let shard = shard.unwrap_or_else(PoisonError::into_inner);
        shard.get(id).cloned()
    }

    fn shard(&self, id: &str) -> Option<&Mutex<BTreeMap<String, Used>>> {
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(id);
        let index = usize::try_from(hash % SHARDS as u64).unwrap_or(0);
        self.shards.get(index)
    }

    fn all(&self) -> Vec<(String, Used)> {
        let mut all = Vec::new();
        for shard in &self.shards {
            let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            all.extend(shard.iter().map(|(id, used)| (id.clone(), used.clone())));
        }
        all
    }

    /// Forgets what is on disk by now, unless it was used again since.
    fn forget(&self, written: &[(String, Used)]) {
        for (id, used) in written {
            let Some(shard) = self.shard(id) else {
                continue;
            };
            let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            if shard.get(id) == Some(used) {
                shard.remove(id);
            }
        }
    }
}

/// Puts last uses on disk.
pub struct UsageWriter {
    pub(crate) usage: Arc<Usage>,
    pub(crate) store: Store,
    pub(crate) directory: Arc<dyn Directory>,
}

impl UsageWriter {
    /// Writes what is not on disk yet, and says how many uses that were. What cannot be written
    /// now stays for the next time.
    pub async fn flush(&self) -> Result<usize> {
        let all = self.usage.all();
        for batch in all.chunks(BATCH) {
            let mut txn = self.store.begin();
            for (id, used) in batch {
                self.directory.record_use(&mut txn, id, used).await?;
            }
            match self.store.commit(txn, None).await {
                Ok(()) => self.usage.forget(batch),
                // Somebody changed one of the keys at this moment.
                Err(CommitError::Conflict(_)) => {}
                Err(error) => return Err(Error::internal(error)),
            }
        }
        Ok(all.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(seconds: i64, service: &str, region: &str) -> Used {
        Used {
            at: Timestamp::from_secs(seconds),
            service: service.to_owned(),
            region: region.to_owned(),
        }
    }

    #[test]
    fn the_latest_use_counts_and_stays_until_it_is_written() {
        let usage = Usage::default();
        assert_eq!(usage.of("AKIA1"), None);
        usage.note("AKIA1", "kms", "eu-west-1", Timestamp::from_secs(10));
        usage.note("AKIA1", "sts", "us-east-1", Timestamp::from_secs(12));
        usage.note("AKIA1", "iam", "us-east-1", Timestamp::from_secs(11));
        let latest = used(12, "sts", "us-east-1");
        assert_eq!(usage.of("AKIA1"), Some(latest.clone()));

        let written = usage.all();
        assert_eq!(written, [("AKIA1".to_owned(), latest)]);
        usage.note("AKIA1", "kms", "us-east-1", Timestamp::from_secs(13));
        usage.forget(&written);
        assert_eq!(usage.of("AKIA1"), Some(used(13, "kms", "us-east-1")));
        usage.forget(&usage.all());
        assert_eq!(usage.of("AKIA1"), None);
    }

    #[test]
    fn a_call_does_not_wait_for_another_one() {
        let usage = Usage::default();
        let held = usage.shard("AKIA1").unwrap().lock().unwrap();
        usage.note("AKIA1", "kms", "eu-west-1", Timestamp::from_secs(10));
        drop(held);
        assert_eq!(usage.of("AKIA1"), None);
        usage.note("AKIA1", "kms", "eu-west-1", Timestamp::from_secs(10));
        assert_eq!(usage.of("AKIA1"), Some(used(10, "kms", "eu-west-1")));
    }

    #[test]
    fn a_use_that_was_noted_within_the_second_touches_nothing() {
        let usage = Usage::default();
        let note = |id, service, region, millis| {
            usage.note(id, service, region, Timestamp { millis });
        };
        note("AKIA1", "kms", "eu-west-1", 10_000);
        usage.forget(&usage.all());
        note("AKIA1", "kms", "eu-west-1", 10_999);
        assert_eq!(usage.all(), []);
        for (id, service, region, millis) in [
            ("AKIA2", "kms", "eu-west-1", 10_000),
            ("AKIA1", "sts", "eu-west-1", 10_000),
            ("AKIA1", "kms", "us-east-1", 10_000),
            ("AKIA1", "kms", "eu-west-1", 11_000),
        ] {
            note(id, service, region, millis);
            let expected = used(millis / 1000, service, region);
            assert_eq!(usage.all(), [(id.to_owned(), expected)]);
            usage.forget(&usage.all());
        }
        usage.clear();
        note("AKIA1", "kms", "eu-west-1", 11_000);
        assert_eq!(usage.of("AKIA1"), Some(used(11, "kms", "eu-west-1")));
        usage.clear();
        assert_eq!(usage.all(), []);
    }
}
