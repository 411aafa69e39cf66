//! The Runtime API: what runtimes ask and tell over HTTP (AWS: "Using the Lambda runtime API").
//!
//! One listener a worker, on the loopback address. Other processes can connect to it, other workers
//! too, so that its address has an unguessable path: `127.0.0.1:PORT/SECRET` (decision 20).

use std::convert::Infallible;
use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use subtle::ConstantTimeEq as _;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::sleep;

/// The longest response, in bytes (AWS: 6 MB and 100 bytes).
pub(crate) const MAX_RESPONSE: usize = 6_291_556;
/// The most connections of a worker at once.
const MAX_CONNECTIONS: usize = 32;
/// How long it waits after a connection that could not be taken.
const RETRY: Duration = Duration::from_millis(50);
const VERSION: &str = "2018-06-01";
/// Says that a response is streamed.
const RESPONSE_MODE: &str = "lambda-runtime-function-response-mode";

/// What a runtime calls. Each is answered.
pub(crate) enum Call {
    /// It is ready for an event.
    Next(oneshot::Sender<Answer>),
    /// The result of an invocation; none if it is too long.
    Response {
        id: String,
        result: Option<Bytes>,
        answer: oneshot::Sender<Answer>,
    },
    /// An invocation failed.
    Error {
        id: String,
        error: Bytes,
        answer: oneshot::Sender<Answer>,
    },
    /// The runtime could not get ready.
    InitError {
        error: Bytes,
        answer: oneshot::Sender<Answer>,
    },
}

/// An answer to a runtime.
pub(crate) type Answer = Response<Full<Bytes>>;

/// A worker's listener. It ends with the value.
pub(crate) struct RuntimeApi {
    /// What the worker is given as `AWS_LAMBDA_RUNTIME_API`.
    pub(crate) address: String,
    pub(crate) calls: mpsc::Receiver<Call>,
    listening: AbortHandle,
}

impl RuntimeApi {
    /// Listens for calls whose path begins with `secret`.
    pub(crate) async fn open(secret: String) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = format!("{}/{secret}", listener.local_addr()?);
        let (sender, calls) = mpsc::channel(1);
        let listening = tokio::spawn(listen(listener, Arc::from(secret), sender));
        Ok(Self {
            address,
            calls,
            listening: listening.abort_handle(),
        })
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

/// An answer with a JSON body.
pub(crate) fn json(status: StatusCode, body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Full::new(body.into()));
    *answer.status_mut() = status;
    let value = http::HeaderValue::from_static("application/json");
    answer
        .headers_mut()
        .insert(http::header::CONTENT_TYPE, value);
    answer
}

/// AWS's answer to what was taken.
pub(crate) fn accepted() -> Answer {
    json(StatusCode::ACCEPTED, &b"{\"status\":\"OK\"}\n"[..])
}

/// AWS's refusal of an id that is not that of the invocation.
pub(crate) fn invalid_request_id() -> Answer {
    refusal(
        StatusCode::BAD_REQUEST,
        "InvalidRequestID",
        "Invalid request ID",
    )
}

/// AWS's refusal of a call that does not fit into the order of calls.
pub(crate) fn invalid_transition(text: &str) -> Answer {
    refusal(StatusCode::FORBIDDEN, "InvalidStateTransition", text)
}

/// AWS's refusal of a response that is too long.
pub(crate) fn too_large() -> Answer {
    let text = format!("Exceeded maximum allowed payload size ({MAX_RESPONSE} bytes).");
    refusal(
        StatusCode::PAYLOAD_TOO_LARGE,
        "RequestEntityTooLarge",
        &text,
    )
}

fn refusal(status: StatusCode, kind: &str, text: &str) -> Answer {
    let body = serde_json::json!({ "errorMessage": text, "errorType": kind });
    json(status, body.to_string())
}

