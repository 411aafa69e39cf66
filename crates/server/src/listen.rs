//! Connections: accepting, limits, timeouts, draining.

mod draining;
mod head_timer;

use std::convert::Infallible;
use std::future::Future;
use std::net::IpAddr;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use platform::TlsSession;

use crate::tls::{self, Tls};

use draining::{Draining, Member};
use head_timer::HeadTimer;

/// How long a client may take to send the head of a request, and how long an idle connection
/// is kept.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// How large the head of a request may be, in bytes.
const HEAD_LIMIT: usize = 64 * 1024;
/// How many connections are served at once; more wait to be accepted.
const CONNECTIONS: usize = 16_384;
/// How long running requests may take to end after the listener closed.
const DRAIN: Duration = Duration::from_secs(30);

/// Where a connection comes from.
#[derive(Clone, Copy)]
pub struct Peer {
    /// The address.
    pub address: IpAddr,
    /// Whether it came over TLS.
    pub secure: bool,
    /// What TLS agreed on.
    pub tls: Option<TlsSession>,
}

/// Answers requests.
pub trait Answer: Send + Sync + Sized + 'static {
    /// Answers one request. Idle connections keep room for the future.
    fn answer(
        to: Arc<Conversation<Self>>,
        request: Request<Incoming>,
    ) -> impl Future<Output = Answered> + Send + 'static;
}

/// An answer: every request has one.
pub type Answered = Result<Response<Full<Bytes>>, Infallible>;

/// Who asks over one connection, and who answers.
pub struct Conversation<A> {
    /// Who asks.
    pub peer: Peer,
    answer: Arc<A>,
}

impl<A> Deref for Conversation<A> {
    type Target = A;

    fn deref(&self) -> &A {
        &self.answer
    }
}

/// A listener, with the certificate to show if it speaks TLS.
pub struct Door {
    /// The listener.
    pub listener: TcpListener,
    /// The certificate.
    pub tls: Option<Arc<Tls>>,
}

impl Door {
    /// A listener, with a certificate or without.
    pub fn new(listener: TcpListener, tls: Option<Arc<Tls>>) -> Self {
        Self { listener, tls }
    }
}

/// Serves connections until `stop` becomes true, then lets running requests end.
pub async fn serve(
    Door { listener, tls }: Door,
    answer: Arc<impl Answer>,
    mut stop: watch::Receiver<bool>,
) {
    let draining = Draining::new();
    let mut accepted_so_far = 0;
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, or the peer was gone already: others may still come.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            }
        };
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            break;
        };
        let (answer, member) = (Arc::clone(&answer), draining.member(accepted_so_far));
        accepted_so_far += 1;
        let acceptor = tls.as_ref().map(|tls| tls.acceptor());
        tokio::spawn(async move {
            let _ = stream.set_nodelay(true);
            let mut peer = Peer {
                address: peer.ip(),
                secure: acceptor.is_some(),
                tls: None,
            };
            match acceptor {
                None => converse(stream, peer, answer, member).await,
                Some(acceptor) => match shake_hands(&acceptor, stream).await {
                    Some(stream) => {
                        peer.tls = tls::session(stream.get_ref().1);
                        converse(stream, peer, answer, member).await;
                    }
                    None => tracing::debug!("a TLS handshake failed"),
                },
            }
            drop(place);
        });
    }
    drop(listener);
    tokio::select! {
        () = draining.drain() => {}
        () = tokio::time::sleep(DRAIN) => tracing::warn!("requests still ran when the time to end them was over"),
    }
}

/// The server's side of a connection. Each has its own: its timer is the connection's.
fn builder() -> auto::Builder<TokioExecutor> {
    let mut server = auto::Builder::new(TokioExecutor::new());
    // A client may close its half of the connection as soon as it has asked.
    server
        .http1()
        .half_close(true)
        // From where it is: copied behind its head, an answer would stay in a buffer that nobody wipes.
        .writev(true)
        .timer(HeadTimer::default())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(HEAD_LIMIT);
    server
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(HEAD_TIMEOUT)
        .max_header_list_size(64 * 1024)
        .max_concurrent_streams(256);
    server
}

async fn shake_hands(acceptor: &TlsAcceptor, stream: TcpStream) -> Option<TlsStream<TcpStream>> {
    tokio::time::timeout(HEAD_TIMEOUT, acceptor.accept(stream))
        .await
        .ok()?
        .ok()
}

async fn converse<A: Answer>(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: Peer,
    answer: Arc<A>,
    member: Member,
) {
    // Of the connection's own: all connections would count requests under way in one place otherwise.
    let conversation = Arc::new(Conversation { peer, answer });
    let service = service_fn(move |request| A::answer(Arc::clone(&conversation), request));
    let server = builder();
    let connection = server.serve_connection(TokioIo::new(stream), service);
    if let Err(error) = member.watch(connection.into_owned()).await {
        tracing::debug!(error, "a connection ended early");
    }
}
