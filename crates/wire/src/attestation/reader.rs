//! CBOR (RFC 8949) as attestation documents use it: lengths in their shortest form, and texts and
//! bytes in one piece. Arrays and maps may be open; the map of a document often is.

use std::ops::RangeInclusive;

/// One item; of arrays, maps and tags the head alone, with how many items follow.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Item<'a> {
    Unsigned(u64),
    Bytes(&'a [u8]),
    Text(&'a str),
    Array(Count),
    Map(Count),
    Tag(u64),
    Null,
}

/// How many items, or entries, are left; unknown where a break ends them.
pub(super) type Count = Option<u64>;

/// What ends an open array or map.
const BREAK: u8 = 0xFF;

pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next item, if it is of a sort that documents have.
    pub(super) fn item(&mut self) -> Option<Item<'a>> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        match first {
            0x9F => return Some(Item::Array(None)),
            0xBF => return Some(Item::Map(None)),
            0xF6 => return Some(Item::Null),
            _ => {}
        }
        let argument = self.argument(first & 0x1F)?;
        Some(match first >> 5 {
            0 => Item::Unsigned(argument),
            2 => Item::Bytes(self.take(argument)?),
            3 => Item::Text(str::from_utf8(self.take(argument)?).ok()?),
            4 => Item::Array(Some(argument)),
            5 => Item::Map(Some(argument)),
            6 => Item::Tag(argument),
            _ => return None,
        })
    }

    /// Whether another item, or entry, of an array or map comes next.
    pub(super) fn more(&mut self, left: &mut Count) -> bool {
        match left {
            Some(0) => return false,
            Some(count) => *count -= 1,
            None => {
                if let Some((&BREAK, rest)) = self.rest.split_first() {
                    (self.rest, *left) = (rest, Some(0));
                    return false;
                }
            }
        }
        true
    }

    pub(super) fn unsigned(&mut self) -> Option<u64> {
        match self.item()? {
            Item::Unsigned(value) => Some(value),
            _ => None,
        }
    }

    pub(super) fn text(&mut self) -> Option<&'a str> {
        match self.item()? {
            Item::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn bytes(&mut self, lengths: RangeInclusive<usize>) -> Option<&'a [u8]> {
        self.optional(lengths)?
    }

    /// Bytes, or the null that an absent field is written as.
    pub(super) fn optional(&mut self, lengths: RangeInclusive<usize>) -> Option<Option<&'a [u8]>> {
        match self.item()? {
            Item::Null => Some(None),
            Item::Bytes(bytes) if lengths.contains(&bytes.len()) => Some(Some(bytes)),
            _ => None,
        }
    }

    /// The number behind the first byte of an item (RFC 8949, section 3). A longer form than the
    /// number needs, and an open length, are none.
    fn argument(&mut self, short: u8) -> Option<u64> {
        let length = match short {
            0..24 => return Some(u64::from(short)),
            24..28 => 1_usize << (short - 24),
            _ => return None,
        };
        let (bytes, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        let read = |number, byte: &u8| (number << 8) | u64::from(*byte);
        let number = bytes.iter().fold(0_u64, read);
        let least = match length {
            1 => 24,
            _ => 1 << (length * 4),
        };
        (number >= least).then_some(number)
    }

    fn take(&mut self, length: u64) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(usize::try_from(length).ok()?)?;
        self.rest = rest;
        Some(taken)
    }
}

/// Writes the head of a byte string of less than 65536 bytes.
pub(super) fn write_bytes_head(out: &mut Vec<u8>, length: usize) {
    let [.., high, low] = length.to_be_bytes();
    match length {
        0..24 => out.push(0x40 | low),
        24..256 => out.extend_from_slice(&[0x58, low]),
        _ => out.extend_from_slice(&[0x59, high, low]),
    }
}
