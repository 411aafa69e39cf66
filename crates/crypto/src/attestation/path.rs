//! One certificate of a path, and what it has to say in its place (RFC 5280, sections 4.2.1.3 and
//! 4.2.1.9).

use aws_lc_rs::signature::{ECDSA_P384_SHA384_ASN1, UnparsedPublicKey};
use x509_parser::oid_registry::{
    OID_KEY_TYPE_EC_PUBLIC_KEY, OID_NIST_EC_P384, OID_X509_EXT_BASIC_CONSTRAINTS,
    OID_X509_EXT_KEY_USAGE,
};
use x509_parser::prelude::{
    BasicConstraints, FromDer as _, KeyUsage, X509Certificate, X509Version,
};

use super::Untrusted;
use crate::der::element;

/// The length of an uncompressed point of P-384.
const POINT: usize = 97;
/// The algorithm of a signature by ECDSA with SHA-384, which has no parameters (RFC 5758).
const ECDSA_WITH_SHA384: &[u8] = b"\x30\x0A\x06\x08\x2A\x86\x48\xCE\x3D\x04\x03\x03";
const SEQUENCE: u8 = 0x30;
const BIT_STRING: u8 = 0x03;

/// A certificate of the form that documents have.
pub(super) struct Certificate<'a>(X509Certificate<'a>);

impl<'a> Certificate<'a> {
    /// Reads a certificate, version 3, whose key is on P-384 and which is signed with ECDSA and
    /// SHA-384. An extension that is critical and not understood is refused.
    pub(super) fn parse(der: &'a [u8]) -> Result<Self, Untrusted> {
        let (rest, parsed) = X509Certificate::from_der(der).map_err(|_| Untrusted::Certificate)?;
        let key = &parsed.public_key().algorithm;
        let curve = key
            .parameters
            .as_ref()
            .and_then(|curve| curve.as_oid().ok());
        let is_on_curve = key.algorithm == OID_KEY_TYPE_EC_PUBLIC_KEY
            && curve.is_some_and(|curve| curve == OID_NIST_EC_P384)
            && parsed.public_key().subject_public_key.data.len() == POINT;
        let is_understood = parsed.extensions().iter().all(|extension| {
            let known = [OID_X509_EXT_BASIC_CONSTRAINTS, OID_X509_EXT_KEY_USAGE];
            !extension.critical || known.contains(&extension.oid)
        });
        let is_third = parsed.version() == X509Version::V3;
        match rest.is_empty()
            && is_third
            && is_on_curve
            && is_signed_so(der, &parsed)
            && is_understood
        {
            true => Ok(Self(parsed)),
            false => Err(Untrusted::Certificate),
        }
    }

    /// The public key, an uncompressed point.
    pub(super) fn key(&self) -> &[u8] {
        &self.0.public_key().subject_public_key.data
    }

    /// Checks that `issuer` signed it, by name and by signature.
    pub(super) fn check_issued_by(&self, issuer: &Self) -> Result<(), Untrusted> {
        if self.0.issuer().as_raw() != issuer.0.subject().as_raw() {
            return Err(Untrusted::Path);
        }
        let key = UnparsedPublicKey::new(&ECDSA_P384_SHA384_ASN1, issuer.key());
        let signed = self.0.tbs_certificate.as_ref();
        key.verify(signed, &self.0.signature_value.data)
            .map_err(|_| Untrusted::Path)
    }

    /// Checks that it is valid at `now`, in seconds since 1970.
    pub(super) fn check_validity(&self, now: i64) -> Result<(), Untrusted> {
        let validity = self.0.validity();
        let valid = validity.not_before.timestamp()..=validity.not_after.timestamp();
        match valid.contains(&now) {
            true => Ok(()),
            false => Err(Untrusted::Validity),
        }
    }

    /// Checks that it may sign certificates, with `below` other authorities between it and the end.
    pub(super) fn check_authority(&self, below: usize) -> Result<(), Untrusted> {
        let basic = self
            .0
            .basic_constraints()
            .map_err(|_| Untrusted::Certificate)?;
        let is_authority = basic.is_some_and(|basic| basic.critical && reaches(basic.value, below));
        match is_authority && self.usage()?.is_some_and(KeyUsage::key_cert_sign) {
            true => Ok(()),
            false => Err(Untrusted::Certificate),
        }
    }

    /// Checks that it is the certificate of one who signs documents, and no certificates.
    pub(super) fn check_signer(&self) -> Result<(), Untrusted> {
        let basic = self
            .0
            .basic_constraints()
            .map_err(|_| Untrusted::Certificate)?;
        let is_end =
            basic.is_none_or(|basic| !basic.value.ca && basic.value.path_len_constraint.is_none());
        match is_end && self.usage()?.is_some_and(KeyUsage::digital_signature) {
            true => Ok(()),
            false => Err(Untrusted::Certificate),
        }
    }

    fn usage(&self) -> Result<Option<&KeyUsage>, Untrusted> {
        let usage = self.0.key_usage().map_err(|_| Untrusted::Certificate)?;
        Ok(usage.map(|usage| usage.value))
    }
}

fn reaches(basic: &BasicConstraints, below: usize) -> bool {
    let limit = basic.path_len_constraint.map(usize::try_from);
    basic.ca && limit.is_none_or(|limit| limit.is_ok_and(|limit| below <= limit))
}

/// Whether a certificate is signed with ECDSA and SHA-384, and says so in both places. The outer
/// elements, which no signature is over, have one form alone.
fn is_signed_so(der: &[u8], parsed: &X509Certificate<'_>) -> bool {
    let signed = || {
        let (SEQUENCE, whole, []) = element(der)? else {
            return None;
        };
        let (SEQUENCE, _, rest) = element(whole)? else {
            return None;
        };
        match element(rest.strip_prefix(ECDSA_WITH_SHA384)?)? {
            (BIT_STRING, [0, ..], []) => Some(()),
            _ => None,
        }
    };
    signed().is_some() && parsed.tbs_certificate.signature == parsed.signature_algorithm
}
