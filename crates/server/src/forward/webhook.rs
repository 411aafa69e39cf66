//! Batches posted to a URL, signed as the Standard Webhooks specification says, so that receivers
//! can verify them with its libraries.

use std::sync::Arc;

use crypto::WebhookKey;
use platform::OutboundRequest;
use wire::Timestamp;

use super::batch::Batch;
use super::destination::{HttpWay, Refusal};
use crate::settings::WebhookSettings;

/// A receiver of webhooks.
pub(super) struct Webhook {
    url: String,
    key: Arc<WebhookKey>,
    way: HttpWay,
}

impl Webhook {
    /// The receiver that the settings name.
    pub(super) fn new(settings: &WebhookSettings, way: HttpWay) -> Self {
        Self {
            url: settings.url.clone(),
            key: Arc::clone(&settings.key),
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
        let signature = self.key.sign(&id, &time, &body);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_arrays_of_events() {
        assert_eq!(body(&Batch::of(&[(1, "{}")])), b"[{}]");
        assert_eq!(body(&Batch::of(&[(1, "{}"), (2, "[]")])), b"[{},[]]");
    }
}
