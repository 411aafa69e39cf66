//! What a key is made of, what it is for, and where its material comes from (AWS KMS developer
//! guide, "Key spec reference").

use api::kms::{
    DataKeyPairSpec, EncapsulationAlgorithmSpec, EncryptionAlgorithmSpec,
    KeyAgreementAlgorithmSpec, KeySpec, KeyUsageType, MacAlgorithmSpec, OriginType,
    SigningAlgorithmSpec,
};
use crypto::MaterialSpec;
use serde::{Deserialize, Serialize};

/// The kinds of material. New ones are added at the end.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Spec {
    SymmetricDefault,
    Rsa2048,
    Rsa3072,
    Rsa4096,
    EccNistP256,
    EccNistP384,
    EccNistP521,
    EccSecgP256k1,
    EccNistEdwards25519,
    Hmac224,
    Hmac256,
    Hmac384,
    Hmac512,
    MlDsa44,
    MlDsa65,
    MlDsa87,
    MlKem512,
    MlKem768,
    MlKem1024,
    Sm2,
}

/// What a key is for. New ones are added at the end.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Usage {
    EncryptDecrypt,
    SignVerify,
    GenerateVerifyMac,
    KeyAgreement,
    EncapsulateDecapsulate,
}

/// Where material comes from. New ones are added at the end.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Origin {
    AwsKms,
    External,
    AwsCloudHsm,
    ExternalKeyStore,
}

/// Each kind with its name in the API and its material.
const SPECS: [(Spec, KeySpec, MaterialSpec); 20] = [
    (
        Spec::SymmetricDefault,
        KeySpec::SymmetricDefault,
        MaterialSpec::Symmetric,
    ),
    (Spec::Rsa2048, KeySpec::Rsa2048, MaterialSpec::Rsa2048),
    (Spec::Rsa3072, KeySpec::Rsa3072, MaterialSpec::Rsa3072),
    (Spec::Rsa4096, KeySpec::Rsa4096, MaterialSpec::Rsa4096),
    (
        Spec::EccNistP256,
        KeySpec::EccNistP256,
        MaterialSpec::EccNistP256,
    ),
    (
        Spec::EccNistP384,
        KeySpec::EccNistP384,
        MaterialSpec::EccNistP384,
    ),
    (
        Spec::EccNistP521,
        KeySpec::EccNistP521,
        MaterialSpec::EccNistP521,
    ),
    (
        Spec::EccSecgP256k1,
        KeySpec::EccSecgP256k1,
        MaterialSpec::EccSecgP256k1,
    ),
    (
        Spec::EccNistEdwards25519,
        KeySpec::EccNistEdwards25519,
        MaterialSpec::EccNistEdwards25519,
    ),
    (Spec::Hmac224, KeySpec::Hmac224, MaterialSpec::Hmac224),
    (Spec::Hmac256, KeySpec::Hmac256, MaterialSpec::Hmac256),
    (Spec::Hmac384, KeySpec::Hmac384, MaterialSpec::Hmac384),
    (Spec::Hmac512, KeySpec::Hmac512, MaterialSpec::Hmac512),
    (Spec::MlDsa44, KeySpec::MlDsa44, MaterialSpec::MlDsa44),
    (Spec::MlDsa65, KeySpec::MlDsa65, MaterialSpec::MlDsa65),
    (Spec::MlDsa87, KeySpec::MlDsa87, MaterialSpec::MlDsa87),
    (Spec::MlKem512, KeySpec::MlKem512, MaterialSpec::MlKem512),
    (Spec::MlKem768, KeySpec::MlKem768, MaterialSpec::MlKem768),
    (Spec::MlKem1024, KeySpec::MlKem1024, MaterialSpec::MlKem1024),
    (Spec::Sm2, KeySpec::Sm2, MaterialSpec::Sm2),
];

impl Spec {
    /// The kind that the API calls `asked`.
    pub(crate) fn of(asked: KeySpec) -> Option<Self> {
        let mut specs = SPECS.iter();
        let found = specs.find(|(_, shown, _)| *shown == asked);
        found.map(|(spec, ..)| *spec)
    }

    /// The kind of a data key pair.
    pub(crate) fn of_pair(asked: DataKeyPairSpec) -> Option<Self> {
        Self::of(KeySpec::parse(asked.as_str())?)
    }

    /// The API's name.
    pub(crate) fn shown(self) -> KeySpec {
        let mut specs = SPECS.iter();
        let found = specs.find(|(spec, ..)| *spec == self);
        found.map_or(KeySpec::SymmetricDefault, |(_, shown, _)| *shown)
    }

