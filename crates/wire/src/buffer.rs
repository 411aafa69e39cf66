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
    bytes: Vec<u8>,
}

impl Buffer {
    /// A buffer that takes `capacity` bytes before it has to move.
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(capacity),
        }
    }

    /// What was written so far.
    pub fn as_slice(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes, which go on being wiped when dropped.
    pub fn into_bytes(mut self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(std::mem::take(&mut self.bytes))
    }

    /// Appends one byte.
    #[inline]
    pub fn push(&mut self, byte: u8) {
        self.reserve(1);
        self.bytes.push(byte);
    }

    /// Appends bytes.
    #[inline]
    pub fn extend(&mut self, bytes: &[u8]) {
        self.reserve(bytes.len());
        self.bytes.extend_from_slice(bytes);
    }

    /// Appends bytes between quotation marks.
    #[inline]
    pub fn extend_quoted(&mut self, bytes: &[u8]) {
        self.reserve(bytes.len() + 2);
        self.bytes.push(b'"');
        self.bytes.extend_from_slice(bytes);
        self.bytes.push(b'"');
    }

    /// Appends `bytes` in base64 with padding.
    pub fn extend_base64(&mut self, bytes: &[u8]) {
        let length = bytes.len().div_ceil(3).saturating_mul(4);
        self.reserve(length);
        let start = self.bytes.len();
        self.bytes.resize(start.saturating_add(length), 0);
        let Some(tail) = self.bytes.get_mut(start..) else {
            return;
        };
        // The tail has exactly the length that the encoding takes.
        let _ = STANDARD.encode(bytes, tail.as_out());
    }

    #[inline]
    fn reserve(&mut self, more: usize) {
        if self.bytes.capacity() - self.bytes.len() < more {
            self.grow(more);
        }
    }

    #[cold]
    fn grow(&mut self, more: usize) {
        let needed = self.bytes.len().saturating_add(more);
        let doubled = self.bytes.capacity().saturating_mul(2);
        let mut larger = Vec::with_capacity(needed.max(doubled).max(LEAST));
        larger.extend_from_slice(&self.bytes);
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
