//! Key material that comes from outside, wrapped under a public key that was handed out for it
//! ("Importing key material for AWS KMS keys").
//!
//! The private half of that key is kept nowhere: it travels, sealed, in the import token that goes
//! out with the public half and comes back with the material.

use aws_lc_rs::key_wrap::{AES_128, AES_256, AesKek, KeyWrapPadded as _};
use aws_lc_rs::rsa::KeySize;
use zeroize::Zeroizing;

use super::algorithm::{KeyError, OaepHash};
use super::der;
use super::ec::EcKey;
use super::ed25519::Ed25519Key;
use super::hmac::HmacKey;
use super::rsa::RsaKey;
use super::sm2::Sm2Key;
use super::{KeyMaterial, Kind, MaterialSpec, Shape};
use crate::envelope::{IntegrityError, SealFailure};
use crate::random::Random;
use crate::record::RecordKey;
use crate::secret::SecretBytes;

const FORMAT: u8 = 1;

/// A kind of wrapping key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WrappingSpec {
    /// An RSA key of 2048 bits.
    Rsa2048,
    /// An RSA key of 3072 bits.
    Rsa3072,
    /// An RSA key of 4096 bits.
    Rsa4096,
    /// An SM2 key, in AWS's Chinese regions.
    Sm2,
}

/// How material is wrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WrappingAlgorithm {
    /// RSAES-OAEP (RFC 8017) without a label.
    Oaep(OaepHash),
    /// An AES key under RSAES-OAEP, followed by the material under that key with AES key wrap with
    /// padding (RFC 5649): `CKM_RSA_AES_KEY_WRAP` of PKCS #11.
    AesKeyWrap(OaepHash),
    /// SM2 public key encryption (GB/T 32918.4), the ciphertext in DER (GM/T 0009).
    Sm2,
}

/// Why material could not be imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// It is not wrapped as the token says, or not under its public key.
    #[error("the wrapped key material does not unwrap")]
    Undecryptable,
    /// What was wrapped is no material of the kind that is wanted.
    #[error("this is no key material of this kind")]
    Unfit,
    /// The wrapping key failed.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// A wrapping key, how it is to be used, and for how long.
pub struct ImportToken {
    algorithm: WrappingAlgorithm,
    valid_to_millis: i64,
    pkcs8: SecretBytes,
}

impl ImportToken {
    /// Makes a wrapping key, and returns its public half too: `SubjectPublicKeyInfo` in DER. Takes
    /// up to seconds. [`KeyError::Unsuitable`] if such a key is none of the algorithm's.
    ///
    /// RSA keys are drawn by the cryptographic library's own generator, SM2 keys from `random`.
    pub fn generate(
        (spec, algorithm): (WrappingSpec, WrappingAlgorithm),
        valid_to_millis: i64,
        random: &dyn Random,
    ) -> Result<(Self, Vec<u8>), KeyError> {
        let (pkcs8, public_key) = match (spec.size(), algorithm) {
            (Some(_), WrappingAlgorithm::Sm2) => return Err(KeyError::Unsuitable),
            (Some(size), _) => {
                let key = RsaKey::generate(size)?;
                (key.pkcs8()?, key.public_key()?)
            }
            (None, WrappingAlgorithm::Sm2) => {
                let key = Sm2Key::generate(random)?;
                (key.pkcs8(), key.public_key())
            }
            (None, _) => return Err(KeyError::Unsuitable),
        };
        let token = Self {
            algorithm,
            valid_to_millis,
            pkcs8: SecretBytes::from(pkcs8),
        };
        Ok((token, public_key))
    }

    /// When the token ends, in milliseconds since the epoch.
    pub fn valid_to_millis(&self) -> i64 {
        self.valid_to_millis
    }

    /// The token as it leaves: sealed, and bound to `aad`.
    pub fn seal(
        &self,
        key: &RecordKey,
        aad: &[u8],
        random: &dyn Random,
    ) -> Result<Vec<u8>, SealFailure> {
        let pkcs8 = self.pkcs8.expose();
        let mut plaintext = Zeroizing::new(Vec::with_capacity(pkcs8.len() + 10));
        plaintext.extend_from_slice(&[FORMAT, self.algorithm.code()]);
        plaintext.extend_from_slice(&self.valid_to_millis.to_be_bytes());
        plaintext.extend_from_slice(pkcs8);
        key.seal(aad, &plaintext, random)
    }

    /// Reads back what [`seal`](Self::seal) made with the same `aad`.
    pub fn open(key: &RecordKey, aad: &[u8], sealed: &[u8]) -> Result<Self, IntegrityError> {
        let plaintext = key.open(aad, sealed)?;
        let rest = plaintext.strip_prefix(&[FORMAT]).ok_or(IntegrityError)?;
        let (code, rest) = rest.split_first().ok_or(IntegrityError)?;
        let algorithm = WrappingAlgorithm::of_code(*code).ok_or(IntegrityError)?;
        let (valid_to, pkcs8) = rest.split_first_chunk().ok_or(IntegrityError)?;
        Ok(Self {
            algorithm,
            valid_to_millis: i64::from_be_bytes(*valid_to),
            pkcs8: SecretBytes::new(pkcs8.to_vec()),
        })
    }

