//! The agent: secrets and parameters for programs on the same machine, from a cache in memory, over
//! HTTP, as the AWS Secrets Manager Agent and the AWS Parameters and Secrets Lambda Extension give
//! them (README of aws-secretsmanager-agent; "Use Secrets Manager secrets in Lambda functions").
//!
//! What it never does: answer anybody without the token but `/ping`, listen anywhere but on a loopback
//! address, keep an error, or write a value to a log or a disk.

mod answers;
mod cache;
pub mod config;
mod query;
mod question;
pub mod token;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ::http::header::{CONTENT_TYPE, HOST, HeaderValue};
use ::http::{Method, Request, Response, StatusCode};
use bytes::Bytes;
use crypto::Secret;
use http_body_util::Full;
use hyper::body::Incoming;
use platform::Stopwatch;

pub use self::answers::Sources;
use self::answers::{Problem, Value};
use self::cache::Cache;
use self::config::Config;
use self::question::{Asked, Question};
use crate::listen;

/// How many more requests are answered that only ask whether the agent is there.
const PINGS: usize = 2;

/// Answers everything on the agent's port.
pub struct Agent {
    config: Config,
    token: Secret<String>,
    sources: Sources,
    cache: Cache,
    clock: Stopwatch,
    running: AtomicUsize,
}

/// What is said instead of a value.
#[derive(Debug, PartialEq, Eq)]
struct Refusal(StatusCode, String);

impl Agent {
    /// An agent that asks `sources`.
    pub fn new(config: Config, token: Secret<String>, sources: Sources) -> Self {
        let cache = Cache::new(config.cache_size, config.ttl_seconds);
        Self {
            config,
            token,
            sources,
            cache,
            clock: Stopwatch::start(),
            running: AtomicUsize::new(0),
        }
    }

    async fn respond(&self, request: &Request<Incoming>, running: usize) -> Response<Full<Bytes>> {
        let is_ping = request.uri().path() == "/ping";
        let most = self.config.max_conn + if is_ping { PINGS } else { 0 };
        let asked = match running > most {
            true => Err(refuse(
                StatusCode::TOO_MANY_REQUESTS,
                "Connection limit exceeded",
            )),
            false => self.asked(request),
        };
        match asked {
            Ok(Asked::Ping) => text(StatusCode::OK, "healthy"),
            Ok(Asked::Value(question, refresh)) => match self.value(&question, refresh).await {
                Ok(value) => json(StatusCode::OK, Bytes::from_owner(Sent(value))),
                Err(problem) => {
                    tracing::warn!(problem = %problem.code, status = problem.status, "a value could not be had");
                    let status = StatusCode::from_u16(problem.status);
                    let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                    json(status, problem.body().into())
                }
            },
            Err(Refusal(status, said)) => {
                tracing::warn!(%status, said, "a request is refused");
                text(status, &said)
            }
        }
    }

    /// What a request asks for, if it may ask at all.
    fn asked(&self, request: &Request<Incoming>) -> Result<Asked, Refusal> {
        let path = request.uri().path();
        if path != "/ping" {
            self.admit(request)?;
        }
        if request.method() != Method::GET {
            return Err(refuse(StatusCode::METHOD_NOT_ALLOWED, "Not allowed"));
        }
        let query = request.uri().query().unwrap_or_default();
        question::parse((path, query), &self.config.path_prefix)
    }

    /// Nobody is answered whom a program was made to call for: such requests are forwarded, come under
    /// another name, and know no token.
    fn admit<B>(&self, request: &Request<B>) -> Result<(), Refusal> {
        let headers = request.headers();
        if headers.contains_key("x-forwarded-for") || headers.contains_key("forwarded") {
            return Err(refuse(StatusCode::BAD_REQUEST, "Forwarded"));
        }
        // HTTP/2 names the host in the URI.
        let named = request
            .uri()
            .authority()
            .map(|host| host.as_str().as_bytes());
        let mut hosts = headers.get_all(HOST).iter().map(HeaderValue::as_bytes);
        if !named.is_none_or(is_local) || !hosts.all(is_local) {
            return Err(refuse(StatusCode::FORBIDDEN, "Bad Host"));
        }
        let mut shown = self
            .config
            .ssrf_headers
            .iter()
            .filter_map(|name| headers.get(name));
        match shown.any(|token| self.token.ct_eq(token.as_bytes())) {
            true => Ok(()),
            false => Err(refuse(StatusCode::FORBIDDEN, "Bad Token")),
        }
    }

    async fn value(&self, question: &Question, refresh: bool) -> Result<Arc<Value>, Problem> {
        let ask = || self.sources.ask(question);
        let seconds = || self.clock.seconds();
        let found = self.cache.value(question, refresh, seconds, ask).await;
        match found {
            Err(problem) if problem.is_transient && !refresh => self.stale(question).ok_or(problem),
            found => found,
        }
    }

