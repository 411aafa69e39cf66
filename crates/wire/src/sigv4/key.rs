//! The key of a `AWS4-HMAC-SHA256` signature.

use aws_lc_rs::hmac;
use zeroize::Zeroizing;

use super::asymmetric::SigV4aKey;

/// The key to verify with. Which one is needed follows from `Presented::algorithm`.
#[derive(Clone, Copy)]
pub enum VerifyingKey<'a> {
    /// For `Algorithm::V4`.
    V4(&'a SigningKey),
    /// For `Algorithm::V4a`.
    V4a(&'a SigV4aKey),
}

/// A secret access key narrowed to one day, region and service: wiped when dropped.
/// Worth caching, since it takes four HMACs to derive.
pub struct SigningKey(hmac::Key);

impl SigningKey {
    /// Derives the key for `date` (`yyyymmdd`), `region` and `service` as in the credential
    /// scope.
    pub fn derive(secret: &str, date: &str, region: &str, service: &str) -> Self {
        let key = derived(secret, date, region, service);
        Self(hmac::Key::new(hmac::HMAC_SHA256, key.as_slice()))
    }

    /// Whether `signature` is this key's over `message`; takes the same time wherever it differs.
    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        hmac::verify(&self.0, message, signature).is_ok()
    }

    pub(super) fn sign(&self, message: &[u8]) -> hmac::Tag {
        hmac::sign(&self.0, message)
    }
}

fn derived(secret: &str, date: &str, region: &str, service: &str) -> Zeroizing<[u8; 32]> {
    let mut start = Zeroizing::new(Vec::with_capacity(4 + secret.len()));
    start.extend_from_slice(b"AWS4");
    start.extend_from_slice(secret.as_bytes());
    let date_key = mac(&start, date);
    let region_key = mac(date_key.as_slice(), region);
    let service_key = mac(region_key.as_slice(), service);
    mac(service_key.as_slice(), "aws4_request")
}

fn mac(key: &[u8], message: &str) -> Zeroizing<[u8; 32]> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    let tag = hmac::sign(&key, message.as_bytes());
    let mut bytes = Zeroizing::new([0; 32]);
    for (to, from) in bytes.iter_mut().zip(tag.as_ref()) {
        *to = *from;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::super::encoding::{from_hex, hex};
    use super::*;

    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    // The example of the IAM User Guide, "Derive a signing key for Signature Version 4".
    #[test]
    fn derivation_matches_the_documented_example() {
        let key = derived(SECRET, "20120215", "us-east-1", "iam");
        let expected = "f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d";
        assert_eq!(hex(key.as_slice()), expected);
    }

    #[test]
    fn each_part_of_the_scope_counts() {
        let parts = ["20120215", "us-east-1", "iam"];
        let reference = derived(SECRET, parts[0], parts[1], parts[2]);
        for changed in 0..3 {
            let mut other = parts;
            other[changed] = "x";
            let key = derived(SECRET, other[0], other[1], other[2]);
            assert_ne!(key, reference);
        }
    }

    #[test]
    fn every_flipped_bit_of_a_signature_is_refused() {
        let key = SigningKey::derive(SECRET, "20120215", "us-east-1", "iam");
        let message = b"string to sign";
        let bytes = derived(SECRET, "20120215", "us-east-1", "iam");
        let signature = mac(bytes.as_slice(), "string to sign");
        assert!(key.verifies(message, signature.as_slice()));
        let mut refused = 0;
        for bit in 0..256 {
            let mut flipped = *signature;
            flipped[bit / 8] ^= 1 << (bit % 8);
            refused += usize::from(!key.verifies(message, &flipped));
        }
        assert_eq!(refused, 256);
        assert!(!key.verifies(message, &signature[..31]));
        assert!(!key.verifies(message, &[]));
        assert!(!key.verifies(message, &from_hex("00").unwrap()));
    }
}
