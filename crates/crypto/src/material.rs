//! The material of KMS keys.

mod algorithm;
mod data_key_pair;
mod der;
mod ec;
mod ed25519;
mod given;
mod hmac;
mod id;
mod import;
mod ml_dsa;
mod ml_kem;
mod rsa;
#[cfg(test)]
mod shared_secrets;
mod sm2;
mod spec;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod vectors;

use aws_lc_rs::rsa::KeySize;
use zeroize::Zeroizing;

pub use self::algorithm::{Hash, KeyError, Message, OaepHash, SigningAlgorithm};
pub use self::data_key_pair::DataKeyPair;
pub(crate) use self::der::tagged;
use self::ec::{Curve, EcKey};
use self::ed25519::Ed25519Key;
use self::hmac::{HmacKey, Size};
pub use self::id::{MaterialId, NotAMaterialId};
pub use self::import::{ImportError, ImportToken, WrappingAlgorithm, WrappingSpec};
use self::ml_dsa::MlDsaKey;
pub use self::ml_kem::Encapsulated;
use self::ml_kem::MlKemKey;
use self::rsa::RsaKey;
use self::sm2::Sm2Key;
pub use self::spec::MaterialSpec;
use crate::envelope::{IntegrityError, SealFailure};
use crate::kdf::KdfKey;
use crate::random::Random;
use crate::record::RecordKey;
use crate::secret::{Secret, SecretBytes};

/// One version of a KMS key's material. Its bytes leave this crate only wrapped.
pub struct KeyMaterial {
    spec: MaterialSpec,
    kind: Kind,
}

enum Kind {
    /// Symmetric encryption: 256 bits, from which every message key is derived.
    Symmetric {
        bytes: Secret<[u8; 32]>,
        kdf: KdfKey,
    },
    Hmac(HmacKey),
    Rsa(Box<RsaKey>),
    Ec(EcKey),
    Ed25519(Ed25519Key),
    MlDsa(MlDsaKey),
    MlKem(MlKemKey),
    Sm2(Sm2Key),
}

/// What a kind of material is, for the code that makes and reads it.
#[derive(Clone, Copy)]
enum Shape {
    Symmetric,
    Hmac(Size),
    Rsa(KeySize),
    Ec(Curve),
    Ed25519,
    MlDsa(ml_dsa::Set),
    MlKem(ml_kem::Set),
    Sm2,
}

impl KeyMaterial {
    /// Makes new material. RSA keys take up to seconds.
    ///
    /// RSA keys and keys on NIST's curves are drawn by the cryptographic library's own generator,
    /// all others from `random`.
    pub fn generate(spec: MaterialSpec, random: &dyn Random) -> Result<Self, KeyError> {
        let kind = match Shape::of(spec) {
            Shape::Symmetric => {
                let mut bytes = Zeroizing::new([0; 32]);
                random.fill(bytes.as_mut())?;
                Kind::symmetric(bytes)
            }
            Shape::Hmac(size) => Kind::Hmac(HmacKey::generate(size, random)?),
            Shape::Rsa(size) => Kind::Rsa(Box::new(RsaKey::generate(size)?)),
            Shape::Ec(curve) => Kind::Ec(EcKey::generate(curve)?),
            Shape::Ed25519 => Kind::Ed25519(Ed25519Key::generate(random)?),
            Shape::MlDsa(set) => Kind::MlDsa(MlDsaKey::generate(set, random)?),
            Shape::MlKem(set) => Kind::MlKem(MlKemKey::generate(set, random)?),
            Shape::Sm2 => Kind::Sm2(Sm2Key::generate(random)?),
        };
        Ok(Self { spec, kind })
    }

    /// What kind of material this is.
    pub fn spec(&self) -> MaterialSpec {
        self.spec
    }