    /// What was true last, where the server cannot be asked now.
    fn stale(&self, question: &Question) -> Option<Arc<Value>> {
        if !self.config.ignore_transient_errors {
            return None;
        }
        let found = self.cache.stale(question);
        if found.is_some() {
            tracing::warn!("the server cannot be asked, and an older value is given");
        }
        found
    }
}

impl listen::Answer for Agent {
    async fn answer(
        of: Arc<listen::Conversation<Self>>,
        request: Request<Incoming>,
    ) -> listen::Answered {
        let place = Place::take(&of.running);
        Ok(of.respond(&request, place.number).await)
    }
}

/// A request that runs; however it ends, it stops counting.
struct Place<'a> {
    running: &'a AtomicUsize,
    number: usize,
}

impl<'a> Place<'a> {
    fn take(running: &'a AtomicUsize) -> Self {
        let number = running.fetch_add(1, Ordering::Relaxed) + 1;
        Self { running, number }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.running.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A value on its way out; it is wiped when neither this nor the cache holds it any more.
struct Sent(Arc<Value>);

impl AsRef<[u8]> for Sent {
    fn as_ref(&self) -> &[u8] {
        self.0.as_ref().as_ref()
    }
}

/// Whether a request comes under a name of this machine. A page in a browser comes under its own,
/// wherever that leads.
fn is_local(host: &[u8]) -> bool {
    let host = str::from_utf8(host).unwrap_or_default();
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let address: Option<std::net::IpAddr> = name.parse().ok();
    let is_loopback = address.is_some_and(|address| address.is_loopback());
    is_loopback || name.eq_ignore_ascii_case("localhost")
}

fn refuse(status: StatusCode, said: impl Into<String>) -> Refusal {
    Refusal(status, said.into())
}

fn text(status: StatusCode, said: &str) -> Response<Full<Bytes>> {
    let body = Bytes::copy_from_slice(said.as_bytes());
    respond(status, body, "text/plain; charset=utf-8")
}

fn json(status: StatusCode, body: Bytes) -> Response<Full<Bytes>> {
    respond(status, body, "application/json")
}

fn respond(status: StatusCode, body: Bytes, kind: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static(kind);
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::Client;

    fn agent() -> Agent {
        let endpoint = || "http://127.0.0.1:1".parse().unwrap();
        let client = || Client::new(endpoint(), "us-east-1".to_owned()).unwrap();
        let sources = Sources {
            secrets: client(),
            parameters: client(),
        };
        let token = Secret::new("token".to_owned());
        Agent::new(Config::parse("").unwrap(), token, sources)
    }

    #[test]
    fn requests_are_admitted_by_their_token_from_this_machine_alone() {
        let (agent, shown) = (agent(), ("x-aws-parameters-secrets-token", "token"));
        let check = |uri: &str, headers: &[(&str, &str)], expected: Result<(), &str>| {
            let mut request = Request::get(uri);
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            let admitted = agent.admit(&request.body(()).unwrap());
            let found = admitted.map_err(|Refusal(_, said)| said);
            assert_eq!(found, expected.map_err(str::to_owned), "{uri} {headers:?}");
        };
        let here = ("host", "localhost:2773");
        check("/", &[here, shown], Ok(()));
        check("/", &[here, ("X-Vault-Token", "token")], Ok(()));
        check("http://127.0.0.1:2773/", &[shown], Ok(()));
        check("/", &[here], Err("Bad Token"));
        check("/", &[here, (shown.0, "tokem")], Err("Bad Token"));
        check("/", &[here, ("authorization", "token")], Err("Bad Token"));
        check("/", &[("host", "example.com"), shown], Err("Bad Host"));
        check(
            "/",
            &[here, ("host", "example.com"), shown],
            Err("Bad Host"),
        );
        check("http://example.com/", &[shown], Err("Bad Host"));
        check(
            "/",
            &[here, shown, ("x-forwarded-for", "127.0.0.1")],
            Err("Forwarded"),
        );
        check(
            "/",
            &[here, shown, ("forwarded", "for=127.0.0.1")],
            Err("Forwarded"),
        );
    }

    #[test]
    fn only_names_of_this_machine_are_local() {
        for host in [
            "localhost",
            "LOCALHOST:2773",
            "127.0.0.1:2773",
            "127.1.2.3",
            "[::1]:2773",
        ] {
            assert!(is_local(host.as_bytes()), "{host}");
        }
        for host in [
            "",
            "example.com",
            "localhost.example.com",
            "10.0.0.1:2773",
            "[::2]",
            "::1",
        ] {
            assert!(!is_local(host.as_bytes()), "{host}");
        }
        assert!(!is_local(&[0xff]));
    }
}
