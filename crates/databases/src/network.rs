//! Connections, as whoever implements them opens them.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};

use crate::failure::Failure;

/// A connection, with or without TLS.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// A future of a connection.
pub type Opening<'a> = Pin<Box<dyn Future<Output = Result<Box<dyn Stream>, Failure>> + Send + 'a>>;

/// Opens connections, and decides which hosts and ports may be connected to.
pub trait Network: Send + Sync {
    /// Connects to `host`, a name or an address. `plain` says that there may be no TLS later on;
    /// that is for networks that somebody trusts.
    fn connect<'a>(&'a self, host: &'a str, port: u16, plain: bool) -> Opening<'a>;

    /// Speaks TLS over `stream` as a client, with a trusted certificate for `host`.
    fn secure<'a>(&'a self, host: &'a str, stream: Box<dyn Stream>) -> Opening<'a>;

    /// How long a login, or all that is said after it, may take.
    fn patience(&self) -> Duration {
        Duration::from_secs(10)
    }
}
