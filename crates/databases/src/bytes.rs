//! Bytes of a server: bounded before they are read, taken apart without trust.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::network::Stream;

/// How long one message of a server may be, in bytes.
pub(crate) const LONGEST_MESSAGE: usize = 256 * 1024;
/// How many messages, or rows, may answer one request.
pub(crate) const MOST_MESSAGES: usize = 4096;

/// Reads `length` bytes.
pub(crate) async fn read(stream: &mut dyn Stream, length: usize) -> Result<Vec<u8>, Failure> {
    if length > LONGEST_MESSAGE {
        return Err(Failure::Garbled);
    }
    let mut bytes = vec![0; length];
    let read = stream.read_exact(&mut bytes).await;
    read.map_err(|_| Failure::Unreachable)?;
    Ok(bytes)
}

/// Reads an array.
pub(crate) async fn read_array<const N: usize>(
    stream: &mut dyn Stream,
) -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    let read = stream.read_exact(&mut bytes).await;
    read.map_err(|_| Failure::Unreachable)?;
    Ok(bytes)
}

/// Sends all of `bytes`, which may hold a password.
pub(crate) async fn write(
    stream: &mut dyn Stream,
    bytes: Zeroizing<Vec<u8>>,
) -> Result<(), Failure> {
    let written = async {
        stream.write_all(&bytes).await?;
        stream.flush().await
    };
    written.await.map_err(|_| Failure::Unreachable)
}

/// What is left of a message.
#[derive(Clone, Copy)]
pub(crate) struct Rest<'a>(pub(crate) &'a [u8]);

impl<'a> Rest<'a> {
    /// The next `length` bytes.
    pub(crate) fn take(&mut self, length: usize) -> Result<&'a [u8], Failure> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Failure::Garbled)?;
        self.0 = rest;
        Ok(taken)
    }

    /// The next bytes, as an array.
    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Failure> {
        self.take(N)?.try_into().map_err(|_| Failure::Garbled)
    }

    /// The next byte.
    pub(crate) fn byte(&mut self) -> Result<u8, Failure> {
        Ok(u8::from_le_bytes(self.array()?))
    }

    /// The bytes up to the next zero, which is taken and left out.
    pub(crate) fn until_zero(&mut self) -> Result<&'a [u8], Failure> {
        let end = self.0.iter().position(|byte| *byte == 0);
        let text = self.take(end.ok_or(Failure::Garbled)?)?;
        self.take(1)?;
        Ok(text)
    }

    /// Whether nothing is left.
    pub(crate) fn is_empty(self) -> bool {
        self.0.is_empty()
    }
}

/// Bytes as a text.
pub(crate) fn text(bytes: &[u8]) -> Result<String, Failure> {
    String::from_utf8(bytes.to_vec()).map_err(|_| Failure::Garbled)
}
