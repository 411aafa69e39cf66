//! PEM (RFC 7468): blocks of base64 between two lines that name what they are.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// One block.
pub struct Block {
    /// What it says it is, for example `CERTIFICATE`.
    pub label: String,
    /// The bytes.
    pub der: Zeroizing<Vec<u8>>,
}

/// The text is not PEM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotPem;

/// All blocks of a text, in order. Text outside of blocks is ignored, as RFC 7468 asks for.
pub fn blocks(text: &str) -> Result<Vec<Block>, NotPem> {
    let mut blocks = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("-----BEGIN ") {
        let (label, body) = after.split_once("-----").ok_or(NotPem)?;
        let end = format!("-----END {label}-----");
        let (body, after) = body.split_once(&end).ok_or(NotPem)?;
        // Headers (RFC 1421) come with encrypted keys alone, which nobody here could open.
        let mut digits = Zeroizing::new(String::with_capacity(body.len()));
        digits.extend(body.chars().filter(|char| !char.is_ascii_whitespace()));
        let der = decoded(&digits).ok_or(NotPem)?;
        blocks.push(Block {
            label: label.to_owned(),
            der: Zeroizing::new(der),
        });
        rest = after;
    }
    if blocks.is_empty() {
        return Err(NotPem);
    }
    Ok(blocks)
}

/// Bytes as PEM, in lines of 64 characters.
pub fn encoded(label: &str, der: &[u8]) -> String {
    let digits = base64(der);
    let mut text = format!("-----BEGIN {label}-----\n");
    let mut rest = digits.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(64));
        text.push_str(line);
        text.push('\n');
        rest = after;
    }
    text.push_str("-----END ");
    text.push_str(label);
    text.push_str("-----");
    text
}

/// Bytes in base64 (RFC 4648, section 4).
pub fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// The bytes behind base64, which has neither spaces nor line ends.
pub fn decoded(digits: &str) -> Option<Vec<u8>> {
    STANDARD.decode(digits).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(one in prop::collection::vec(any::<u8>(), 0..200), two: [u8; 3]) {
            let text = format!("first\n{}\n\n{}", encoded("A KEY", &one), encoded("B", &two));
            let read = blocks(&text).unwrap();
            prop_assert_eq!(read.len(), 2);
            prop_assert_eq!((&read[0].label[..], &read[0].der[..]), ("A KEY", &one[..]));
            prop_assert_eq!((&read[1].label[..], &read[1].der[..]), ("B", &two[..]));
            prop_assert!(text.lines().all(|line| line.len() <= 64));
        }

        #[test]
        fn no_text_is_too_strange(text in ".{0,200}") {
            let _ = blocks(&text);
            let _ = blocks(&format!("-----BEGIN A-----{text}"));
        }
    }

    #[test]
    fn what_has_no_end_or_no_digits_is_refused() {
        for text in [
            "",
            "x",
            "-----BEGIN A-----\nAAAA",
            "-----BEGIN A-----\n!\n-----END A-----",
            "-----BEGIN A-----\nAAAA\n-----END B-----",
        ] {
            assert!(blocks(text).is_err(), "{text}");
        }
    }
}
