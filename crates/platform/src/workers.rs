//! Work that keeps a processor busy for long, such as an RSA signature: it runs beside the calls
//! and never instead of them. Only so much of it runs at once; the rest waits its turn.
//!
//! It has threads of its own, which take the next piece from one queue when they are done with one:
//! were each piece handed to a thread that sleeps, waking it would cost a tenth of a signature.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;

use tokio::sync::{Semaphore, oneshot};

use crate::fault::{Error, Result};

type Work = Box<dyn FnOnce() + Send>;

/// The turns that there are, and those of them that work in the background may have: half of them,
/// so that what callers write at length, queries and events, holds up no signature.
pub(crate) struct Workers {
    queue: Arc<Queue>,
    background: Arc<Semaphore>,
}

/// What waits for a turn, in the order in which it came.
struct Queue {
    waiting: Mutex<Waiting>,
    came: Condvar,
    turns: usize,
}

#[derive(Default)]
struct Waiting {
    work: VecDeque<Work>,
    /// Threads that there are, and those of them that have nothing to do.
    threads: usize,
    idle: usize,
    is_over: bool,
}

impl Workers {
    /// One turn for each processor. Two at least, so that a key that takes seconds to make does
    /// not hold up every signature.
    pub(crate) fn new() -> Self {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        Self::with_turns(processors.max(2))
    }

    fn with_turns(turns: usize) -> Self {
        Self {
            queue: Arc::new(Queue {
                waiting: Mutex::default(),
                came: Condvar::new(),
                turns,
            }),
            background: Arc::new(Semaphore::new((turns / 2).max(1))),
        }
    }

    /// Runs `work` like [`run`](Self::run), beside other work.
    pub(crate) async fn run_in_background<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let turn = Arc::clone(&self.background).acquire_owned().await;
        let turn = turn.map_err(Error::internal)?;
        // The turn ends with the work, even if the caller has gone meanwhile.
        let work = move || {
            let done = work();
            drop(turn);
            done
        };
        self.run(work).await
    }

    /// Runs `work` on another thread, and waits for it without keeping anything else from going
    /// on. Work whose caller has gone before its turn came is not begun.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let (done, answer) = oneshot::channel();
        let work = move || {
            if !done.is_closed() {
                // Nobody waiting any more is fine.
                let _ = done.send(work());
            }
        };
        self.queue.put(Box::new(work))?;
        answer.await.map_err(Error::internal)
    }

    /// Takes every turn, for a test; none is left when this returns.
    pub(crate) fn occupy(&self) -> Result<Occupied> {
        let mut ends = Vec::new();
        for _ in 0..self.queue.turns {
            let (begin, begun) = mpsc::channel::<()>();
            let (end, ended) = mpsc::channel::<()>();
            self.queue.put(Box::new(move || {
                drop(begin);
                let _ = ended.recv();
            }))?;
            let _ = begun.recv();
            ends.push(end);
        }
        let queue = Arc::clone(&self.queue);
        Ok(Occupied { queue, _ends: ends })
    }
}

/// Every turn taken, until this is dropped.
pub struct Occupied {
    queue: Arc<Queue>,
    _ends: Vec<mpsc::Sender<()>>,
}

impl Occupied {
    /// How many pieces of work wait for a turn.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.queue.waiting().work.len()
    }
}

impl Drop for Workers {
    /// Lets the threads end. What has not begun is dropped with the queue: its callers are gone.
    fn drop(&mut self) {
        let mut waiting = self.queue.waiting();
        waiting.is_over = true;
        waiting.work.clear();
        self.queue.came.notify_all();
    }
}

impl Queue {
    fn put(self: &Arc<Self>, work: Work) -> Result<()> {
        let mut waiting = self.waiting();
        waiting.work.push_back(work);
        if waiting.idle > 0 {
            self.came.notify_one();
        }
        // One that was woken a moment ago still counts as idle, beside the work that it will take.
        if waiting.work.len() > waiting.idle && waiting.threads < self.turns {
            let queue = Arc::clone(self);
            let builder = thread::Builder::new().name("worker".to_owned());
            let begun = builder.spawn(move || queue.work());
            match begun {
                Ok(_) => waiting.threads += 1,
                // Those that there are do it.
                Err(_) if waiting.threads > 0 => {}
                Err(error) => {
                    waiting.work.pop_back();
                    return Err(Error::internal(error));
                }
            }
        }
        Ok(())
    }

    /// What each thread does.
    fn work(&self) {
        while let Some(work) = self.next() {
            // The caller learns of a panic: its answer is dropped unsent.
            let _ = catch_unwind(AssertUnwindSafe(work));
        }
    }

