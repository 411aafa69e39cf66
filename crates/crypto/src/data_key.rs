//! A data key of KMS in use: what a service encrypts under it, and opens again.

use crate::envelope::{self, IntegrityError, SealFailure};
use crate::kdf::KdfKey;
use crate::random::Random;
use zeroize::Zeroizing;

const LABEL: &[u8] = b"strongroom data key v1";
/// A data key is 256 bits (KMS, `AES_256`).
const LENGTH: usize = 32;

/// The plaintext of a data key, for any number of messages: each is sealed under a key of its own,
/// derived from this one, and committed to it.
pub struct DataKey(KdfKey);

impl DataKey {
    /// The data key that KMS gave out in plaintext, 32 bytes; none of any other length.
    pub fn new(plaintext: &[u8]) -> Option<Self> {
        (plaintext.len() == LENGTH).then(|| Self(KdfKey::new(plaintext)))
    }

    /// Seals `plaintext`; the same `aad` is needed to open it.
    ///
    /// The result is `nonce (16) || commitment (32) || ciphertext || tag (16)`.
    pub fn seal(
        &self,
        aad: &[u8],
        plaintext: &[u8],
        random: &dyn Random,
    ) -> Result<Vec<u8>, SealFailure> {
        let mut out = Vec::new();
        envelope::seal(&self.0, LABEL, aad, plaintext, (random, &mut out))?;
        Ok(out)
    }

    /// Opens what [`seal`](Self::seal) made with the same `aad`.
    pub fn open(&self, aad: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, IntegrityError> {
        envelope::open(&self.0, LABEL, aad, sealed).map_err(|_| IntegrityError)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::random::testing::Seeded;

    proptest! {
        #[test]
        fn opens_only_what_was_sealed_under_it(
            aad in prop::collection::vec(any::<u8>(), 0..40),
            plaintext in prop::collection::vec(any::<u8>(), 0..300),
            seed in any::<u32>(),
            flip in any::<prop::sample::Index>(),
            bit in 0u8..8,
        ) {
            let key = DataKey::new(&[7; 32]).unwrap();
            let mut sealed = key.seal(&aad, &plaintext, &Seeded::new(seed.into())).unwrap();
            prop_assert_eq!(&key.open(&aad, &sealed).unwrap()[..], &plaintext[..]);
            prop_assert!(DataKey::new(&[8; 32]).unwrap().open(&aad, &sealed).is_err());
            prop_assert!(key.open(&[&aad[..], b"x"].concat(), &sealed).is_err());
            let at = flip.index(sealed.len());
            prop_assert!(key.open(&aad, &sealed[..at]).is_err());
            sealed[at] ^= 1 << bit;
            prop_assert!(key.open(&aad, &sealed).is_err());
        }
    }

    #[test]
    fn a_data_key_has_256_bits() {
        for length in [0, 16, 31, 33, 64] {
            assert!(DataKey::new(&vec![1; length]).is_none(), "{length}");
        }
    }
}
