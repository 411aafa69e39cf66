//! The public key in an X.509 certificate (RFC 5280, section 4.1).

use crate::der::element;

/// The tag of a sequence in DER.
const SEQUENCE: u8 = 0x30;
/// The tag of an integer in DER.
const INTEGER: u8 = 0x02;
/// The tag of the version of a certificate.
const VERSION: u8 = 0xA0;

/// `SubjectPublicKeyInfo` of a certificate in DER, with its tag and length. Nothing else of the
/// certificate is looked into: whoever trusts it does so for the place that it was found in.
pub(crate) fn public_key_info(certificate: &[u8]) -> Option<&[u8]> {
    let (SEQUENCE, outer, []) = element(certificate)? else {
        return None;
    };
    let (SEQUENCE, fields, _) = element(outer)? else {
        return None;
    };
    let mut rest = match element(fields)? {
        (VERSION, _, rest) => rest,
        _ => fields,
    };
    // Serial number, signature algorithm, issuer, validity, subject.
    for expected in [INTEGER, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE] {
        let (tag, _, after) = element(rest)?;
        rest = (tag == expected).then_some(after)?;
    }
    let (SEQUENCE, _, after) = element(rest)? else {
        return None;
    };
    rest.get(..rest.len() - after.len())
}
