//! One request and its answer, over a connection of its own.

use std::sync::Arc;

use ::http::header::{HOST, HeaderName, HeaderValue};
use ::http::uri::Scheme;
use ::http::{HeaderMap, Method, Request, Response, Uri};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use platform::{OutboundFailure, OutboundRequest, OutboundResponse};
use rustls::ClientConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinSet;

use super::connect::{connect, secure};
use super::reach::Reach;

/// How large the head of an answer may be, in bytes.
const LARGEST_HEAD: usize = 64 * 1024;

/// Headers that say how a request travels. They follow from the request; given by somebody else,
/// one request could pass for two.
const OF_THE_CONNECTION: &[&str] = &[
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// What an exchange needs to know of the way.
pub(crate) struct Way<'a> {
    /// Which addresses may be reached.
    pub(crate) reach: &'a Reach,
    /// Whose certificates count.
    pub(crate) tls: &'a Arc<ClientConfig>,
    /// Whether plain HTTP may go to what the operator opened.
    pub(crate) plain: bool,
}

/// Sends `request` and reads the answer, whatever its status, within the request's patience.
pub(crate) async fn exchange(
    way: &Way<'_>,
    request: OutboundRequest,
) -> Result<OutboundResponse, OutboundFailure> {
    let exchanged = tokio::time::timeout(request.patience, whole(way, request));
    exchanged.await.unwrap_or(Err(OutboundFailure::TimedOut))
}

async fn whole(
    way: &Way<'_>,
    request: OutboundRequest,
) -> Result<OutboundResponse, OutboundFailure> {
    let largest = request.largest_answer;
    let uri: Uri = request
        .url
        .parse()
        .map_err(|_| OutboundFailure::Malformed)?;
    let destination = Destination::of(&uri)?;
    if destination.plain && !way.plain {
        return Err(OutboundFailure::Plain);
    }
    let message = message(&uri, request)?;
    let Destination { host, port, plain } = destination;
    let connection = connect(way.reach, host, port, plain).await?;
    if plain {
        return converse(connection, message, largest).await;
    }
    let connection = secure(way.tls, host, connection).await?;
    converse(connection, message, largest).await
}

/// Where a URL leads.
#[derive(Debug)]
struct Destination<'a> {
    /// A name or an address, without brackets.
    host: &'a str,
    port: u16,
    plain: bool,
}

impl<'a> Destination<'a> {
    fn of(uri: &'a Uri) -> Result<Self, OutboundFailure> {
        let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) else {
            return Err(OutboundFailure::Malformed);
        };
        let plain = *scheme == Scheme::HTTP;
        if !plain && *scheme != Scheme::HTTPS {
            return Err(OutboundFailure::Plain);
        }
        let host = authority.host();
        let bare = host.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
        let host = bare.unwrap_or(host);
        // `user:password@` hides where a URL leads from whoever reads it.
        if host.is_empty() || authority.as_str().contains('@') {
            return Err(OutboundFailure::Malformed);
        }
        let usual = if plain { 80 } else { 443 };
        let port = match authority.port() {
            Some(port) => port.as_u16(),
            None if authority.as_str().len() > authority.host().len() => {
                return Err(OutboundFailure::Malformed);
            }
            None => usual,
        };
        Ok(Self { host, port, plain })
    }
}

/// The request as it travels.
fn message(uri: &Uri, request: OutboundRequest) -> Result<Request<Full<Bytes>>, OutboundFailure> {
    let malformed = |_| OutboundFailure::Malformed;
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let mut headers = HeaderMap::new();
    let host = HeaderValue::from_str(authority).map_err(|_| OutboundFailure::Malformed)?;
    headers.insert(HOST, host);
    for (name, value) in &request.headers {
        let name: HeaderName = name.parse().map_err(|_| OutboundFailure::Malformed)?;
        if OF_THE_CONNECTION.contains(&name.as_str()) {
            return Err(OutboundFailure::Malformed);
        }
        let value = HeaderValue::from_str(value).map_err(|_| OutboundFailure::Malformed)?;
        headers.append(name, value);
    }
    let method = Method::from_bytes(request.method.as_bytes())
        .ok()
        .filter(|method| *method != Method::CONNECT)
        .ok_or(OutboundFailure::Malformed)?;
    let mut message = Request::new(Full::new(request.body));
    *message.method_mut() = method;
    *message.uri_mut() = path.parse().map_err(malformed)?;
    *message.headers_mut() = headers;
    Ok(message)
}

