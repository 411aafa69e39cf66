//! Material that somebody brings in clear, for keys of development servers.

use super::{KeyError, KeyMaterial, MaterialSpec, Shape};

/// What stands before the seed in the PKCS#8 of an Ed25519 key (RFC 8410, section 7).
const ED25519_PKCS8: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

impl KeyMaterial {
    /// Material of exactly this kind: the bytes of a symmetric or HMAC key, as many as can be
    /// imported; PKCS#8 of an RSA or elliptic curve key; PKCS#8 or the seed of an Ed25519 key;
    /// the seed of any other. Whatever else it is, the error is [`KeyError::Unsuitable`].
    pub fn of_bytes(spec: MaterialSpec, bytes: &[u8]) -> Result<Self, KeyError> {
        let seed = match spec {
            MaterialSpec::EccNistEdwards25519 => bytes.strip_prefix(&ED25519_PKCS8),
            _ => None,
        };
        if matches!(Shape::of(spec), Shape::Rsa(_) | Shape::Ec(_)) {
            return Self::import(spec, bytes).map_err(|_| KeyError::Unsuitable);
        }
        Self::parse(spec, seed.unwrap_or(bytes)).map_err(|_| KeyError::Unsuitable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::testing::Seeded;

    #[test]
    fn material_of_every_kind_comes_back_and_of_no_other_kind() {
        let random = Seeded::new(7);
        for spec in MaterialSpec::ALL {
            let made = KeyMaterial::generate(spec, &random).unwrap();
            let stored = made.stored().unwrap();
            let given = KeyMaterial::of_bytes(spec, &stored).unwrap();
            assert!(
                given.id("key").unwrap() == made.id("key").unwrap(),
                "{spec:?}"
            );
            // The longest HMAC key that can be imported has 128 bytes.
            let longer: &[u8] = match Shape::of(spec) {
                Shape::Hmac(_) => &[1; 129],
                _ => &[&stored[..], &[0]].concat(),
            };
            for wrong in [&stored[1..], longer, &[]] {
                assert!(KeyMaterial::of_bytes(spec, wrong).is_err(), "{spec:?}");
            }
        }
        let p256 = KeyMaterial::generate(MaterialSpec::EccNistP256, &random).unwrap();
        let p256 = p256.stored().unwrap();
        for other in [MaterialSpec::EccSecgP256k1, MaterialSpec::Rsa2048] {
            assert!(KeyMaterial::of_bytes(other, &p256).is_err());
        }
    }

    #[test]
    fn ed25519_comes_as_pkcs8_too() {
        let spec = MaterialSpec::EccNistEdwards25519;
        let made = KeyMaterial::generate(spec, &Seeded::new(8)).unwrap();
        let seed = made.stored().unwrap();
        let pkcs8 = [&ED25519_PKCS8[..], &seed].concat();
        let given = KeyMaterial::of_bytes(spec, &pkcs8).unwrap();
        assert_eq!(given.public_key().unwrap(), made.public_key().unwrap());
    }
}
