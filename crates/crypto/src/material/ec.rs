//! Keys on NIST's prime curves and secp256k1: ECDSA (FIPS 186-5) and ECDH (SP 800-56A).
//!
//! The cofactor of these curves is 1, so that ECDH with cofactor is ECDH; a point that is not on
//! the curve is refused.

use aws_lc_rs::agreement::{
    self, ECDH_P256, ECDH_P384, ECDH_P521, ParsedPublicKey, ParsedPublicKeyFormat, PrivateKey,
};
use aws_lc_rs::encoding::{AsBigEndian as _, AsDer, EcPrivateKeyBin, PublicKeyX509Der};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256K1_SHA256_ASN1,
    ECDSA_P256K1_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1, ECDSA_P384_SHA384_ASN1_SIGNING,
    ECDSA_P521_SHA512_ASN1, ECDSA_P521_SHA512_ASN1_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
    EcdsaVerificationAlgorithm, KeyPair as _, UnparsedPublicKey,
};
use zeroize::Zeroizing;

use super::algorithm::{Hash, KeyError, Message, SigningAlgorithm};
use super::der;

/// A curve.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Curve {
    P256,
    P384,
    P521,
    P256k1,
}

/// A key pair on a curve.
pub(super) struct EcKey {
    curve: Curve,
    pair: EcdsaKeyPair,
}

impl EcKey {
    pub(super) fn generate(curve: Curve) -> Result<Self, KeyError> {
        Ok(Self::of(curve, EcdsaKeyPair::generate(curve.signing())?))
    }

    /// Reads a PKCS#8 key on exactly this curve.
    pub(super) fn parse(curve: Curve, pkcs8: &[u8]) -> Result<Self, KeyError> {
        let pair = EcdsaKeyPair::from_pkcs8(curve.signing(), pkcs8)?;
        Ok(Self::of(curve, pair))
    }

    /// Reads a PKCS#8 key as [`parse`](Self::parse) does, if it names the curve: one that is spelled
    /// out in parameters is refused. What else such a file may leave out makes no other key.
    pub(super) fn import(curve: Curve, pkcs8: &[u8]) -> Result<Self, KeyError> {
        let read = EcdsaKeyPair::from_pkcs8(curve.signing(), pkcs8)?;
        let scalar: EcPrivateKeyBin<'_> = read.private_key().as_be_bytes()?;
        let public = read.public_key().as_ref();
        let scalar = scalar.as_ref();
        let pair = EcdsaKeyPair::from_private_key_and_public_key(curve.signing(), scalar, public)?;
        let key = Self::of(curve, pair);
        let own = key.pkcs8()?;
        let named = der::algorithm_of_private(&own);
        match named.is_some() && named == der::algorithm_of_private(pkcs8) {
            true => Ok(key),
            false => Err(KeyError::Unsuitable),
        }
    }

    pub(super) fn of(curve: Curve, pair: EcdsaKeyPair) -> Self {
        Self { curve, pair }
    }

    pub(super) fn pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        Ok(Zeroizing::new(self.pair.to_pkcs8v1()?.as_ref().to_vec()))
    }

    pub(super) fn public_key(&self) -> Result<Vec<u8>, KeyError> {
        let der: PublicKeyX509Der<'_> = self.pair.public_key().as_der()?;
        Ok(der.as_ref().to_vec())
    }

    pub(super) fn sign(
        &self,
        algorithm: SigningAlgorithm,
        message: Message<'_>,
    ) -> Result<Vec<u8>, KeyError> {
        let digest = self.curve.hash(algorithm)?.of(message)?;
        // Looked at where it is: it has room for 4627 bytes, as the longest signatures need.
        match &self.pair.sign_digest(&digest) {
            Ok(signature) => Ok(signature.as_ref().to_vec()),
            Err(error) => Err((*error).into()),
        }
    }

    pub(super) fn verify(
        &self,
        algorithm: SigningAlgorithm,
        message: Message<'_>,
        signature: &[u8],
    ) -> Result<bool, KeyError> {
        let public = self.pair.public_key().as_ref();
        verify((self.curve, public), algorithm, message, signature)
    }

    /// The raw shared secret with the owner of `peer` (SPKI, DER): the x-coordinate, as long as
    /// the curve's field elements.
    pub(super) fn agree(&self, peer: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let algorithm = self.curve.agreement().ok_or(KeyError::Unsuitable)?;
        // The library would read a curve that is spelled out in parameters, too, and not look at
        // all of them.
        if der::algorithm_of(peer) != der::algorithm_of(&self.public_key()?) {
            return Err(KeyError::PublicKey);
        }
        let peer = agreement::UnparsedPublicKey::new(algorithm, peer);
        let peer = ParsedPublicKey::try_from(peer).map_err(|_| KeyError::PublicKey)?;
        if peer.format() != ParsedPublicKeyFormat::X509 {
            return Err(KeyError::PublicKey);
        }
        let key = PrivateKey::from_private_key_der(algorithm, &self.pkcs8()?)?;
        agreement::agree(&key, peer, KeyError::PublicKey, |secret| {
            Ok(Zeroizing::new(secret.to_vec()))
        })
    }
}

/// Checks a signature by a public key (point or SPKI).
pub(super) fn verify(
    (curve, public): (Curve, &[u8]),
    algorithm: SigningAlgorithm,
    message: Message<'_>,
    signature: &[u8],
) -> Result<bool, KeyError> {
    let digest = curve.hash(algorithm)?.of(message)?;
    let key = UnparsedPublicKey::new(curve.verification(), public);
    Ok(key.verify_digest(&digest, signature).is_ok())
}

impl Curve {
    /// The hash of `algorithm`, if it is the one that goes with this curve.
    fn hash(self, algorithm: SigningAlgorithm) -> Result<Hash, KeyError> {
        let own = match self {
            Self::P256 | Self::P256k1 => Hash::Sha256,
            Self::P384 => Hash::Sha384,
            Self::P521 => Hash::Sha512,
        };
        match algorithm {
            SigningAlgorithm::Ecdsa(hash) if hash == own => Ok(hash),
            _ => Err(KeyError::Unsuitable),
        }
    }

    pub(super) fn signing(self) -> &'static EcdsaSigningAlgorithm {
        match self {
            Self::P256 => &ECDSA_P256_SHA256_ASN1_SIGNING,
            Self::P384 => &ECDSA_P384_SHA384_ASN1_SIGNING,
            Self::P521 => &ECDSA_P521_SHA512_ASN1_SIGNING,
            Self::P256k1 => &ECDSA_P256K1_SHA256_ASN1_SIGNING,
        }
    }

    fn verification(self) -> &'static EcdsaVerificationAlgorithm {
        match self {
            Self::P256 => &ECDSA_P256_SHA256_ASN1,
            Self::P384 => &ECDSA_P384_SHA384_ASN1,
            Self::P521 => &ECDSA_P521_SHA512_ASN1,
            Self::P256k1 => &ECDSA_P256K1_SHA256_ASN1,
        }
    }

    pub(super) fn agreement(self) -> Option<&'static agreement::Algorithm> {
        match self {
            Self::P256 => Some(&ECDH_P256),
            Self::P384 => Some(&ECDH_P384),
            Self::P521 => Some(&ECDH_P521),
            Self::P256k1 => None,
        }
    }
}
