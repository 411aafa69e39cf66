//! Percent-encoding as signatures want it, and hexadecimal digits.

/// The bytes of `text` with percent-escapes resolved. A `%` without two digits stands for itself.
pub(super) fn percent_decoded(text: &str, plus: Plus) -> PercentDecoded<'_> {
    PercentDecoded {
        rest: text.as_bytes(),
        plus,
    }
}

/// What `+` stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Plus {
    /// A space, as in a query.
    Space,
    /// Itself, as in a path.
    Literal,
}

pub(super) struct PercentDecoded<'a> {
    rest: &'a [u8],
    plus: Plus,
}

impl Iterator for PercentDecoded<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        if let [b'%', high, low, rest @ ..] = self.rest
            && let (Some(high), Some(low)) = (digit(*high), digit(*low))
        {
            self.rest = rest;
            return Some(high << 4 | low);
        }
        let (byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        if *byte == b'+' && self.plus == Plus::Space {
            return Some(b' ');
        }
        Some(*byte)
    }
}

/// Appends `byte`, escaped unless RFC 3986 calls it unreserved.
pub(super) fn push_encoded(out: &mut Vec<u8>, byte: u8) {
    if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
        out.push(byte);
    } else {
        out.extend([b'%', upper(byte >> 4), upper(byte & 15)]);
    }
}

/// Lower-case hexadecimal digits of `bytes`.
pub(super) fn hex(bytes: &[u8]) -> String {
    let mut text = vec![0; bytes.len() * 2];
    for ([high, low], byte) in text.as_chunks_mut::<2>().0.iter_mut().zip(bytes) {
        *high = lower(byte >> 4);
        *low = lower(byte & 15);
    }
    String::from_utf8(text).unwrap_or_default()
}

/// The bytes that lower-case hexadecimal digits stand for. Upper case is refused: a signature
/// has one spelling.
pub(super) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
        return None;
    };
    let mut bytes = Vec::with_capacity(pairs.len());
    for [high, low] in pairs {
        bytes.push(lower_digit(*high)? << 4 | lower_digit(*low)?);
    }
    Some(bytes)
}

fn lower(nibble: u8) -> u8 {
    nibble + if nibble < 10 { b'0' } else { b'a' - 10 }
}

fn upper(nibble: u8) -> u8 {
    if nibble < 10 {
        b'0' + nibble
    } else {
        b'A' + (nibble - 10)
    }
}

fn digit(byte: u8) -> Option<u8> {
    lower_digit(byte.to_ascii_lowercase())
}

fn lower_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &str, plus: Plus) -> Vec<u8> {
        percent_decoded(text, plus).collect()
    }

    #[test]
    fn escapes_resolve_and_broken_ones_stay() {
        assert_eq!(decoded("a%2Fb%e1", Plus::Literal), b"a/b\xe1");
        assert_eq!(decoded("%", Plus::Literal), b"%");
        assert_eq!(decoded("%4", Plus::Literal), b"%4");
        assert_eq!(decoded("%zz%%41", Plus::Literal), b"%zz%A");
        assert_eq!(decoded("a+b", Plus::Space), b"a b");
        assert_eq!(decoded("a+b", Plus::Literal), b"a+b");
        assert_eq!(decoded("%2B", Plus::Space), b"+");
    }

    #[test]
    fn only_unreserved_bytes_stay_plain() {
        let mut plain = Vec::new();
        for byte in 0..=u8::MAX {
            let mut out = Vec::new();
            push_encoded(&mut out, byte);
            if out == [byte] {
                plain.push(byte);
            } else {
                assert_eq!(out, format!("%{byte:02X}").as_bytes());
            }
        }
        let unreserved = b"-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~";
        assert_eq!(plain, unreserved);
    }

    #[test]
    fn hexadecimal_has_one_spelling() {
        assert_eq!(hex(&[0x00, 0x9a, 0xff]), "009aff");
        assert_eq!(from_hex("009aff"), Some(vec![0x00, 0x9a, 0xff]));
        for refused in ["009aF0", "00 ", "0", "0g", "+1"] {
            assert_eq!(from_hex(refused), None, "{refused}");
        }
    }
}
