//! Threads for work that nobody waits for, such as the delivery of a trail: they give way to all others.

use std::thread;

use tokio::sync::oneshot;

use crate::fault::{Error, Result};

/// The least that a thread can ask for.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 19;

/// Does `work` on a thread of its own: a thread that has given way once cannot take it back, so none
/// is used for anything else.
pub(crate) async fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let (done, answer) = oneshot::channel();
    let builder = thread::Builder::new().name("unhurried".to_owned());
    let work = move || {
        yield_to_others();
        // Nobody waiting any more is fine.
        let _ = done.send(work());
    };
    builder.spawn(work).map_err(Error::internal)?;
    answer.await.map_err(Error::internal)
}

/// Makes the calling thread, and no other of the process, give way.
pub fn yield_to_others() {
    // Elsewhere it is of the whole process, which must not yield.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::setpriority_process(None, NICENESS);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_gives_way_and_its_caller_does_not() {
        let niceness = || rustix::process::getpriority_process(None).ok();
        let before = niceness();
        let there = run(niceness).await.ok().flatten();
        if cfg!(target_os = "linux") {
            assert_eq!(there, Some(NICENESS));
        }
        assert_eq!(niceness(), before);
        assert_ne!(before, Some(NICENESS));
    }

    #[tokio::test]
    async fn work_that_panics_is_an_error_of_its_caller() {
        let ended = run(|| assert_eq!(1, 2, "this test panics")).await;
        assert!(ended.is_err());
    }
}
