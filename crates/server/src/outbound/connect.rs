//! Connections to others: a name, one of its addresses that may be reached, TLS.

use std::sync::Arc;
use std::time::Duration;

use platform::OutboundFailure;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::reach::Reach;

/// How long one address may take to accept a connection.
const PATIENCE: Duration = Duration::from_secs(3);

/// Connects to `host`. The address that was judged is the one that is connected to.
pub(crate) async fn connect(
    reach: &Reach,
    host: &str,
    port: u16,
    plain: bool,
) -> Result<TcpStream, OutboundFailure> {
    let mut last = OutboundFailure::Unreachable;
    for address in reach.resolve(host, port, plain).await? {
        match tokio::time::timeout(PATIENCE, TcpStream::connect(address)).await {
            Ok(Ok(connection)) => {
                let _ = connection.set_nodelay(true);
                return Ok(connection);
            }
            Ok(Err(_)) => last = OutboundFailure::Unreachable,
            Err(_) => last = OutboundFailure::TimedOut,
        }
    }
    Err(last)
}

/// Speaks TLS over `connection`, with a certificate for `host`.
pub(crate) async fn secure<S: AsyncRead + AsyncWrite + Unpin>(
    tls: &Arc<ClientConfig>,
    host: &str,
    connection: S,
) -> Result<TlsStream<S>, OutboundFailure> {
    let name = ServerName::try_from(host.to_owned()).map_err(|_| OutboundFailure::Malformed)?;
    let shaken = TlsConnector::from(Arc::clone(tls)).connect(name, connection);
    shaken.await.map_err(|error| blame(&error))
}

/// A handshake that failed over the certificate is another failure than none at all.
fn blame(error: &std::io::Error) -> OutboundFailure {
    let inner = error.get_ref();
    let inner = inner.and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match inner {
        Some(rustls::Error::InvalidCertificate(_)) => OutboundFailure::Certificate,
        _ => OutboundFailure::Unreachable,
    }
}
