//! The material of KMS keys.

use std::fmt::{self, Write};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use zeroize::Zeroizing;

use crate::envelope::{IntegrityError, SealFailure};
use crate::hex;
use crate::kdf::KdfKey;
use crate::random::{Random, RandomFailure};
use crate::record::RecordKey;
use crate::secret::Secret;

/// One version of a KMS key's material. Its bytes leave this crate only wrapped.
pub struct KeyMaterial(Kind);

enum Kind {
    /// Symmetric encryption: 256 bits, from which every message key is derived.
    Aes256 {
        bytes: Secret<[u8; 32]>,
        kdf: KdfKey,
    },
}

const AES_256: u8 = 1;

impl KeyMaterial {
    /// Draws material for a symmetric encryption key.
    pub fn generate(random: &dyn Random) -> Result<Self, RandomFailure> {
        let mut bytes = Zeroizing::new([0; 32]);
        random.fill(bytes.as_mut())?;
        Ok(Self::aes_256(bytes))
    }

    /// The identifier of this material in the key `key_id`.
    ///
    /// The same material in the same key has the same identifier, here and in a replica; nothing
    /// about the material follows from it.
    pub fn id(&self, key_id: &str) -> MaterialId {
        let id = self
            .kdf()
            .derive(b"strongroom key material id", key_id.as_bytes());
        MaterialId(*id.expose())
    }

    /// Wraps the material for storage.
    pub fn wrap(
        &self,
        key: &RecordKey,
        aad: &[u8],
        random: &dyn Random,
    ) -> Result<Vec<u8>, SealFailure> {
        let Kind::Aes256 { bytes, .. } = &self.0;
        let mut plaintext = Zeroizing::new([AES_256; 33]);
        for (to, from) in plaintext.iter_mut().skip(1).zip(bytes.expose()) {
            *to = *from;
        }
        key.seal(aad, plaintext.as_ref(), random)
    }

    /// Reads back what [`wrap`](Self::wrap) wrote.
    pub fn unwrap(key: &RecordKey, aad: &[u8], wrapped: &[u8]) -> Result<Self, IntegrityError> {
        let plaintext = key.open(aad, wrapped)?;
        let bytes = plaintext.strip_prefix(&[AES_256]).ok_or(IntegrityError)?;
        let bytes: &[u8; 32] = bytes.try_into().map_err(|_| IntegrityError)?;
        Ok(Self::aes_256(Zeroizing::new(*bytes)))
    }

    fn aes_256(bytes: Zeroizing<[u8; 32]>) -> Self {
        let kdf = KdfKey::new(bytes.as_ref());
        Self(Kind::Aes256 {
            bytes: Secret::from(bytes),
            kdf,
        })
    }

    pub(crate) fn kdf(&self) -> &KdfKey {
        let Kind::Aes256 { kdf, .. } = &self.0;
        kdf
    }
}

/// Names one version of a key's material: 32 bytes, written as 64 lower-case hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MaterialId(pub(crate) [u8; 32]);

/// Text that is not 64 lower-case hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key material id is 64 lower-case hex digits")]
pub struct NotAMaterialId;

impl fmt::Display for MaterialId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut digits = String::with_capacity(64);
        hex::encode(&self.0, &mut digits);
        f.write_str(&digits)
    }
}

impl FromStr for MaterialId {
    type Err = NotAMaterialId;

    fn from_str(text: &str) -> Result<Self, NotAMaterialId> {
        hex::decode(text.as_bytes()).map(Self).ok_or(NotAMaterialId)
    }
}

impl Serialize for MaterialId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut digits = String::with_capacity(64);
        let _ = write!(digits, "{self}");
        serializer.serialize_str(&digits)
    }
}

impl<'de> Deserialize<'de> for MaterialId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keyring::Keyring;
    use crate::random::testing::Seeded;

    #[test]
    fn wrapping_round_trips_and_is_bound_to_its_place() {
        let random = Seeded::new(1);
        let keyring = Keyring::generate(&random).unwrap();
        let key = keyring.record_key("111122223333", "kms");
        let material = KeyMaterial::generate(&random).unwrap();
        let wrapped = material.wrap(&key, b"key-1", &random).unwrap();
        let again = KeyMaterial::unwrap(&key, b"key-1", &wrapped).unwrap();
        assert_eq!(again.id("key-1"), material.id("key-1"));
        assert!(KeyMaterial::unwrap(&key, b"key-2", &wrapped).is_err());
        let other = keyring.record_key("111122223333", "ssm");
        assert!(KeyMaterial::unwrap(&other, b"key-1", &wrapped).is_err());
        let not_material = key.seal(b"key-1", b"\x02............", &random).unwrap();
        assert!(KeyMaterial::unwrap(&key, b"key-1", &not_material).is_err());
    }

    #[test]
    fn identifiers_are_stable_distinct_and_parse() {
        let random = Seeded::new(2);
        let (one, two) = (
            KeyMaterial::generate(&random).unwrap(),
            KeyMaterial::generate(&random).unwrap(),
        );
        let id = one.id("k");
        assert_eq!(id, one.id("k"));
        assert_ne!(id, one.id("l"));
        assert_ne!(id, two.id("k"));
        let text = id.to_string();
        assert_eq!(text.len(), 64);
        assert_eq!(text.parse(), Ok(id));
        assert_eq!(
            text.to_uppercase().parse::<MaterialId>(),
            Err(NotAMaterialId)
        );
    }
}
