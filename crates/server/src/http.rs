//! The AWS listener: HTTP requests into the pipeline, and the few paths of our own.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use ::http::header::{CONTENT_TYPE, HeaderName, HeaderValue, ORIGIN};
use ::http::{HeaderMap, Method, StatusCode};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::{Body as _, Incoming};
use hyper::{Request, Response};
use platform::{AuthMode, Body, BodyError, Pipeline, Served, Stopwatch, USUAL_BODY, Withheld};
use wire::codec::Reply;

use crate::commands::dev::Dev;
use crate::discovery::{self, Asked};
use crate::large_bodies::LargeBodies;
use crate::listen::{Answer, Answered, Conversation, Peer};
use crate::metrics::Metrics;
use crate::proxies::TrustedProxies;
use crate::settings::Settings;

/// How long a client may take to send a body.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// Answers everything on the AWS port.
pub struct Front {
    /// Serves AWS requests.
    pub pipeline: Arc<Pipeline>,
    /// Counts them.
    pub metrics: Arc<Metrics>,
    /// The region that `env` suggests.
    pub region: String,
    /// Whether anything is checked.
    pub auth: AuthMode,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: TrustedProxies,
    /// The development endpoints, under `--dev`.
    pub dev: Option<Dev>,
    /// Room for large requests.
    pub large_bodies: LargeBodies,
}

/// How far a request is before its record is on disk.
enum Begun {
    /// Answered: nothing goes on record.
    Done(Response<Full<Bytes>>),
    /// Nobody may hear the answer yet.
    Withheld(Response<Full<Bytes>>, Withheld),
}

impl Answer for Front {
    fn answer(
        of: Arc<Conversation<Self>>,
        request: Request<Incoming>,
    ) -> impl Future<Output = Answered> + Send + 'static {
        let stopwatch = Stopwatch::start();
        // In a box that is given back before the wait for the disk: a thread then uses the same few
        // blocks again, while they are in its caches, and the request is moved once.
        let begun = Box::pin(begin(Arc::clone(&of), request));
        async move {
            let (mut answer, mut withheld) = match begun.await {
                Begun::Done(answer) => return Ok(answer),
                Begun::Withheld(answer, withheld) => (answer, withheld),
            };
            if withheld.recorded().await.is_err() {
                answer = render(&mut withheld.served);
            }
            let seconds = stopwatch.seconds();
            of.metrics.count(&withheld.served, seconds);
            log(&withheld.served, of.peer, seconds);
            Ok(answer)
        }
    }
}

/// Answers a request up to the wait for its record.
async fn begin(of: Arc<Conversation<Front>>, request: Request<Incoming>) -> Begun {
    if of.is_open(request.uri().path()) && request.headers().contains_key(ORIGIN) {
        return Begun::Done(json(
            StatusCode::FORBIDDEN,
            r#"{"error":"web pages may not call a development server"}"#,
        ));
    }
    // What few requests need is in boxes of their own: the future of every other would have room
    // for it.
    if request.uri().path().starts_with("/_") {
        return Begun::Done(Box::pin(of.own(request)).await);
    }
    if request.method() == Method::GET
        && let Some(answer) = Box::pin(of.published(&request)).await
    {
        return Begun::Done(answer);
    }
    let mut withheld = of.begin(request, of.peer).await;
    Begun::Withheld(render(&mut withheld.served), withheld)
}

impl Front {
    /// Answers as `settings` say.
    pub fn new(
        pipeline: Arc<Pipeline>,
        metrics: Arc<Metrics>,
        settings: &Settings,
        dev: Option<Dev>,
    ) -> Self {
        Self {
            pipeline,
            metrics,
            region: settings.region.clone(),
            auth: settings.auth,
            trusted_proxies: settings.trusted_proxies.clone(),
            dev,
            large_bodies: LargeBodies::default(),
        }
    }

    /// Serves a request up to its answer; nothing of the request is kept.
    async fn begin(&self, request: Request<Incoming>, peer: Peer) -> Withheld {
        let (mut parts, body) = request.into_parts();
        name_host(&mut parts);
        if let Some(tls) = peer.tls {
            parts.extensions.insert(tls);
        }
        let limit = match body.size_hint().upper() {
            Some(most) if most <= USUAL_BODY as u64 => USUAL_BODY,
            _ => self.pipeline.body_limit(&parts),
        };
        let client = self.trusted_proxies.client(peer.address, &parts.headers);
        let _place = self.large_bodies.admit(&body.size_hint(), limit).await;
        self.pipeline
            .begin(&parts, Some(client), peer.secure, read(body, limit))
            .await
    }

