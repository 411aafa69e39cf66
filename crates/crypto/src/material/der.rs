//! The two envelopes of keys that the library does not write: SPKI (RFC 5280) and PKCS#8 (RFC
//! 5958) of an algorithm without parameters.

use zeroize::Zeroizing;

pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
const OID: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;

/// `SubjectPublicKeyInfo` of the algorithm `oid` (its content octets).
pub(super) fn spki(oid: &[u8], key: &[u8]) -> Vec<u8> {
    let algorithm = tagged(SEQUENCE, &tagged(OID, oid));
    // A bit string begins with the number of unused bits.
    let key = tagged(BIT_STRING, &[&[0], key].concat());
    tagged(SEQUENCE, &[algorithm.as_slice(), key.as_slice()].concat()).to_vec()
}

/// The algorithm identifier of a `SubjectPublicKeyInfo`, parameters included.
pub(super) fn algorithm_of(spki: &[u8]) -> Option<&[u8]> {
    let (SEQUENCE, content, []) = read(spki)? else {
        return None;
    };
    match read(content)? {
        (SEQUENCE, algorithm, _) => Some(algorithm),
        _ => None,
    }
}

/// The algorithm identifier of a `PrivateKeyInfo` that nothing follows, parameters included.
pub(super) fn algorithm_of_private(pkcs8: &[u8]) -> Option<&[u8]> {
    let (SEQUENCE, content, []) = read(pkcs8)? else {
        return None;
    };
    let (INTEGER, _version, content) = read(content)? else {
        return None;
    };
    match read(content)? {
        (SEQUENCE, algorithm, _) => Some(algorithm),
        _ => None,
    }
}

/// Reads one element of at most 65535 bytes: tag, content, and what follows.
pub(super) fn read(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = bytes.split_first()?;
    let (length, rest) = match rest {
        [length @ 0..=0x7f, rest @ ..] => (usize::from(*length), rest),
        [0x81, length, rest @ ..] => (usize::from(*length), rest),
        [0x82, high, low, rest @ ..] => (usize::from(u16::from_be_bytes([*high, *low])), rest),
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*tag, content, rest))
}

/// `PrivateKeyInfo`, version 1.
pub(super) fn pkcs8(oid: &[u8], private_key: &[u8]) -> Zeroizing<Vec<u8>> {
    let version = tagged(INTEGER, &[0]);
    let algorithm = tagged(SEQUENCE, &tagged(OID, oid));
    let key = tagged(OCTET_STRING, private_key);
    let parts = [version.as_slice(), algorithm.as_slice(), key.as_slice()];
    tagged(SEQUENCE, &Zeroizing::new(parts.concat()))
}

/// One element: tag, length, content of at most 65535 bytes.
pub(crate) fn tagged(tag: u8, content: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut out = Zeroizing::new(Vec::with_capacity(content.len() + 4));
    out.push(tag);
    let [.., high, low] = content.len().to_be_bytes();
    match content.len() {
        0..=0x7f => out.push(low),
        0x80..=0xff => out.extend_from_slice(&[0x81, low]),
        _ => out.extend_from_slice(&[0x82, high, low]),
    }
    out.extend_from_slice(content);
    out
}
