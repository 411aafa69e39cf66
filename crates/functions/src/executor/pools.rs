//! Which workers there are, and which of them have no work.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;
use tokio::sync::watch;

use super::Job;
use crate::{Function, InvokeError};

/// The workers of all functions.
pub(super) struct Pools {
    state: Mutex<State>,
    /// Counts the workers that have ended, for those who wait for one to end.
    ended: watch::Sender<u64>,
}

struct State {
    is_closed: bool,
    pools: BTreeMap<String, Pool>,
    /// Numbers that no worker has.
    free: BTreeSet<u32>,
    workers: usize,
    /// For the next pool, and for the order in which workers became idle.
    next: u64,
}

/// The workers of one function version.
struct Pool {
    id: u64,
    busy: usize,
    /// The last one was idle for the shortest time.
    idle: Vec<Idle>,
}

struct Idle {
    slot: u32,
    since: u64,
    /// When its credentials expire.
    expires_at_millis: i64,
    give: oneshot::Sender<Job>,
}

/// A worker's place.
pub(super) struct Lease {
    key: String,
    pool: u64,
    /// A number below the most workers that there may be, which no other worker has.
    pub(super) slot: u32,
    expires_at_millis: i64,
    /// Whether it has an invocation, or is about to.
    pub(super) is_busy: bool,
}

/// What runs an invocation.
pub(super) enum Acquired {
    Warm(oneshot::Sender<Job>),
    Room(Lease),
}

impl Pools {
    /// For at most so many workers.
    pub(super) fn new(workers: usize) -> Self {
        let free = (0..u32::try_from(workers).unwrap_or(u32::MAX)).collect();
        Self {
            state: Mutex::new(State {
                is_closed: false,
                pools: BTreeMap::new(),
                free,
                workers: 0,
                next: 0,
            }),
            ended: watch::Sender::new(0),
        }
    }

    /// A worker whose credentials hold until `until`, or room for one whose hold until `expires`.
    ///
    /// # Returns
    ///
    /// None if it has to wait for an idle worker of another function, which was told to end.
    pub(super) fn acquire(
        &self,
        function: &Function,
        until: i64,
        expires: i64,
    ) -> Result<Option<Acquired>, InvokeError> {
        let mut state = self.lock();
        if state.is_closed {
            return Err(InvokeError::Closed);
        }
        state.next += 1;
        let id = state.next;
        let pool = state
            .pools
            .entry(function.key.clone())
            .or_insert_with(|| Pool {
                id,
                busy: 0,
                idle: Vec::new(),
            });
        if pool.busy >= function.concurrency {
            return Err(InvokeError::Busy);
        }
        while let Some(idle) = pool.idle.pop() {
            // One with credentials that end before is let go.
            if idle.expires_at_millis > until {
                pool.busy += 1;
                return Ok(Some(Acquired::Warm(idle.give)));
            }
        }
        let pool_id = pool.id;
        let Some(slot) = state.free.pop_first() else {
            return state.evict().map(|()| None);
        };
        state.workers += 1;
        if let Some(pool) = state.pools.get_mut(&function.key) {
            pool.busy += 1;
        }
        Ok(Some(Acquired::Room(Lease {
            key: function.key.clone(),
            pool: pool_id,
            slot,
            expires_at_millis: expires,
            is_busy: true,
        })))
    }

    /// The worker has no work.
    ///
    /// # Returns
    ///
    /// Where the next one comes from; none if it is to end.
    pub(super) fn release(&self, lease: &mut Lease) -> Option<oneshot::Receiver<Job>> {
        let mut state = self.lock();
        if state.is_closed {
            return None;
        }
        state.next += 1;
        let since = state.next;
        let pool = state.pool(lease)?;
        pool.busy -= 1;
        lease.is_busy = false;
        let (give, given) = oneshot::channel();
        pool.idle.push(Idle {
            slot: lease.slot,
            since,
            expires_at_millis: lease.expires_at_millis,
            give,
        });
        Some(given)
    }

    /// The worker takes no more work.
    pub(super) fn withdraw(&self, lease: &Lease) {
        let mut state = self.lock();
        if let Some(pool) = state.pool(lease) {
            pool.idle.retain(|idle| idle.slot != lease.slot);
        }
    }

    /// The worker has ended.
    pub(super) fn end(&self, lease: &Lease) {
        let mut state = self.lock();
        state.free.insert(lease.slot);
        state.workers -= 1;
        if let Some(pool) = state.pool(lease) {
            pool.idle.retain(|idle| idle.slot != lease.slot);
            pool.busy -= usize::from(lease.is_busy);
            if pool.busy == 0 && pool.idle.is_empty() {
                state.pools.remove(&lease.key);
            }
        }
        drop(state);
        self.ended.send_modify(|ended| *ended += 1);
    }

    /// Lets go of the workers of one function version.
    pub(super) fn retire(&self, key: &str) {
        self.lock().pools.remove(key);
    }

    /// Lets go of all.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.is_closed = true;
        state.pools.clear();
    }

    /// Waits until a worker ends after this was called.
    pub(super) fn freed(&self) -> impl Future<Output = ()> + use<> {
        let mut ended = self.ended.subscribe();
        async move {
            // It fails with the value alone.
            let _ = ended.changed().await;
        }
    }

    /// Waits until no worker is left.
    pub(super) async fn all_ended(&self) {
        let mut ended = self.ended.subscribe();
        while self.lock().workers > 0 {
            if ended.changed().await.is_err() {
                return;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn pool(&mut self, lease: &Lease) -> Option<&mut Pool> {
        let pool = self.pools.get_mut(&lease.key)?;
        (pool.id == lease.pool).then_some(pool)
    }

    /// Tells the worker to end that has been idle for longest.
    fn evict(&mut self) -> Result<(), InvokeError> {
        let oldest = self
            .pools
            .values_mut()
            .filter(|pool| !pool.idle.is_empty())
            .min_by_key(|pool| pool.idle.first().map(|idle| idle.since));
        let Some(pool) = oldest else {
            return Err(InvokeError::Busy);
        };
        pool.idle.remove(0);
        Ok(())
    }
}
