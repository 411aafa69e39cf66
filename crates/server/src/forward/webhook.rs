//! Batches posted to a URL, signed as the Standard Webhooks specification says, so that receivers
//! can verify them with its libraries.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crypto::{SecretBytes, hmac_sha256};
use platform::OutboundRequest;
use wire::Timestamp;

use super::batch::Batch;
use super::destination::{HttpWay, Refusal};
use crate::settings::WebhookSettings;

/// A receiver of webhooks.
pub(super) struct Webhook {
    url: String,
    secret: Arc<SecretBytes>,
    way: HttpWay,
}

impl Webhook {
    /// The receiver that the settings name.
    pub(super) fn new(settings: &WebhookSettings, way: HttpWay) -> Self {
        Self {
            url: settings.url.clone(),
            secret: Arc::clone(&settings.secret),
            way,
        }
    }

    /// Posts a batch.
    pub(super) async fn send(&self, batch: &Batch, now: Timestamp) -> Result<(), Refusal> {
        let (first, last) = (
            batch.first().unwrap_or_default(),
            batch.last().unwrap_or_default(),
        );
        let (id, time) = (
            format!("audit-{first}-{last}"),
            (now.millis / 1000).to_string(),
        );
        let body = body(batch);
        let signature = sign(self.secret.expose(), [&id, &time], &body);
        let request = OutboundRequest::new("POST", &self.url, body)
            .header("content-type", "application/json")
            .header("webhook-id", &id)
            .header("webhook-timestamp", &time)
            .header("webhook-signature", &signature);
        self.way.send(request).await.map(|_| ())
    }
}

/// The events as a JSON array.
fn body(batch: &Batch) -> Vec<u8> {
    let mut body = vec![b'['];
    for (position, entry) in batch.entries().iter().enumerate() {
        if position > 0 {
            body.push(b',');
        }
        body.extend_from_slice(&entry.payload);
    }
    body.push(b']');
    body
}

/// `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`.
fn sign(secret: &[u8], [id, time]: [&str; 2], body: &[u8]) -> String {
    let parts = [id.as_bytes(), b".", time.as_bytes(), b".", body];
    format!("v1,{}", STANDARD.encode(hmac_sha256(secret, &parts)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_those_of_standard_webhooks() {
        // The example of the specification's libraries.
        let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let signed = sign(
            &secret.expect("base64"),
            ["msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330"],
            br#"{"test": 2432232314}"#,
        );
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn bodies_are_arrays_of_events() {
        assert_eq!(body(&Batch::of(&[(1, "{}")])), b"[{}]");
        assert_eq!(body(&Batch::of(&[(1, "{}"), (2, "[]")])), b"[{},[]]");
    }
}
