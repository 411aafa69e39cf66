//! MD5, where AWS writes it: fingerprints of public keys, and sums of messages. It protects nothing.

use md5::{Digest, Md5};

/// The MD5 fingerprint of a public key as SSH and AWS write it: pairs of digits between colons
/// (RFC 4716, section 4). It recognizes a key and protects nothing.
pub fn md5_fingerprint(bytes: &[u8]) -> String {
    let digest = Md5::digest(bytes);
    let pairs: Vec<String> = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    pairs.join(":")
}

/// The MD5 sum of `parts`, one after the other, in hexadecimal digits (RFC 1321): what Amazon SQS
/// sends so that accidents on the way are noticed.
pub fn md5_sum<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut state = Md5::new();
    for part in parts {
        state.update(part);
    }
    let digits = state.finalize();
    digits.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_rfc_1321() {
        let expected = "90:01:50:98:3c:d2:4f:b0:d6:96:3f:7d:28:e1:7f:72";
        assert_eq!(md5_fingerprint(b"abc"), expected);
        let parts: [&[u8]; 2] = [b"a", b"bc"];
        assert_eq!(md5_sum(parts), expected.replace(':', ""));
    }
}
