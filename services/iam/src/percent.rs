//! The form in which IAM shows policy documents: percent-encoded.

use std::fmt::Write as _;

use platform::{Error, Result};

/// RFC 3986: everything but the unreserved characters is encoded.
pub(crate) fn percent_encoded(text: &str) -> Result<String> {
    let mut encoded = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").map_err(Error::internal)?;
        }
    }
    Ok(encoded)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::percent_encoded;

    fn encoded(text: &str) -> String {
        percent_encoded(text).unwrap_or_else(|_| panic!("cannot encode {text}"))
    }

    #[test]
    fn encodes_what_is_reserved() {
        let unreserved = "azAZ09-._~";
        assert_eq!(encoded(unreserved), unreserved);
        assert_eq!(
            encoded("{\"a\": \"*\"}\n"),
            "%7B%22a%22%3A%20%22%2A%22%7D%0A"
        );
        assert_eq!(encoded("a+b/é"), "a%2Bb%2F%C3%A9");
    }

    proptest! {
        #[test]
        fn decoding_gives_the_text_back(text in "\\PC{0,60}") {
            let encoded = encoded(&text);
            let mut bytes = Vec::new();
            let mut rest = encoded.as_bytes();
            while let [first, tail @ ..] = rest {
                let (byte, tail) = match (first, tail) {
                    (b'%', [high, low, tail @ ..]) => {
                        let digits = [*high, *low];
                        let digits = std::str::from_utf8(&digits).unwrap();
                        (u8::from_str_radix(digits, 16).unwrap(), tail)
                    }
                    (plain, tail) => (*plain, tail),
                };
                bytes.push(byte);
                rest = tail;
            }
            prop_assert_eq!(bytes, text.into_bytes());
        }
    }
}
