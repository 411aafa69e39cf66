//! The algorithm that a request names, of whatever sort, and whether a key knows it.

use api::kms::{
    EncapsulationAlgorithmSpec, EncryptionAlgorithmSpec, InvalidKeyUsageException,
    KeyAgreementAlgorithmSpec, MacAlgorithmSpec, SigningAlgorithmSpec,
};
use crypto::{Hash, KeyError, KeyMaterial, OaepHash, Random, SigningAlgorithm};
use wire::Fault;
use zeroize::Zeroizing;

use crate::key::KeyRecord;
use crate::kind::{Spec, Usage};

/// An algorithm.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Encryption(EncryptionAlgorithmSpec),
    Signing(SigningAlgorithmSpec),
    Mac(MacAlgorithmSpec),
    KeyAgreement(KeyAgreementAlgorithmSpec),
    Encapsulation(EncapsulationAlgorithmSpec),
}

impl Algorithm {
    /// Refuses a key that is for something else.
    pub(crate) fn check_usage(self, key: &KeyRecord, operation: &str) -> Result<(), Fault> {
        if key.usage != self.usage() {
            return Err(InvalidKeyUsageException::new(format!(
                "{} key usage is {} which is not valid for {operation}.",
                key.arn,
                key.usage.shown().as_str(),
            )));
        }
        Ok(())
    }

    /// Refuses a key whose material does not do this.
    pub(crate) fn check_spec(self, key: &KeyRecord) -> Result<(), Fault> {
        if !self.is_known_by(key.spec) {
            return Err(InvalidKeyUsageException::new(format!(
                "Algorithm {} is incompatible with key spec {}.",
                self.as_str(),
                key.spec.shown().as_str(),
            )));
        }
        Ok(())
    }

    fn usage(self) -> Usage {
        match self {
            Self::Encryption(_) => Usage::EncryptDecrypt,
            Self::Signing(_) => Usage::SignVerify,
            Self::Mac(_) => Usage::GenerateVerifyMac,
            Self::KeyAgreement(_) => Usage::KeyAgreement,
            Self::Encapsulation(_) => Usage::EncapsulateDecapsulate,
        }
    }

    fn is_known_by(self, spec: Spec) -> bool {
        match self {
            Self::Encryption(asked) => spec.encryption_algorithms().contains(&asked),
            Self::Signing(asked) => spec.signing_algorithms().contains(&asked),
            Self::Mac(asked) => spec.mac_algorithms().contains(&asked),
            Self::KeyAgreement(asked) => spec.key_agreement_algorithms().contains(&asked),
            Self::Encapsulation(asked) => spec.encapsulation_algorithms().contains(&asked),
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Encryption(asked) => asked.as_str(),
            Self::Signing(asked) => asked.as_str(),
            Self::Mac(asked) => asked.as_str(),
            Self::KeyAgreement(asked) => asked.as_str(),
            Self::Encapsulation(asked) => asked.as_str(),
        }
    }
}

/// How a key pair encrypts.
#[derive(Clone, Copy)]
pub(crate) enum PublicKeyEncryption {
    Oaep(OaepHash),
    Sm2,
}

impl PublicKeyEncryption {
    /// None for symmetric encryption.
    pub(crate) fn of(algorithm: EncryptionAlgorithmSpec) -> Option<Self> {
        match algorithm {
            EncryptionAlgorithmSpec::RsaesOaepSha1 => Some(Self::Oaep(OaepHash::Sha1)),
            EncryptionAlgorithmSpec::RsaesOaepSha256 => Some(Self::Oaep(OaepHash::Sha256)),
            EncryptionAlgorithmSpec::Sm2pke => Some(Self::Sm2),
            EncryptionAlgorithmSpec::SymmetricDefault => None,
        }
    }

    pub(crate) fn encrypt(
        self,
        material: &KeyMaterial,
        plaintext: &[u8],
        random: &dyn Random,
    ) -> Result<Vec<u8>, KeyError> {
        match self {
            Self::Oaep(hash) => material.encrypt_oaep(hash, plaintext),
            Self::Sm2 => material.encrypt_sm2(plaintext, random),
        }
    }

    /// `None`, whatever is wrong with the ciphertext.
    pub(crate) fn decrypt(
        self,
        material: &KeyMaterial,
        ciphertext: &[u8],
    ) -> Result<Option<Zeroizing<Vec<u8>>>, KeyError> {
        match self {
            Self::Oaep(hash) => material.decrypt_oaep(hash, ciphertext),
            Self::Sm2 => material.decrypt_sm2(ciphertext),
        }
    }
}

/// How material signs.
pub(crate) fn signing(algorithm: SigningAlgorithmSpec) -> SigningAlgorithm {
    use SigningAlgorithm::{Ecdsa, Ed25519, Ed25519ph, MlDsa, RsaPkcs1, RsaPss, Sm2Dsa};
    match algorithm {
        SigningAlgorithmSpec::RsassaPssSha256 => RsaPss(Hash::Sha256),
        SigningAlgorithmSpec::RsassaPssSha384 => RsaPss(Hash::Sha384),
        SigningAlgorithmSpec::RsassaPssSha512 => RsaPss(Hash::Sha512),
        SigningAlgorithmSpec::RsassaPkcs1V15Sha256 => RsaPkcs1(Hash::Sha256),
        SigningAlgorithmSpec::RsassaPkcs1V15Sha384 => RsaPkcs1(Hash::Sha384),
        SigningAlgorithmSpec::RsassaPkcs1V15Sha512 => RsaPkcs1(Hash::Sha512),
        SigningAlgorithmSpec::EcdsaSha256 => Ecdsa(Hash::Sha256),
        SigningAlgorithmSpec::EcdsaSha384 => Ecdsa(Hash::Sha384),
        SigningAlgorithmSpec::EcdsaSha512 => Ecdsa(Hash::Sha512),
        SigningAlgorithmSpec::MlDsaShake256 => MlDsa,
        SigningAlgorithmSpec::Ed25519Sha512 => Ed25519,
        SigningAlgorithmSpec::Ed25519PhSha512 => Ed25519ph,
        SigningAlgorithmSpec::Sm2dsa => Sm2Dsa,
    }
}