    /// The identifier of this material in the key `key_id`.
    ///
    /// The same material in the same key has the same identifier, here and in a replica; nothing
    /// about the material follows from it.
    pub fn id(&self, key_id: &str) -> Result<MaterialId, KeyError> {
        let label = b"strongroom key material id";
        let id = match &self.kind {
            Kind::Symmetric { kdf, .. } => kdf.derive(label, key_id.as_bytes()),
            // A file may name the primes the other way round, and another exponent that does the
            // same: the modulus says which key it is.
            Kind::Rsa(key) => KdfKey::new(&key.public_key()?).derive(label, key_id.as_bytes()),
            _ => KdfKey::new(&self.stored()?).derive(label, key_id.as_bytes()),
        };
        Ok(MaterialId(*id.expose()))
    }

    /// Wraps the material for storage.
    pub fn wrap(
        &self,
        key: &RecordKey,
        aad: &[u8],
        random: &dyn Random,
    ) -> Result<Vec<u8>, SealFailure> {
        let stored = self.stored().map_err(|_| SealFailure::Cipher)?;
        let mut plaintext = Zeroizing::new(Vec::with_capacity(stored.len() + 1));
        plaintext.push(self.spec.code());
        plaintext.extend_from_slice(&stored);
        key.seal(aad, &plaintext, random)
    }

    /// Reads back what [`wrap`](Self::wrap) wrote.
    pub fn unwrap(key: &RecordKey, aad: &[u8], wrapped: &[u8]) -> Result<Self, IntegrityError> {
        let plaintext = key.open(aad, wrapped)?;
        let (code, stored) = plaintext.split_first().ok_or(IntegrityError)?;
        let spec = MaterialSpec::of_code(*code).ok_or(IntegrityError)?;
        Self::parse(spec, stored).map_err(|_| IntegrityError)
    }

    /// The other way of [`stored`](Self::stored).
    fn parse(spec: MaterialSpec, stored: &[u8]) -> Result<Self, KeyError> {
        let kind = match Shape::of(spec) {
            Shape::Symmetric => {
                let bytes: &[u8; 32] = stored.try_into().map_err(|_| KeyError::Unsuitable)?;
                Kind::symmetric(Zeroizing::new(*bytes))
            }
            Shape::Hmac(size) => Kind::Hmac(HmacKey::parse(size, stored)?),
            Shape::Rsa(size) => Kind::Rsa(Box::new(RsaKey::parse(size, stored)?)),
            Shape::Ec(curve) => Kind::Ec(EcKey::parse(curve, stored)?),
            Shape::Ed25519 => Kind::Ed25519(Ed25519Key::parse(stored)?),
            Shape::MlDsa(set) => Kind::MlDsa(MlDsaKey::parse(set, stored)?),
            Shape::MlKem(set) => Kind::MlKem(MlKemKey::parse(set, stored)?),
            Shape::Sm2 => Kind::Sm2(Sm2Key::parse(stored)?),
        };
        Ok(Self { spec, kind })
    }

    /// What is wrapped: the bytes of a symmetric key, PKCS#8 of an RSA or elliptic curve key, the
    /// number of an SM2 key, the seed of any other.
    fn stored(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        match &self.kind {
            Kind::Symmetric { bytes, .. } => Ok(Zeroizing::new(bytes.expose().to_vec())),
            Kind::Hmac(key) => Ok(key.bytes()),
            Kind::Rsa(key) => key.pkcs8(),
            Kind::Ec(key) => key.pkcs8(),
            Kind::Ed25519(key) => Ok(key.seed()),
            Kind::MlDsa(key) => Ok(key.seed()),
            Kind::MlKem(key) => Ok(key.seed()),
            Kind::Sm2(key) => Ok(key.number()),
        }
    }

    /// The key that message keys of symmetric encryption are derived from.
    pub(crate) fn kdf(&self) -> Option<&KdfKey> {
        match &self.kind {
            Kind::Symmetric { kdf, .. } => Some(kdf),
            _ => None,
        }
    }