    /// The material in `wrapped`, if it is of the kind `spec`. Takes milliseconds.
    pub fn unwrap(&self, spec: MaterialSpec, wrapped: &[u8]) -> Result<KeyMaterial, ImportError> {
        let pkcs8 = self.pkcs8.expose();
        let opened = match self.algorithm {
            WrappingAlgorithm::Oaep(hash) => RsaKey::parse_any(pkcs8)?.decrypt(hash, wrapped)?,
            WrappingAlgorithm::AesKeyWrap(hash) => {
                unwrap_aes(&RsaKey::parse_any(pkcs8)?, hash, wrapped)?
            }
            WrappingAlgorithm::Sm2 => Sm2Key::from_pkcs8(pkcs8)?.decrypt(wrapped),
        };
        let opened = opened.ok_or(ImportError::Undecryptable)?;
        KeyMaterial::import(spec, &opened).map_err(|_| ImportError::Unfit)
    }
}

/// `None` for whatever is not an AES key under `key`, followed by something under that AES key.
fn unwrap_aes(
    key: &RsaKey,
    hash: OaepHash,
    wrapped: &[u8],
) -> Result<Option<Zeroizing<Vec<u8>>>, KeyError> {
    let Some((wrapped_key, material)) = wrapped.split_at_checked(key.modulus_len()) else {
        return Ok(None);
    };
    let Some(aes) = key.decrypt(hash, wrapped_key)? else {
        return Ok(None);
    };
    let cipher = match aes.len() {
        16 => &AES_128,
        32 => &AES_256,
        _ => return Ok(None),
    };
    let aes = AesKek::new(cipher, &aes)?;
    let mut opened = Zeroizing::new(vec![0; material.len()]);
    let Ok(length) = aes
        .unwrap_with_padding(material, &mut opened)
        .map(|opened| opened.len())
    else {
        return Ok(None);
    };
    opened.truncate(length);
    Ok(Some(opened))
}

impl KeyMaterial {
    /// Reads material as it is imported ("Requirements for imported key material"): the bytes of a
    /// symmetric or HMAC key; a private key in PKCS #8 (RFC 5208, RFC 5958), in DER.
    ///
    /// AWS imports no ML-DSA and ML-KEM keys.
    pub fn import(spec: MaterialSpec, bytes: &[u8]) -> Result<Self, KeyError> {
        let kind = match Shape::of(spec) {
            Shape::Symmetric => return Self::parse(spec, bytes),
            Shape::Hmac(size) => Kind::Hmac(HmacKey::parse(size, bytes)?),
            Shape::Rsa(size) => {
                der::algorithm_of_private(bytes).ok_or(KeyError::Unsuitable)?;
                Kind::Rsa(Box::new(RsaKey::import(size, bytes)?))
            }
            Shape::Ec(curve) => Kind::Ec(EcKey::import(curve, bytes)?),
            Shape::Ed25519 => Kind::Ed25519(Ed25519Key::import(bytes)?),
            Shape::Sm2 => return Self::from_sm2_pkcs8(bytes),
            Shape::MlDsa(_) | Shape::MlKem(_) => return Err(KeyError::Unsuitable),
        };
        Ok(Self { spec, kind })
    }
}

impl WrappingSpec {
    /// The size of an RSA key.
    fn size(self) -> Option<KeySize> {
        match self {
            Self::Rsa2048 => Some(KeySize::Rsa2048),
            Self::Rsa3072 => Some(KeySize::Rsa3072),
            Self::Rsa4096 => Some(KeySize::Rsa4096),
            Self::Sm2 => None,
        }
    }
}

impl WrappingAlgorithm {
    /// Every algorithm; its place, from 1, stands for it in tokens. New ones are added at the end.
    const ALL: [Self; 5] = [
        Self::Oaep(OaepHash::Sha1),
        Self::Oaep(OaepHash::Sha256),
        Self::AesKeyWrap(OaepHash::Sha1),
        Self::AesKeyWrap(OaepHash::Sha256),
        Self::Sm2,
    ];

    fn code(self) -> u8 {
        (1..)
            .zip(Self::ALL)
            .find(|(_, algorithm)| *algorithm == self)
            .map_or(0, |(code, _)| code)
    }

    fn of_code(code: u8) -> Option<Self> {
        let index = usize::from(code).checked_sub(1)?;
        Self::ALL.get(index).copied()
    }
}

#[cfg(test)]
mod tests;
