//! One GET over HTTPS.

use std::sync::Arc;

use ::http::header::HOST;
use ::http::{Request, StatusCode, Uri};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper_util::rt::TokioIo;
use platform::KeySetError;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::reach::Reach;

/// The largest answer that is read, in bytes.
const MAX_ANSWER: usize = 256 * 1024;

/// The body of the answer to a GET of `url`. Anything but `200 OK` is a failure: an issuer that
/// redirects is not the one that was configured.
pub(super) async fn get(
    tls: &Arc<ClientConfig>,
    reach: &Reach,
    url: &str,
) -> Result<String, KeySetError> {
    let failed = |_| KeySetError::Unreachable;
    let uri: Uri = url.parse().map_err(|_| KeySetError::Unreachable)?;
    let (Some("https"), Some(host), None) = (uri.scheme_str(), uri.host(), userinfo(&uri)) else {
        return Err(KeySetError::Unreachable);
    };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let port = uri.port_u16().unwrap_or(443);
    let name = ServerName::try_from(bare.to_owned()).map_err(|_| KeySetError::Unreachable)?;
    let connection = TcpStream::connect(reach.resolve(bare, port).await?)
        .await
        .map_err(failed)?;
    let connection = TlsConnector::from(Arc::clone(tls)).connect(name, connection);
    let connection = connection.await.map_err(|error| blame(&error))?;
    let handshake = hyper::client::conn::http1::handshake(TokioIo::new(connection));
    let (mut sender, connection) = handshake.await.map_err(|_| KeySetError::Unreachable)?;
    // It ends with the answer, or when the sender is dropped.
    tokio::spawn(async move {
        let _ = connection.await;
    });
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let authority = uri.authority().map_or(host, |authority| authority.as_str());
    let request = Request::get(path).header(HOST, authority);
    let request = request.header("accept", "application/json");
    let request = request.body(Empty::<Bytes>::new());
    let request = request.map_err(|_| KeySetError::Unreachable)?;
    let answer = sender.send_request(request).await;
    let answer = answer.map_err(|_| KeySetError::Unreachable)?;
    if answer.status() != StatusCode::OK {
        return Err(KeySetError::Unreachable);
    }
    let body = Limited::new(answer.into_body(), MAX_ANSWER).collect().await;
    let body = body.map_err(|_| KeySetError::Unreachable)?.to_bytes();
    String::from_utf8(body.to_vec()).map_err(|_| KeySetError::Unreachable)
}

/// `user:password@` has no place in an issuer.
fn userinfo(uri: &Uri) -> Option<()> {
    let authority = uri.authority()?;
    authority.as_str().contains('@').then_some(())
}

/// A handshake that failed over the certificate is another failure than none at all.
fn blame(error: &std::io::Error) -> KeySetError {
    let inner = error.get_ref();
    let inner = inner.and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match inner {
        Some(rustls::Error::InvalidCertificate(_)) => KeySetError::Certificate,
        _ => KeySetError::Unreachable,
    }
}
