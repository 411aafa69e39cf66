//! SM2 (GB/T 32918, GM/T 0003): signatures, encryption (`encryption`) and raw Diffie-Hellman
//! secrets on the curve sm2p256v1. KMS has such keys in China.
//!
//! The library has neither the curve nor SM3. `sm2` brings the arithmetic, in constant time, and
//! the signatures; their nonces are derived from key, digest and randomness (RFC 6979, hedged).

mod encoding;
mod encryption;
#[cfg(test)]
mod tests;

use sm2::dsa::signature::hazmat::{PrehashVerifier as _, RandomizedPrehashSigner as _};
use sm2::dsa::signature::{RandomizedSigner as _, Verifier as _};
use sm2::dsa::{Signature, SigningKey, VerifyingKey};
use sm2::elliptic_curve::point::AffineCoordinates as _;
use sm2::{AffinePoint, NonZeroScalar, PublicKey, Scalar};
use zeroize::Zeroizing;

use super::algorithm::{KeyError, Message, SigningAlgorithm};
use super::ml_dsa::Drawn;
use crate::random::Random;

/// The identifier that goes into a signature where nobody names another (GM/T 0009).
const DISTINGUISHING_ID: &str = "1234567812345678";

const DIGEST_LEN: usize = 32;

/// How often a number is drawn that does not fit. Each has a chance of 2^-32 not to.
const ATTEMPTS: usize = 16;

/// An SM2 key pair.
pub(super) struct Sm2Key {
    scalar: Zeroizing<NonZeroScalar>,
    public: PublicKey,
}

impl Sm2Key {
    pub(super) fn generate(random: &dyn Random) -> Result<Self, KeyError> {
        loop {
            // Each key but one is good, so that this does not turn twice.
            if let Ok(key) = Self::of(draw(random)?) {
                return Ok(key);
            }
        }
    }

    /// The key of a number of 32 bytes, from 1 to the order less 2.
    pub(super) fn parse(number: &[u8]) -> Result<Self, KeyError> {
        let number = Zeroizing::new(number.try_into().map_err(|_| KeyError::Unsuitable)?);
        Self::of(scalar(&number).ok_or(KeyError::Unsuitable)?)
    }

    /// Reads a PKCS#8 key on this curve. A public key in it has to be the one of the private key.
    pub(super) fn from_pkcs8(pkcs8: &[u8]) -> Result<Self, KeyError> {
        let (number, public) = encoding::read_pkcs8(pkcs8).ok_or(KeyError::Unsuitable)?;
        let key = Self::parse(number)?;
        match public {
            Some(public) if public != key.point().uncompressed() => Err(KeyError::Unsuitable),
            _ => Ok(key),
        }
    }

    fn of(scalar: Zeroizing<NonZeroScalar>) -> Result<Self, KeyError> {
        // Signing divides by the number plus 1.
        if **scalar + Scalar::ONE == Scalar::ZERO {
            return Err(KeyError::Unsuitable);
        }
        let public = PublicKey::from_secret_scalar(&scalar);
        Ok(Self { scalar, public })
    }

    pub(super) fn number(&self) -> Zeroizing<Vec<u8>> {
        let number: Zeroizing<[u8; 32]> = Zeroizing::new(self.scalar.to_bytes().into());
        Zeroizing::new(number.to_vec())
    }

    /// PKCS#8 with the public key (RFC 5915), as OpenSSL writes it.
    pub(super) fn pkcs8(&self) -> Zeroizing<Vec<u8>> {
        encoding::pkcs8(&self.number(), &self.point().uncompressed())
    }

    /// SPKI (RFC 5480) with both coordinates.
    pub(super) fn public_key(&self) -> Vec<u8> {
        encoding::spki(&self.point().uncompressed())
    }

    fn point(&self) -> Coordinates {
        Coordinates::of(self.public.as_affine())
    }

