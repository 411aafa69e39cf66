//! Lower-case hexadecimal, for identifiers and the key file.

/// Writes `bytes` as lower-case hex digits.
pub(crate) fn encode(bytes: &[u8], out: &mut String) {
    let mut digits = vec![0; bytes.len() * 2];
    for (pair, byte) in digits.as_chunks_mut::<2>().0.iter_mut().zip(bytes) {
        *pair = [byte >> 4, byte & 15].map(digit);
    }
    out.push_str(str::from_utf8(&digits).unwrap_or_default());
}

fn digit(nibble: u8) -> u8 {
    nibble + if nibble < 10 { b'0' } else { b'a' - 10 }
}

/// Reads exactly `2 * N` lower-case hex digits.
pub(crate) fn decode<const N: usize>(digits: &[u8]) -> Option<[u8; N]> {
    if digits.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        for digit in pair {
            *byte = *byte << 4 | nibble(*digit)?;
        }
    }
    Some(bytes)
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip_is_strict() {
        let mut text = String::new();
        encode(&[0x00, 0x9f, 0xa0, 0xff], &mut text);
        assert_eq!(text, "009fa0ff");
        assert_eq!(decode::<4>(text.as_bytes()), Some([0x00, 0x9f, 0xa0, 0xff]));
        assert_eq!(decode::<3>(text.as_bytes()), None);
        assert_eq!(decode::<4>(b"009FA0FF"), None);
        assert_eq!(decode::<1>(b"g0"), None);
    }
}