    /// Whether anybody may call `path`. A browser on the developer's machine may then do it for any
    /// page that it shows: forms and plain texts are sent to other sites without asking, and a name
    /// that leads to the loopback address makes this server the page's own. Whatever a page sends
    /// in such ways, the browser marks with its origin; no other client does.
    fn is_open(&self, path: &str) -> bool {
        self.auth == AuthMode::Off || path.starts_with("/_strongroom/dev/")
    }

    /// The paths that are not AWS's.
    async fn own(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        match (request.method(), request.uri().path()) {
            (&Method::GET, "/_strongroom/health") => self.health(),
            (&Method::GET | &Method::HEAD, "/_localstack/health") => self.localstack_health(),
            (&Method::GET, path) if path.starts_with("/_strongroom/lambda/code/") => {
                self.package(path).await
            }
            (&Method::POST, path)
                if path.starts_with("/_strongroom/dev/") && self.dev.is_some() =>
            {
                let path = path.to_owned();
                match (read(request.into_body(), USUAL_BODY).await, &self.dev) {
                    (Ok(body), Some(dev)) => dev.answer(&path, &body).await,
                    _ => json(
                        StatusCode::BAD_REQUEST,
                        r#"{"error":"the body is incomplete"}"#,
                    ),
                }
            }
            _ => json(StatusCode::NOT_FOUND, r#"{"error":"no such path"}"#),
        }
    }

    /// What anybody may read.
    async fn published(&self, request: &Request<Incoming>) -> Option<Response<Full<Bytes>>> {
        match self.discovered(request).await {
            Some(answer) => Some(answer),
            None => self.certificate(request).await,
        }
    }

    /// What the issuers of the installation's own web identity tokens publish.
    async fn discovered(&self, request: &Request<Incoming>) -> Option<Response<Full<Bytes>>> {
        let uri = request.uri();
        if !uri.path().starts_with("/.well-known/") {
            return None;
        }
        let header = request.headers().get(::http::header::HOST);
        let header = header.and_then(|host| host.to_str().ok());
        let host = uri.host().or(header).unwrap_or_default();
        Some(match discovery::asked(host, uri.path())? {
            Asked::Configuration(document) => json(StatusCode::OK, &document),
            Asked::Keys => {
                let (store, now) = (self.pipeline.store(), self.pipeline.now());
                match sts::key_set(store, now).await {
                    Ok(keys) => json(StatusCode::OK, &keys),
                    Err(_) => json(
                        StatusCode::SERVICE_UNAVAILABLE,
                        r#"{"error":"the keys cannot be read"}"#,
                    ),
                }
            }
        })
    }

    /// The certificates of the keys that messages of topics are signed with.
    async fn certificate(&self, request: &Request<Incoming>) -> Option<Response<Full<Bytes>>> {
        let path = request.uri().path();
        if !path.ends_with(".pem") {
            return None;
        }
        Some(match sns::certificate(self.pipeline.store(), path).await {
            Ok(Some(text)) => {
                let mut response = Response::new(Full::new(Bytes::from(text)));
                let kind = HeaderValue::from_static("application/x-pem-file");
                response.headers_mut().insert(CONTENT_TYPE, kind);
                response
            }
            Ok(None) => json(StatusCode::NOT_FOUND, r#"{"error":"no such certificate"}"#),
            Err(_) => json(
                StatusCode::SERVICE_UNAVAILABLE,
                r#"{"error":"the certificate cannot be read"}"#,
            ),
        })
    }

    /// The package of a function, for whoever has a link to it.
    async fn package(&self, path: &str) -> Response<Full<Bytes>> {
        let (upkeep, now) = (self.pipeline.upkeep(), self.pipeline.now());
        match lambda::download(&upkeep, now, path).await {
            Ok(Some(mut zip)) => {
                let zip = Sent(std::mem::take(&mut *zip));
                let mut response = Response::new(Full::new(Bytes::from_owner(zip)));
                let kind = HeaderValue::from_static("application/zip");
                response.headers_mut().insert(CONTENT_TYPE, kind);
                response
            }
            Ok(None) => json(
                StatusCode::FORBIDDEN,
                r#"{"error":"the link leads nowhere, or no longer"}"#,
            ),
            Err(_) => json(
                StatusCode::SERVICE_UNAVAILABLE,
                r#"{"error":"the package cannot be read"}"#,
            ),
        }
    }

    fn health(&self) -> Response<Full<Bytes>> {
        let services: Vec<&str> = self
            .pipeline
            .services()
            .iter()
            .map(|service| service.table.name)
            .collect();
        let failed = self.pipeline.store().has_failed();
        let body = serde_json::json!({
            "status": if failed { "failed" } else { "ok" },
            "version": env!("CARGO_PKG_VERSION"),
            "auth": if self.auth == AuthMode::Enforce { "enforce" } else { "off" },
            "dev": self.dev.is_some(),
            "region": self.region,
            "services": services,
        });
        let status = if failed {
            StatusCode::SERVICE_UNAVAILABLE
        } else {
            StatusCode::OK
        };
        json(status, &body.to_string())
    }

    /// The shape that existing health checks of local AWS endpoints look for.
    fn localstack_health(&self) -> Response<Full<Bytes>> {
        let services: serde_json::Map<_, _> = self
            .pipeline
            .services()
            .iter()
            .map(|service| (service.table.name.to_owned(), "running".into()))
            .collect();
        let body = serde_json::json!({
            "services": services,
            "edition": "strongroom",
            "version": env!("CARGO_PKG_VERSION"),
        });
        json(StatusCode::OK, &body.to_string())
    }
}

/// HTTP/2 names the host in the URI; signatures cover it as a header.
fn name_host(parts: &mut ::http::request::Parts) {
    if parts.headers.contains_key(::http::header::HOST) {
        return;
    }
    let host = parts
        .uri
        .authority()
        .and_then(|host| HeaderValue::try_from(host.as_str()).ok());
    if let Some(host) = host {
        parts.headers.insert(::http::header::HOST, host);
    }
}

/// What a call was and how it ended; what it said goes to the journal alone.
fn log(served: &Served, peer: Peer, seconds: f64) {
    let (service, operation) = served.operation.unwrap_or_default();
    let (status, code) = (served.reply.status, served.code.unwrap_or("ok"));
    tracing::debug!(service, operation, status, code, peer = %peer.address, seconds, "answered");
}

async fn read(body: Incoming, limit: usize) -> Body {
    if body.size_hint().lower() > limit as u64 {
        return Err(BodyError::TooLarge);
    }
    let mut collecting = pin!(Limited::new(body, limit).collect());
    // Most bodies came along with the head, and need no timer.
    let collected = match poll_fn(|cx| Poll::Ready(collecting.as_mut().poll(cx))).await {
        Poll::Ready(collected) => collected,
        Poll::Pending => tokio::time::timeout(BODY_TIMEOUT, collecting)
            .await
            .map_err(|_| BodyError::Broken)?,
    };
    match collected {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(BodyError::TooLarge),
        Err(_) => Err(BodyError::Broken),
    }
}

/// The answer as HTTP has it; of `served` remains how it ended.
fn render(served: &mut Served) -> Response<Full<Bytes>> {
    let Reply {
        status,
        headers,
        body,
    } = &mut served.reply;
    let body = Sent(std::mem::take(&mut **body));
    // The bytes may hold plaintext: they are wiped when the answer has been sent.
    let mut response = Response::new(Full::new(Bytes::from_owner(body)));
    *response.status_mut() =
        StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let out: &mut HeaderMap = response.headers_mut();
    out.reserve(headers.len());
    for (name, value) in std::mem::take(headers) {
        let name = match &*name {
            // Every answer has these: they need not be read as names.
            "x-amzn-requestid" => Ok(REQUEST_ID),
            "content-type" => Ok(CONTENT_TYPE),
            other => HeaderName::try_from(other),
        };
        if let (Ok(name), Ok(value)) = (name, HeaderValue::try_from(value)) {
            out.insert(name, value);
        }
    }
    response
}

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

/// An answer on its way out.
struct Sent(Vec<u8>);

impl AsRef<[u8]> for Sent {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Sent {
    fn drop(&mut self) {
        wire::wipe(std::mem::take(&mut self.0));
    }
}

/// A JSON answer of our own.
pub fn json(status: StatusCode, body: &str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::copy_from_slice(body.as_bytes())));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
