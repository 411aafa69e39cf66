//! Ed25519 and Ed25519ph (RFC 8032).
//!
//! The library has no Ed25519ph, which `ed25519-dalek` adds. Both start from the seed alone: a
//! public key that does not belong to the private key cannot come in (RUSTSEC-2022-0093).

use aws_lc_rs::encoding::{AsBigEndian as _, AsDer, Curve25519SeedBin, PublicKeyX509Der};
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use ed25519_dalek::{Digest as _, Sha512, Signature, SigningKey, VerifyingKey};
use zeroize::Zeroizing;

use super::algorithm::{KeyError, Message, SigningAlgorithm};
use super::der;
use crate::random::Random;
use crate::secret::Secret;

/// An Ed25519 key pair.
pub(super) struct Ed25519Key {
    seed: Secret<[u8; 32]>,
    pair: Ed25519KeyPair,
}

impl Ed25519Key {
    pub(super) fn generate(random: &dyn Random) -> Result<Self, KeyError> {
        let mut seed = Zeroizing::new([0; 32]);
        random.fill(seed.as_mut())?;
        Self::of(seed)
    }

    /// The key of a seed of 32 bytes.
    pub(super) fn parse(seed: &[u8]) -> Result<Self, KeyError> {
        let seed = seed.try_into().map_err(|_| KeyError::Unsuitable)?;
        Self::of(Zeroizing::new(seed))
    }

    /// Reads a PKCS#8 key (RFC 8410). A public key that comes with it has to be its own.
    pub(super) fn import(pkcs8: &[u8]) -> Result<Self, KeyError> {
        der::algorithm_of_private(pkcs8).ok_or(KeyError::Unsuitable)?;
        let seed = Ed25519KeyPair::from_pkcs8(pkcs8)?.seed()?;
        let seed: Curve25519SeedBin<'_> = seed.as_be_bytes()?;
        Self::parse(seed.as_ref())
    }

    fn of(seed: Zeroizing<[u8; 32]>) -> Result<Self, KeyError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed.as_ref())?;
        let seed = Secret::from(seed);
        Ok(Self { seed, pair })
    }

    pub(super) fn seed(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.seed.expose().to_vec())
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
        match (algorithm, message) {
            (SigningAlgorithm::Ed25519, Message::Raw(message)) => {
                Ok(self.pair.try_sign(message)?.as_ref().to_vec())
            }
            (SigningAlgorithm::Ed25519ph, Message::Digest(message)) => self.sign_prehashed(message),
            _ => Err(KeyError::Unsuitable),
        }
    }

    fn sign_prehashed(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let key = SigningKey::from_bytes(self.seed.expose());
        let hash = Sha512::new().chain_update(message);
        let signature = key.sign_prehashed(hash, None);
        let signature = signature.map_err(|_| KeyError::Library)?.to_bytes();
        // A fault while signing could give the key away.
        match verify_prehashed(key.verifying_key().as_bytes(), message, &signature) {
            true => Ok(signature.to_vec()),
            false => Err(KeyError::Library),
        }
    }

    pub(super) fn verify(
        &self,
        algorithm: SigningAlgorithm,
        message: Message<'_>,
        signature: &[u8],
    ) -> Result<bool, KeyError> {
        verify(
            self.pair.public_key().as_ref(),
            algorithm,
            message,
            signature,
        )
    }
}

/// Checks a signature by a public key of 32 bytes.
pub(super) fn verify(
    public: &[u8],
    algorithm: SigningAlgorithm,
    message: Message<'_>,
    signature: &[u8],
) -> Result<bool, KeyError> {
    match (algorithm, message) {
        (SigningAlgorithm::Ed25519, Message::Raw(message)) => {
            let key = UnparsedPublicKey::new(&ED25519, public);
            Ok(key.verify(message, signature).is_ok())
        }
        (SigningAlgorithm::Ed25519ph, Message::Digest(message)) => {
            let public = public.try_into().map_err(|_| KeyError::Unsuitable)?;
            Ok(verify_prehashed(public, message, signature))
        }
        _ => Err(KeyError::Unsuitable),
    }
}

fn verify_prehashed(public: &[u8; 32], message: &[u8], signature: &[u8]) -> bool {
    let (Ok(key), Ok(signature)) = (
        VerifyingKey::from_bytes(public),
        Signature::from_slice(signature),
    ) else {
        return false;
    };
    let hash = Sha512::new().chain_update(message);
    key.verify_prehashed_strict(hash, None, &signature).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hex;

    /// RFC 8032, section 7.3.
    const SEED: &str = "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42";
    const SIGNATURE: &str = "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae41\
                             31f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406";

    #[test]
    fn the_vector_of_the_rfc() {
        let seed: [u8; 32] = hex::decode(SEED.as_bytes()).unwrap();
        let key = Ed25519Key::parse(&seed).unwrap();
        let message = Message::Digest(b"abc");
        let made = key.sign(SigningAlgorithm::Ed25519ph, message).unwrap();
        let expected: [u8; 64] = hex::decode(SIGNATURE.as_bytes()).unwrap();
        assert_eq!(made, expected);
        let verify = |message| key.verify(SigningAlgorithm::Ed25519ph, message, &made);
        assert_eq!(verify(message), Ok(true));
        assert_eq!(verify(Message::Digest(b"abd")), Ok(false));
        // The two algorithms do not accept each other's signatures.
        let plain = key.verify(SigningAlgorithm::Ed25519, Message::Raw(b"abc"), &made);
        assert_eq!(plain, Ok(false));
    }
}