    /// The material that such a key has.
    pub(crate) fn material(self) -> MaterialSpec {
        let mut specs = SPECS.iter();
        let found = specs.find(|(spec, ..)| *spec == self);
        found.map_or(MaterialSpec::Symmetric, |(.., material)| *material)
    }

    /// Whether there is a key pair.
    pub(crate) fn is_asymmetric(self) -> bool {
        self.material().is_asymmetric()
    }

    /// Whether what such a key does takes less than a tenth of a millisecond: no longer than
    /// handing it to another thread and back holds up the call.
    pub(crate) fn is_quick(self) -> bool {
        use Spec::{EccNistEdwards25519, EccNistP256, MlKem512, MlKem768, MlKem1024};
        matches!(
            self,
            EccNistP256 | EccNistEdwards25519 | MlKem512 | MlKem768 | MlKem1024
        )
    }

    /// Whether such material can be imported ("Importing key material for AWS KMS keys").
    pub(crate) fn is_importable(self) -> bool {
        !matches!(
            self,
            Self::MlDsa44
                | Self::MlDsa65
                | Self::MlDsa87
                | Self::MlKem512
                | Self::MlKem768
                | Self::MlKem1024
        )
    }

    /// What such a key may be for (CreateKey, `KeyUsage`).
    pub(crate) fn usages(self) -> &'static [Usage] {
        use Usage::{
            EncapsulateDecapsulate, EncryptDecrypt, GenerateVerifyMac, KeyAgreement, SignVerify,
        };
        match self {
            Self::SymmetricDefault => &[EncryptDecrypt],
            Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096 => &[EncryptDecrypt, SignVerify],
            Self::EccNistP256 | Self::EccNistP384 | Self::EccNistP521 => {
                &[SignVerify, KeyAgreement]
            }
            Self::Hmac224 | Self::Hmac256 | Self::Hmac384 | Self::Hmac512 => &[GenerateVerifyMac],
            Self::EccSecgP256k1
            | Self::EccNistEdwards25519
            | Self::MlDsa44
            | Self::MlDsa65
            | Self::MlDsa87 => &[SignVerify],
            Self::MlKem512 | Self::MlKem768 | Self::MlKem1024 => &[EncapsulateDecapsulate],
            Self::Sm2 => &[EncryptDecrypt, SignVerify, KeyAgreement],
        }
    }

    /// How such a key encrypts, if that is what it is for.
    pub(crate) fn encryption_algorithms(self) -> &'static [EncryptionAlgorithmSpec] {
        use EncryptionAlgorithmSpec::{RsaesOaepSha1, RsaesOaepSha256, Sm2pke, SymmetricDefault};
        match self {
            Self::SymmetricDefault => &[SymmetricDefault],
            Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096 => &[RsaesOaepSha1, RsaesOaepSha256],
            Self::Sm2 => &[Sm2pke],
            _ => &[],
        }
    }

    /// How such a key signs, if that is what it is for.
    pub(crate) fn signing_algorithms(self) -> &'static [SigningAlgorithmSpec] {
        use SigningAlgorithmSpec::{
            EcdsaSha256, EcdsaSha384, EcdsaSha512, Ed25519PhSha512, Ed25519Sha512, MlDsaShake256,
            RsassaPkcs1V15Sha256, RsassaPkcs1V15Sha384, RsassaPkcs1V15Sha512, RsassaPssSha256,
            RsassaPssSha384, RsassaPssSha512, Sm2dsa,
        };
        match self {
            Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096 => &[
                RsassaPkcs1V15Sha256,
                RsassaPkcs1V15Sha384,
                RsassaPkcs1V15Sha512,
                RsassaPssSha256,
                RsassaPssSha384,
                RsassaPssSha512,
            ],
            Self::EccNistP256 | Self::EccSecgP256k1 => &[EcdsaSha256],
            Self::EccNistP384 => &[EcdsaSha384],
            Self::EccNistP521 => &[EcdsaSha512],
            Self::EccNistEdwards25519 => &[Ed25519PhSha512, Ed25519Sha512],
            Self::MlDsa44 | Self::MlDsa65 | Self::MlDsa87 => &[MlDsaShake256],
            Self::Sm2 => &[Sm2dsa],
            _ => &[],
        }
    }

    /// The MAC algorithms of such a key.
    pub(crate) fn mac_algorithms(self) -> &'static [MacAlgorithmSpec] {
        match self {
            Self::Hmac224 => &[MacAlgorithmSpec::HmacSha224],
            Self::Hmac256 => &[MacAlgorithmSpec::HmacSha256],
            Self::Hmac384 => &[MacAlgorithmSpec::HmacSha384],
            Self::Hmac512 => &[MacAlgorithmSpec::HmacSha512],
            _ => &[],
        }
    }

    /// How such a key derives shared secrets, if that is what it is for.
    pub(crate) fn key_agreement_algorithms(self) -> &'static [KeyAgreementAlgorithmSpec] {
        match self {
            Self::EccNistP256 | Self::EccNistP384 | Self::EccNistP521 | Self::Sm2 => {
                &[KeyAgreementAlgorithmSpec::Ecdh]
            }
            _ => &[],
        }
    }

    /// How such a key encapsulates shared secrets.
    pub(crate) fn encapsulation_algorithms(self) -> &'static [EncapsulationAlgorithmSpec] {
        match self {
            Self::MlKem512 | Self::MlKem768 | Self::MlKem1024 => {
                &[EncapsulationAlgorithmSpec::MlKem]
            }
            _ => &[],
        }
    }

    /// The most bytes that a public key encrypts (Encrypt): for RSAES-OAEP, what the modulus leaves
    /// beside two digests and two bytes.
    pub(crate) fn plaintext_limit(self, algorithm: EncryptionAlgorithmSpec) -> Option<usize> {
        let modulus = match self {
            Self::Sm2 => return Some(1024),
            Self::Rsa2048 => 256,
            Self::Rsa3072 => 384,
            Self::Rsa4096 => 512,
            _ => return None,
        };
        match algorithm {
            EncryptionAlgorithmSpec::RsaesOaepSha1 => Some(modulus - 2 * 20 - 2),
            EncryptionAlgorithmSpec::RsaesOaepSha256 => Some(modulus - 2 * 32 - 2),
            _ => None,
        }
    }
}

