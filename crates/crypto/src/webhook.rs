//! Keys that messages to webhooks are signed with (the Standard Webhooks specification, version 1).

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// What marks a key in base64.
const PREFIX: &str = "whsec_";
/// The shortest key, in bytes.
const SHORTEST: usize = 24;

/// A key of HMAC-SHA256.
pub struct WebhookKey(hmac::Key);

impl WebhookKey {
    /// The key that `text` is, or that it holds after `whsec_` in base64. None where that is shorter
    /// than 24 bytes, or no base64.
    pub fn parse(text: &str) -> Option<Self> {
        let key = Zeroizing::new(match text.strip_prefix(PREFIX) {
            Some(encoded) => STANDARD.decode(encoded).ok()?,
            None => text.as_bytes().to_vec(),
        });
        let is_long_enough = key.len() >= SHORTEST;
        is_long_enough.then(|| Self(hmac::Key::new(hmac::HMAC_SHA256, &key)))
    }

    /// The value of `webhook-signature` for a message with these values of `webhook-id` and
    /// `webhook-timestamp`: `v1,` and base64.
    pub fn sign(&self, id: &str, timestamp: &str, body: &[u8]) -> String {
        let mut context = hmac::Context::with_key(&self.0);
        for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
            context.update(part);
        }
        format!("v1,{}", STANDARD.encode(context.sign()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_those_of_standard_webhooks() {
        // The example of the specification's libraries.
        let key = WebhookKey::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").expect("a key");
        let signed = key.sign(
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "1614265330",
            br#"{"test": 2432232314}"#,
        );
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn keys_are_texts_or_base64_and_long_enough() {
        let sign = |text: &str| WebhookKey::parse(text).map(|key| key.sign("a", "1", b""));
        let text = "a text of 24 bytes, just";
        let encoded = format!("whsec_{}", STANDARD.encode(text));
        assert!(sign(text).is_some());
        assert_eq!(sign(text), sign(&encoded));
        for wrong in [
            "",
            "a text of 23 bytes,just",
            "whsec_",
            "whsec_AAAA",
            "whsec_no base64 at all, though it is long",
        ] {
            assert!(sign(wrong).is_none(), "{wrong}");
        }
    }
}
