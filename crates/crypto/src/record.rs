//! Sealing of records: everything that the store writes, and secrets inside records.

use zeroize::Zeroizing;

use crate::envelope::{self, IntegrityError, SealFailure};
use crate::kdf::KdfKey;
use crate::random::Random;

const LABEL: &[u8] = b"strongroom record v1";
const VERSION_LEN: usize = 4;

/// Bytes that [`RecordKey::seal`] adds to a plaintext.
pub(crate) const OVERHEAD: usize = VERSION_LEN + envelope::OVERHEAD;

/// Seals and opens the records of one account and service.
///
/// It seals under the newest store key and opens what any of the keyring's store keys sealed.
/// Deriving it costs microseconds, so callers keep it; it knows the store keys of the moment it
/// was derived, and is to be derived anew after a rotation.
pub struct RecordKey {
    newest: (u32, KdfKey),
    older: Vec<(u32, KdfKey)>,
}

impl RecordKey {
    pub(crate) fn new(newest: (u32, KdfKey), older: Vec<(u32, KdfKey)>) -> Self {
        Self { newest, older }
    }

    /// Seals `plaintext`; the same `aad` is needed to open it.
    ///
    /// The result is `key version (4) || nonce (16) || commitment (32) || ciphertext || tag (16)`.
    pub fn seal(
        &self,
        aad: &[u8],
        plaintext: &[u8],
        random: &dyn Random,
    ) -> Result<Vec<u8>, SealFailure> {
        let (version, key) = &self.newest;
        let mut out = Vec::with_capacity(OVERHEAD + plaintext.len());
        out.extend_from_slice(&version.to_be_bytes());
        envelope::seal(key, LABEL, aad, plaintext, (random, &mut out))?;
        Ok(out)
    }

    /// Opens what [`seal`](Self::seal) made with the same `aad`.
    pub fn open(&self, aad: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, IntegrityError> {
        let (version, envelope) = sealed.split_first_chunk().ok_or(IntegrityError)?;
        let key = self
            .version(u32::from_be_bytes(*version))
            .ok_or(IntegrityError)?;
        envelope::open(key, LABEL, aad, envelope).map_err(|_| IntegrityError)
    }

    fn version(&self, wanted: u32) -> Option<&KdfKey> {
        let versions = std::iter::once(&self.newest).chain(&self.older);
        versions
            .into_iter()
            .find(|(version, _)| *version == wanted)
            .map(|(_, key)| key)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::random::testing::{Broken, Seeded};

    fn key(version: u32, byte: u8) -> RecordKey {
        RecordKey::new((version, KdfKey::new(&[byte; 32])), Vec::new())
    }

    proptest! {
        #[test]
        fn opens_only_what_was_sealed(
            aad in prop::collection::vec(any::<u8>(), 0..60),
            plaintext in prop::collection::vec(any::<u8>(), 0..300),
            seed in any::<u32>(),
            flip in any::<prop::sample::Index>(),
            bit in 0u8..8,
        ) {
            let key = key(1, 7);
            let mut sealed = key.seal(&aad, &plaintext, &Seeded::new(seed.into())).unwrap();
            prop_assert_eq!(sealed.len(), plaintext.len() + OVERHEAD);
            prop_assert_eq!(&key.open(&aad, &sealed).unwrap()[..], &plaintext[..]);
            let other_aad = [&aad[..], b"x"].concat();
            prop_assert!(key.open(&other_aad, &sealed).is_err());
            let at = flip.index(sealed.len());
            prop_assert!(key.open(&aad, &sealed[..at]).is_err());
            sealed[at] ^= 1 << bit;
            prop_assert!(key.open(&aad, &sealed).is_err());
        }
    }

    #[test]
    fn equal_plaintexts_look_different_and_other_keys_do_not_open() {
        let random = Seeded::new(1);
        let sealed = key(1, 7).seal(b"", b"secret", &random).unwrap();
        assert_ne!(sealed, key(1, 7).seal(b"", b"secret", &random).unwrap());
        assert_eq!(key(1, 8).open(b"", &sealed), Err(IntegrityError));
        assert_eq!(key(2, 7).open(b"", &sealed), Err(IntegrityError));
    }

    #[test]
    fn no_randomness_no_seal() {
        let failure = key(1, 7).seal(b"", b"secret", &Broken).unwrap_err();
        assert!(matches!(failure, SealFailure::Random(_)));
    }
}
