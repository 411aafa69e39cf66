//! Key material and everything that is done with it.
//!
//! The only crate that sees key bytes. It derives keys (SP 800-108), seals records and journal
//! segments (AES-256-GCM under derived keys, key committing), opens the root seals that guard the
//! keyring, writes and reads the ciphertext blobs of KMS keys, and holds the material of KMS keys of
//! every kind. It verifies attestation documents, and encrypts for those who attest. One library does
//! the cryptography, aws-lc-rs, with four algorithms added that it lacks (decision 11).
//!
//! What it never does: hand out the bytes of a key, draw randomness of its own ([`Random`] is
//! passed in; RSA keys, keys on its curves, nonces and encapsulations come from the library), touch a file, a clock or the network, or implement `Debug`, `Clone` or `Serialize`
//! for anything secret. All key bytes are zeroized on drop.

mod aead;
pub mod attestation;
mod certificate;
pub mod ciphertext;
mod cms;
mod data_key;
mod der;
mod envelope;
mod fingerprint;
mod hex;
pub mod jws;
pub mod kdf;
pub mod keyfile;
mod keyring;
mod material;
mod message_signer;
mod passphrase;
mod password;
pub mod private_key;
mod public_jwk;
mod random;
mod record;
mod sdk_message;
pub mod seal;
mod secret;
mod segment;
#[cfg(test)]
mod tally;
mod thumbprint;
pub mod totp;
mod webhook;
pub mod xmldsig;

pub use cms::RecipientKey;
pub use data_key::DataKey;
pub use envelope::{IntegrityError, SealFailure};
pub use fingerprint::{md5_fingerprint, md5_sum};
pub use keyring::{IndexKey, Keyring};
pub use material::{
    DataKeyPair, Encapsulated, Hash, ImportError, ImportToken, KeyError, KeyMaterial, MaterialId,
    MaterialSpec, Message, NotAMaterialId, OaepHash, SigningAlgorithm, WrappingAlgorithm,
    WrappingSpec,
};
pub use message_signer::{CertificateTerms, MessageSigner, SignerFailure};
pub use passphrase::Cost;
pub use password::{PasswordHash, PasswordHashError};
pub use public_jwk::public_jwk;
pub use random::{Random, RandomFailure};
pub use record::RecordKey;
pub use sdk_message::{SdkDataKey, SdkMessage, seal_sdk_message};
pub use secret::{Secret, SecretBytes};
pub use segment::SegmentKey;
pub use thumbprint::{sha1_name, sha1_thumbprint};
pub use webhook::WebhookKey;

/// SHA-256 (FIPS 180-4).
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    digest.as_ref().first_chunk().copied().unwrap_or_default()
}

/// SHA-256 of bytes that come one part after the other (FIPS 180-4).
pub struct Sha256(aws_lc_rs::digest::Context);

impl Default for Sha256 {
    fn default() -> Self {
        Self(aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256))
    }
}

impl Sha256 {
    /// Adds the next part.
    pub fn update(&mut self, part: &[u8]) {
        self.0.update(part);
    }

    /// The hash of all parts.
    pub fn finish(self) -> [u8; 32] {
        let digest = self.0.finish();
        digest.as_ref().first_chunk().copied().unwrap_or_default()
    }
}
