//! Packets of the tabular data stream: eight bytes of header each, some of them a message.

use zeroize::Zeroizing;

use crate::bytes::{LONGEST_MESSAGE, MOST_MESSAGES, read, read_array, write};
use crate::failure::Failure;
use crate::network::Stream;

/// How long a packet's header is.
pub(super) const HEADER: usize = 8;
/// How long a packet is that everybody takes, header included.
const LONGEST_PACKET: usize = 4096;
/// Marks the last packet of a message.
const LAST: u8 = 1;

/// What a message of a client is.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// A batch of statements.
    Batch = 0x01,
    /// `LOGIN7`.
    Login = 0x10,
    /// `PRELOGIN`, and the handshake of TLS.
    Prelogin = 0x12,
}

/// What a message of a server is.
const ANSWER: u8 = 0x04;

/// A connection.
pub(super) struct Packets {
    stream: Box<dyn Stream>,
}

impl Packets {
    pub(super) fn over(stream: Box<dyn Stream>) -> Self {
        Self { stream }
    }

    pub(super) async fn send(&mut self, kind: Kind, message: &[u8]) -> Result<(), Failure> {
        send(&mut *self.stream, kind, message).await
    }

    pub(super) async fn receive(&mut self) -> Result<Vec<u8>, Failure> {
        receive(&mut *self.stream).await
    }
}

/// Sends one message.
pub(super) async fn send(
    stream: &mut dyn Stream,
    kind: Kind,
    message: &[u8],
) -> Result<(), Failure> {
    if message.len() > LONGEST_MESSAGE {
        return Err(Failure::Login("the statement is too long".to_owned()));
    }
    let mut sent = Zeroizing::new(Vec::new());
    let mut parts = message.chunks(LONGEST_PACKET - HEADER).peekable();
    let mut number = 1;
    while let Some(part) = parts.next() {
        let header = header(kind, part.len(), parts.peek().is_none(), number);
        sent.extend_from_slice(&header);
        sent.extend_from_slice(part);
        number = number.wrapping_add(1);
    }
    write(stream, sent).await
}

/// A packet's header.
pub(super) fn header(kind: Kind, length: usize, last: bool, number: u8) -> [u8; HEADER] {
    let length = u16::try_from(length + HEADER).unwrap_or(u16::MAX);
    let [high, low] = length.to_be_bytes();
    [
        kind as u8,
        u8::from(last) * LAST,
        high,
        low,
        0,
        0,
        number,
        0,
    ]
}

/// Receives one message.
pub(super) async fn receive(stream: &mut dyn Stream) -> Result<Vec<u8>, Failure> {
    let mut message = Vec::new();
    for _ in 0..MOST_MESSAGES {
        let [kind, status, high, low, ..]: [u8; HEADER] = read_array(stream).await?;
        let length = usize::from(u16::from_be_bytes([high, low]));
        let length = length.checked_sub(HEADER).ok_or(Failure::Garbled)?;
        if kind != ANSWER || message.len() + length > LONGEST_MESSAGE {
            return Err(Failure::Garbled);
        }
        message.extend(read(stream, length).await?);
        if status & LAST != 0 {
            return Ok(message);
        }
    }
    Err(Failure::Garbled)
}
