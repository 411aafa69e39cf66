//! RSA public keys as SSH (RFC 4253, section 6.6) and as PEM (RFC 5280, RFC 8017) write them.

use wire::pem;
use x509_parser::prelude::{FromDer, SubjectPublicKeyInfo};
use x509_parser::public_key::{PublicKey, RSAPublicKey};

/// The shortest modulus (`UploadSSHPublicKey`).
const MINIMUM_BITS: usize = 2048;
/// The longest: what the request could hold beyond that is no key anybody uses.
const MAXIMUM_BITS: usize = 16384;
const SSH_RSA: &[u8] = b"ssh-rsa";
/// `rsaEncryption` with its absent parameters (RFC 3279, section 2.3.1).
const RSA_ENCRYPTION: [u8; 15] = [
    0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
];

/// An RSA public key: two positive numbers, big-endian, without leading zeros.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RsaKey {
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

/// Why a text is not taken as a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyError {
    /// It has neither form.
    Encoding,
    /// It has one of the forms, and what it says is no key that is accepted.
    Key,
}

impl RsaKey {
    /// Reads either form.
    pub(crate) fn parse(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        if text.contains("-----BEGIN ") {
            Self::from_pem(text)
        } else {
            let mut words = text.split_ascii_whitespace();
            let (Some("ssh-rsa"), Some(digits)) = (words.next(), words.next()) else {
                return Err(KeyError::Encoding);
            };
            let blob = pem::decoded(digits).ok_or(KeyError::Key)?;
            Self::from_blob(&blob).ok_or(KeyError::Key)
        }
    }

    /// Reads the bytes that SSH puts on the wire.
    pub(crate) fn from_blob(blob: &[u8]) -> Option<Self> {
        let (kind, rest) = string(blob)?;
        let (exponent, rest) = string(rest)?;
        let (modulus, rest) = string(rest)?;
        if kind != SSH_RSA || !rest.is_empty() {
            return None;
        }
        Self::checked(modulus, exponent)
    }

    fn from_pem(text: &str) -> Result<Self, KeyError> {
        let mut blocks = pem::blocks(text).map_err(|_| KeyError::Encoding)?;
        let (Some(block), true) = (blocks.pop(), blocks.is_empty()) else {
            return Err(KeyError::Encoding);
        };
        let of_pkcs1 = |der: &[u8]| {
            let (rest, key) = RSAPublicKey::from_der(der).ok()?;
            if !rest.is_empty() {
                return None;
            }
            Self::checked(key.modulus, key.exponent)
        };
        let key = match block.label.as_str() {
            "RSA PUBLIC KEY" => of_pkcs1(&block.der),
            "PUBLIC KEY" => {
                let (_, info) =
                    SubjectPublicKeyInfo::from_der(&block.der).map_err(|_| KeyError::Key)?;
                match info.parsed() {
                    Ok(PublicKey::RSA(key)) => Self::checked(key.modulus, key.exponent),
                    _ => None,
                }
            }
            _ => return Err(KeyError::Encoding),
        };
        key.ok_or(KeyError::Key)
    }

    fn checked(modulus: &[u8], exponent: &[u8]) -> Option<Self> {
        let key = Self {
            modulus: positive(modulus)?.to_vec(),
            exponent: positive(exponent)?.to_vec(),
        };
        let is_odd = |number: &[u8]| number.last().is_some_and(|byte| byte & 1 == 1);
        let in_range = (MINIMUM_BITS..=MAXIMUM_BITS).contains(&key.bits());
        let is_one = key.exponent == [1];
        let is_key = in_range && is_odd(&key.modulus) && is_odd(&key.exponent) && !is_one;
        (is_key && key.exponent.len() <= 8).then_some(key)
    }

    fn bits(&self) -> usize {
        let leading = self.modulus.first().map_or(0, |byte| byte.leading_zeros());
        self.modulus.len() * 8 - usize::try_from(leading).unwrap_or(0)
    }

    /// The bytes that SSH puts on the wire.
    pub(crate) fn blob(&self) -> Vec<u8> {
        let mut blob = Vec::new();
        for part in [SSH_RSA, &signed(&self.exponent), &signed(&self.modulus)] {
            let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
            blob.extend_from_slice(&length.to_be_bytes());
            blob.extend_from_slice(part);
        }
        blob
    }

    /// The line that SSH programs read.
    pub(crate) fn ssh(&self) -> String {
        format!("ssh-rsa {}", pem::base64(&self.blob()))
    }

