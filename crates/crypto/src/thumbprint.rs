//! SHA-1 where AWS names things by it: certificates of OpenID Connect providers, and issuers of
//! SAML assertions. Nothing is signed over it.

use std::fmt::Write as _;

use aws_lc_rs::digest;

/// The SHA-1 digest of a name, 20 bytes.
pub fn sha1_name(name: &[u8]) -> Vec<u8> {
    let digest = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, name);
    digest.as_ref().to_vec()
}

/// The SHA-1 digest of a certificate in DER, 40 hexadecimal digits in lower case. AWS pins
/// certificates by it.
pub fn sha1_thumbprint(der: &[u8]) -> String {
    let mut text = String::with_capacity(40);
    for byte in sha1_name(der) {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::sha1_thumbprint;

    /// FIPS 180-2, appendix A.1.
    #[test]
    fn is_the_digest_in_hexadecimal() {
        let expected = "a9993e364706816aba3e25717850c26c9cd0d89d";
        assert_eq!(sha1_thumbprint(b"abc"), expected);
    }
}
