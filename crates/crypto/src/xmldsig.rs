//! Signatures and digests of XML ("XML Signature Syntax and Processing", RFC 6931), over bytes
//! that whoever knows XML has brought into canonical form.
//!
//! SHA-1 and shared secrets do not exist here, whatever a signature's methods say.

use aws_lc_rs::digest;
use aws_lc_rs::signature::{self, UnparsedPublicKey, VerificationAlgorithm};
use subtle::ConstantTimeEq as _;

use crate::certificate;

/// A signature, with what it is over.
pub struct Signed<'a> {
    /// The identifier of the signature method.
    pub algorithm: &'a str,
    /// What is signed.
    pub message: &'a [u8],
    /// The signature: of ECDSA both numbers, each as long as the curve.
    pub signature: &'a [u8],
}

/// Whether the key in a certificate (X.509, DER) made the signature.
pub fn is_signed_by(signed: &Signed<'_>, certificate: &[u8]) -> bool {
    let Some(algorithm) = algorithm(signed.algorithm) else {
        return false;
    };
    let Some(key) = certificate::public_key_info(certificate) else {
        return false;
    };
    let key = UnparsedPublicKey::new(algorithm, key);
    key.verify(signed.message, signed.signature).is_ok()
}

/// Whether `digest` is the digest of `content` by the method of this identifier.
pub fn is_digest_of(method: &str, digest: &[u8], content: &[u8]) -> bool {
    let method = match method {
        "http://www.w3.org/2001/04/xmlenc#sha256" => &digest::SHA256,
        "http://www.w3.org/2001/04/xmldsig-more#sha384" => &digest::SHA384,
        "http://www.w3.org/2001/04/xmlenc#sha512" => &digest::SHA512,
        _ => return false,
    };
    let computed = digest::digest(method, content);
    computed.as_ref().ct_eq(digest).into()
}