impl Usage {
    /// The API's name.
    pub(crate) fn shown(self) -> KeyUsageType {
        match self {
            Self::EncryptDecrypt => KeyUsageType::EncryptDecrypt,
            Self::SignVerify => KeyUsageType::SignVerify,
            Self::GenerateVerifyMac => KeyUsageType::GenerateVerifyMac,
            Self::KeyAgreement => KeyUsageType::KeyAgreement,
            Self::EncapsulateDecapsulate => KeyUsageType::EncapsulateDecapsulate,
        }
    }

    /// What the API calls `asked`.
    pub(crate) fn of(asked: KeyUsageType) -> Self {
        match asked {
            KeyUsageType::EncryptDecrypt => Self::EncryptDecrypt,
            KeyUsageType::SignVerify => Self::SignVerify,
            KeyUsageType::GenerateVerifyMac => Self::GenerateVerifyMac,
            KeyUsageType::KeyAgreement => Self::KeyAgreement,
            KeyUsageType::EncapsulateDecapsulate => Self::EncapsulateDecapsulate,
        }
    }
}

impl Origin {
    /// The API's name.
    pub(crate) fn shown(self) -> OriginType {
        match self {
            Self::AwsKms => OriginType::AwsKms,
            Self::External => OriginType::External,
            Self::AwsCloudHsm => OriginType::AwsCloudhsm,
            Self::ExternalKeyStore => OriginType::ExternalKeyStore,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_name_its_material_and_a_use() {
        for (spec, shown, material) in SPECS {
            assert!(Spec::of(shown) == Some(spec) && spec.shown() == shown);
            assert_eq!(spec.material(), material);
            for usage in spec.usages() {
                let known = match usage {
                    Usage::EncryptDecrypt => spec.encryption_algorithms().len(),
                    Usage::SignVerify => spec.signing_algorithms().len(),
                    Usage::GenerateVerifyMac => spec.mac_algorithms().len(),
                    Usage::KeyAgreement => spec.key_agreement_algorithms().len(),
                    Usage::EncapsulateDecapsulate => spec.encapsulation_algorithms().len(),
                };
                assert_ne!(known, 0, "{}", shown.as_str());
                assert!(Usage::of(usage.shown()) == *usage);
            }
        }
    }

    #[test]
    fn public_keys_take_what_the_api_reference_says() {
        use EncryptionAlgorithmSpec::{RsaesOaepSha1, RsaesOaepSha256};
        for (spec, sha_1, sha_256) in [
            (Spec::Rsa2048, 214, 190),
            (Spec::Rsa3072, 342, 318),
            (Spec::Rsa4096, 470, 446),
        ] {
            assert_eq!(spec.plaintext_limit(RsaesOaepSha1), Some(sha_1));
            assert_eq!(spec.plaintext_limit(RsaesOaepSha256), Some(sha_256));
        }
        let sm2pke = EncryptionAlgorithmSpec::Sm2pke;
        assert_eq!(Spec::Sm2.plaintext_limit(sm2pke), Some(1024));
    }
}
