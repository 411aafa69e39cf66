//! Paging markers on the wire: opaque bytes as URL-safe text.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The text of a marker.
pub fn encode(marker: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(marker)
}

/// The bytes behind a text that [`encode`] wrote; `None` for any other.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_is_written_is_read_and_nothing_else() {
        assert_eq!(
            super::decode(&super::encode(b"\x00\xffmarker")),
            Some(b"\x00\xffmarker".to_vec())
        );
        for text in ["a b", "a+/b", "=", "\u{e9}"] {
            assert_eq!(super::decode(text), None, "{text}");
        }
    }
}
