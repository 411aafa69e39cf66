//! The key that signs the messages of Amazon SNS, and its certificate ("Verifying the signatures of
//! Amazon SNS messages", developer guide).
//!
//! Messages are signed with RSASSA-PKCS1-v1_5 (RFC 8017): over SHA-1 where nobody asked for better,
//! over SHA-256 elsewhere. The library does not sign over SHA-1, so that one exponentiation is done
//! here, in constant time, and its result verified by the library before anybody sees it.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{
    KeyPair as _, RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_SHA256, UnparsedPublicKey,
};
use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{Odd, U2048};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::der::element;
use crate::material::tagged;

/// The bytes of the modulus, and of a signature.
const LENGTH: usize = 256;
/// `DigestInfo` of SHA-1 up to the digest (RFC 8017, section 9.2, note 1).
const SHA1_PREFIX: &[u8] = &[
    0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14,
];
/// `sha256WithRSAEncryption`, with its parameters (RFC 8017).
const SHA256_WITH_RSA: &[u8] = &[
    0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b, 0x05, 0x00,
];
/// `id-at-commonName` (RFC 5280).
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
/// `id-ce-subjectAltName` (RFC 5280).
const ALTERNATIVE_NAME: &[u8] = &[0x55, 0x1d, 0x11];

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const OID: u8 = 0x06;
const UTF8: u8 = 0x0c;
const UTC_TIME: u8 = 0x17;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const DNS_NAME: u8 = 0x82;
const VERSION: u8 = 0xa0;
const EXTENSIONS: u8 = 0xa3;

/// Why a key could not be made, read or used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the key that signs messages cannot be used")]
pub struct SignerFailure;

/// An RSA key of 2048 bits.
pub struct MessageSigner {
    pair: KeyPair,
    modulus: FixedMontyParams<{ U2048::LIMBS }>,
    exponent: Zeroizing<U2048>,
}

/// What a certificate says.
pub struct CertificateTerms<'a> {
    /// The name of subject and issuer, which is a host's too: `sns.amazonaws.com`.
    pub name: &'a str,
    /// The serial number.
    pub serial: [u8; 16],
    /// From when it is valid: `260101000000Z` (RFC 5280, `UTCTime`).
    pub not_before: &'a str,
    /// Until when.
    pub not_after: &'a str,
}