fn algorithm(identifier: &str) -> Option<&'static dyn VerificationAlgorithm> {
    let name = identifier.strip_prefix("http://www.w3.org/2001/04/xmldsig-more#")?;
    Some(match name {
        "rsa-sha256" => &signature::RSA_PKCS1_2048_8192_SHA256,
        "rsa-sha384" => &signature::RSA_PKCS1_2048_8192_SHA384,
        "rsa-sha512" => &signature::RSA_PKCS1_2048_8192_SHA512,
        "ecdsa-sha256" => &signature::ECDSA_P256_SHA256_FIXED,
        "ecdsa-sha384" => &signature::ECDSA_P384_SHA384_FIXED,
        "ecdsa-sha512" => &signature::ECDSA_P521_SHA512_FIXED,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::rsa::{self, KeySize};
    use aws_lc_rs::signature::{EcdsaKeyPair, EcdsaSigningAlgorithm, RsaEncoding};
    use proptest::prelude::*;

    use super::*;

    const MORE: &str = "http://www.w3.org/2001/04/xmldsig-more#";
    const MESSAGE: &[u8] = b"<SignedInfo></SignedInfo>";

    #[expect(
        clippy::disallowed_methods,
        reason = "the library takes the argument and draws from its own source all the same"
    )]
    fn random() -> SystemRandom {
        SystemRandom::new()
    }

    fn certificate(pkcs8: &[u8]) -> Vec<u8> {
        let key = rcgen::KeyPair::try_from(pkcs8).unwrap();
        let names = vec!["idp.example".to_owned()];
        let parameters = rcgen::CertificateParams::new(names).unwrap();
        parameters.self_signed(&key).unwrap().der().to_vec()
    }

    fn rsa() -> (rsa::KeyPair, Vec<u8>) {
        let key = rsa::KeyPair::generate(KeySize::Rsa2048).unwrap();
        let der = AsDer::<Pkcs8V1Der<'_>>::as_der(&key).unwrap();
        let certificate = certificate(der.as_ref());
        (key, certificate)
    }

    fn rsa_signature(key: &rsa::KeyPair, padding: &'static dyn RsaEncoding) -> Vec<u8> {
        let mut signature = vec![0; key.public_modulus_len()];
        key.sign(padding, &random(), MESSAGE, &mut signature)
            .unwrap();
        signature
    }

    fn holds(name: &str, message: &[u8], signature: &[u8], certificate: &[u8]) -> bool {
        let signed = Signed {
            algorithm: &format!("{MORE}{name}"),
            message,
            signature,
        };
        is_signed_by(&signed, certificate)
    }

    #[test]
    fn rsa_signatures_hold_for_their_algorithm_message_and_key() {
        let (key, certificate) = rsa();
        let (_, other) = rsa();
        let names = ["rsa-sha256", "rsa-sha384", "rsa-sha512"];
        let paddings: [&'static dyn RsaEncoding; 3] = [
            &signature::RSA_PKCS1_SHA256,
            &signature::RSA_PKCS1_SHA384,
            &signature::RSA_PKCS1_SHA512,
        ];
        for (name, padding) in names.into_iter().zip(paddings) {
            let made = rsa_signature(&key, padding);
            for known in names {
                let valid = holds(known, MESSAGE, &made, &certificate);
                assert_eq!(valid, known == name, "{name} as {known}");
            }
            assert!(!holds(name, b"other", &made, &certificate));
            assert!(!holds(name, MESSAGE, &made, &other));
            assert!(!holds(name, MESSAGE, b"", &certificate));
        }
    }

    #[test]
    fn ecdsa_signatures_hold_for_their_curve() {
        let names = ["ecdsa-sha256", "ecdsa-sha384", "ecdsa-sha512"];
        let curves: [&'static EcdsaSigningAlgorithm; 3] = [
            &signature::ECDSA_P256_SHA256_FIXED_SIGNING,
            &signature::ECDSA_P384_SHA384_FIXED_SIGNING,
            &signature::ECDSA_P521_SHA512_FIXED_SIGNING,
        ];
        for (name, curve) in names.into_iter().zip(curves) {
            let key = EcdsaKeyPair::generate(curve).unwrap();
            let certificate = certificate(key.to_pkcs8v1().unwrap().as_ref());
            let made = key.sign(&random(), MESSAGE).unwrap();
            for known in names.into_iter().chain(["rsa-sha256"]) {
                let valid = holds(known, MESSAGE, made.as_ref(), &certificate);
                assert_eq!(valid, known == name, "{name} as {known}");
            }
            assert!(!holds(name, b"other", made.as_ref(), &certificate));
        }
    }

    /// Collisions of SHA-1 can be had, and a shared secret is none if it is a public key.
    #[test]
    fn sec_s21_weak_and_symmetric_methods_do_not_exist() {
        let (key, certificate) = rsa();
        let made = rsa_signature(&key, &signature::RSA_PKCS1_SHA256);
        for algorithm in [
            "",
            "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
            "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
            "http://www.w3.org/2000/09/xmldsig#dsa-sha1",
            "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
            "http://www.w3.org/2001/04/xmldsig-more#rsa-md5",
            "rsa-sha256",
        ] {
            let signed = Signed {
                algorithm,
                message: MESSAGE,
                signature: &made,
            };
            assert!(!is_signed_by(&signed, &certificate), "{algorithm}");
        }
        let sha1 = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, MESSAGE);
        let identifier = "http://www.w3.org/2000/09/xmldsig#sha1";
        assert!(!is_digest_of(identifier, sha1.as_ref(), MESSAGE));
    }

    #[test]
    fn digests_are_of_their_method_and_content() {
        for (method, own) in [
            ("http://www.w3.org/2001/04/xmlenc#sha256", &digest::SHA256),
            (
                "http://www.w3.org/2001/04/xmldsig-more#sha384",
                &digest::SHA384,
            ),
            ("http://www.w3.org/2001/04/xmlenc#sha512", &digest::SHA512),
        ] {
            let made = digest::digest(own, MESSAGE);
            assert!(is_digest_of(method, made.as_ref(), MESSAGE), "{method}");
            assert!(!is_digest_of(method, made.as_ref(), b"other"));
            assert!(!is_digest_of(method, b"", MESSAGE));
            assert!(!is_digest_of("", made.as_ref(), MESSAGE));
        }
    }

    #[test]
    fn every_bit_of_a_signature_counts() {
        let (key, certificate) = rsa();
        let mut made = rsa_signature(&key, &signature::RSA_PKCS1_SHA256);
        for at in 0..made.len() * 8 {
            made[at / 8] ^= 1 << (at % 8);
            assert!(!holds("rsa-sha256", MESSAGE, &made, &certificate), "{at}");
            made[at / 8] ^= 1 << (at % 8);
        }
        assert!(holds("rsa-sha256", MESSAGE, &made, &certificate));
    }

    proptest! {
        #[test]
        fn no_bytes_are_too_strange_for_a_certificate(
            bytes in prop::collection::vec(any::<u8>(), 0..100),
            length in 0..3_u8,
        ) {
            let mut nested = vec![0x30, 0x80 + length];
            nested.extend(bytes.iter());
            prop_assert!(!holds("rsa-sha256", MESSAGE, &[0; 256], &bytes));
            prop_assert!(!holds("rsa-sha256", MESSAGE, &[0; 256], &nested));
        }
    }
}
