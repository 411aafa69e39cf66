//! The admin listener: metrics and probes. It serves no AWS call and changes nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ::http::header::{CONTENT_TYPE, HeaderValue};
use ::http::{Method, StatusCode};
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::{Request, Response};
use platform::{DeliveryRunner, Upkeep};
use store::Store;

use crate::http::json;
use crate::listen::{Answer, Answered, Conversation};
use crate::metrics::Metrics;

/// Answers everything on the admin port.
pub struct Admin {
    /// The numbers.
    pub metrics: Arc<Metrics>,
    /// Ready while the store takes writes.
    pub store: Store,
    /// Reads what metric filters have counted.
    pub upkeep: Upkeep,
    /// Knows what became of deliveries.
    pub deliveries: DeliveryRunner,
    /// How many segments of the journal were found damaged. The server goes on: what it writes is
    /// sound, and what was written is evidence.
    pub damaged: Arc<AtomicU64>,
}

/// The most metrics of metric filters that are shown: accounts make as many as they like.
const MOST_LOGGED: usize = 1000;

impl Answer for Admin {
    async fn answer(of: Arc<Conversation<Self>>, request: Request<Incoming>) -> Answered {
        Ok(of.respond(&request).await)
    }
}

impl Admin {
    async fn respond(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        if !matches!(request.method(), &Method::GET | &Method::HEAD) {
            return json(StatusCode::METHOD_NOT_ALLOWED, r#"{"error":"only GET"}"#);
        }
        match request.uri().path() {
            "/metrics" => self.metrics().await,
            "/livez" => json(StatusCode::OK, r#"{"status":"ok"}"#),
            "/readyz" | "/healthz" if self.store.has_failed() => {
                json(StatusCode::SERVICE_UNAVAILABLE, r#"{"status":"failed"}"#)
            }
            "/readyz" | "/healthz" if self.damaged() > 0 => {
                json(StatusCode::OK, r#"{"status":"ok","journal":"damaged"}"#)
            }
            "/readyz" | "/healthz" => json(StatusCode::OK, r#"{"status":"ok"}"#),
            _ => json(StatusCode::NOT_FOUND, r#"{"error":"no such path"}"#),
        }
    }

    fn damaged(&self) -> u64 {
        self.damaged.load(Ordering::Relaxed)
    }

    async fn metrics(&self) -> Response<Full<Bytes>> {
        match logs::metrics(&self.upkeep, MOST_LOGGED).await {
            Ok(metrics) => self.metrics.show_logged(metrics),
            Err(_) => tracing::error!("what metric filters have counted could not be read"),
        }
        let head = self.store.journal_head().seq;
        match cloudtrail::first_undelivered(&self.upkeep).await {
            Ok(first) => {
                let lag = first.map_or(0, |first| (head + 1).saturating_sub(first));
                self.metrics.show_trail_lag(lag);
            }
            Err(_) => tracing::error!("how far trails are could not be read"),
        }
        let text = self
            .metrics
            .text((head, self.damaged()), self.deliveries.counts());
        let mut response = Response::new(Full::new(Bytes::from(text)));
        let kind =
            HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");
        response.headers_mut().insert(CONTENT_TYPE, kind);
        response
    }
}
