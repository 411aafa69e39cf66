//! X.509 certificates that somebody brings (RFC 5280).

use wire::{Timestamp, pem};
use x509_parser::prelude::{FromDer, X509Certificate};

/// What is read out of a certificate.
pub(crate) struct Certificate {
    /// The bytes.
    pub(crate) der: Vec<u8>,
    /// The contents of `subjectPublicKey`.
    pub(crate) public_key: Vec<u8>,
    /// When it begins to be valid, in milliseconds since 1970.
    not_before_millis: i64,
    /// When it ceases to be valid, in milliseconds since 1970.
    pub(crate) not_after_millis: i64,
}

/// The text is not one of certificates in PEM.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotCertificates;

/// The certificates of a text in PEM, of which there is at least one.
pub(crate) fn certificates(text: &str) -> Result<Vec<Certificate>, NotCertificates> {
    let blocks = pem::blocks(text).map_err(|_| NotCertificates)?;
    let read = |block: pem::Block| match block.label.as_str() {
        "CERTIFICATE" | "X509 CERTIFICATE" => certificate(&block.der),
        _ => Err(NotCertificates),
    };
    blocks.into_iter().map(read).collect()
}

/// Whether bytes are a certificate.
pub(crate) fn is_certificate(der: &[u8]) -> bool {
    certificate(der).is_ok()
}

/// The one certificate of a text in PEM.
pub(crate) fn one_certificate(text: &str) -> Result<Certificate, NotCertificates> {
    let mut found = certificates(text)?;
    match (found.pop(), found.is_empty()) {
        (Some(certificate), true) => Ok(certificate),
        _ => Err(NotCertificates),
    }
}

fn certificate(der: &[u8]) -> Result<Certificate, NotCertificates> {
    let (rest, parsed) = X509Certificate::from_der(der).map_err(|_| NotCertificates)?;
    if !rest.is_empty() {
        return Err(NotCertificates);
    }
    Ok(Certificate {
        der: der.to_vec(),
        public_key: parsed.public_key().subject_public_key.data.to_vec(),
        not_before_millis: parsed.validity().not_before.timestamp() * 1000,
        not_after_millis: parsed.validity().not_after.timestamp() * 1000,
    })
}

impl Certificate {
    /// Whether it is valid at this moment.
    pub(crate) fn is_valid_at(&self, now: Timestamp) -> bool {
        (self.not_before_millis..=self.not_after_millis).contains(&now.millis)
    }

    /// Whether `issuer` signed it, by name and by signature.
    pub(crate) fn is_issued_by(&self, issuer: &Self) -> bool {
        let own = X509Certificate::from_der(&self.der);
        let (Ok((_, own)), Ok((_, issuer))) = (own, X509Certificate::from_der(&issuer.der)) else {
            return false;
        };
        own.issuer().as_raw() == issuer.subject().as_raw()
            && own.verify_signature(Some(issuer.public_key())).is_ok()
    }
}
