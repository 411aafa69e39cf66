//! Where answers are written: bytes that are wiped, those of outgrown blocks too.

use std::fmt;

use base64_simd::{AsOut as _, STANDARD};
use zeroize::Zeroizing;

use crate::wipe::wipe;

/// The least capacity a buffer grows to.
const LEAST: usize = 256;

/// Bytes under construction that may hold secrets.
///
/// A `Vec` that grows leaves its old block behind as it was; this moves to a larger block itself
/// and wipes the one it leaves.
#[derive(Default)]
pub struct Buffer {
    /// What was written, and room behind it: pieces of a text are put in their places at once.
    bytes: Vec<u8>,
    /// How much was written. INVARIANT: at most `bytes.len()`.
    length: usize,
}

impl Buffer {
    /// A buffer that takes `capacity` bytes before it has to move. Blocks are powers of two: of
    /// what is larger than 1 KiB, these the allocator gives out and takes back with less ado.
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            bytes: vec![0; capacity.next_power_of_two()],
            length: 0,
        }
    }

    /// What was written so far.
    pub fn as_slice(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    /// The bytes, which go on being wiped when dropped.
    pub fn into_bytes(mut self) -> Zeroizing<Vec<u8>> {
        self.bytes.truncate(self.length);
        Zeroizing::new(std::mem::take(&mut self.bytes))
    }

    /// Appends `count` bytes, which are the caller's to fill.
    #[inline]
    pub(crate) fn room(&mut self, count: usize) -> &mut [u8] {
        if self.bytes.len() - self.length < count {
            self.grow(count);
        }
        let start = self.length;
        self.length += count;
        self.bytes.get_mut(start..self.length).unwrap_or_default()
    }

    /// Takes back the last `count` bytes.
    pub(crate) fn retract(&mut self, count: usize) {
        self.length = self.length.saturating_sub(count);
    }

    /// Appends one byte.
    #[inline]
    pub fn push(&mut self, byte: u8) {
        if let [slot] = self.room(1) {
            *slot = byte;
        }
    }

    /// Appends bytes.
    #[inline]
    pub fn extend(&mut self, bytes: &[u8]) {
        self.room(bytes.len()).copy_from_slice(bytes);
    }

    /// Appends `bytes` in base64 with padding.
    pub fn extend_base64(&mut self, bytes: &[u8]) {
        let length = bytes.len().div_ceil(3).saturating_mul(4);
        // The room has exactly the length that the encoding takes.
        let _ = STANDARD.encode(bytes, self.room(length).as_out());
    }

    #[cold]
    fn grow(&mut self, more: usize) {
        let needed = self.length.saturating_add(more);
        let doubled = self.bytes.len().saturating_mul(2);
        let mut larger = vec![0; needed.max(doubled).max(LEAST)];
        if let Some(room) = larger.get_mut(..self.length) {
            room.copy_from_slice(self.as_slice());
        }
        wipe(std::mem::replace(&mut self.bytes, larger));
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        wipe(std::mem::take(&mut self.bytes));
    }
}

impl fmt::Write for Buffer {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.extend(text.as_bytes());
        Ok(())
    }
}

impl minicbor::encode::Write for Buffer {
    type Error = std::convert::Infallible;

    fn write_all(&mut self, bytes: &[u8]) -> Result<(), Self::Error> {
        self.extend(bytes);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growing_keeps_the_content() {
        let mut buffer = Buffer::default();
        let mut expected = Vec::new();
        for n in 0..5000_u32 {
            buffer.push(n.to_le_bytes()[0]);
            buffer.extend(&n.to_be_bytes());
            expected.push(n.to_le_bytes()[0]);
            expected.extend_from_slice(&n.to_be_bytes());
        }
        assert_eq!(buffer.as_slice(), expected);
    }

    #[test]
    fn base64_of_every_remainder() {
        for (bytes, expected) in [
            (&b""[..], ""),
            (b"f", "Zg=="),
            (b"fo", "Zm8="),
            (b"foo", "Zm9v"),
            (b"\xff\xfe\xfd\xfc", "//79/A=="),
        ] {
            let mut buffer = Buffer::default();
            buffer.push(b'"');
            buffer.extend_base64(bytes);
            assert_eq!(buffer.as_slice(), format!("\"{expected}").as_bytes());
        }
    }
}