    /// The public key: `SubjectPublicKeyInfo` in DER (RFC 5280).
    pub fn public_key(&self) -> Result<Vec<u8>, KeyError> {
        match &self.kind {
            Kind::Rsa(key) => key.public_key(),
            Kind::Ec(key) => key.public_key(),
            Kind::Ed25519(key) => key.public_key(),
            Kind::MlDsa(key) => key.public_key(),
            Kind::MlKem(key) => Ok(key.public_key()),
            Kind::Sm2(key) => Ok(key.public_key()),
            Kind::Symmetric { .. } | Kind::Hmac(_) => Err(KeyError::Unsuitable),
        }
    }

    /// The material of an imported SM2 key: a private key on this curve as `PrivateKeyInfo` in DER
    /// (RFC 5958, RFC 5915). [`KeyError::Unsuitable`] for anything else.
    pub fn from_sm2_pkcs8(pkcs8: &[u8]) -> Result<Self, KeyError> {
        Ok(Self {
            spec: MaterialSpec::Sm2,
            kind: Kind::Sm2(Sm2Key::from_pkcs8(pkcs8)?),
        })
    }

    /// Signs. The nonces of signatures are the library's.
    pub fn sign(
        &self,
        algorithm: SigningAlgorithm,
        message: Message<'_>,
        random: &dyn Random,
    ) -> Result<Vec<u8>, KeyError> {
        match &self.kind {
            Kind::Rsa(key) => key.sign(algorithm, message),
            Kind::Ec(key) => key.sign(algorithm, message),
            Kind::Ed25519(key) => key.sign(algorithm, message),
            Kind::MlDsa(key) => key.sign(algorithm, message, random),
            Kind::Sm2(key) => key.sign(algorithm, message, random),
            _ => Err(KeyError::Unsuitable),
        }
    }

    /// Whether `signature` is one of `message` by this key.
    pub fn verify(
        &self,
        algorithm: SigningAlgorithm,
        message: Message<'_>,
        signature: &[u8],
    ) -> Result<bool, KeyError> {
        match &self.kind {
            Kind::Rsa(key) => key.verify(algorithm, message, signature),
            Kind::Ec(key) => key.verify(algorithm, message, signature),
            Kind::Ed25519(key) => key.verify(algorithm, message, signature),
            Kind::MlDsa(key) => key.verify(algorithm, message, signature),
            Kind::Sm2(key) => key.verify(algorithm, message, signature),
            _ => Err(KeyError::Unsuitable),
        }
    }

    /// RSAES-OAEP encryption, without a label.
    pub fn encrypt_oaep(&self, hash: OaepHash, plaintext: &[u8]) -> Result<Vec<u8>, KeyError> {
        match &self.kind {
            Kind::Rsa(key) => key.encrypt(hash, plaintext),
            _ => Err(KeyError::Unsuitable),
        }
    }

    /// RSAES-OAEP decryption, without a label. `None`, whatever is wrong with the ciphertext.
    pub fn decrypt_oaep(
        &self,
        hash: OaepHash,
        ciphertext: &[u8],
    ) -> Result<Option<Zeroizing<Vec<u8>>>, KeyError> {
        match &self.kind {
            Kind::Rsa(key) => key.decrypt(hash, ciphertext),
            _ => Err(KeyError::Unsuitable),
        }
    }

    /// SM2 public key encryption (GB/T 32918.4); the ciphertext in DER (GM/T 0009).
    /// [`KeyError::Length`] for an empty plaintext.
    pub fn encrypt_sm2(&self, plaintext: &[u8], random: &dyn Random) -> Result<Vec<u8>, KeyError> {
        match &self.kind {
            Kind::Sm2(key) => key.encrypt(plaintext, random),
            _ => Err(KeyError::Unsuitable),
        }
    }

    /// SM2 decryption. `None`, whatever is wrong with the ciphertext.
    pub fn decrypt_sm2(&self, ciphertext: &[u8]) -> Result<Option<Zeroizing<Vec<u8>>>, KeyError> {
        match &self.kind {
            Kind::Sm2(key) => Ok(key.decrypt(ciphertext)),
            _ => Err(KeyError::Unsuitable),
        }
    }

