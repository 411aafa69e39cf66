//! Packets: three bytes of length, one that counts, and the payload.

use zeroize::Zeroizing;

use crate::bytes::{LONGEST_MESSAGE, Rest, read, read_array, text, write};
use crate::failure::Failure;
use crate::network::{Network, Stream};

/// A connection, and the number of the next packet.
pub(super) struct Packets {
    stream: Box<dyn Stream>,
    number: u8,
}

impl Packets {
    pub(super) fn over(stream: Box<dyn Stream>) -> Self {
        Self { stream, number: 0 }
    }

    /// The same conversation, through TLS from here on.
    pub(super) async fn secured(self, network: &dyn Network, host: &str) -> Result<Self, Failure> {
        Ok(Self {
            stream: network.secure(host, self.stream).await?,
            number: self.number,
        })
    }

    /// Begins a command, which starts to count anew.
    pub(super) fn begin(&mut self) {
        self.number = 0;
    }

    pub(super) async fn receive(&mut self) -> Result<Vec<u8>, Failure> {
        let [low, middle, high, number]: [u8; 4] = read_array(&mut *self.stream).await?;
        if number != self.number {
            return Err(Failure::Garbled);
        }
        self.number = number.wrapping_add(1);
        let length = u32::from_le_bytes([low, middle, high, 0]);
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        read(&mut *self.stream, length).await
    }

    pub(super) async fn send(&mut self, payload: &[u8]) -> Result<(), Failure> {
        let length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
        if payload.len() > LONGEST_MESSAGE {
            return Err(Failure::Login("the statement is too long".to_owned()));
        }
        let [low, middle, high, _] = length.to_le_bytes();
        let header = [low, middle, high, self.number];
        self.number = self.number.wrapping_add(1);
        let packet = Zeroizing::new([&header, payload].concat());
        write(&mut *self.stream, packet).await
    }
}

/// An error, by its number. 1045 and 1698 are about who logs in.
pub(super) fn refusal(packet: &[u8]) -> Failure {
    let mut rest = Rest(packet);
    match (rest.byte(), rest.array()) {
        (Ok(0xff), Ok(code)) => match u16::from_le_bytes(code) {
            1045 | 1698 => Failure::Denied,
            code => Failure::rejected(&code.to_string()),
        },
        _ => Failure::Garbled,
    }
}

/// The text of the first column of a row; none if that is null.
pub(super) fn first_text(row: &[u8]) -> Result<Option<String>, Failure> {
    let mut rest = Rest(row);
    let length = match rest.byte()? {
        0xfb => return Ok(None),
        0xfc => usize::from(u16::from_le_bytes(rest.array()?)),
        0xfd => {
            let [low, middle, high] = rest.array()?;
            let length = u32::from_le_bytes([low, middle, high, 0]);
            usize::try_from(length).unwrap_or(usize::MAX)
        }
        0xfe | 0xff => return Err(Failure::Garbled),
        length => usize::from(length),
    };
    text(rest.take(length)?).map(Some)
}
