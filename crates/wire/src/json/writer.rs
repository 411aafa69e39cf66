//! Writing JSON text directly: answers, and the events of the journal.

use std::fmt::Write as _;

use zeroize::Zeroizing;

use crate::buffer::Buffer;
use crate::coercion;
use crate::value::Timestamp;

use super::plain::{self, needs_escape};

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
        self.quoted(key.as_bytes(), *b"\":", plain::copy);
        self.needs_comma = false;
    }

    /// The same of a key that a table or the program spells out: a word, in which nothing needs an
    /// escape.
    pub fn name(&mut self, name: &'static str) {
        debug_assert!(!name.bytes().any(needs_escape), "{name}");
        let copy = |room: &mut [u8], text: &[u8]| {
            plain::copy_known(room, text);
            true
        };
        self.quoted(name.as_bytes(), *b"\":", copy);
        self.needs_comma = false;
    }

    /// The same with a small first letter: `keyId` of `KeyId`.
    pub fn uncapitalized(&mut self, name: &'static str) {
        debug_assert!(!name.bytes().any(needs_escape), "{name}");
        let copy = |room: &mut [u8], text: &[u8]| {
            room.copy_from_slice(text);
            if let Some(first) = room.first_mut() {
                first.make_ascii_lowercase();
            }
            true
        };
        self.quoted(name.as_bytes(), *b"\":", copy);
        self.needs_comma = false;
    }

    /// A text.
    pub fn string(&mut self, text: &str) {
        self.quoted(text.as_bytes(), *b"\"", plain::copy);
    }

    /// One text of these pieces, which a table or the program spells out: nothing in them needs an
    /// escape.
    pub fn joined(&mut self, pieces: &[&'static str]) {
        let mut bytes = pieces.iter().flat_map(|piece| piece.bytes());
        debug_assert!(!bytes.any(needs_escape), "{pieces:?}");
        self.before();
        self.out.push(b'"');
        for piece in pieces {
            self.out.extend(piece.as_bytes());
        }
        self.out.push(b'"');
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
        self.raw_bytes(json.as_bytes());
    }

    /// The same from bytes, which a writer has written.
    pub fn raw_bytes(&mut self, json: &[u8]) {
        self.before();
        self.out.extend(json);
    }

    /// A run of JSON text that is always the same, with its own commas: it begins where a key or a
    /// value may come, and ends behind a value, or where a value or the first of an object's or
    /// array's comes next.
    #[inline]
    pub fn run(&mut self, json: &'static str) {
        self.before();
        self.out.extend(json.as_bytes());
        self.needs_comma = !matches!(json.as_bytes(), [.., b':' | b'{' | b'[']);
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

    /// `text` between quotation marks, the second of which begins `tail`. Most texts need no
    /// escape: `copy` finds that out as it copies them.
    #[inline]
    fn quoted<const TAIL: usize>(
        &mut self,
        text: &[u8],
        tail: [u8; TAIL],
        copy: impl Fn(&mut [u8], &[u8]) -> bool,
    ) {
        let commas = usize::from(self.needs_comma);
        self.needs_comma = true;
        let room = self.out.room(commas + 1 + text.len() + TAIL);
        // What stands first is a comma, unless the quotation mark takes its place.
        if let Some(comma) = room.first_mut() {
            *comma = b',';
        }
        let Some([quote, room @ ..]) = room.get_mut(commas..) else {
            return;
        };
        *quote = b'"';
        let Some((room, end)) = room.split_last_chunk_mut() else {
            return;
        };
        *end = tail;
        if !copy(room, text) {
            self.out.retract(text.len() + TAIL);
            self.escaped(text);
            self.out.extend(&tail);
        }
    }

    /// Runs of bytes that stand for themselves are copied as a whole.
    #[cold]
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn texts_read_back(text in ".{0,40}") {
            let mut out = Writer::new();
            out.string(&text);
            let read: String = serde_json::from_slice(&out.finish()).unwrap();
            prop_assert_eq!(read, text);
        }
    }

    #[test]
    fn runs_stand_among_keys_and_values() {
        let mut out = Writer::new();
        out.begin_object();
        out.run(r#""a":1,"b":{"c":"#);
        out.joined(&["d", "", "d"]);
        out.key("e");
        out.run("[");
        out.run("2,3");
        out.null();
        out.end_array();
        out.run(r#""f":true"#);
        out.end_object();
        out.key("g");
        out.boolean(false);
        out.end_object();
        let expected = br#"{"a":1,"b":{"c":"dd","e":[2,3,null],"f":true},"g":false}"#;
        assert_eq!(&**out.finish(), expected);
    }

    #[test]
    fn names_stand_as_they_are() {
        let mut out = Writer::new();
        out.begin_object();
        out.name("KeyId");
        out.null();
        out.uncapitalized("KeyId");
        out.null();
        out.uncapitalized("a");
        out.null();
        out.uncapitalized("");
        out.null();
        out.key("a\"b");
        out.string("\\");
        out.end_object();
        let text = r#"{"KeyId":null,"keyId":null,"a":null,"":null,"a\"b":"\\"}"#;
        assert_eq!(*out.finish(), text.as_bytes());
    }
}
