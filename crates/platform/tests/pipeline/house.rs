//! Requests that tests put together by hand, and what handlers and tests look at.

use std::net::IpAddr;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
pub(crate) use platform::testing::{ACCOUNT, Harness, REGION, START, key_of, secret_of};
use platform::{BodyError, Ctx, Everything, Pipeline, Result};
use serde::{Deserialize, Serialize};
pub(crate) use serde_json::{Value, json};
use store::{Key, Record};
use wire::sigv4::{Signer, SigningKey, scope_date};

/// The media type of JSON services.
pub(crate) const JSON: &str = "application/x-amz-json-1.1";
/// The media type of query services.
pub(crate) const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";

/// A request. It is signed when it is sent, unless it is anonymous.
pub(crate) struct Request {
    pub(crate) method: &'static str,
    pub(crate) uri: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    pub(crate) who: String,
    pub(crate) region: String,
    pub(crate) service: String,
    pub(crate) peer: Option<IpAddr>,
    pub(crate) tls: Option<platform::TlsSession>,
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) code: Option<&'static str>,
    pub(crate) operation: Option<(&'static str, &'static str)>,
    pub(crate) headers: Vec<(std::borrow::Cow<'static, str>, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) text: String,
}

impl Request {
    pub(crate) fn new(method: &'static str, uri: &str, service: &str, body: &[u8]) -> Self {
        let request = Self {
            method,
            uri: uri.to_owned(),
            headers: HeaderMap::new(),
            body: body.to_vec(),
            who: "root".to_owned(),
            region: REGION.to_owned(),
            service: service.to_owned(),
            peer: None,
            tls: None,
        };
        request.header("host", "localhost")
    }

    /// `operation` of KMS, as root.
    pub(crate) fn kms(operation: &str, input: &Value) -> Self {
        Self::new("POST", "/", "kms", input.to_string().as_bytes())
            .header("content-type", JSON)
            .header("x-amz-target", &format!("TrentService.{operation}"))
    }

    /// A form for STS, as root.
    pub(crate) fn sts(form: &str) -> Self {
        Self::new("POST", "/", "sts", form.as_bytes()).header("content-type", FORM)
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::from_bytes(name.as_bytes()).expect("a name");
        self.headers
            .insert(name, HeaderValue::from_str(value).expect("a value"));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }

    pub(crate) fn by(mut self, who: &str) -> Self {
        self.who = who.to_owned();
        self
    }

    pub(crate) fn from(mut self, peer: &str) -> Self {
        self.peer = Some(peer.parse().expect("an address"));
        self
    }

    pub(crate) fn over(mut self, tls: platform::TlsSession) -> Self {
        self.tls = Some(tls);
        self
    }

    pub(crate) fn signed_for(mut self, region: &str, service: &str) -> Self {
        (self.region, self.service) = (region.to_owned(), service.to_owned());
        self
    }

    pub(crate) async fn send(self, pipeline: &Pipeline) -> Answer {
        let body = Ok(Bytes::from(self.body.clone()));
        self.send_body(pipeline, body).await
    }

    /// Sends the request with something else than the body that was signed.
    pub(crate) async fn send_body(
        mut self,
        pipeline: &Pipeline,
        body: Result<Bytes, BodyError>,
    ) -> Answer {
        if self.who != "anonymous" {
            self.sign();
        }
        let builder = http::Request::builder().method(self.method).uri(&self.uri);
        let (mut parts, ()) = builder.body(()).expect("a request").into_parts();
        parts.headers = self.headers;
        if let Some(tls) = self.tls {
            parts.extensions.insert(tls);
        }
        let served = pipeline
            .serve(&parts, self.peer, false, std::future::ready(body))
            .await;
        Answer {
            status: served.reply.status,
            code: served.code,
            operation: served.operation,
            headers: served.reply.headers.clone(),
            body: served.reply.body.to_vec(),
            text: String::from_utf8_lossy(&served.reply.body).into_owned(),
        }
    }

    /// Sends the request to another path than the one that was signed.
    pub(crate) async fn signed_then_sent_to(mut self, uri: &str, pipeline: &Pipeline) -> Answer {
        self.sign();
        (self.uri, self.who) = (uri.to_owned(), "anonymous".to_owned());
        self.send(pipeline).await
    }

    fn sign(&mut self) {
        let id = key_of(&self.who);
        let key = SigningKey::derive(
            &secret_of(&id),
            &scope_date(START),
            &self.region,
            &self.service,
        );
        let signer = Signer {
            access_key_id: &id,
            key: &key,
            region: &self.region,
            service: &self.service,
            now: START,
        };
        let (path, query) = self.uri.split_once('?').unwrap_or((&self.uri, ""));
        signer.sign(self.method, (path, query), &mut self.headers, &self.body);
    }
}

impl Answer {
    #[track_caller]
    pub(crate) fn is(&self, status: u16, code: &str) {
        let found = (self.status, self.code.unwrap_or_default());
        assert_eq!(found, (status, code), "{}", self.text);
    }

    #[track_caller]
    pub(crate) fn says(&self, status: u16, code: &str, text: &str) {
        self.is(status, code);
        assert!(self.text.contains(text), "`{text}` in {}", self.text);
    }

    #[track_caller]
    pub(crate) fn is_ok(&self) {
        let found = (self.status, self.code);
        assert_eq!(found, (200, None), "{}", self.text);
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// A number that handlers write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Counter {
    pub(crate) count: u64,
}

impl Record for Counter {
    const TABLE: &'static str = "test.counters";
    const SERVICE: &'static str = "test";
}

/// Where the counter called `name` is.
pub(crate) fn place(name: &str) -> Key {
    Key::new(ACCOUNT, "", [name])
}

/// The counter called `name`, as it was committed.
pub(crate) async fn count(pipeline: &Pipeline, name: &str) -> Option<u64> {
    let found = pipeline.store().begin().get::<Counter>(&place(name)).await;
    found.expect("a read").map(|counter| counter.count)
}

/// Adds one to a counter within a call.
pub(crate) async fn increment(ctx: &Ctx, name: &str) -> Result<()> {
    let old = ctx.get::<Counter>(&place(name)).await?;
    let count = old.map_or(0, |counter| counter.count) + 1;
    ctx.put(place(name), Counter { count }).await;
    Ok(())
}

/// Asks whether the caller may perform `action` on `*`.
pub(crate) async fn may(ctx: &Ctx, action: &'static str) -> Result<()> {
    let account = ctx.account().to_owned();
    ctx.authorize(action, Everything { account })
        .decide()
        .await?;
    Ok(())
}

/// Every event on record.
pub(crate) fn events(pipeline: &Pipeline) -> Vec<Value> {
    let texts = event_texts(pipeline).into_iter();
    texts
        .map(|text| serde_json::from_str(&text).expect("JSON"))
        .collect()
}

/// Every event on record, as text.
pub(crate) fn event_texts(pipeline: &Pipeline) -> Vec<String> {
    let mut reader = pipeline.store().journal_reader(1);
    let mut events = Vec::new();
    while let Some(entry) = reader.next().expect("a journal in memory") {
        events.push(String::from_utf8(entry.payload).expect("text"));
    }
    events
}

/// A policy of one statement.
pub(crate) fn policy(statement: &Value) -> String {
    json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string()
}