    pub(super) fn sign(
        &self,
        algorithm: SigningAlgorithm,
        message: Message<'_>,
        random: &dyn Random,
    ) -> Result<Vec<u8>, KeyError> {
        check(algorithm, message)?;
        let key = SigningKey::from_nonzero_scalar(DISTINGUISHING_ID, *self.scalar);
        let key = key.map_err(|_| KeyError::Library)?;
        let random = &mut Drawn(random);
        let signature = match message {
            Message::Raw(message) => key.try_sign_with_rng(random, message),
            Message::Digest(digest) => key.sign_prehash_with_rng(random, digest),
            Message::ExternalMu(_) => return Err(KeyError::Unsuitable),
        };
        let signature = signature.map_err(|_| KeyError::Library)?;
        // A fault while signing could give the key away.
        match verify(&self.public, message, &signature) {
            true => Ok(encoding::signature(&signature)),
            false => Err(KeyError::Library),
        }
    }

    pub(super) fn verify(
        &self,
        algorithm: SigningAlgorithm,
        message: Message<'_>,
        signature: &[u8],
    ) -> Result<bool, KeyError> {
        check(algorithm, message)?;
        let signature = encoding::read_signature(signature);
        Ok(signature.is_some_and(|signature| verify(&self.public, message, &signature)))
    }

    pub(super) fn encrypt(
        &self,
        plaintext: &[u8],
        random: &dyn Random,
    ) -> Result<Vec<u8>, KeyError> {
        encryption::encrypt(&self.public, plaintext, random)
    }

    /// `None`, whatever is wrong with the ciphertext.
    pub(super) fn decrypt(&self, ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        encryption::decrypt(&self.scalar, ciphertext)
    }

    /// The raw shared secret with the owner of `peer` (SPKI, DER): the x-coordinate of the product,
    /// 32 bytes. The cofactor of the curve is 1.
    pub(super) fn agree(&self, peer: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let peer = encoding::read_spki(peer).ok_or(KeyError::PublicKey)?;
        Ok(Zeroizing::new(multiply(&peer, &self.scalar).x.to_vec()))
    }
}

/// A point other than infinity, which no public key is, nor a product of one and a number between
/// zero and the order.
struct Coordinates {
    x: Zeroizing<[u8; 32]>,
    y: Zeroizing<[u8; 32]>,
}

impl Coordinates {
    fn of(point: &AffinePoint) -> Self {
        Self {
            x: Zeroizing::new(point.x().into()),
            y: Zeroizing::new(point.y().into()),
        }
    }

    /// `04 || x || y`
    fn uncompressed(&self) -> Vec<u8> {
        [&[0x04], self.x.as_slice(), self.y.as_slice()].concat()
    }
}

/// Whether this is the algorithm of these keys and the digest, if it is one, as long as SM3's.
fn check(algorithm: SigningAlgorithm, message: Message<'_>) -> Result<(), KeyError> {
    match (algorithm, message) {
        (SigningAlgorithm::Sm2Dsa, Message::Raw(_)) => Ok(()),
        (SigningAlgorithm::Sm2Dsa, Message::Digest(digest)) => match digest.len() {
            DIGEST_LEN => Ok(()),
            _ => Err(KeyError::Length),
        },
        _ => Err(KeyError::Unsuitable),
    }
}

fn verify(public: &PublicKey, message: Message<'_>, signature: &Signature) -> bool {
    let Ok(key) = VerifyingKey::new(DISTINGUISHING_ID, *public) else {
        return false;
    };
    match message {
        Message::Raw(message) => key.verify(message, signature).is_ok(),
        Message::Digest(digest) => key.verify_prehash(digest, signature).is_ok(),
        Message::ExternalMu(_) => false,
    }
}

/// A number from 1 to the order less 1.
fn draw(random: &dyn Random) -> Result<Zeroizing<NonZeroScalar>, KeyError> {
    let mut bytes = Zeroizing::new([0; 32]);
    for _ in 0..ATTEMPTS {
        random.fill(bytes.as_mut())?;
        if let Some(scalar) = scalar(&bytes) {
            return Ok(scalar);
        }
    }
    Err(KeyError::Library)
}

fn scalar(number: &[u8; 32]) -> Option<Zeroizing<NonZeroScalar>> {
    let scalar = NonZeroScalar::from_repr((*number).into());
    scalar.into_option().map(Zeroizing::new)
}

/// The product of a point and a secret number, in constant time.
fn multiply(point: &PublicKey, scalar: &NonZeroScalar) -> Coordinates {
    Coordinates::of(&(point.to_projective() * scalar.as_ref()).to_affine())
}
