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
    write_hex(&mut text, bytes);
    String::from_utf8(text).unwrap_or_default()
}

/// Lower-case hexadecimal digits of a SHA-256 digest.
pub(super) fn digest_hex(digest: &[u8]) -> [u8; 64] {
    let mut text = [0; 64];
    write_hex(&mut text, digest);
    text
}

fn write_hex(text: &mut [u8], bytes: &[u8]) {
    for ([high, low], byte) in text.as_chunks_mut::<2>().0.iter_mut().zip(bytes) {
        *high = lower(byte >> 4);
        *low = lower(byte & 15);
    }
}

/// The bytes that lower-case hexadecimal digits stand for. Upper case is refused: a signature
/// has one spelling.
pub(super) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let mut bytes = vec![0; text.len() / 2];
    read_hex(&mut bytes, text.as_bytes()).then_some(bytes)
}

/// The same for 32 bytes, as many as a SHA-256 digest has.
pub(super) fn digest_from_hex(text: &str) -> Option<[u8; 32]> {
    let digits: &[u8; 64] = text.as_bytes().try_into().ok()?;
    let mut bytes = [0; 32];
    read_hex(&mut bytes, digits).then_some(bytes)
}

/// Fills `bytes` from twice as many digits. False if they are not as many, or if one is no digit,
/// which is asked once, behind the last.
#[inline]
fn read_hex(bytes: &mut [u8], text: &[u8]) -> bool {
    let (pairs, []) = text.as_chunks::<2>() else {
        return false;
    };
    let mut none = 0;
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        let (high, low) = (nibble(*high), nibble(*low));
        none |= high | low;
        *byte = high << 4 | low & 15;
    }
    bytes.len() == pairs.len() && none < 16
}

/// The value of a lower-case digit, or 16 or more, without a branch.
#[inline]
fn nibble(byte: u8) -> u8 {
    let (digit, letter) = (byte.wrapping_sub(b'0'), byte.wrapping_sub(b'a'));
    let letter = if letter < 6 { letter + 10 } else { 0xFF };
    if digit < 10 { digit } else { letter }
}

#[inline]
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
    fn every_pair_of_bytes_is_two_digits_or_none() {
        for high in 0..=u8::MAX {
            for low in 0..=u8::MAX {
                let expected = lower_digit(high).zip(lower_digit(low));
                let expected = expected.map(|(high, low)| high << 4 | low);
                let mut found = [0];
                let is_hex = read_hex(&mut found, &[high, low]);
                assert_eq!(is_hex.then_some(found[0]), expected, "{high} {low}");
            }
        }
    }

    #[test]
    fn digests_are_of_one_length() {
        let digest: [u8; 32] = std::array::from_fn(|place| u8::try_from(place * 8).unwrap());
        let text = hex(&digest);
        assert_eq!(digest_hex(&digest), text.as_bytes());
        assert_eq!(digest_from_hex(&text), Some(digest));
        for refused in [
            "",
            &text[..62],
            &text[1..],
            &format!("{text}00"),
            &text.to_uppercase(),
        ] {
            assert_eq!(digest_from_hex(refused), None, "{refused}");
        }
        let last_is_none = format!("{}g", &text[..63]);
        assert_eq!(digest_from_hex(&last_is_none), None);
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