    /// The HMAC of `message`.
    pub fn mac(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        match &self.kind {
            Kind::Hmac(key) => Ok(key.mac(message)),
            _ => Err(KeyError::Unsuitable),
        }
    }

    /// Whether `mac` is the HMAC of `message`: all of it, compared in constant time.
    pub fn verify_mac(&self, message: &[u8], mac: &[u8]) -> Result<bool, KeyError> {
        match &self.kind {
            Kind::Hmac(key) => Ok(key.verify(message, mac)),
            _ => Err(KeyError::Unsuitable),
        }
    }

    /// The raw ECDH secret with the owner of `peer`, a public key as [`public_key`] writes it.
    ///
    /// [`public_key`]: Self::public_key
    pub fn agree(&self, peer: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        match &self.kind {
            Kind::Ec(key) => key.agree(peer),
            Kind::Sm2(key) => key.agree(peer),
            _ => Err(KeyError::Unsuitable),
        }
    }

    /// A new shared secret, and what [`decapsulate`](Self::decapsulate) recovers it from.
    pub fn encapsulate(&self) -> Result<Encapsulated, KeyError> {
        match &self.kind {
            Kind::MlKem(key) => key.encapsulate(),
            _ => Err(KeyError::Unsuitable),
        }
    }

    /// Recovers a shared secret; for a ciphertext of the right length that is not this key's,
    /// pseudo-random bytes.
    pub fn decapsulate(&self, ciphertext: &[u8]) -> Result<SecretBytes, KeyError> {
        match &self.kind {
            Kind::MlKem(key) => key.decapsulate(ciphertext),
            _ => Err(KeyError::Unsuitable),
        }
    }
}

impl Kind {
    fn symmetric(bytes: Zeroizing<[u8; 32]>) -> Self {
        let kdf = KdfKey::new(bytes.as_ref());
        Self::Symmetric {
            bytes: Secret::from(bytes),
            kdf,
        }
    }
}

impl Shape {
    fn of(spec: MaterialSpec) -> Self {
        match spec {
            MaterialSpec::Symmetric => Self::Symmetric,
            MaterialSpec::Hmac224 => Self::Hmac(Size::Sha224),
            MaterialSpec::Hmac256 => Self::Hmac(Size::Sha256),
            MaterialSpec::Hmac384 => Self::Hmac(Size::Sha384),
            MaterialSpec::Hmac512 => Self::Hmac(Size::Sha512),
            MaterialSpec::Rsa2048 => Self::Rsa(KeySize::Rsa2048),
            MaterialSpec::Rsa3072 => Self::Rsa(KeySize::Rsa3072),
            MaterialSpec::Rsa4096 => Self::Rsa(KeySize::Rsa4096),
            MaterialSpec::EccNistP256 => Self::Ec(Curve::P256),
            MaterialSpec::EccNistP384 => Self::Ec(Curve::P384),
            MaterialSpec::EccNistP521 => Self::Ec(Curve::P521),
            MaterialSpec::EccSecgP256k1 => Self::Ec(Curve::P256k1),
            MaterialSpec::EccNistEdwards25519 => Self::Ed25519,
            MaterialSpec::MlDsa44 => Self::MlDsa(ml_dsa::Set::MlDsa44),
            MaterialSpec::MlDsa65 => Self::MlDsa(ml_dsa::Set::MlDsa65),
            MaterialSpec::MlDsa87 => Self::MlDsa(ml_dsa::Set::MlDsa87),
            MaterialSpec::MlKem512 => Self::MlKem(ml_kem::Set::MlKem512),
            MaterialSpec::MlKem768 => Self::MlKem(ml_kem::Set::MlKem768),
            MaterialSpec::MlKem1024 => Self::MlKem(ml_kem::Set::MlKem1024),
            MaterialSpec::Sm2 => Self::Sm2,
        }
    }
}