    /// `SubjectPublicKeyInfo` in PEM.
    pub(crate) fn pem(&self) -> String {
        let numbers = [
            tlv(0x02, &signed(&self.modulus)),
            tlv(0x02, &signed(&self.exponent)),
        ];
        let key = tlv(0x30, &numbers.concat());
        // A bit string begins with the number of its unused bits.
        let bits = tlv(0x03, &[&[0], key.as_slice()].concat());
        let info = tlv(0x30, &[RSA_ENCRYPTION.as_slice(), &bits].concat());
        pem::encoded("PUBLIC KEY", &info)
    }
}

/// A number without leading zeros; none if it is negative or zero.
fn positive(number: &[u8]) -> Option<&[u8]> {
    if number.first().is_some_and(|byte| byte & 0x80 != 0) {
        return None;
    }
    let first = number.iter().position(|byte| *byte != 0)?;
    number.get(first..)
}

/// A positive number in two's complement.
fn signed(number: &[u8]) -> Vec<u8> {
    let is_high = number.first().is_some_and(|byte| byte & 0x80 != 0);
    let mut signed = Vec::with_capacity(number.len() + 1);
    signed.extend(is_high.then_some(0));
    signed.extend_from_slice(number);
    signed
}

/// A value in DER.
fn tlv(tag: u8, contents: &[u8]) -> Vec<u8> {
    let length = contents.len().to_be_bytes();
    let significant = length.iter().position(|byte| *byte != 0);
    let significant = significant
        .and_then(|first| length.get(first..))
        .unwrap_or(&[0]);
    let mut value = vec![tag];
    match significant {
        [short] if *short < 0x80 => value.push(*short),
        long => {
            value.push(0x80 | u8::try_from(long.len()).unwrap_or(8));
            value.extend_from_slice(long);
        }
    }
    value.extend_from_slice(contents);
    value
}

/// A string of RFC 4251, section 5, and what follows it.
fn string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(modulus: &[u8]) -> RsaKey {
        RsaKey::checked(&signed(modulus), &[1, 0, 1]).unwrap()
    }

    proptest! {
        #[test]
        fn both_forms_are_read_as_the_key_they_were_written_from(
            bytes in prop::collection::vec(any::<u8>(), 256..300),
        ) {
            let mut modulus = bytes;
            modulus[0] |= 0x80;
            *modulus.last_mut().unwrap() |= 1;
            let key = key(&modulus);
            prop_assert_eq!(RsaKey::parse(&key.ssh()).unwrap(), key.clone());
            let comment = format!("{} alice@example.com", key.ssh());
            prop_assert_eq!(RsaKey::parse(&comment).unwrap(), key.clone());
            prop_assert_eq!(RsaKey::parse(&key.pem()).unwrap(), key.clone());
            prop_assert_eq!(RsaKey::from_blob(&key.blob()).unwrap(), key);
        }

        #[test]
        fn no_text_is_too_strange(text in ".{0,80}", blob in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = RsaKey::parse(&text);
            let _ = RsaKey::parse(&format!("ssh-rsa {text}"));
            let _ = RsaKey::from_blob(&blob);
        }
    }

    #[test]
    fn short_even_and_negative_numbers_are_no_keys() {
        let modulus = |length: usize| {
            let mut modulus = vec![0xff; length];
            modulus.insert(0, 0);
            modulus
        };
        assert!(RsaKey::checked(&modulus(256), &[3]).is_some());
        assert!(RsaKey::checked(&modulus(255), &[3]).is_none());
        assert!(RsaKey::checked(&modulus(2049), &[3]).is_none());
        for exponent in [&[][..], &[0], &[1], &[2], &[0xff], &[1; 9]] {
            assert!(RsaKey::checked(&modulus(256), exponent).is_none());
        }
        assert!(RsaKey::checked(&[0xff; 256], &[3]).is_none());
    }

    #[test]
    fn other_kinds_of_keys_are_not_recognized() {
        let ed25519 =
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGQ0Yn0000000000000000000000000000000000000000";
        for text in [
            "",
            "hello",
            ed25519,
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
        ] {
            assert_eq!(RsaKey::parse(text), Err(KeyError::Encoding), "{text}");
        }
        for text in [
            "ssh-rsa !",
            "ssh-rsa AAAA",
            "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
        ] {
            assert_eq!(RsaKey::parse(text), Err(KeyError::Key), "{text}");
        }
    }
}
