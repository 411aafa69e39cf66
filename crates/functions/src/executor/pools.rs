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
    /// The pool of each function version that may be run.
    current: BTreeMap<String, u64>,
    /// Those, and what is left of retired ones, by their ids.
    pools: BTreeMap<u64, Pool>,
    /// Numbers that no worker has.
    free: BTreeSet<u32>,
    workers: usize,
    /// For the next pool, and for the order in which workers became idle.
    next: u64,
}

/// The workers of one function version.
#[derive(Default)]
struct Pool {
    is_retired: bool,
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
                current: BTreeMap::new(),
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
    /// None if it has to wait for a worker that is ending; one without work was told to, if there was
    /// none.
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
        let (id, pool) = state.current(&function.key);
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
        let Some(slot) = state.free.pop_first() else {
            return state.evict().map(|()| None);
        };
        state.workers += 1;
        state.current(&function.key).1.busy += 1;
        Ok(Some(Acquired::Room(Lease {
            pool: id,
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
        let pool = state.pools.get_mut(&lease.pool)?;
        pool.busy -= usize::from(lease.is_busy);
        lease.is_busy = false;
        if pool.is_retired {
            return None;
        }
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
        if let Some(pool) = state.pools.get_mut(&lease.pool) {
            pool.idle.retain(|idle| idle.slot != lease.slot);
        }
    }

    /// The worker runs nothing any more, though it has not ended yet.
    pub(super) fn leave(&self, lease: &mut Lease) {
        let mut state = self.lock();
        if let Some(pool) = state.pools.get_mut(&lease.pool) {
            pool.busy -= usize::from(lease.is_busy);
        }
        lease.is_busy = false;
    }

    /// The worker has ended.
    pub(super) fn end(&self, lease: &Lease) {
        let mut state = self.lock();
        state.free.insert(lease.slot);
        state.workers -= 1;
        if let Some(pool) = state.pools.get_mut(&lease.pool) {
            pool.idle.retain(|idle| idle.slot != lease.slot);
            pool.busy -= usize::from(lease.is_busy);
            if pool.busy == 0 && pool.idle.is_empty() {
                state.pools.remove(&lease.pool);
                state.current.retain(|_, pool| *pool != lease.pool);
            }
        }
        drop(state);
        self.ended.send_modify(|ended| *ended += 1);
    }

    /// Lets go of the workers of one function version.
    pub(super) fn retire(&self, key: &str) {
        let mut state = self.lock();
        let retired = state.current.remove(key);
        if let Some(pool) = retired.and_then(|id| state.pools.get_mut(&id)) {
            pool.is_retired = true;
            pool.idle.clear();
        }
    }

    /// Lets go of all.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.is_closed = true;
        state.current.clear();
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
    /// The pool of a function version, made if there is none.
    fn current(&mut self, key: &str) -> (u64, &mut Pool) {
        let id = if let Some(id) = self.current.get(key) {
            *id
        } else {
            self.next += 1;
            self.current.insert(key.to_owned(), self.next);
            self.next
        };
        (id, self.pools.entry(id).or_default())
    }

    /// Tells the worker to end that has been idle for longest, unless one is ending anyway.
    fn evict(&mut self) -> Result<(), InvokeError> {
        let known = self.pools.values().map(|pool| pool.busy + pool.idle.len());
        if known.sum::<usize>() < self.workers {
            return Ok(());
        }
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
