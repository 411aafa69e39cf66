//! What can be stored, and how formats change.

use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use crate::key::Key;

/// A type that can be stored: one type, one table.
///
/// Encoded with postcard, which depends on the order of fields. To change a record, keep the old
/// type under another name, implement [`OldFormat`] for it and [`Migrate`] for the new one, raise
/// [`FORMAT`](Self::FORMAT), and let [`decode_older`](Self::decode_older) call
/// [`Migrate::decode_previous`]. Old formats decode for ever.
pub trait Record: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The table's name, unique among all services, for example `kms.keys`.
    const TABLE: &'static str;
    /// The service whose key seals the records, for example `kms`.
    const SERVICE: &'static str;
    /// The format that is written, from 1.
    const FORMAT: u8 = 1;

    /// Whether the decoded record is kept for the next reader. Not where records are large and each
    /// is read but now and then: they would fill the memory and push out everybody else's.
    const CACHED: bool = true;

    /// Decodes a record that an older version of the program wrote.
    fn decode_older(format: u8, _bytes: &[u8]) -> Result<Self, DecodeError> {
        Err(DecodeError::UnknownFormat { format })
    }
}

/// A format that is read but no longer written.
pub trait OldFormat: DeserializeOwned {
    /// The number under which it was written.
    const FORMAT: u8;

    /// Decodes what is older still.
    fn decode_older(format: u8, _bytes: &[u8]) -> Result<Self, DecodeError> {
        Err(DecodeError::UnknownFormat { format })
    }
}

/// The step from one format to the next.
pub trait Migrate: Sized {
    /// The format before this one.
    type Previous: OldFormat;

    /// The same record in this format.
    fn migrate(previous: Self::Previous) -> Self;

    /// Decodes any older format and brings it up to this one.
    fn decode_previous(format: u8, bytes: &[u8]) -> Result<Self, DecodeError> {
        let previous = if format == Self::Previous::FORMAT {
            postcard::from_bytes(bytes).map_err(|_| DecodeError::Malformed)?
        } else {
            Self::Previous::decode_older(format, bytes)?
        };
        Ok(Self::migrate(previous))
    }
}

/// A record that authenticates and cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Written by a newer program.
    #[error("record format {format} is unknown to this version of the program")]
    UnknownFormat {
        /// The format found.
        format: u8,
    },
    /// The bytes do not have the shape that the format says.
    #[error("the record does not have the shape of its format")]
    Malformed,
}

/// Key and record as they are sealed: the clear key, the format, the record.
///
/// Transactions do this by themselves; it is public so that format samples and the fuzzer can.
pub fn encode<R: Record>(key: &Key, record: &R) -> Result<Zeroizing<Vec<u8>>, DecodeError> {
    // Sized first, so that no growing buffer leaves copies of secrets behind.
    let size = postcard::experimental::serialized_size(&(key, R::FORMAT, record));
    let mut bytes = Zeroizing::new(vec![0; size.map_err(|_| DecodeError::Malformed)?]);
    let used = postcard::to_slice(&(key, R::FORMAT, record), &mut bytes)
        .map_err(|_| DecodeError::Malformed)?
        .len();
    bytes.truncate(used);
    Ok(bytes)
}

/// Reads back what [`encode`] wrote, in this or any older format.
pub fn decode<R: Record>(bytes: &[u8]) -> Result<(Key, R), DecodeError> {
    let malformed = |_| DecodeError::Malformed;
    let ((key, format), rest) = postcard::take_from_bytes::<(Key, u8)>(bytes).map_err(malformed)?;
    if format != R::FORMAT {
        return Ok((key, R::decode_older(format, rest)?));
    }
    let (record, rest) = postcard::take_from_bytes(rest).map_err(malformed)?;
    if rest.is_empty() {
        Ok((key, record))
    } else {
        Err(DecodeError::Malformed)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct AliasV1 {
        target: String,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct AliasV2 {
        target: String,
        created: u64,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Alias {
        created: u64,
        targets: Vec<String>,
    }

    impl OldFormat for AliasV1 {
        const FORMAT: u8 = 1;
    }

    impl OldFormat for AliasV2 {
        const FORMAT: u8 = 2;

        fn decode_older(format: u8, bytes: &[u8]) -> Result<Self, DecodeError> {
            Self::decode_previous(format, bytes)
        }
    }

    impl Migrate for AliasV2 {
        type Previous = AliasV1;

        fn migrate(previous: AliasV1) -> Self {
            Self {
                target: previous.target,
                created: 0,
            }
        }
    }

    impl Migrate for Alias {
        type Previous = AliasV2;

        fn migrate(previous: AliasV2) -> Self {
            Self {
                created: previous.created,
                targets: vec![previous.target],
            }
        }
    }

    impl Record for Alias {
        const TABLE: &'static str = "test.aliases";
        const SERVICE: &'static str = "test";
        const FORMAT: u8 = 3;

        fn decode_older(format: u8, bytes: &[u8]) -> Result<Self, DecodeError> {
            Self::decode_previous(format, bytes)
        }
    }

    /// Samples as the formats were written once; they must never change.
    const KEY: &[u8] = b"\x0c111122223333\x00\x01\x01a";
    const V1: &[u8] = b"\x01\x05key-1";
    const V2: &[u8] = b"\x02\x05key-1\x07";
    const V3: &[u8] = b"\x03\x07\x01\x05key-1";

    #[test]
    fn every_format_ever_written_decodes() {
        let key = Key::new("111122223333", "", ["a"]);
        for (sample, created) in [(V1, 0), (V2, 7), (V3, 7)] {
            let expected = Alias {
                created,
                targets: vec!["key-1".to_owned()],
            };
            let decoded = decode::<Alias>(&[KEY, sample].concat()).unwrap();
            assert_eq!(decoded, (key.clone(), expected));
        }
        let now = Alias {
            created: 7,
            targets: vec!["key-1".to_owned()],
        };
        assert_eq!(encode(&key, &now).unwrap()[..], [KEY, V3].concat());
    }

    #[test]
    fn unknown_formats_and_trailing_bytes_are_errors() {
        let newer = decode::<Alias>(&[KEY, b"\x04\x00"].concat());
        assert_eq!(newer, Err(DecodeError::UnknownFormat { format: 4 }));
        let trailing = decode::<Alias>(&[KEY, V3, b"\x00"].concat());
        assert_eq!(trailing, Err(DecodeError::Malformed));
        assert_eq!(decode::<Alias>(b"\x0c11"), Err(DecodeError::Malformed));
    }
}
