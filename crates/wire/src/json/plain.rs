//! Copying text and looking for what needs an escape in JSON, in one pass.
//!
//! Every call writes some fifty texts, most of them short: they are taken in pieces that the
//! processor has registers for, the last piece along with some of what stands before it.

/// Whether `byte` must not stand for itself within quotation marks (RFC 8259, section 7).
#[inline]
pub(super) fn needs_escape(byte: u8) -> bool {
    mark(byte) == 0
}

/// Copies `text` to `room`, which is as long. False if any of it needs an escape.
#[inline]
pub(super) fn copy(room: &mut [u8], text: &[u8]) -> bool {
    match text.len() {
        0..4 => copy_few(room, text),
        4..8 => {
            let (first, last) = copy_ends::<4>(room, text);
            let (first, last) = (u32::from_le_bytes(first), u32::from_le_bytes(last));
            escapes(u64::from(first) | u64::from(last) << 32) & HIGHEST == 0
        }
        8..=16 => {
            let (first, last) = copy_ends::<8>(room, text);
            let (first, last) = (u64::from_le_bytes(first), u64::from_le_bytes(last));
            (escapes(first) | escapes(last)) & HIGHEST == 0
        }
        17..=32 => {
            let (first, last) = copy_ends::<16>(room, text);
            is_plain(&first) & is_plain(&last)
        }
        _ => copy_many(room, text),
    }
}

/// Copies a text of which it is known that nothing in it needs an escape.
#[inline]
pub(super) fn copy_known(room: &mut [u8], text: &[u8]) {
    match text.len() {
        0..4 => {
            copy_few(room, text);
        }
        4..8 => {
            copy_ends::<4>(room, text);
        }
        8..=16 => {
            copy_ends::<8>(room, text);
        }
        17..=32 => {
            copy_ends::<16>(room, text);
        }
        _ => room.copy_from_slice(text),
    }
}

/// More than 32 bytes. It has a frame of its own, which shorter texts then need not set up.
#[inline(never)]
fn copy_many(room: &mut [u8], text: &[u8]) -> bool {
    room.copy_from_slice(text);
    let last = text.last_chunk().is_none_or(is_plain);
    last & text.as_chunks().0.iter().all(is_plain)
}

/// Up to three bytes.
#[inline]
fn copy_few(room: &mut [u8], text: &[u8]) -> bool {
    let mut least = u8::MAX;
    if let ([to, ..], [from, ..]) = (&mut *room, text) {
        (*to, least) = (*from, mark(*from));
    }
    if let ([_, to, ..], [_, from, ..]) = (&mut *room, text) {
        (*to, least) = (*from, mark(*from).min(least));
    }
    if let ([_, _, to], [_, _, from]) = (room, text) {
        (*to, least) = (*from, mark(*from).min(least));
    }
    least != 0
}

/// From `N` to twice `N` bytes: the first `N` and the last.
#[inline]
fn copy_ends<const N: usize>(room: &mut [u8], text: &[u8]) -> ([u8; N], [u8; N]) {
    let first = text.first_chunk().copied().unwrap_or([0; N]);
    let last = text.last_chunk().copied().unwrap_or([0; N]);
    if let Some(to) = room.first_chunk_mut() {
        *to = first;
    }
    if let Some(to) = room.last_chunk_mut() {
        *to = last;
    }
    (first, last)
}

/// Zero where `byte` needs an escape: it is a quotation mark, a backslash, or less than a space.
#[inline]
fn mark(byte: u8) -> u8 {
    (byte ^ b'"').min(byte ^ b'\\').min(byte & 0xE0)
}

/// Whether none of sixteen bytes needs an escape. Written so, and with no way out in between, it
/// becomes a few vector instructions.
#[inline]
fn is_plain(bytes: &[u8; 16]) -> bool {
    let zeros = bytes.map(|byte| if mark(byte) == 0 { 0xFF } else { 0 });
    zeros == [0_u8; 16]
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHEST: u64 = ONES * 0x80;

/// Whether any of the eight bytes of `word` needs an escape: the highest bit of a byte is set where
/// subtracting borrowed from it and it was not set before ("Bit Twiddling Hacks", "Determine if a
/// word has a byte less than n"). What other bits say means nothing.
#[inline]
fn escapes(word: u64) -> u64 {
    let low = word.wrapping_sub(ONES * 0x20);
    let quotes = (word ^ (ONES * 0x22)).wrapping_sub(ONES);
    let backslashes = (word ^ (ONES * 0x5C)).wrapping_sub(ONES);
    // Quotation marks and backslashes have the highest bit of what they are compared to.
    (low | quotes | backslashes) & !word
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// RFC 8259, section 7, as it says it.
    fn must_be_escaped(byte: u8) -> bool {
        matches!(byte, 0..=0x1F | b'"' | b'\\')
    }

    fn check(text: &[u8]) {
        let mut room = vec![0xAA; text.len()];
        let plain = copy(&mut room, text);
        assert_eq!(plain, !text.iter().any(|byte| must_be_escaped(*byte)));
        assert_eq!(room, text);
        room.fill(0xAA);
        copy_known(&mut room, text);
        assert_eq!(room, text);
    }

    #[test]
    fn every_byte_needs_what_the_standard_says() {
        for byte in 0..=u8::MAX {
            assert_eq!(needs_escape(byte), must_be_escaped(byte), "{byte}");
        }
    }

    #[test]
    fn every_byte_in_every_place_of_every_length() {
        for length in 0..=70 {
            let mut text = vec![b'a'; length];
            check(&text);
            for place in 0..length {
                for byte in [
                    0, 0x1F, 0x20, 0x21, b'"', b'#', b'[', b'\\', b']', 0x7F, 0x80, 0xFF,
                ] {
                    text[place] = byte;
                    check(&text);
                }
                text[place] = b'a';
            }
        }
    }

    proptest! {
        #[test]
        fn any_bytes(text in prop::collection::vec(any::<u8>(), 0..100)) {
            check(&text);
        }

        #[test]
        fn any_text(text in "[ -~é]{0,60}") {
            check(text.as_bytes());
        }
    }
}
