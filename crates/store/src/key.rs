//! Primary keys, in clear and as they stand on disk.

use std::cmp::Ordering;
use std::fmt;

use crypto::IndexKey;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Length of one opaque segment of a key on disk.
pub(crate) const SEGMENT_LEN: usize = 16;

/// The primary key of a record within its table: the owning account, or nothing for what belongs to
/// the installation; the Region, or nothing for what is global; and parts, from general to specific.
///
/// A key with fewer parts is a prefix of all keys that begin with the same account, region and
/// parts; prefixes work on whole parts.
///
/// Every call makes some keys and compares them with those in memory, so all of it is one block:
/// each piece after its length (4 bytes, little endian). Thus whole pieces are a prefix of another
/// key's bytes just if they are a prefix of its pieces.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Key(Vec<u8>);

/// What keys seldom are longer than.
const USUAL_LEN: usize = 96;
/// Account and Region come before the parts.
const BEFORE_PARTS: usize = 2;

impl Key {
    /// A key of these parts.
    pub fn new<P: AsRef<str>>(
        account: impl AsRef<str>,
        region: impl AsRef<str>,
        parts: impl IntoIterator<Item = P>,
    ) -> Self {
        let mut key = Self(Vec::with_capacity(USUAL_LEN));
        key.push(account.as_ref());
        key.push(region.as_ref());
        for part in parts {
            key.push(part.as_ref());
        }
        key
    }

    /// The key with one part more.
    #[must_use]
    pub fn with(mut self, part: &str) -> Self {
        self.push(part);
        self
    }

    /// The owning account.
    pub fn account(&self) -> &str {
        self.pieces().next().unwrap_or_default()
    }

    /// The Region.
    pub fn region(&self) -> &str {
        self.pieces().nth(1).unwrap_or_default()
    }

    /// The parts, from general to specific.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        self.pieces().skip(BEFORE_PARTS)
    }

    /// All of it, in one spelling.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The key that has these bytes.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }

    /// The bytes of all keys that are prefixes of this one, with itself, the shortest first.
    pub(crate) fn prefixes(&self) -> impl Iterator<Item = &[u8]> {
        let mut end = 0;
        let ends = self.pieces().map(move |piece| {
            end += LENGTH + piece.len();
            end
        });
        let ends = ends.skip(BEFORE_PARTS - 1);
        ends.filter_map(|end| self.0.get(..end))
    }

    fn push(&mut self, piece: &str) {
        // Nothing that is stored is named by four gigabytes.
        let length = u32::try_from(piece.len()).unwrap_or(u32::MAX);
        self.0.extend_from_slice(&length.to_le_bytes());
        self.0.extend_from_slice(piece.as_bytes());
    }

    fn pieces(&self) -> impl Iterator<Item = &str> {
        let mut rest = self.0.as_slice();
        std::iter::from_fn(move || {
            let (length, after) = rest.split_first_chunk::<LENGTH>()?;
            let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
            let (piece, after) = after.split_at_checked(length)?;
            rest = after;
            str::from_utf8(piece).ok()
        })
    }
}

/// The length of a length.
const LENGTH: usize = 4;

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.pieces()).finish()
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        self.pieces().cmp(other.pieces())
    }
}

/// Account, Region and parts, one after the other: what records are sealed with.
impl Serialize for Key {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let parts: Vec<&str> = self.parts().collect();
        (self.account(), self.region(), parts).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (account, region, parts) = <(String, String, Vec<String>)>::deserialize(deserializer)?;
        Ok(Self::new(account, region, parts))
    }
}

/// A record's identity: its table, its clear key, and its opaque key on disk.
#[derive(Debug)]
pub(crate) struct RowId {
    pub(crate) table: &'static str,
    pub(crate) service: &'static str,
    pub(crate) key: Key,
    pub(crate) index: Vec<u8>,
}

/// The opaque key: one segment each for table, account, region and every part.
///
/// Each segment depends on all that stand before it, so that equal parts under different prefixes
/// look unrelated and yet a prefix of the key gives a prefix of the segments.
pub(crate) fn index(names: &IndexKey, table: &str, key: &Key) -> Vec<u8> {
    let mut index = Vec::with_capacity(SEGMENT_LEN * 6);
    for part in std::iter::once(table).chain(key.pieces()) {
        let segment = names.segment(&index, part.as_bytes());
        index.extend_from_slice(&segment);
    }
    index
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::backend::testing::keyring;

    fn starts_with(longer: &Key, prefix: &Key) -> bool {
        let mut longer = longer.pieces();
        prefix.pieces().all(|piece| longer.next() == Some(piece))
    }

    fn keys() -> impl Strategy<Value = Key> {
        let parts = prop::collection::vec("[ab]{0,2}", 0..4);
        ("[12]{0,2}", "[xy]{0,1}", parts)
            .prop_map(|(account, region, parts)| Key::new(account, region, parts))
    }

    proptest! {
        #[test]
        fn a_key_is_made_of_its_pieces(
            account in ".{0,3}", region in ".{0,3}", parts in prop::collection::vec(".{0,3}", 0..4)
        ) {
            let key = Key::new(&account, &region, &parts);
            prop_assert_eq!((key.account(), key.region()), (&*account, &*region));
            prop_assert!(key.parts().eq(parts.iter().map(String::as_str)));
            // As the records on disk have it.
            let bytes = postcard::to_stdvec(&key).unwrap();
            prop_assert_eq!(&bytes, &postcard::to_stdvec(&(&account, &region, &parts)).unwrap());
            prop_assert_eq!(&postcard::from_bytes::<Key>(&bytes).unwrap(), &key);
            let shorter = (0..=parts.len()).map(|end| Key::new(&account, &region, &parts[..end]));
            let shorter: Vec<_> = shorter.collect();
            prop_assert!(key.prefixes().eq(shorter.iter().map(Key::as_bytes)));
            prop_assert_eq!(&Key::new(&account, &region, &parts).with("x"), &{
                let more = parts.iter().map(String::as_str).chain(["x"]);
                Key::new(&account, &region, more)
            });
        }

        #[test]
        fn other_pieces_are_another_key(one in keys(), two in keys()) {
            let pieces = |key: &Key| key.pieces().map(str::to_owned).collect::<Vec<_>>();
            prop_assert_eq!(one == two, pieces(&one) == pieces(&two));
            prop_assert_eq!(one.cmp(&two), pieces(&one).cmp(&pieces(&two)));
        }

        #[test]
        fn prefixes_of_keys_are_prefixes_on_disk(one in keys(), two in keys()) {
            let names = keyring().index_key();
            let (left, right) = (index(&names, "t", &one), index(&names, "t", &two));
            prop_assert_eq!(left.starts_with(&right), starts_with(&one, &two));
            prop_assert_eq!(left == right, one == two);
            prop_assert!(!index(&names, "u", &one).starts_with(&left[..SEGMENT_LEN]));
        }
    }
}
