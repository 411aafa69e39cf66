//! Signed JSON Web Tokens in their compact form (RFC 7515): taken apart, verified, and signed.
//!
//! What the parts say is the caller's to read; no JSON is understood here. Algorithms without a
//! signature or with a shared secret do not exist here, whatever a token's header says.

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{self, KeySize, PublicKeyComponents};
use aws_lc_rs::signature::{self, EcdsaKeyPair, KeyPair as _, RsaParameters, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::der::element;

/// The longest token that is looked at, in characters.
const MAX_TOKEN: usize = 32 * 1024;

/// A signature algorithm of RFC 7518 with a public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    Rs512,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// ECDSA on P-521 with SHA-512.
    Es512,
}

impl Algorithm {
    /// The algorithm of a header's `alg`.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "RS256" => Self::Rs256,
            "RS384" => Self::Rs384,
            "RS512" => Self::Rs512,
            "ES256" => Self::Es256,
            "ES384" => Self::Es384,
            "ES512" => Self::Es512,
            _ => return None,
        })
    }

    fn rsa(self) -> Option<&'static RsaParameters> {
        match self {
            Self::Rs256 => Some(&signature::RSA_PKCS1_2048_8192_SHA256),
            Self::Rs384 => Some(&signature::RSA_PKCS1_2048_8192_SHA384),
            Self::Rs512 => Some(&signature::RSA_PKCS1_2048_8192_SHA512),
            Self::Es256 | Self::Es384 | Self::Es512 => None,
        }
    }
}

/// A token taken apart. Nothing of it is verified.
pub struct Token<'a> {
    /// The protected header, JSON.
    pub header: Vec<u8>,
    /// The claims, JSON.
    pub payload: Vec<u8>,
    signed: &'a str,
    signature: Vec<u8>,
}

impl<'a> Token<'a> {
    /// Takes a compact token apart.
    pub fn parse(token: &'a str) -> Option<Self> {
        if token.len() > MAX_TOKEN {
            return None;
        }
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, payload) = signed.split_once('.')?;
        Some(Self {
            header: decode(header)?,
            payload: decode(payload)?,
            signature: decode(signature)?,
            signed,
        })
    }

    /// Whether `key` signed the token with `algorithm`.
    pub fn is_signed_by(&self, algorithm: Algorithm, key: &PublicKey) -> bool {
        let (message, signature) = (self.signed.as_bytes(), self.signature.as_slice());
        match (key, algorithm) {
            (PublicKey::Rsa { n, e }, _) => algorithm.rsa().is_some_and(|parameters| {
                let key = PublicKeyComponents { n, e };
                key.verify(parameters, message, signature).is_ok()
            }),
            (PublicKey::P256(point), Algorithm::Es256) => {
                let key = UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, point);
                key.verify(message, signature).is_ok()
            }
            (PublicKey::P384(point), Algorithm::Es384) => {
                let key = UnparsedPublicKey::new(&signature::ECDSA_P384_SHA384_FIXED, point);
                key.verify(message, signature).is_ok()
            }
            (PublicKey::P521(point), Algorithm::Es512) => {
                let key = UnparsedPublicKey::new(&signature::ECDSA_P521_SHA512_FIXED, point);
                key.verify(message, signature).is_ok()
            }
            _ => false,
        }
    }
}

/// A public key as a JSON Web Key gives it (RFC 7518, section 6).
pub enum PublicKey {
    /// Modulus and exponent, big-endian, without leading zeros.
    Rsa {
        /// The modulus.
        n: Vec<u8>,
        /// The exponent.
        e: Vec<u8>,
    },
    /// An uncompressed point on P-256.
    P256(Vec<u8>),
    /// An uncompressed point on P-384.
    P384(Vec<u8>),
    /// An uncompressed point on P-521.
    P521(Vec<u8>),
}

impl PublicKey {
    /// An RSA key of `n` and `e`, Base64url.
    pub fn rsa(n: &str, e: &str) -> Option<Self> {
        let strip = |bytes: Vec<u8>| {
            let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
            bytes.into_iter().skip(zeros).collect::<Vec<u8>>()
        };
        Some(Self::Rsa {
            n: strip(decode(n)?),
            e: strip(decode(e)?),
        })
    }

    /// A key on the curve `crv` of the coordinates `x` and `y`, Base64url.
    pub fn ec(crv: &str, x: &str, y: &str) -> Option<Self> {
        let (length, make): (_, fn(Vec<u8>) -> Self) = match crv {
            "P-256" => (32, Self::P256),
            "P-384" => (48, Self::P384),
            "P-521" => (66, Self::P521),
            _ => return None,
        };
        let (x, y) = (decode(x)?, decode(y)?);
        let is_point = x.len() == length && y.len() == length;
        is_point.then(|| make([&[4], x.as_slice(), y.as_slice()].concat()))
    }
}

