//! Fingerprints of public keys.

use md5::{Digest, Md5};

/// The MD5 fingerprint of a public key as SSH and AWS write it: pairs of digits between colons
/// (RFC 4716, section 4). It recognizes a key and protects nothing.
pub fn md5_fingerprint(bytes: &[u8]) -> String {
    let digest = Md5::digest(bytes);
    let pairs: Vec<String> = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    pairs.join(":")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_rfc_1321() {
        let expected = "90:01:50:98:3c:d2:4f:b0:d6:96:3f:7d:28:e1:7f:72";
        assert_eq!(md5_fingerprint(b"abc"), expected);
    }
}
