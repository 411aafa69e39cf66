//! What is asked of key material: algorithms, messages, and why it may fail.

use aws_lc_rs::digest;
use aws_lc_rs::error::{KeyRejected, Unspecified};

use crate::random::RandomFailure;

/// A hash function of signatures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hash {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// A signature algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SigningAlgorithm {
    /// RSASSA-PSS (RFC 8017); MGF1 uses the same hash, the salt is as long as its digest.
    RsaPss(Hash),
    /// RSASSA-PKCS1-v1_5 (RFC 8017).
    RsaPkcs1(Hash),
    /// ECDSA (FIPS 186-5); signatures in DER (RFC 3279). Each curve has one hash.
    Ecdsa(Hash),
    /// Ed25519 (RFC 8032). Signs messages as they are.
    Ed25519,
    /// Ed25519ph (RFC 8032) with an empty context. What is signed is hashed with SHA-512 here,
    /// whatever the caller did before.
    Ed25519ph,
    /// ML-DSA (FIPS 204), hedged, with an empty context.
    MlDsa,
    /// SM2DSA (GB/T 32918.2) with SM3; signatures in DER (GM/T 0009). A message is signed under the
    /// default distinguishing identifier of GM/T 0009, `1234567812345678`.
    Sm2Dsa,
}

/// What is signed.
#[derive(Clone, Copy)]
pub enum Message<'a> {
    /// The message itself.
    Raw(&'a [u8]),
    /// Its digest, by the hash of the algorithm. For Ed25519ph, the message to hash; for SM2DSA,
    /// `e`, which covers the signer's identifier and public key too.
    Digest(&'a [u8]),
    /// The 64 bytes of `mu` (FIPS 204, section 6.2). For ML-DSA alone.
    ExternalMu(&'a [u8]),
}

/// The hash function of RSAES-OAEP, in the encoding and in MGF1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OaepHash {
    /// SHA-1, which OAEP does not ask collision resistance of.
    Sha1,
    /// SHA-256.
    Sha256,
}

/// Why something could not be done with key material.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// This kind of material does not do this.
    #[error("this kind of key does not do this")]
    Unsuitable,
    /// A digest, ciphertext or plaintext has a length that the algorithm does not allow.
    #[error("the input has a length that the algorithm does not allow")]
    Length,
    /// The other party's public key is not one, or not of this kind.
    #[error("the public key is not valid for this key")]
    PublicKey,
    /// No randomness.
    #[error(transparent)]
    Random(#[from] RandomFailure),
    /// The cryptographic library refused.
    #[error("the cryptographic library failed")]
    Library,
}

impl From<Unspecified> for KeyError {
    fn from(_: Unspecified) -> Self {
        Self::Library
    }
}

impl From<KeyRejected> for KeyError {
    fn from(_: KeyRejected) -> Self {
        Self::Library
    }
}

impl Hash {
    pub(super) fn algorithm(self) -> &'static digest::Algorithm {
        match self {
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        }
    }

    /// The digest to sign.
    pub(super) fn of(self, message: Message<'_>) -> Result<digest::Digest, KeyError> {
        match message {
            Message::Raw(message) => Ok(digest::digest(self.algorithm(), message)),
            Message::Digest(given) => digest::Digest::import_less_safe(given, self.algorithm())
                .map_err(|Unspecified| KeyError::Length),
            Message::ExternalMu(_) => Err(KeyError::Unsuitable),
        }
    }
}