fn decode(text: &str) -> Option<Vec<u8>> {
    BASE64URL.decode(text).ok()
}

/// Why no key could be made or used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the cryptographic library refused a signing key")]
pub struct SigningFailure;

/// A private key that signs tokens. The library draws it: unlike nonces and data keys, its form is
/// the library's own.
pub enum SigningKey {
    /// RSA with 2048 bits, for `RS256`.
    Rsa(rsa::KeyPair),
    /// P-384, for `ES384`.
    P384(EcdsaKeyPair),
}

impl SigningKey {
    /// A new RSA key of 2048 bits.
    pub fn generate_rsa() -> Result<Self, SigningFailure> {
        let key = rsa::KeyPair::generate(KeySize::Rsa2048).map_err(|_| SigningFailure)?;
        Ok(Self::Rsa(key))
    }

    /// A new key on P-384.
    pub fn generate_p384() -> Result<Self, SigningFailure> {
        let key = EcdsaKeyPair::generate(&signature::ECDSA_P384_SHA384_FIXED_SIGNING);
        key.map(Self::P384).map_err(|_| SigningFailure)
    }

    /// The key that [`to_pkcs8`](Self::to_pkcs8) wrote.
    pub fn from_pkcs8(algorithm: Algorithm, bytes: &[u8]) -> Result<Self, SigningFailure> {
        match algorithm {
            Algorithm::Es384 => {
                let curve = &signature::ECDSA_P384_SHA384_FIXED_SIGNING;
                let key = EcdsaKeyPair::from_pkcs8(curve, bytes);
                key.map(Self::P384).map_err(|_| SigningFailure)
            }
            Algorithm::Rs256 => {
                let key = rsa::KeyPair::from_pkcs8(bytes);
                key.map(Self::Rsa).map_err(|_| SigningFailure)
            }
            _ => Err(SigningFailure),
        }
    }

    /// The key in clear, to be sealed at once.
    pub fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, SigningFailure> {
        let bytes = match self {
            Self::Rsa(key) => key.as_der().map_err(|_| SigningFailure)?.as_ref().to_vec(),
            Self::P384(key) => {
                let document = key.to_pkcs8v1().map_err(|_| SigningFailure)?;
                document.as_ref().to_vec()
            }
        };
        Ok(Zeroizing::new(bytes))
    }

    /// The compact token of a header and claims, JSON both.
    #[expect(
        clippy::disallowed_methods,
        reason = "the library takes the argument and draws from its own source all the same"
    )]
    pub fn sign(&self, header: &[u8], payload: &[u8]) -> Result<String, SigningFailure> {
        let signed = format!("{}.{}", BASE64URL.encode(header), BASE64URL.encode(payload));
        let random = SystemRandom::new();
        let signature = match self {
            Self::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                let padding = &signature::RSA_PKCS1_SHA256;
                key.sign(padding, &random, signed.as_bytes(), &mut signature)
                    .map_err(|_| SigningFailure)?;
                signature
            }
            Self::P384(key) => {
                let signature = key.sign(&random, signed.as_bytes());
                signature.map_err(|_| SigningFailure)?.as_ref().to_vec()
            }
        };
        Ok(format!("{signed}.{}", BASE64URL.encode(signature)))
    }

    /// The signature of `message` with SHA-256 and PKCS #1 v1.5 padding, for an RSA key.
    #[expect(
        clippy::disallowed_methods,
        reason = "this padding needs no randomness; the library takes the argument all the same"
    )]
    pub fn sign_pkcs1(&self, message: &[u8]) -> Result<Vec<u8>, SigningFailure> {
        let Self::Rsa(key) = self else {
            return Err(SigningFailure);
        };
        let mut signature = vec![0; key.public_modulus_len()];
        let padding = &signature::RSA_PKCS1_SHA256;
        key.sign(padding, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| SigningFailure)?;
        Ok(signature)
    }

    /// The public key as DER (PKCS #1 `RSAPublicKey`), of an RSA key.
    pub fn public_pkcs1(&self) -> Result<Vec<u8>, SigningFailure> {
        match self {
            Self::Rsa(key) => Ok(key.public_key().as_ref().to_vec()),
            Self::P384(_) => Err(SigningFailure),
        }
    }

    /// The members of the public JSON Web Key, names and values.
    pub fn public(&self) -> Result<Vec<(&'static str, String)>, SigningFailure> {
        let (kind, mut members) = match self {
            Self::Rsa(key) => {
                let (n, e) = rsa_parts(key.public_key().as_ref()).ok_or(SigningFailure)?;
                (
                    "RSA",
                    vec![("n", BASE64URL.encode(n)), ("e", BASE64URL.encode(e))],
                )
            }
            Self::P384(key) => {
                let point = key.public_key().as_ref();
                let (x, y) = point
                    .get(1..)
                    .unwrap_or_default()
                    .split_at_checked(48)
                    .ok_or(SigningFailure)?;
                let curve = ("crv", "P-384".to_owned());
                (
                    "EC",
                    vec![
                        curve,
                        ("x", BASE64URL.encode(x)),
                        ("y", BASE64URL.encode(y)),
                    ],
                )
            }
        };
        members.insert(0, ("kty", kind.to_owned()));
        Ok(members)
    }
}