    /// The next piece of work, once there is one; none at the end.
    fn next(&self) -> Option<Work> {
        let mut waiting = self.waiting();
        loop {
            if waiting.is_over {
                return None;
            }
            if let Some(work) = waiting.work.pop_front() {
                return Some(work);
            }
            waiting.idle += 1;
            let woken = self.came.wait(waiting);
            waiting = woken.unwrap_or_else(PoisonError::into_inner);
            waiting.idle -= 1;
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// On one thread: were the work done on it, nobody could let it end.
    #[tokio::test]
    async fn others_go_on_and_no_more_runs_than_there_are_turns() {
        let workers = Arc::new(Workers::with_turns(2));
        let running = Arc::new(AtomicUsize::new(0));
        let mut ends = Vec::new();
        let mut calls = Vec::new();
        for _ in 0..5 {
            let (end, ended) = mpsc::channel::<()>();
            ends.push(end);
            let (workers, running) = (Arc::clone(&workers), Arc::clone(&running));
            calls.push(tokio::spawn(async move {
                let work = move || {
                    let at_once = running.fetch_add(1, Ordering::SeqCst) + 1;
                    let _ = ended.recv();
                    running.fetch_sub(1, Ordering::SeqCst);
                    at_once
                };
                workers.run(work).await.ok()
            }));
        }
        while running.load(Ordering::SeqCst) < 2 {
            tokio::task::yield_now().await;
        }
        drop(ends);
        let mut most = 0;
        for call in calls {
            most = most.max(call.await.unwrap().unwrap());
        }
        assert_eq!(most, 2);
    }

    #[tokio::test]
    async fn sec_w2_work_in_the_background_leaves_turns_to_others() {
        let workers = Arc::new(Workers::with_turns(2));
        let (end, ended) = mpsc::channel::<()>();
        let (begin, mut begun) = tokio::sync::mpsc::unbounded_channel();
        let ended = Arc::new(Mutex::new(ended));
        for _ in 0..3 {
            let (workers, begin) = (Arc::clone(&workers), begin.clone());
            let ended = Arc::clone(&ended);
            tokio::spawn(async move {
                let work = move || {
                    let _ = begin.send(());
                    let _ = ended.lock().map(|ended| ended.recv());
                };
                workers.run_in_background(work).await.ok()
            });
        }
        assert_eq!(begun.recv().await, Some(()));
        // Were both turns taken, this would wait for ever.
        assert_eq!(workers.run(|| 7).await.ok(), Some(7));
        assert!(begun.try_recv().is_err(), "another one would begin later");
        drop(end);
        assert_eq!(begun.recv().await, Some(()));
    }

    #[tokio::test]
    async fn work_that_panics_is_an_internal_failure_and_gives_its_turn_back() {
        let workers = Workers::with_turns(1);
        let failed = workers.run(|| panic!("broken")).await;
        assert!(matches!(failed, Err(Error::Internal(_))));
        assert_eq!(workers.run(|| 7).await.ok(), Some(7));
    }

    #[tokio::test]
    async fn work_whose_caller_has_gone_is_not_begun() {
        let workers = Workers::with_turns(1);
        let (end, ended) = mpsc::channel::<()>();
        let mut first = Box::pin(workers.run(move || ended.recv().is_err()));
        let begun = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&begun);
        let mut second = Box::pin(workers.run(move || count.fetch_add(1, Ordering::SeqCst)));
        tokio::select! {
            biased;
            _ = &mut first => unreachable!("it waits for the test"),
            _ = &mut second => unreachable!("it waits for the first"),
            () = std::future::ready(()) => {}
        }
        drop(second);
        drop(end);
        assert_eq!(first.await.ok(), Some(true));
        assert_eq!(workers.run(|| 7).await.ok(), Some(7));
        assert_eq!(begun.load(Ordering::SeqCst), 0);
    }

    /// Each piece waits for the other to have begun.
    #[tokio::test]
    async fn two_that_come_at_once_run_at_once_although_one_thread_was_idle() {
        let workers = Workers::with_turns(2);
        assert_eq!(workers.run(|| 7).await.ok(), Some(7));
        while workers.queue.waiting().idle < 1 {
            tokio::task::yield_now().await;
        }
        let both = Arc::new(std::sync::Barrier::new(2));
        let piece = || {
            let both = Arc::clone(&both);
            workers.run(move || both.wait().is_leader())
        };
        let (one, other) = tokio::join!(piece(), piece());
        assert_ne!(one.ok(), other.ok());
    }

    #[tokio::test]
    async fn the_threads_end_with_the_workers() {
        let workers = Workers::with_turns(2);
        assert_eq!(workers.run(|| 7).await.ok(), Some(7));
        let queue = Arc::downgrade(&workers.queue);
        drop(workers);
        while queue.strong_count() > 0 {
            tokio::task::yield_now().await;
        }
    }
}
