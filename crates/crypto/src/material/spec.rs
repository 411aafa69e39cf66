//! The kinds of key material (AWS KMS developer guide, "Key spec reference").

/// A kind of key material, named as KMS names its key specs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MaterialSpec {
    /// 256 bits for symmetric encryption.
    Symmetric,
    /// 224 bits for HMAC-SHA-224.
    Hmac224,
    /// 256 bits for HMAC-SHA-256.
    Hmac256,
    /// 384 bits for HMAC-SHA-384.
    Hmac384,
    /// 512 bits for HMAC-SHA-512.
    Hmac512,
    /// An RSA key of 2048 bits.
    Rsa2048,
    /// An RSA key of 3072 bits.
    Rsa3072,
    /// An RSA key of 4096 bits.
    Rsa4096,
    /// A key on secp256r1.
    EccNistP256,
    /// A key on secp384r1.
    EccNistP384,
    /// A key on secp521r1.
    EccNistP521,
    /// A key on secp256k1.
    EccSecgP256k1,
    /// An Ed25519 key.
    EccNistEdwards25519,
    /// An ML-DSA-44 key.
    MlDsa44,
    /// An ML-DSA-65 key.
    MlDsa65,
    /// An ML-DSA-87 key.
    MlDsa87,
    /// An ML-KEM-512 key.
    MlKem512,
    /// An ML-KEM-768 key.
    MlKem768,
    /// An ML-KEM-1024 key.
    MlKem1024,
    /// An SM2 key.
    Sm2,
}

impl MaterialSpec {
    /// Every kind; its place, from 1, is the first byte of wrapped material. New ones are added
    /// at the end.
    pub const ALL: [Self; 20] = [
        Self::Symmetric,
        Self::Hmac224,
        Self::Hmac256,
        Self::Hmac384,
        Self::Hmac512,
        Self::Rsa2048,
        Self::Rsa3072,
        Self::Rsa4096,
        Self::EccNistP256,
        Self::EccNistP384,
        Self::EccNistP521,
        Self::EccSecgP256k1,
        Self::EccNistEdwards25519,
        Self::MlDsa44,
        Self::MlDsa65,
        Self::MlDsa87,
        Self::MlKem512,
        Self::MlKem768,
        Self::MlKem1024,
        Self::Sm2,
    ];

    /// Whether there is a public key.
    pub fn is_asymmetric(self) -> bool {
        !matches!(
            self,
            Self::Symmetric | Self::Hmac224 | Self::Hmac256 | Self::Hmac384 | Self::Hmac512
        )
    }

    /// The byte that stands for the kind in wrapped material.
    pub(super) fn code(self) -> u8 {
        (1..)
            .zip(Self::ALL)
            .find(|(_, spec)| *spec == self)
            .map_or(0, |(code, _)| code)
    }

    /// The kind that `code` stands for.
    pub(super) fn of_code(code: u8) -> Option<Self> {
        let index = usize::from(code).checked_sub(1)?;
        Self::ALL.get(index).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_distinct_and_stay() {
        for (code, spec) in (1..).zip(MaterialSpec::ALL) {
            assert_eq!(spec.code(), code);
            assert_eq!(MaterialSpec::of_code(code), Some(spec));
        }
        assert_eq!(MaterialSpec::of_code(0), None);
        assert_eq!(MaterialSpec::of_code(21), None);
        assert_eq!(MaterialSpec::Symmetric.code(), 1);
        assert_eq!(MaterialSpec::MlKem1024.code(), 19);
        assert_eq!(MaterialSpec::Sm2.code(), 20);
    }
}