/// Modulus and exponent of an `RSAPublicKey` (RFC 8017, appendix A.1.1): a sequence of two integers
/// in DER.
fn rsa_parts(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (0x30, sequence, _) = element(der)? else {
        return None;
    };
    let (0x02, n, rest) = element(sequence)? else {
        return None;
    };
    let (0x02, e, _) = element(rest)? else {
        return None;
    };
    Some((n.strip_prefix(&[0]).unwrap_or(n), e))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7515, appendix A.2.
    const RS256: &str = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
    const N: &str = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
    /// RFC 7515, appendix A.3.
    const ES256: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    const X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
    const Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";

    #[test]
    fn verifies_the_examples_of_the_rfc() {
        let rsa = PublicKey::rsa(N, "AQAB").unwrap();
        let ec = PublicKey::ec("P-256", X, Y).unwrap();
        let (signed, other) = (Token::parse(RS256).unwrap(), Token::parse(ES256).unwrap());
        assert_eq!(signed.header, br#"{"alg":"RS256"}"#);
        assert!(signed.payload.starts_with(br#"{"iss":"joe","#));
        assert!(signed.is_signed_by(Algorithm::Rs256, &rsa));
        assert!(other.is_signed_by(Algorithm::Es256, &ec));
        for algorithm in [Algorithm::Rs384, Algorithm::Rs512, Algorithm::Es256] {
            assert!(!signed.is_signed_by(algorithm, &rsa), "{algorithm:?}");
        }
        assert!(!other.is_signed_by(Algorithm::Rs256, &rsa));
        assert!(!other.is_signed_by(Algorithm::Es384, &ec));
        assert!(!signed.is_signed_by(Algorithm::Es256, &ec));
    }

    #[test]
    fn every_part_of_a_token_is_covered() {
        let key = PublicKey::ec("P-256", X, Y).unwrap();
        for (index, byte) in ES256.bytes().enumerate() {
            let other = if byte == b'A' { 'B' } else { 'A' };
            let altered = format!("{}{other}{}", &ES256[..index], &ES256[index + 1..]);
            let verified = Token::parse(&altered)
                .is_some_and(|token| token.is_signed_by(Algorithm::Es256, &key));
            assert!(!verified, "{index}");
        }
    }

    #[test]
    fn there_is_no_algorithm_without_a_public_key() {
        for name in [
            "none", "None", "", "HS256", "HS512", "rs256", "PS256", "dir",
        ] {
            assert_eq!(Algorithm::parse(name), None, "{name}");
        }
        for token in [
            "",
            ".",
            "..",
            "a.b",
            "a..",
            "!.!.!",
            &"A".repeat(MAX_TOKEN + 1),
        ] {
            assert!(Token::parse(token).is_none() || token == "..", "{token}");
        }
        assert!(PublicKey::ec("P-256", X, "AQ").is_none());
        assert!(PublicKey::ec("secp256k1", X, Y).is_none());
    }

    #[test]
    fn signs_what_its_public_key_verifies_and_comes_back_from_bytes() {
        for (algorithm, key) in [
            (Algorithm::Rs256, SigningKey::generate_rsa().unwrap()),
            (Algorithm::Es384, SigningKey::generate_p384().unwrap()),
        ] {
            let again = SigningKey::from_pkcs8(algorithm, &key.to_pkcs8().unwrap()).unwrap();
            let members = key.public().unwrap();
            assert_eq!(members, again.public().unwrap());
            let member = |name| {
                let found = members.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| value.as_str()).unwrap_or_default()
            };
            let public = match algorithm {
                Algorithm::Rs256 => PublicKey::rsa(member("n"), member("e")),
                _ => PublicKey::ec(member("crv"), member("x"), member("y")),
            };
            let text = again.sign(b"{}", b"{}").unwrap();
            let token = Token::parse(&text).unwrap();
            assert!(
                token.is_signed_by(algorithm, &public.unwrap()),
                "{algorithm:?}"
            );
        }
    }
}
