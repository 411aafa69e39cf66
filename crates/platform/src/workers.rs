//! Work that keeps a processor busy for long, such as an RSA signature: it runs beside the calls
//! and never instead of them. Only so much of it runs at once; the rest waits its turn.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::fault::{Error, Result};

/// The turns that there are, and those of them that work in the background may have: half of them,
/// so that what callers write at length, queries and events, holds up no signature.
pub(crate) struct Workers {
    all: Arc<Semaphore>,
    background: Arc<Semaphore>,
}

impl Workers {
    /// One turn for each processor. Two at least, so that a key that takes seconds to make does
    /// not hold up every signature.
    pub(crate) fn new() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self::with_turns(processors.max(2))
    }

    fn with_turns(turns: usize) -> Self {
        Self {
            all: Arc::new(Semaphore::new(turns)),
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
        // As below: who leaves does not end the work.
        let work = move || {
            let done = work();
            drop(turn);
            done
        };
        self.run(work).await
    }

    /// Runs `work` on a thread of its own, and waits for it without keeping anything else from
    /// going on.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let turn = Arc::clone(&self.all).acquire_owned().await;
        let turn = turn.map_err(Error::internal)?;
        // The turn ends with the work, even if the caller has gone meanwhile.
        let running = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        });
        running.await.map_err(Error::internal)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;

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
        let ended = Arc::new(std::sync::Mutex::new(ended));
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
}