async fn listen(listener: TcpListener, secret: Arc<str>, calls: mpsc::Sender<Call>) {
    let connections = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    // Connections end with the listener.
    let mut serving = JoinSet::new();
    while let Ok(permit) = Arc::clone(&connections).acquire_owned().await {
        while serving.try_join_next().is_some() {}
        let Ok((stream, _)) = listener.accept().await else {
            // There may be descriptors again in a while.
            sleep(RETRY).await;
            continue;
        };
        // Small answers go out at once.
        let _ = stream.set_nodelay(true);
        let (secret, calls) = (Arc::clone(&secret), calls.clone());
        serving.spawn(async move {
            let service = service_fn(move |request| {
                let (secret, calls) = (Arc::clone(&secret), calls.clone());
                async move { Ok::<_, Infallible>(serve(request, &secret, &calls).await) }
            });
            // What goes wrong on a connection is the runtime's affair.
            let _ = http1::Builder::new()
                // Between an event and its result lies as long as the function takes.
                .header_read_timeout(None)
                .max_buf_size(64 * 1024)
                .serve_connection(TokioIo::new(stream), service)
                .await;
            drop(permit);
        });
    }
}

async fn serve(request: Request<Incoming>, secret: &str, calls: &mpsc::Sender<Call>) -> Answer {
    let path = request.uri().path().to_owned();
    let Some(path) = authenticated(&path, secret) else {
        return refusal(StatusCode::FORBIDDEN, "Forbidden", "not this worker's API");
    };
    let method = request.method().clone();
    let (answer, answered) = oneshot::channel();
    let call = match (method, path.split('/').collect::<Vec<_>>().as_slice()) {
        (Method::GET, ["runtime", "invocation", "next"]) => Call::Next(answer),
        (Method::POST, ["runtime", "invocation", id, "response"]) => {
            let id = (*id).to_owned();
            // Which answers `Invoke` does not have; a stream could end with an error in its trailers.
            if request.headers().contains_key(RESPONSE_MODE) {
                let text = "Invalid function response mode";
                return refusal(StatusCode::BAD_REQUEST, "InvalidFunctionResponseMode", text);
            }
            match read(request.into_body()).await {
                Ok(result) => Call::Response { id, result, answer },
                Err(_) => return truncated(),
            }
        }
        (Method::POST, ["runtime", "invocation", id, "error"]) => {
            let id = (*id).to_owned();
            let Ok(error) = read(request.into_body()).await else {
                return truncated();
            };
            let Some(error) = error else {
                return too_large();
            };
            Call::Error { id, error, answer }
        }
        (Method::POST, ["runtime", "init", "error"]) => match read(request.into_body()).await {
            Ok(Some(error)) => Call::InitError { error, answer },
            Ok(None) => return too_large(),
            Err(_) => return truncated(),
        },
        _ => return refusal(StatusCode::NOT_FOUND, "NotFound", "no such resource"),
    };
    let gone = || json(StatusCode::INTERNAL_SERVER_ERROR, "{}");
    if calls.send(call).await.is_err() {
        return gone();
    }
    answered.await.unwrap_or_else(|_| gone())
}

/// The path behind the version, if it begins with the secret.
fn authenticated<'a>(path: &'a str, secret: &str) -> Option<&'a str> {
    let (given, rest) = path.strip_prefix('/')?.split_once('/')?;
    let is_known = bool::from(given.as_bytes().ct_eq(secret.as_bytes()));
    let rest = rest.strip_prefix(VERSION)?.strip_prefix('/')?;
    is_known.then_some(rest)
}

/// The whole body, or none if it is too long; then the rest is read and thrown away, so that the
/// runtime gets to read the answer.
async fn read(mut body: Incoming) -> Result<Option<Bytes>, hyper::Error> {
    let mut read = Vec::new();
    let hint = usize::try_from(body.size_hint().lower()).unwrap_or_default();
    read.reserve(hint.min(MAX_RESPONSE));
    let mut is_too_long = false;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else {
            continue;
        };
        is_too_long |= read.len() + data.len() > MAX_RESPONSE;
        if is_too_long {
            read = Vec::new();
        } else {
            read.extend_from_slice(&data);
        }
    }
    Ok((!is_too_long).then(|| read.into()))
}

fn truncated() -> Answer {
    let text = "HTTP request detected as truncated";
    refusal(StatusCode::BAD_REQUEST, "TruncatedHTTPRequest", text)
}
