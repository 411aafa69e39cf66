//! Calls to the world outside: webhooks, API destinations, whatever a tenant names.
//!
//! A port, since sending is I/O. Jobs send, handlers never do: a call must not wait for somebody
//! else's server, and a handler that runs again would send again. Who implements it decides which
//! addresses may be reached, and follows no redirect.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;

/// How long an exchange may take in all, where nothing else is said.
const PATIENCE: Duration = Duration::from_secs(5);
/// How large an answer's body may be, in bytes, where nothing else is said.
const LARGEST_ANSWER: usize = 64 * 1024;

/// A future of an answer.
pub type OutboundFuture<'a> =
    Pin<Box<dyn Future<Output = Result<OutboundResponse, OutboundFailure>> + Send + 'a>>;

/// Sends requests to others.
pub trait Outbound: Send + Sync {
    /// Sends `request` once and reads the answer, whatever its status.
    fn send(&self, request: OutboundRequest) -> OutboundFuture<'_>;
}

/// An HTTP request to somebody else. It may carry credentials, so it cannot be printed.
#[derive(Clone)]
pub struct OutboundRequest {
    /// `POST`, `PUT` and so on.
    pub method: String,
    /// An absolute URL: `https://host[:port]/path?query`.
    pub url: String,
    /// Names and values. `host` and `content-length` follow from the rest and are left out.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
    /// How long it may take in all, from looking up the name to the answer's last byte.
    pub patience: Duration,
    /// How large the answer's body may be, in bytes. A larger one is [`OutboundFailure::TooLarge`].
    pub largest_answer: usize,
}

impl OutboundRequest {
    /// A request with `body`, that may take 5 seconds and get 64 KiB.
    pub fn new(method: &str, url: &str, body: impl Into<Bytes>) -> Self {
        Self {
            method: method.to_owned(),
            url: url.to_owned(),
            headers: Vec::new(),
            body: body.into(),
            patience: PATIENCE,
            largest_answer: LARGEST_ANSWER,
        }
    }

    /// With one more header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The value of the header `name`, whatever its case.
    pub fn header_value(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }
}

/// An HTTP answer of somebody else: nothing in it is to be trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboundResponse {
    /// `200` and so on; redirects are answers like others.
    pub status: u16,
    /// Names, in lower case, and values. Those that are no visible ASCII are left out.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

impl OutboundResponse {
    /// The value of the header `name`, such as `retry-after`.
    pub fn header_value(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }

    /// Whether the status is 200 to 299.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

fn find<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = headers
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.as_str())
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutboundFailure {
    /// URL, method or a header cannot be sent. It never will be.
    #[error("the request is malformed")]
    Malformed,
    /// The scheme is not `https`, and plain HTTP is not allowed there.
    #[error("the URL does not begin with https://")]
    Plain,
    /// The name leads to no address that may be reached.
    #[error("the address may not be reached")]
    Refused,
    /// The name cannot be resolved.
    #[error("the name cannot be resolved")]
    Unresolved,
    /// Nobody accepts the connection, or it broke.
    #[error("the connection failed")]
    Unreachable,
    /// The certificate is not trusted, or is another host's.
    #[error("the certificate is not trusted")]
    Certificate,
    /// It took too long.
    #[error("there was no whole answer in time")]
    TimedOut,
    /// The answer is larger than it may be.
    #[error("the answer is too large")]
    TooLarge,
    /// The answer is no HTTP.
    #[error("the answer is no HTTP")]
    Garbled,
}

impl OutboundFailure {
    /// Whether sending the same again can never succeed, as long as nobody changes the
    /// installation's settings.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Malformed | Self::Plain)
    }
}

/// Nobody can be reached.
pub struct NoOutbound;

impl Outbound for NoOutbound {
    fn send(&self, _: OutboundRequest) -> OutboundFuture<'_> {
        Box::pin(std::future::ready(Err(OutboundFailure::Refused)))
    }
}
