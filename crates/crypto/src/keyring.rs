//! The keyring: the keys that everything on disk is sealed with.

use aws_lc_rs::error::Unspecified;
use zeroize::{Zeroize, Zeroizing};

use crate::aead::AeadKey;
use crate::envelope::SealFailure;
use crate::kdf::KdfKey;
use crate::random::{Random, RandomFailure};
use crate::record::RecordKey;
use crate::secret::Secret;
use crate::segment::SegmentKey;

const FORMAT: u8 = 1;

type Key = Secret<[u8; 32]>;

/// Versioned store keys, and one key each for the index, the journal, session tokens and other
/// purposes. It exists sealed ([`crate::seal`]) or in memory, never in clear bytes elsewhere.
pub struct Keyring {
    newest: (u32, Key),
    older: Vec<(u32, Key)>,
    index: Key,
    journal: Key,
    session: Key,
    purposes: Key,
}

impl Keyring {
    /// Draws a keyring with store key 1.
    pub fn generate(random: &dyn Random) -> Result<Self, RandomFailure> {
        Ok(Self {
            newest: (1, draw(random)?),
            older: Vec::new(),
            index: draw(random)?,
            journal: draw(random)?,
            session: draw(random)?,
            purposes: draw(random)?,
        })
    }

    /// Adds a store key, which seals from now on. The older ones still open.
    pub fn rotate(&mut self, random: &dyn Random) -> Result<(), RandomFailure> {
        let newest = (self.newest.0.saturating_add(1), draw(random)?);
        self.older.push(std::mem::replace(&mut self.newest, newest));
        Ok(())
    }

    /// The newest store key's version, from 1.
    pub fn version(&self) -> u32 {
        self.newest.0
    }

    /// The key for the records of one service in one account.
    pub fn record_key(&self, account: &str, service: &str) -> RecordKey {
        // The account's length makes the pair unambiguous whatever the names contain.
        let length = (account.len() as u64).to_be_bytes();
        let context = [&length, account.as_bytes(), service.as_bytes()].concat();
        let derive = |(version, key): &(u32, Key)| {
            let derived = KdfKey::new(key.expose()).derive::<32>(b"record key", &context);
            (*version, KdfKey::new(derived.expose()))
        };
        RecordKey::new(
            derive(&self.newest),
            self.older.iter().map(derive).collect(),
        )
    }

    /// The key that makes names opaque.
    pub fn index_key(&self) -> IndexKey {
        IndexKey(KdfKey::new(self.index.expose()))
    }

    /// The key of the journal segment with this salt.
    pub fn segment_key(&self, salt: &[u8; 32]) -> Result<SegmentKey, SealFailure> {
        let journal = KdfKey::new(self.journal.expose());
        let key = journal.derive::<32>(b"journal segment", salt);
        AeadKey::new(key.expose())
            .map(SegmentKey::new)
            .map_err(|Unspecified| SealFailure::Cipher)
    }

    /// The key that session tokens are sealed with. It is the same for the keyring's lifetime.
    pub fn session_key(&self) -> RecordKey {
        RecordKey::new((1, KdfKey::new(self.session.expose())), Vec::new())
    }

    /// A key for a purpose of the program itself, the same for the keyring's lifetime.
    pub fn derive(&self, purpose: &str) -> Secret<[u8; 32]> {
        KdfKey::new(self.purposes.expose()).derive(b"purpose", purpose.as_bytes())
    }

    /// The key that seals what goes out and comes back for a purpose of the program itself. Like
    /// [`derive`](Self::derive) it is the same for the keyring's lifetime, and unlike
    /// [`record_key`](Self::record_key) it shares nothing with the keys of what is stored.
    pub fn purpose_key(&self, purpose: &str) -> RecordKey {
        let key = self.derive(purpose);
        RecordKey::new((1, KdfKey::new(key.expose())), Vec::new())
    }

    pub(crate) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        // One allocation of the final size: growing would leave copies of keys behind.
        let mut out = Vec::with_capacity(1 + 4 * 32 + 36 * (1 + self.older.len()));
        out.push(FORMAT);
        for key in [&self.index, &self.journal, &self.session, &self.purposes] {
            out.extend_from_slice(key.expose());
        }
        for (version, key) in self.older.iter().chain([&self.newest]) {
            out.extend_from_slice(&version.to_be_bytes());
            out.extend_from_slice(key.expose());
        }
        Zeroizing::new(out)
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes.strip_prefix(&[FORMAT])?;
        let [index, journal, session, purposes] = [
            take(&mut rest)?,
            take(&mut rest)?,
            take(&mut rest)?,
            take(&mut rest)?,
        ];
        let mut versions = Vec::new();
        while let Some((version, after)) = rest.split_first_chunk() {
            rest = after;
            versions.push((u32::from_be_bytes(*version), take(&mut rest)?));
        }
        let newest = versions.pop()?;
        let keyring = Self {
            newest,
            older: versions,
            index,
            journal,
            session,
            purposes,
        };
        rest.is_empty().then_some(keyring)
    }
}

