//! Whether an attestation document is genuine: its certificates lead from a root that is trusted to
//! the key that signed it (RFC 5280, section 6, as far as AWS's "Verifying the root of trust" asks
//! for it), and that key did sign it.
//!
//! Every key is on P-384 and every signature is ECDSA with SHA-384. Certificates are verified from
//! the root down, so that nobody makes this work for longer than the first one that does not hold.
//! Revocation lists take no part, as AWS says.

mod path;
#[cfg(test)]
mod tests;

use aws_lc_rs::signature::{ECDSA_P384_SHA384_FIXED, UnparsedPublicKey};

use self::path::Certificate;

/// The root of the Nitro attestation infrastructure in the partition `aws`, G1. AWS publishes it
/// with its fingerprint, `64:1A:03:21:A3:E2:44:EF:E4:56:46:31:95:D6:06:31:7E:D7:CD:CC:3C:17:56:E0:
/// 98:93:F3:C6:8F:79:BB:5B` by SHA-256.
const NITRO_G1: &[u8] = include_bytes!("attestation/aws-nitro-enclaves-g1.der");

/// The roots that are trusted; none trusts nobody.
#[derive(Default)]
pub struct Roots {
    certificates: Vec<Vec<u8>>,
}

/// What a document brings to be believed.
pub struct Evidence<'a> {
    /// The certificate of the key that signed (X.509, DER).
    pub certificate: &'a [u8],
    /// The certificates behind it, the root first.
    pub bundle: &'a [Vec<u8>],
    /// What is signed.
    pub message: &'a [u8],
    /// Both numbers of the signature, 48 bytes each.
    pub signature: &'a [u8],
}

/// Why a document is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Untrusted {
    /// The first certificate is none of the roots.
    #[error("its certificates do not begin with a trusted root")]
    Root,
    /// A certificate cannot be read, or says what one in its place may not say.
    #[error("one of its certificates is not suitable")]
    Certificate,
    /// A certificate is not valid yet, or no longer.
    #[error("one of its certificates is not valid now")]
    Validity,
    /// A certificate is not signed by the one before it.
    #[error("its certificates do not sign one another")]
    Path,
    /// The key of the last certificate did not sign.
    #[error("its signature does not hold")]
    Signature,
}

/// A certificate cannot be a root here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the self-signed certificate of a certificate authority with a key on P-384")]
pub struct NotARoot;

impl Roots {
    /// AWS's root.
    pub fn aws() -> Result<Self, NotARoot> {
        Self::new(vec![NITRO_G1.to_vec()])
    }

    /// Roots of one's own (X.509, DER): of another partition, or of a site that writes documents
    /// itself.
    pub fn new(certificates: Vec<Vec<u8>>) -> Result<Self, NotARoot> {
        for der in &certificates {
            let root = Certificate::parse(der).map_err(|_| NotARoot)?;
            root.check_authority(0).map_err(|_| NotARoot)?;
            root.check_issued_by(&root).map_err(|_| NotARoot)?;
        }
        Ok(Self { certificates })
    }

    /// Checks that `evidence` holds at `now`, in seconds since 1970.
    pub fn check(&self, evidence: &Evidence<'_>, now: i64) -> Result<(), Untrusted> {
        let (root, between) = evidence.bundle.split_first().ok_or(Untrusted::Root)?;
        if !self.certificates.contains(root) {
            return Err(Untrusted::Root);
        }
        let mut issuer = Certificate::parse(root)?;
        issuer.check_validity(now)?;
        issuer.check_authority(between.len())?;
        for (at, der) in between.iter().enumerate() {
            let next = Certificate::parse(der)?;
            next.check_issued_by(&issuer)?;
            next.check_validity(now)?;
            next.check_authority(between.len() - at - 1)?;
            issuer = next;
        }
        let signer = Certificate::parse(evidence.certificate)?;
        signer.check_issued_by(&issuer)?;
        signer.check_validity(now)?;
        signer.check_signer()?;
        let key = UnparsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, signer.key());
        key.verify(evidence.message, evidence.signature)
            .map_err(|_| Untrusted::Signature)
    }
}
