//! The forms of SM2 keys, signatures and ciphertexts outside: SPKI, PKCS#8 and the structures of
//! GM/T 0009, in DER.
//!
//! Only one form of each is read: what does not come out of the writer as it went in is refused.

use sm2::PublicKey;
use sm2::dsa::Signature;
use zeroize::Zeroizing;

use super::Coordinates;
use crate::material::der::{self, BIT_STRING, INTEGER, OCTET_STRING, SEQUENCE};

/// The content of the algorithm identifier: `id-ecPublicKey` and `sm2p256v1`, 1.2.156.10197.1.301.
const ALGORITHM: [u8; 19] = [
    0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x81, 0x1c, 0xcf, 0x55,
    0x01, 0x82, 0x2d,
];

/// Where the curve begins in [`ALGORITHM`].
const CURVE: usize = 9;

const POINT_LEN: usize = 65;

/// `SubjectPublicKeyInfo` of a point.
pub(super) fn spki(point: &[u8]) -> Vec<u8> {
    let algorithm = der::tagged(SEQUENCE, &ALGORITHM);
    let key = der::tagged(BIT_STRING, &[&[0], point].concat());
    der::tagged(SEQUENCE, &[algorithm.as_slice(), &key].concat()).to_vec()
}

/// The point of a `SubjectPublicKeyInfo`: on the curve, not infinity, not compressed.
pub(super) fn read_spki(bytes: &[u8]) -> Option<PublicKey> {
    let at = bytes.len().checked_sub(POINT_LEN)?;
    let point = bytes.get(at..)?;
    (spki(point) == bytes).then_some(())?;
    read_point(point)
}

/// A point that is spelled out.
pub(super) fn read_point(point: &[u8]) -> Option<PublicKey> {
    match point {
        [0x04, ..] => PublicKey::from_sec1_bytes(point).ok(),
        _ => None,
    }
}

/// `PrivateKeyInfo` (RFC 5958) of a private key with its public key (RFC 5915).
pub(super) fn pkcs8(number: &[u8], point: &[u8]) -> Zeroizing<Vec<u8>> {
    let public = der::tagged(BIT_STRING, &[&[0], point].concat());
    let key = [
        der::tagged(INTEGER, &[1]),
        der::tagged(OCTET_STRING, number),
        der::tagged(0xa1, &public),
    ];
    let key = der::tagged(SEQUENCE, &concat(&key));
    let parts = [
        der::tagged(INTEGER, &[0]),
        der::tagged(SEQUENCE, &ALGORITHM),
        der::tagged(OCTET_STRING, &key),
    ];
    der::tagged(SEQUENCE, &concat(&parts))
}

/// The number and, if it is there, the public point of a `PrivateKeyInfo` on this curve.
pub(super) fn read_pkcs8(bytes: &[u8]) -> Option<(&[u8], Option<&[u8]>)> {
    let content = whole(SEQUENCE, bytes)?;
    let (version, rest) = element(INTEGER, content)?;
    let (algorithm, rest) = element(SEQUENCE, rest)?;
    let (key, rest) = element(OCTET_STRING, rest)?;
    if version != [0] || algorithm != ALGORITHM || !rest.is_empty() {
        return None;
    }
    let (version, rest) = element(INTEGER, whole(SEQUENCE, key)?)?;
    let (number, mut rest) = element(OCTET_STRING, rest)?;
    (version == [1]).then_some(())?;
    // Some writers name the curve once more.
    if let Some((curve, after)) = element(0xa0, rest) {
        (Some(curve) == ALGORITHM.get(CURVE..)).then_some(())?;
        rest = after;
    }
    if rest.is_empty() {
        return Some((number, None));
    }
    let public = whole(BIT_STRING, whole(0xa1, rest)?)?;
    Some((number, Some(public.strip_prefix(&[0])?)))
}

/// `SM2Signature`: `r` and `s`.
pub(super) fn signature(signature: &Signature) -> Vec<u8> {
    let numbers = [integer(&signature.r_bytes()), integer(&signature.s_bytes())];
    der::tagged(SEQUENCE, &concat(&numbers)).to_vec()
}

/// The other way of [`signature`].
pub(super) fn read_signature(bytes: &[u8]) -> Option<Signature> {
    let (r, rest) = element(INTEGER, whole(SEQUENCE, bytes)?)?;
    let s = whole(INTEGER, rest)?;
    let numbers = [number(r)?, number(s)?].concat();
    let read = Signature::from_slice(&numbers).ok()?;
    (signature(&read) == bytes).then_some(read)
}

/// `SM2Cipher`.
pub(super) struct Cipher<'a> {
    /// C1.
    pub(super) point: Coordinates,
    /// C3.
    pub(super) hash: &'a [u8],
    /// C2.
    pub(super) text: &'a [u8],
}

impl<'a> Cipher<'a> {
    pub(super) fn write(&self) -> Vec<u8> {
        let parts = [
            integer(self.point.x.as_slice()),
            integer(self.point.y.as_slice()),
            der::tagged(OCTET_STRING, self.hash),
            der::tagged(OCTET_STRING, self.text),
        ];
        der::tagged(SEQUENCE, &concat(&parts)).to_vec()
    }

    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        let (x, rest) = element(INTEGER, whole(SEQUENCE, bytes)?)?;
        let (y, rest) = element(INTEGER, rest)?;
        let (hash, rest) = element(OCTET_STRING, rest)?;
        let text = whole(OCTET_STRING, rest)?;
        let point = Coordinates {
            x: Zeroizing::new(number(x)?),
            y: Zeroizing::new(number(y)?),
        };
        let cipher = Self { point, hash, text };
        (cipher.write() == bytes).then_some(cipher)
    }
}

/// A number without a sign.
fn integer(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let digits = bytes.get(zeros..).unwrap_or_default();
    match digits {
        [0..=0x7f, ..] => der::tagged(INTEGER, digits),
        _ => der::tagged(INTEGER, &[&[0], digits].concat()),
    }
}

/// The content of an INTEGER as 32 bytes.
fn number(content: &[u8]) -> Option<[u8; 32]> {
    let digits = match content {
        [0, digits @ ..] => digits,
        digits => digits,
    };
    let mut bytes = [0; 32];
    let at = bytes.len().checked_sub(digits.len())?;
    bytes.get_mut(at..)?.copy_from_slice(digits);
    Some(bytes)
}

/// The content of the first element, which has this tag, and what follows.
fn element(tag: u8, bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    match der::read(bytes)? {
        (found, content, rest) if found == tag => Some((content, rest)),
        _ => None,
    }
}

/// The content of the only element, which has this tag.
fn whole(tag: u8, bytes: &[u8]) -> Option<&[u8]> {
    match element(tag, bytes)? {
        (content, []) => Some(content),
        _ => None,
    }
}

fn concat(parts: &[Zeroizing<Vec<u8>>]) -> Zeroizing<Vec<u8>> {
    let length = parts.iter().map(|part| part.len()).sum();
    let mut out = Zeroizing::new(Vec::with_capacity(length));
    for part in parts {
        out.extend_from_slice(part);
    }
    out
}