/// Turns names into opaque 16-byte segments (HMAC-SHA-256, cut), so that the store can look up and
/// scan without writing a readable name.
pub struct IndexKey(KdfKey);

impl IndexKey {
    /// The opaque form of `part` in the given `domain`; equal parts of two domains differ.
    pub fn segment(&self, domain: &[u8], part: &[u8]) -> [u8; 16] {
        self.0
            .tag(&[&(domain.len() as u64).to_be_bytes(), domain, part])
    }
}

fn draw(random: &dyn Random) -> Result<Key, RandomFailure> {
    let mut key = Zeroizing::new([0; 32]);
    random.fill(key.as_mut())?;
    Ok(Secret::from(key))
}

fn take(rest: &mut &[u8]) -> Option<Key> {
    let (key, after) = rest.split_first_chunk::<32>()?;
    *rest = after;
    let mut copy = *key;
    let secret = Secret::new(copy);
    copy.zeroize();
    Some(secret)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::testing::Seeded;

    #[test]
    fn records_are_bound_to_account_and_service() {
        let random = Seeded::new(5);
        let keyring = Keyring::generate(&random).unwrap();
        let sealed = keyring
            .record_key("111122223333", "kms")
            .seal(b"", b"x", &random)
            .unwrap();
        assert!(
            keyring
                .record_key("111122223333", "kms")
                .open(b"", &sealed)
                .is_ok()
        );
        for (account, service) in [
            ("111122223333", "iam"),
            ("444455556666", "kms"),
            ("111122223333k", "ms"),
        ] {
            assert!(
                keyring
                    .record_key(account, service)
                    .open(b"", &sealed)
                    .is_err()
            );
        }
    }

    #[test]
    fn rotation_keeps_old_records_readable() {
        let random = Seeded::new(6);
        let mut keyring = Keyring::generate(&random).unwrap();
        let before = keyring.record_key("a", "s");
        let old = before.seal(b"", b"old", &random).unwrap();
        keyring.rotate(&random).unwrap();
        keyring.rotate(&random).unwrap();
        assert_eq!(keyring.version(), 3);
        let after = keyring.record_key("a", "s");
        assert_eq!(&after.open(b"", &old).unwrap()[..], b"old");
        let new = after.seal(b"", b"new", &random).unwrap();
        assert_ne!(new[..4], old[..4]);
        assert!(before.open(b"", &new).is_err());
    }

    #[test]
    fn bytes_round_trip_and_reject_any_other_length() {
        let random = Seeded::new(7);
        let mut keyring = Keyring::generate(&random).unwrap();
        keyring.rotate(&random).unwrap();
        let bytes = keyring.to_bytes();
        let again = Keyring::from_bytes(&bytes).unwrap();
        assert_eq!(again.to_bytes(), bytes);
        assert_eq!(again.version(), 2);
        let whole = [1 + 4 * 32 + 36, 1 + 4 * 32 + 72];
        for length in 0..bytes.len() {
            let cut = Keyring::from_bytes(&bytes[..length]);
            assert_eq!(cut.is_some(), whole.contains(&length), "length {length}");
        }
    }

    #[test]
    fn every_derivation_differs() {
        let keyring = Keyring::generate(&Seeded::new(8)).unwrap();
        let index = keyring.index_key();
        assert_eq!(
            index.segment(b"t", b"a"),
            keyring.index_key().segment(b"t", b"a")
        );
        assert_ne!(index.segment(b"t", b"a"), index.segment(b"ta", b""));
        assert!(!keyring.derive("a").ct_eq(keyring.derive("b").expose()));
        let (one, two) = ([1; 32], [2; 32]);
        let mut sealed = Vec::new();
        keyring
            .segment_key(&one)
            .unwrap()
            .seal_at(0, b"", b"x", &mut sealed)
            .unwrap();
        assert!(
            keyring
                .segment_key(&one)
                .unwrap()
                .open_at(0, b"", &sealed)
                .is_ok()
        );
        assert!(
            keyring
                .segment_key(&two)
                .unwrap()
                .open_at(0, b"", &sealed)
                .is_err()
        );
    }
}