impl MessageSigner {
    /// A new key, drawn by the library's own generator. It takes up to seconds.
    pub fn generate() -> Result<Self, SignerFailure> {
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| SignerFailure)?;
        Self::of(pair)
    }

    /// The key that [`to_pkcs8`](Self::to_pkcs8) wrote.
    pub fn from_pkcs8(bytes: &[u8]) -> Result<Self, SignerFailure> {
        Self::of(KeyPair::from_pkcs8(bytes).map_err(|_| SignerFailure)?)
    }

    /// The private key as `PrivateKeyInfo` (RFC 5958), to be sealed.
    pub fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, SignerFailure> {
        pkcs8(&self.pair)
    }

    fn of(pair: KeyPair) -> Result<Self, SignerFailure> {
        if pair.public_modulus_len() != LENGTH {
            return Err(SignerFailure);
        }
        let private = pkcs8(&pair)?;
        let (modulus, exponent) = numbers(&private).ok_or(SignerFailure)?;
        let modulus = Odd::new(modulus).into_option().ok_or(SignerFailure)?;
        Ok(Self {
            modulus: FixedMontyParams::new(modulus),
            exponent,
            pair,
        })
    }

    /// Signs over SHA-1: `SignatureVersion` 1.
    pub fn sign_sha1(&self, message: &[u8]) -> Result<Vec<u8>, SignerFailure> {
        let hashed = digest(&SHA1_FOR_LEGACY_USE_ONLY, message);
        let info = [SHA1_PREFIX, hashed.as_ref()].concat();
        // EMSA-PKCS1-v1_5 (RFC 8017, section 9.2).
        let padding = vec![0xff; LENGTH - 3 - info.len()];
        let encoded = [&[0, 1], padding.as_slice(), &[0], &info].concat();
        let encoded = number(&encoded).ok_or(SignerFailure)?;
        let power = FixedMontyForm::new(&encoded, &self.modulus).pow(&self.exponent);
        let signature = power.retrieve().to_be_bytes().as_ref().to_vec();
        let key = UnparsedPublicKey::new(
            &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
            self.pair.public_key().as_ref(),
        );
        match key.verify(message, &signature) {
            Ok(()) => Ok(signature),
            Err(_) => Err(SignerFailure),
        }
    }

    /// Signs over SHA-256: `SignatureVersion` 2.
    pub fn sign_sha256(&self, message: &[u8]) -> Result<Vec<u8>, SignerFailure> {
        let mut signature = vec![0; LENGTH];
        let hashed = digest(&SHA256, message);
        let signed = self
            .pair
            .sign_digest(&RSA_PKCS1_SHA256, &hashed, &mut signature);
        signed.map_err(|_| SignerFailure)?;
        Ok(signature)
    }

    /// A certificate of the public key (RFC 5280), signed by the key itself, in DER.
    pub fn certificate(&self, terms: &CertificateTerms<'_>) -> Result<Vec<u8>, SignerFailure> {
        let public: PublicKeyX509Der<'_> =
            self.pair.public_key().as_der().map_err(|_| SignerFailure)?;
        let [first, rest @ ..] = terms.serial;
        // Positive, and never zero.
        let serial = [&[first & 0x3f | 0x40], rest.as_slice()].concat();
        let name = name(terms.name);
        let algorithm = tagged(SEQUENCE, SHA256_WITH_RSA);
        let validity =
            [terms.not_before, terms.not_after].map(|at| tagged(UTC_TIME, at.as_bytes()));
        let host = sequence(&[&tagged(DNS_NAME, terms.name.as_bytes())]);
        let extension = sequence(&[&tagged(OID, ALTERNATIVE_NAME), &tagged(OCTET_STRING, &host)]);
        let body = sequence(&[
            &tagged(VERSION, &tagged(INTEGER, &[2])),
            &tagged(INTEGER, &serial),
            &algorithm,
            &name,
            &sequence(&[&validity[0], &validity[1]]),
            &name,
            public.as_ref(),
            &tagged(EXTENSIONS, &sequence(&[&extension])),
        ]);
        // A bit string begins with the number of unused bits.
        let signature = [&[0], self.sign_sha256(&body)?.as_slice()].concat();
        Ok(sequence(&[
            &body,
            &algorithm,
            &tagged(BIT_STRING, &signature),
        ]))
    }
}

fn name(common: &str) -> Vec<u8> {
    let attribute = sequence(&[&tagged(OID, COMMON_NAME), &tagged(UTF8, common.as_bytes())]);
    sequence(&[&tagged(SET, &attribute)])
}

fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tagged(SEQUENCE, &parts.concat()).to_vec()
}

fn pkcs8(pair: &KeyPair) -> Result<Zeroizing<Vec<u8>>, SignerFailure> {
    let der: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| SignerFailure)?;
    Ok(Zeroizing::new(der.as_ref().to_vec()))
}

/// Modulus and private exponent of a `PrivateKeyInfo` (RFC 5958) that holds an `RSAPrivateKey` (RFC
/// 8017, appendix A.1.2).
fn numbers(pkcs8: &[u8]) -> Option<(U2048, Zeroizing<U2048>)> {
    let (SEQUENCE, fields, _) = element(pkcs8)? else {
        return None;
    };
    let (INTEGER, _version, rest) = element(fields)? else {
        return None;
    };
    let (SEQUENCE, _algorithm, rest) = element(rest)? else {
        return None;
    };
    let (OCTET_STRING, key, _) = element(rest)? else {
        return None;
    };
    let (SEQUENCE, key, _) = element(key)? else {
        return None;
    };
    let (INTEGER, _version, rest) = element(key)? else {
        return None;
    };
    let (INTEGER, modulus, rest) = element(rest)? else {
        return None;
    };
    let (INTEGER, _public, rest) = element(rest)? else {
        return None;
    };
    let (INTEGER, private, _) = element(rest)? else {
        return None;
    };
    Some((number(modulus)?, Zeroizing::new(number(private)?)))
}

