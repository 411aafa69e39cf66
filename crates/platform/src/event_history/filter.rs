//! Which values the events of a stretch of the journal have: a Bloom filter over all of them.

use std::collections::HashSet;

use super::HistoryKey;

/// So many bits for a value, and so many of them set, let one in a hundred and twenty absent
/// values through.
const BITS: usize = 10;
const PROBES: u64 = 7;

/// Stands for a value in a scope.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Mark(u64);

impl Mark {
    /// The value of an attribute, or without one any event, in an account and Region.
    pub(super) fn new(account: &str, region: &str, attribute: Option<(HistoryKey, &str)>) -> Self {
        Scope::new(account, region).mark(attribute)
    }
}

/// An account and Region, for the marks of many values.
#[derive(Clone, Copy)]
pub(super) struct Scope(Hash);

impl Scope {
    pub(super) fn new(account: &str, region: &str) -> Self {
        let mut hash = Hash::new();
        for text in [account, region] {
            hash.write_text(text);
        }
        Self(hash)
    }

    /// The value of an attribute, or without one any event.
    pub(super) fn mark(self, attribute: Option<(HistoryKey, &str)>) -> Mark {
        let (kind, value) = attribute.map_or((0, ""), |(key, value)| (1 + key as u8, value));
        let mut hash = self.0;
        hash.write_text(value);
        hash.write(&[kind]);
        Mark(hash.finish())
    }
}

/// 16 bits of a hash; 0 stands for nothing alone.
pub(super) fn short(text: Option<&str>) -> u16 {
    let Some(text) = text else {
        return 0;
    };
    let mut hash = Hash::new();
    hash.write(text.as_bytes());
    u16::try_from(hash.finish() >> 48)
        .unwrap_or_default()
        .max(1)
}

/// Marks that may be there, as bits.
#[derive(Clone)]
pub(super) struct Filter(Vec<u8>);

impl Filter {
    pub(super) fn of(marks: &HashSet<Mark>) -> Self {
        let bytes = (marks.len() * BITS).div_ceil(8).max(8);
        let mut filter = Self(vec![0; bytes]);
        for mark in marks {
            for bit in filter.probes(*mark) {
                if let Some(byte) = filter.0.get_mut(bit / 8) {
                    *byte |= 1 << (bit % 8);
                }
            }
        }
        filter
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// False only if the mark is not there.
    pub(super) fn may_have(&self, mark: Mark) -> bool {
        let is_set = |bit: usize| {
            let byte = self.0.get(bit / 8);
            byte.is_some_and(|byte| byte & (1 << (bit % 8)) != 0)
        };
        self.probes(mark).into_iter().all(is_set)
    }

    fn probes(&self, mark: Mark) -> impl IntoIterator<Item = usize> + use<> {
        let bits = (self.0.len() as u64 * 8).max(1);
        let step = mark.0.rotate_left(32) | 1;
        (0..PROBES).map(move |probe| {
            let at = mark.0.wrapping_add(probe.wrapping_mul(step)) % bits;
            usize::try_from(at).unwrap_or_default()
        })
    }
}

/// FNV-1a with the last steps of MurmurHash3. It is written to disk, so it never changes; and it
/// decides nothing: what it lets through is compared.
#[derive(Clone, Copy)]
struct Hash(u64);

impl Hash {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn write_text(&mut self, text: &str) {
        self.write(text.as_bytes());
        // No byte of UTF-8.
        self.write(&[0xFF]);
    }

    fn finish(self) -> u64 {
        let mut hash = self.0;
        hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
        hash ^ (hash >> 33)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(n: usize) -> Mark {
        let value = format!("value {n}");
        Mark::new(
            "111122223333",
            "eu-west-1",
            Some((HistoryKey::EventId, &value)),
        )
    }

    #[test]
    fn what_is_there_passes_and_little_else() {
        let marks: HashSet<_> = (0..10_000).map(mark).collect();
        let filter = Filter::from_bytes(Filter::of(&marks).bytes());
        assert!(marks.iter().all(|mark| filter.may_have(*mark)));
        let passed = (10_000..30_000).filter(|n| filter.may_have(mark(*n)));
        let passed = passed.count();
        assert!(passed < 300, "{passed}");
        assert!(!Filter::of(&HashSet::new()).may_have(mark(1)));
    }

    /// Indexes are on disk: other hashes would find nothing in them.
    #[test]
    fn the_hash_is_what_it_was() {
        assert_eq!(short(Some("alice")), 13_575);
        assert_eq!(short(None), 0);
        let mark = Mark::new("1", "r", Some((HistoryKey::EventName, "Decrypt")));
        assert_eq!(mark.0, 0x235e_2823_4143_ae96);
    }
}