async fn converse(
    connection: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    message: Request<Full<Bytes>>,
    largest: usize,
) -> Result<OutboundResponse, OutboundFailure> {
    let mut builder = http1::Builder::new();
    builder.max_buf_size(LARGEST_HEAD);
    let opened = builder.handshake(TokioIo::new(connection)).await;
    let (mut sender, connection) = opened.map_err(|error| blame(&error))?;
    // Dropped with this future, it takes the connection with it, whatever the other side still sends.
    let mut driver = JoinSet::new();
    driver.spawn(connection);
    let answer = sender.send_request(message).await;
    let answer = answer.map_err(|error| blame(&error))?;
    read(answer, largest).await
}

async fn read(
    answer: Response<Incoming>,
    largest: usize,
) -> Result<OutboundResponse, OutboundFailure> {
    let (head, body) = answer.into_parts();
    let body = Limited::new(body, largest).collect().await;
    let body = body.map_err(|error| match error.downcast::<hyper::Error>() {
        Ok(error) => blame(&error),
        Err(error) if error.is::<LengthLimitError>() => OutboundFailure::TooLarge,
        Err(_) => OutboundFailure::Unreachable,
    })?;
    let text = |(name, value): (&HeaderName, &HeaderValue)| {
        let value = value.to_str().ok()?;
        Some((name.as_str().to_owned(), value.to_owned()))
    };
    Ok(OutboundResponse {
        status: head.status.as_u16(),
        headers: head.headers.iter().filter_map(text).collect(),
        body: body.to_bytes(),
    })
}

fn blame(error: &hyper::Error) -> OutboundFailure {
    if error.is_parse() || error.is_parse_too_large() {
        OutboundFailure::Garbled
    } else {
        OutboundFailure::Unreachable
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_lead_where_they_say() {
        for (url, host, port, plain) in [
            ("https://a.example", "a.example", 443, false),
            ("https://a.example:8443/x?y", "a.example", 8443, false),
            ("http://[::1]/", "::1", 80, true),
            ("HTTPS://1.2.3.4", "1.2.3.4", 443, false),
        ] {
            let uri = url.parse().expect(url);
            let found = Destination::of(&uri).expect(url);
            assert_eq!((found.host, found.port, found.plain), (host, port, plain));
        }
        for wrong in [
            "https://user:pass@a.example/",
            "https://a.example@10.0.0.1/",
            "https://a.example:/",
            "https://a.example:99999/",
            "ftp://a.example/",
            "file:///etc/passwd",
            "a.example",
            "/path",
        ] {
            let refused = wrong.parse::<Uri>().is_err()
                || Destination::of(&wrong.parse().expect("parsed")).is_err();
            assert!(refused, "{wrong}");
        }
    }

    #[test]
    fn sec_w1_no_header_makes_two_requests_of_one() {
        let uri: Uri = "https://a.example/".parse().expect("a URL");
        let request = |name: &str, value: &str| {
            message(
                &uri,
                OutboundRequest::new("POST", "", "x").header(name, value),
            )
        };
        assert!(request("x-api-key", "k").is_ok());
        for (name, value) in [
            ("Transfer-Encoding", "chunked"),
            ("content-length", "0"),
            ("host", "169.254.169.254"),
            ("x-a", "b\r\nx-c: d"),
            ("x-a\r\nx-c", "d"),
            ("", "x"),
        ] {
            let refused = request(name, value).err();
            assert_eq!(refused, Some(OutboundFailure::Malformed), "{name:?}");
        }
        for method in ["", "CONNECT", "GET / HTTP/1.1\r\nx:"] {
            let refused = message(&uri, OutboundRequest::new(method, "", "")).err();
            assert_eq!(refused, Some(OutboundFailure::Malformed), "{method:?}");
        }
    }
}
