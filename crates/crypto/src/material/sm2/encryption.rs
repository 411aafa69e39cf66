//! SM2 public key encryption (SM2PKE, GB/T 32918.4), its ciphertexts in the DER of GM/T 0009: C1,
//! C3, C2, which is what AWS reads and writes.
//!
//! The key stream comes out of the shared point by a counter and SM3; C3 is the SM3 of the
//! plaintext between the two coordinates. A stream of zeros alone would leave the plaintext as it
//! is: the standard draws again while encrypting, and refuses it while decrypting.

use sm2::elliptic_curve::Group as _;
use sm2::{NonZeroScalar, ProjectivePoint, PublicKey};
use sm3::{Digest as _, Sm3};
use subtle::{Choice, ConstantTimeEq as _};
use zeroize::Zeroizing;

use super::encoding::{self, Cipher};
use super::{Coordinates, draw, multiply};
use crate::material::algorithm::KeyError;
use crate::random::Random;

/// How often a number is drawn whose stream is zero: every 256th time for one byte of plaintext.
const ATTEMPTS: usize = 64;

const HASH_LEN: usize = 32;

/// Encrypts at least one byte.
pub(super) fn encrypt(
    public: &PublicKey,
    plaintext: &[u8],
    random: &dyn Random,
) -> Result<Vec<u8>, KeyError> {
    if plaintext.is_empty() {
        return Err(KeyError::Length);
    }
    for _ in 0..ATTEMPTS {
        if let Some(ciphertext) = seal(public, &*draw(random)?, plaintext) {
            return Ok(ciphertext);
        }
    }
    Err(KeyError::Library)
}

/// `None`, whatever is wrong with the ciphertext.
pub(super) fn decrypt(scalar: &NonZeroScalar, ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let cipher = Cipher::read(ciphertext)?;
    // A point off the curve would give the key away, a part at a time.
    let public = encoding::read_point(&cipher.point.uncompressed())?;
    let shared = Shared(multiply(&public, scalar));
    let (plaintext, is_masked) = shared.mask(cipher.text);
    let is_intact = shared.hash(&plaintext).as_slice().ct_eq(cipher.hash);
    bool::from(is_masked & is_intact).then_some(plaintext)
}

/// Encrypts with the number `k`; none if its stream is zero.
pub(super) fn seal(public: &PublicKey, k: &NonZeroScalar, plaintext: &[u8]) -> Option<Vec<u8>> {
    let c1 = ProjectivePoint::mul_by_generator(k.as_ref()).to_affine();
    let shared = Shared(multiply(public, k));
    let (text, is_masked) = shared.mask(plaintext);
    let cipher = Cipher {
        point: Coordinates::of(&c1),
        hash: &shared.hash(plaintext),
        text: &text,
    };
    bool::from(is_masked).then(|| cipher.write())
}

/// The point that both sides know.
struct Shared(Coordinates);

impl Shared {
    /// `text` with the key stream over it, and whether that has any bit set.
    fn mask(&self, text: &[u8]) -> (Zeroizing<Vec<u8>>, Choice) {
        let Coordinates { x, y } = &self.0;
        let mut masked = Zeroizing::new(text.to_vec());
        let mut bits = 0_u8;
        for (counter, chunk) in (1_u32..).zip(masked.chunks_mut(HASH_LEN)) {
            let hash = Sm3::new()
                .chain_update(x.as_slice())
                .chain_update(y.as_slice());
            let hash = hash.chain_update(counter.to_be_bytes()).finalize();
            let hash: Zeroizing<[u8; HASH_LEN]> = Zeroizing::new(hash.into());
            for (byte, key) in chunk.iter_mut().zip(hash.iter()) {
                *byte ^= key;
                bits |= key;
            }
        }
        (masked, bits.ct_ne(&0))
    }

    /// C3.
    fn hash(&self, plaintext: &[u8]) -> [u8; HASH_LEN] {
        let Coordinates { x, y } = &self.0;
        let hash = Sm3::new()
            .chain_update(x.as_slice())
            .chain_update(plaintext);
        hash.chain_update(y.as_slice()).finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::testing::Seeded;

    /// A ciphertext that carries its plaintext in clear is refused, however right its C3 is.
    #[test]
    fn a_key_stream_of_zero_is_not_read() {
        let random = Seeded::new(3);
        let key = draw(&random).unwrap();
        let public = PublicKey::from_secret_scalar(&key);
        let mut zeros = 0;
        for _ in 0..600 {
            let k = draw(&random).unwrap();
            let shared = Shared(multiply(&public, &k));
            let (text, is_masked) = shared.mask(b"x");
            let c1 = ProjectivePoint::mul_by_generator(k.as_ref()).to_affine();
            let cipher = Cipher {
                point: Coordinates::of(&c1),
                hash: &shared.hash(b"x"),
                text: &text,
            };
            zeros += usize::from(text.as_slice() == b"x");
            assert_eq!(bool::from(is_masked), text.as_slice() != b"x");
            let opened = decrypt(&key, &cipher.write());
            assert_eq!(opened.is_some(), bool::from(is_masked));
            assert_eq!(seal(&public, &k, b"x").is_some(), bool::from(is_masked));
        }
        assert!((1..20).contains(&zeros), "{zeros}");
    }
}
