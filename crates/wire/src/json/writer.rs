//! Writing JSON text directly: answers, and the events of the journal.

use std::fmt::Write as _;

use zeroize::Zeroizing;

use crate::buffer::Buffer;
use crate::coercion;
use crate::value::Timestamp;

/// Writes one JSON value, front to back.
///
/// Commas are put where they belong. That begins and ends match, and that an object alternates
/// keys and values, is up to the caller. What was written is wiped when dropped.
pub struct Writer {
    out: Buffer,
    needs_comma: bool,
}

impl Default for Writer {
    fn default() -> Self {
        Self::new()
    }
}

impl Writer {
    /// Nothing written yet.
    pub fn new() -> Self {
        Self::with_capacity(512)
    }

    /// Nothing written yet, and room for `capacity` bytes: growing wipes what it leaves behind.
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            out: Buffer::with_capacity(capacity),
            needs_comma: false,
        }
    }

    /// The text.
    pub fn finish(self) -> Zeroizing<Vec<u8>> {
        self.out.into_bytes()
    }

    /// `{`
    pub fn begin_object(&mut self) {
        self.begin(b'{');
    }

    /// `}`
    pub fn end_object(&mut self) {
        self.end(b'}');
    }

    /// `[`
    pub fn begin_array(&mut self) {
        self.begin(b'[');
    }

    /// `]`
    pub fn end_array(&mut self) {
        self.end(b']');
    }

    /// The key of the value that comes next.
    pub fn key(&mut self, key: &str) {
        self.before();
        self.quoted(key);
        self.out.push(b':');
        self.needs_comma = false;
    }

    /// A text.
    pub fn string(&mut self, text: &str) {
        self.before();
        self.quoted(text);
    }

    /// A whole number.
    pub fn integer(&mut self, number: i64) {
        self.before();
        let _ = write!(self.out, "{number}");
    }

    /// A 64-bit number; those that JSON cannot write become the texts `NaN` and `Infinity`.
    pub fn double(&mut self, number: f64) {
        match coercion::special_double_text(number) {
            Some(text) => self.string(text),
            None => {
                self.before();
                let _ = write!(self.out, "{number:?}");
            }
        }
    }

    /// A 32-bit number, in the digits that tell it from its 32-bit neighbours.
    pub fn float(&mut self, number: f64) {
        #[expect(clippy::cast_possible_truncation, reason = "the shape has 32 bits")]
        let short = number as f32;
        match coercion::special_double_text(f64::from(short)) {
            Some(text) => self.string(text),
            None => {
                self.before();
                let _ = write!(self.out, "{short:?}");
            }
        }
    }

    /// `true` or `false`
    pub fn boolean(&mut self, value: bool) {
        self.before();
        self.out.extend(if value { b"true" } else { b"false" });
    }

    /// `null`
    pub fn null(&mut self) {
        self.before();
        self.out.extend(b"null");
    }

    /// Bytes as a text in base64.
    pub fn base64(&mut self, bytes: &[u8]) {
        self.before();
        self.out.push(b'"');
        self.out.extend_base64(bytes);
        self.out.push(b'"');
    }

    /// A time as the number of seconds since the epoch, with up to three decimals.
    pub fn timestamp(&mut self, time: Timestamp) {
        self.before();
        self.out.extend(time.epoch_seconds().as_bytes());
    }

    /// A value that is JSON text already.
    pub fn raw(&mut self, json: &str) {
        self.before();
        self.out.extend(json.as_bytes());
    }

    fn begin(&mut self, bracket: u8) {
        self.before();
        self.out.push(bracket);
        self.needs_comma = false;
    }

    fn end(&mut self, bracket: u8) {
        self.out.push(bracket);
        self.needs_comma = true;
    }

    #[inline]
    fn before(&mut self) {
        if self.needs_comma {
            self.out.push(b',');
        }
        self.needs_comma = true;
    }

    /// Most texts need no escape: that is found out eight bytes at a time, and they are copied as
    /// a whole.
    fn quoted(&mut self, text: &str) {
        let bytes = text.as_bytes();
        if any_needs_escape(bytes) {
            self.out.push(b'"');
            self.escaped(bytes);
            self.out.push(b'"');
        } else {
            self.out.extend_quoted(bytes);
        }
    }

    /// Runs of bytes that stand for themselves are copied as a whole.
    fn escaped(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while let Some(at) = rest.iter().position(|byte| needs_escape(*byte)) {
            let (plain, from) = rest.split_at(at);
            self.out.extend(plain);
            let Some((byte, after)) = from.split_first() else {
                break;
            };
            self.escape(*byte);
            rest = after;
        }
        self.out.extend(rest);
    }

    fn escape(&mut self, byte: u8) {
        match byte {
            b'"' => self.out.extend(b"\\\""),
            b'\\' => self.out.extend(b"\\\\"),
            b'\n' => self.out.extend(b"\\n"),
            b'\r' => self.out.extend(b"\\r"),
            b'\t' => self.out.extend(b"\\t"),
            0x08 => self.out.extend(b"\\b"),
            0x0c => self.out.extend(b"\\f"),
            other => {
                let _ = write!(self.out, "\\u{other:04x}");
            }
        }
    }
}

#[inline]
fn needs_escape(byte: u8) -> bool {
    (byte < 0x20) | (byte == b'"') | (byte == b'\\')
}

/// Whether any of `bytes` needs an escape.
#[inline]
fn any_needs_escape(bytes: &[u8]) -> bool {
    let Some(last) = bytes.last_chunk::<8>() else {
        return bytes.iter().any(|byte| needs_escape(*byte));
    };
    let (words, _) = bytes.as_chunks::<8>();
    // The last word overlaps the one before it.
    let mut words = words.iter().chain(std::iter::once(last));
    words.any(|word| has_escape(u64::from_le_bytes(*word)))
}

/// Whether any of the eight bytes of `word` needs an escape: the highest bit of a byte is set where
/// subtracting borrowed from it and it was not set before ("Bit Twiddling Hacks", "Determine if a
/// word has a byte less than n").
#[inline]
fn has_escape(word: u64) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let less = |word: u64, n: u64| word.wrapping_sub(ONES * n) & !word;
    let quote = word ^ (ONES * 0x22);
    let backslash = word ^ (ONES * 0x5C);
    (less(word, 0x20) | less(quote, 1) | less(backslash, 1)) & (ONES * 0x80) != 0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn escapes_are_found_wherever_they_are(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let known = bytes.iter().any(|byte| needs_escape(*byte));
            prop_assert_eq!(any_needs_escape(&bytes), known);
        }

        #[test]
        fn texts_read_back(text in ".{0,40}") {
            let mut out = Writer::new();
            out.string(&text);
            let read: String = serde_json::from_slice(&out.finish()).unwrap();
            prop_assert_eq!(read, text);
        }
    }

    #[test]
    fn every_byte_in_every_place_of_a_word() {
        for place in 0..8 {
            for byte in 0..=u8::MAX {
                let mut word = [b'a'; 8];
                word[place] = byte;
                assert_eq!(
                    any_needs_escape(&word),
                    needs_escape(byte),
                    "{byte} at {place}"
                );
            }
        }
    }
}
