//! Letting connections end: each finishes the request that it is at, and takes no other.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use hyper_util::server::graceful::GracefulConnection;
use tokio::sync::watch;

/// The connections of a listener.
///
/// A connection is told by its waker, which it leaves here once. One that asked with every poll whether
/// it should end would take a lock that all share, several times a call.
pub(super) struct Draining {
    stop: Arc<Stop>,
    /// Every connection holds one of its receivers.
    open: watch::Sender<()>,
}

#[derive(Default)]
struct Stop {
    is_stopping: AtomicBool,
    wakers: Mutex<HashMap<u64, Waker>>,
}

/// The right to be a connection of a listener.
pub(super) struct Member {
    number: u64,
    stop: Arc<Stop>,
    _open: watch::Receiver<()>,
}

/// A connection that ends when it is told to.
struct Watched<C> {
    connection: Pin<Box<C>>,
    member: Member,
    /// What was left last.
    waker: Option<Waker>,
    is_told: bool,
}

impl Draining {
    pub(super) fn new() -> Self {
        Self {
            stop: Arc::default(),
            open: watch::Sender::new(()),
        }
    }

    /// The member of this number; no two have the same.
    pub(super) fn member(&self, number: u64) -> Member {
        Member {
            number,
            stop: Arc::clone(&self.stop),
            _open: self.open.subscribe(),
        }
    }

    /// Tells all connections to end, and waits until they have.
    pub(super) async fn drain(self) {
        self.stop.is_stopping.store(true, Ordering::SeqCst);
        for (_, waker) in self.stop.wakers().drain() {
            waker.wake();
        }
        self.open.closed().await;
    }
}

impl Stop {
    fn wakers(&self) -> MutexGuard<'_, HashMap<u64, Waker>> {
        self.wakers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Member {
    /// The end of a connection.
    pub(super) fn watch<C: GracefulConnection>(
        self,
        connection: C,
    ) -> impl Future<Output = C::Output> {
        Watched {
            connection: Box::pin(connection),
            member: self,
            waker: None,
            is_told: false,
        }
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.stop.wakers().remove(&self.number);
    }
}

impl<C: GracefulConnection> Future for Watched<C> {
    type Output = C::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let is_known = this.waker.as_ref();
        if !is_known.is_some_and(|known| known.will_wake(cx.waker())) {
            let (number, waker) = (this.member.number, cx.waker().clone());
            this.member.stop.wakers().insert(number, waker.clone());
            this.waker = Some(waker);
        }
        // After the waker was left: whoever stops now sees one or the other.
        if !this.is_told && this.member.stop.is_stopping.load(Ordering::SeqCst) {
            this.is_told = true;
            this.connection.as_mut().graceful_shutdown();
        }
        this.connection.as_mut().poll(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use bytes::Bytes;
    use http_body_util::Full;
    use hyper::Response;
    use hyper::service::service_fn;
    use hyper_util::rt::{TokioExecutor, TokioIo};
    use hyper_util::server::conn::auto;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
    use tokio::sync::Semaphore;

    use super::*;

    /// Answers when it may.
    struct Slow {
        asked: Semaphore,
        may_answer: Semaphore,
    }

    /// The client's side of a connection without deadlines: it ends when it is told to, or never.
    fn connected(member: Member, slow: &Arc<Slow>) -> DuplexStream {
        let (here, there) = tokio::io::duplex(4096);
        let slow = Arc::clone(slow);
        let service = service_fn(move |_| {
            let slow = Arc::clone(&slow);
            async move {
                slow.asked.add_permits(1);
                slow.may_answer.acquire().await.unwrap().forget();
                Ok::<_, Infallible>(Response::new(Full::new(Bytes::from_static(b"answered"))))
            }
        });
        tokio::spawn(async move {
            let server = auto::Builder::new(TokioExecutor::new());
            let connection = server.serve_connection(TokioIo::new(there), service);
            let _ = member.watch(connection.into_owned()).await;
        });
        here
    }

    async fn ask(connection: &mut DuplexStream) {
        let request = b"GET / HTTP/1.1\r\nhost: here\r\n\r\n";
        connection.write_all(request).await.unwrap();
    }

    #[tokio::test]
    async fn idle_connections_end_at_once_and_others_after_their_answer() {
        let slow = Arc::new(Slow {
            asked: Semaphore::new(0),
            may_answer: Semaphore::new(1),
        });
        let draining = Draining::new();
        let mut idle = connected(draining.member(0), &slow);
        let mut busy = connected(draining.member(1), &slow);
        ask(&mut idle).await;
        let mut answer = vec![0; 4096];
        let mut read = 0;
        while !answer[..read].ends_with(b"answered") {
            read += idle.read(&mut answer[read..]).await.unwrap();
        }
        ask(&mut busy).await;
        slow.asked.acquire_many(2).await.unwrap().forget();

        let drained = tokio::spawn(draining.drain());
        assert_eq!(idle.read(&mut answer).await.unwrap(), 0, "closed");
        assert!(!drained.is_finished(), "a request is under way");
        slow.may_answer.add_permits(1);
        let mut rest = Vec::new();
        busy.read_to_end(&mut rest).await.unwrap();
        assert!(rest.ends_with(b"answered"));
        drained.await.unwrap();
    }
}
