//! Primary keys, in clear and as they stand on disk.

use crypto::IndexKey;
use serde::{Deserialize, Serialize};

/// Length of one opaque segment of a key on disk.
pub(crate) const SEGMENT_LEN: usize = 16;

/// The primary key of a record within its table.
///
/// A key with fewer parts is a prefix of all keys that begin with the same account, region and
/// parts; prefixes work on whole parts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Key {
    /// The owning account, or empty for what belongs to the installation.
    pub account: String,
    /// The Region, or empty for what is global.
    pub region: String,
    /// The rest, from general to specific.
    pub parts: Vec<String>,
}

impl Key {
    /// A key of these parts.
    pub fn new<P: Into<String>>(
        account: impl Into<String>,
        region: impl Into<String>,
        parts: impl IntoIterator<Item = P>,
    ) -> Self {
        let parts = parts.into_iter().map(Into::into).collect();
        Self {
            account: account.into(),
            region: region.into(),
            parts,
        }
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
    let mut index = Vec::with_capacity(SEGMENT_LEN * (3 + key.parts.len()));
    let parts = key.parts.iter().map(String::as_str);
    for part in [table, &key.account, &key.region].into_iter().chain(parts) {
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
        longer.account == prefix.account
            && longer.region == prefix.region
            && longer.parts.starts_with(&prefix.parts)
    }

    fn keys() -> impl Strategy<Value = Key> {
        let parts = prop::collection::vec("[ab]{0,2}", 0..4);
        ("[12]{0,2}", "[xy]{0,1}", parts).prop_map(|(account, region, parts)| Key {
            account,
            region,
            parts,
        })
    }

    proptest! {
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
