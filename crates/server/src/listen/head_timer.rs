//! The clock of one connection, for how long the head of a request may take.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use hyper::rt::{Sleep, Timer};

/// Arms one timer of the runtime for the whole connection.
///
/// Each request begins to wait for the next one. A timer for each, set and cut off long before its
/// time, would cost two turns at the list of all timers, which the threads share. This one stays armed:
/// when it goes off, it is set to the deadline that holds then. It serves one wait at a time, as HTTP/1
/// has it.
#[derive(Clone, Default)]
pub(super) struct HeadTimer(Arc<Mutex<Option<Armed>>>);

type Armed = Pin<Box<tokio::time::Sleep>>;

/// A wait.
struct Waiting {
    timer: HeadTimer,
    deadline: Instant,
}

impl Timer for HeadTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until(self.now() + duration)
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        Box::pin(Waiting {
            timer: self.clone(),
            deadline,
        })
    }

    fn now(&self) -> Instant {
        tokio::time::Instant::now().into_std()
    }
}

impl Sleep for Waiting {}

impl Future for Waiting {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let deadline = self.deadline.into();
        let mut armed = self.timer.0.lock().unwrap_or_else(PoisonError::into_inner);
        let armed = armed.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
        if armed.deadline() > deadline {
            armed.as_mut().reset(deadline);
        }
        while armed.as_mut().poll(cx).is_ready() {
            if armed.deadline() >= deadline {
                return Poll::Ready(());
            }
            armed.as_mut().reset(deadline);
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_millis(5);

    #[tokio::test]
    async fn a_wait_ends_no_sooner_than_it_should_however_the_timer_was_armed() {
        let timer = HeadTimer::default();
        let given_up = |wait| async {
            assert!(tokio::time::timeout(Duration::ZERO, wait).await.is_err());
        };
        // Armed for a wait that is given up: sooner, later, and gone off while nobody waited.
        for (armed, waited) in [(1, 3), (200_000, 2), (1, 1)] {
            given_up(timer.sleep(armed * SOON)).await;
            let deadline = timer.now() + waited * SOON;
            timer.sleep_until(deadline).await;
            assert!(timer.now() >= deadline);
            given_up(timer.sleep(SOON)).await;
            tokio::time::sleep(2 * SOON).await;
        }
        // One that is over is over at once.
        timer.sleep_until(timer.now()).await;
    }
}
