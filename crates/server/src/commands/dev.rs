//! `POST /_strongroom/dev/..`: reset and clock, which exist under `--dev` alone.

use std::sync::Arc;

use ::http::StatusCode;
use bytes::Bytes;
use http_body_util::Full;
use hyper::Response;
use platform::ShiftedClock;
use serde::Deserialize;
use store::Store;
use tokio::sync::Notify;

use crate::http::json;

/// The development endpoints.
pub struct Dev {
    /// The clock to move.
    pub clock: Arc<ShiftedClock>,
    /// Whom to tell that it moved: what is due by the new time is done at once.
    pub moved: Arc<Notify>,
    /// The store to empty.
    pub store: Store,
    /// Makes the account again after a reset.
    pub restore: Restore,
}

/// Brings an empty store into the state of a first start.
pub type Restore = Box<
    dyn Fn() -> std::pin::Pin<Box<dyn Future<Output = Result<(), String>> + Send>> + Send + Sync,
>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_seconds: u32,
}

impl Dev {
    /// Answers one request.
    pub async fn answer(&self, path: &str, body: &[u8]) -> Response<Full<Bytes>> {
        match path {
            "/_strongroom/dev/reset" => self.reset().await,
            "/_strongroom/dev/clock" => self.advance(body),
            _ => json(StatusCode::NOT_FOUND, r#"{"error":"no such path"}"#),
        }
    }

    async fn reset(&self) -> Response<Full<Bytes>> {
        if !self.store.reset() {
            let error = r#"{"error":"the data is on disk; only a server in memory can be reset"}"#;
            return json(StatusCode::CONFLICT, error);
        }
        match (self.restore)().await {
            Ok(()) => json(StatusCode::OK, r#"{"status":"reset"}"#),
            Err(error) => {
                let body = serde_json::json!({ "error": error });
                json(StatusCode::INTERNAL_SERVER_ERROR, &body.to_string())
            }
        }
    }

    fn advance(&self, body: &[u8]) -> Response<Full<Bytes>> {
        match serde_json::from_slice::<Advance>(body) {
            Ok(Advance { advance_seconds }) => {
                let now = self.clock.advance(advance_seconds);
                self.moved.notify_one();
                let body = serde_json::json!({ "now": now.iso8601() });
                json(StatusCode::OK, &body.to_string())
            }
            Err(error) => {
                let text = format!("expected {{\"advance_seconds\": n}}: {error}");
                json(
                    StatusCode::BAD_REQUEST,
                    &serde_json::json!({ "error": text }).to_string(),
                )
            }
        }
    }
}