/// A number of at most 2048 bits, big-endian.
fn number(bytes: &[u8]) -> Option<U2048> {
    let leading = bytes.len().saturating_sub(LENGTH);
    let (zeros, digits) = bytes.split_at_checked(leading)?;
    if zeros.iter().any(|byte| *byte != 0) {
        return None;
    }
    let mut padded = Zeroizing::new([0; LENGTH]);
    let (_, place) = padded.split_at_mut_checked(LENGTH - digits.len())?;
    place.copy_from_slice(digits);
    Some(U2048::from_be_slice(&*padded))
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::RSA_PKCS1_2048_8192_SHA256;
    use x509_parser::prelude::{FromDer as _, X509Certificate};

    use super::*;

    #[test]
    fn the_library_verifies_what_is_signed_by_a_key_that_was_kept() {
        let made = MessageSigner::generate().unwrap();
        let kept = MessageSigner::from_pkcs8(&made.to_pkcs8().unwrap()).unwrap();
        let public = made.pair.public_key().as_ref();
        for message in [&b""[..], b"a message", &[7; 1000]] {
            let old = kept.sign_sha1(message).unwrap();
            let new = kept.sign_sha256(message).unwrap();
            let sha1 = &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY;
            let sha256 = &RSA_PKCS1_2048_8192_SHA256;
            assert!(
                UnparsedPublicKey::new(sha1, public)
                    .verify(message, &old)
                    .is_ok()
            );
            assert!(
                UnparsedPublicKey::new(sha256, public)
                    .verify(message, &new)
                    .is_ok()
            );
            assert!(
                UnparsedPublicKey::new(sha1, public)
                    .verify(b"other", &old)
                    .is_err()
            );
            assert!(
                UnparsedPublicKey::new(sha256, public)
                    .verify(message, &old)
                    .is_err()
            );
        }
    }

    #[test]
    fn a_certificate_is_read_and_verified_by_another_library() {
        let signer = MessageSigner::generate().unwrap();
        let terms = CertificateTerms {
            name: "sns.amazonaws.com",
            serial: [0xff; 16],
            not_before: "260101000000Z",
            not_after: "270201000000Z",
        };
        let der = signer.certificate(&terms).unwrap();
        let (rest, read) = X509Certificate::from_der(&der).unwrap();
        assert!(rest.is_empty());
        assert_eq!(read.subject().to_string(), "CN=sns.amazonaws.com");
        assert_eq!(read.validity().not_before.timestamp(), 1_767_225_600);
        let names = read.subject_alternative_name().unwrap().unwrap();
        assert_eq!(names.value.general_names.len(), 1);
        read.verify_signature(None).unwrap();
        let spki: PublicKeyX509Der<'_> = signer.pair.public_key().as_der().unwrap();
        assert_eq!(read.public_key().raw, spki.as_ref());
    }

    #[test]
    fn numbers_fit_or_are_none() {
        assert!(number(&[0; 300]).is_some());
        assert!(number(&[1; 257]).is_none());
        assert_eq!(number(&[2]).unwrap(), U2048::from(2u8));
    }

    #[test]
    fn other_keys_are_refused() {
        let other = KeyPair::generate(KeySize::Rsa3072).unwrap();
        assert!(MessageSigner::from_pkcs8(&pkcs8(&other).unwrap()).is_err());
        assert!(MessageSigner::from_pkcs8(b"no key").is_err());
    }
}
