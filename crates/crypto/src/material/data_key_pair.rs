//! Data key pairs: made to leave, and never the material of a KMS key.

use zeroize::Zeroizing;

use super::{KeyError, KeyMaterial, Kind, MaterialSpec};
use crate::random::Random;

/// A key pair for use outside (AWS KMS developer guide, "Generate data key pairs").
pub struct DataKeyPair {
    /// `PrivateKeyInfo` in DER (RFC 5958). ML-KEM keys are in seed format (RFC 9935).
    pub private_key: Zeroizing<Vec<u8>>,
    /// `SubjectPublicKeyInfo` in DER (RFC 5280).
    pub public_key: Vec<u8>,
}

impl DataKeyPair {
    /// Makes a key pair; [`KeyError::Unsuitable`] for kinds that KMS makes none of: symmetric
    /// keys and ML-DSA.
    pub fn generate(spec: MaterialSpec, random: &dyn Random) -> Result<Self, KeyError> {
        let pair = KeyMaterial::generate(spec, random)?;
        let private_key = match &pair.kind {
            Kind::Rsa(key) => key.pkcs8()?,
            Kind::Ec(key) => key.pkcs8()?,
            Kind::Ed25519(key) => key.pkcs8()?,
            Kind::MlKem(key) => key.pkcs8(),
            Kind::Sm2(key) => key.pkcs8(),
            Kind::Symmetric { .. } | Kind::Hmac(_) | Kind::MlDsa(_) => {
                return Err(KeyError::Unsuitable);
            }
        };
        let public_key = pair.public_key()?;
        Ok(Self {
            private_key,
            public_key,
        })
    }
}
