//! The message of Sign and Verify: whether its type and length fit the algorithm.

use api::kms::{MessageType, SigningAlgorithmSpec};
use crypto::{Hash, Message, SigningAlgorithm};
use platform::{Result, validation};
use zeroize::Zeroizing;

use crate::algorithm;
use crate::kind::Spec;

/// A message that the algorithm can sign.
pub(crate) struct SignedMessage {
    pub(crate) algorithm: SigningAlgorithm,
    kind: MessageType,
    bytes: Zeroizing<Vec<u8>>,
}

impl SignedMessage {
    /// Checks type and length for a key of `spec` that knows `asked`.
    pub(crate) fn new(
        spec: Spec,
        asked: SigningAlgorithmSpec,
        kind: MessageType,
        bytes: Zeroizing<Vec<u8>>,
    ) -> Result<Self> {
        let algorithm = algorithm::signing(asked);
        if !takes(algorithm, kind) {
            let with = match algorithm {
                // These two algorithms share their keys and differ in this.
                SigningAlgorithm::Ed25519 | SigningAlgorithm::Ed25519ph => {
                    format!("algorithm {}", asked.as_str())
                }
                _ => format!("key spec {}", spec.shown().as_str()),
            };
            let kind = kind.as_str();
            return Err(validation(format!(
                "Message type {kind} is incompatible with {with}."
            )));
        }
        if kind != MessageType::Raw && bytes.len() != digest_len(algorithm) {
            return Err(validation(format!(
                "Digest is invalid length for algorithm {}.",
                asked.as_str()
            )));
        }
        Ok(Self {
            algorithm,
            kind,
            bytes,
        })
    }

    /// The message for the material.
    pub(crate) fn message(&self) -> Message<'_> {
        match self.kind {
            MessageType::Raw => Message::Raw(&self.bytes),
            MessageType::Digest => Message::Digest(&self.bytes),
            MessageType::ExternalMu => Message::ExternalMu(&self.bytes),
        }
    }
}

/// Which messages an algorithm takes (Sign, `MessageType`).
fn takes(algorithm: SigningAlgorithm, kind: MessageType) -> bool {
    use SigningAlgorithm::{Ecdsa, Ed25519, Ed25519ph, MlDsa, RsaPkcs1, RsaPss, Sm2Dsa};
    match algorithm {
        RsaPss(_) | RsaPkcs1(_) | Ecdsa(_) | Sm2Dsa => kind != MessageType::ExternalMu,
        MlDsa => kind != MessageType::Digest,
        Ed25519 => kind == MessageType::Raw,
        Ed25519ph => kind == MessageType::Digest,
    }
}

/// How long a digest is, or the `mu` of ML-DSA, in bytes.
fn digest_len(algorithm: SigningAlgorithm) -> usize {
    use SigningAlgorithm::{Ecdsa, Ed25519, Ed25519ph, MlDsa, RsaPkcs1, RsaPss, Sm2Dsa};
    match algorithm {
        RsaPss(hash) | RsaPkcs1(hash) | Ecdsa(hash) => match hash {
            Hash::Sha256 => 32,
            Hash::Sha384 => 48,
            Hash::Sha512 => 64,
        },
        Sm2Dsa => 32,
        Ed25519 | Ed25519ph | MlDsa => 64,
    }
}
