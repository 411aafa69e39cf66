//! Public keys as JSON Web Keys (RFC 7517, RFC 7518, RFC 8037, RFC 8812).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;

use crate::der::element;

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OID: u8 = 0x06;
const SEQUENCE: u8 = 0x30;

const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];

/// Curves: OID, name, length of a coordinate in bytes.
const CURVES: [(&[u8], &str, usize); 4] = [
    (
        &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07],
        "P-256",
        32,
    ),
    (&[0x2b, 0x81, 0x04, 0x00, 0x22], "P-384", 48),
    (&[0x2b, 0x81, 0x04, 0x00, 0x23], "P-521", 66),
    (&[0x2b, 0x81, 0x04, 0x00, 0x0a], "secp256k1", 32),
];

/// The members of the JWK of an RSA, elliptic curve or Ed25519 key (`SubjectPublicKeyInfo` in DER);
/// none, if it is neither.
pub fn public_jwk(spki: &[u8]) -> Option<Vec<(&'static str, String)>> {
    let (spki, []) = tagged(SEQUENCE, spki)? else {
        return None;
    };
    let (algorithm, rest) = tagged(SEQUENCE, spki)?;
    let (oid, parameters) = tagged(OID, algorithm)?;
    let (bits, []) = tagged(BIT_STRING, rest)? else {
        return None;
    };
    // A bit string begins with the number of unused bits.
    let key = bits.strip_prefix(&[0])?;
    match oid {
        RSA => rsa(key),
        EC => ec(tagged(OID, parameters)?.0, key),
        ED25519 => Some(vec![
            member("kty", "OKP"),
            member("crv", "Ed25519"),
            ("x", BASE64URL.encode(key)),
        ]),
        _ => None,
    }
}

fn rsa(key: &[u8]) -> Option<Vec<(&'static str, String)>> {
    let (key, []) = tagged(SEQUENCE, key)? else {
        return None;
    };
    let (modulus, rest) = tagged(INTEGER, key)?;
    let (exponent, _) = tagged(INTEGER, rest)?;
    // An integer of DER has a sign, one of a JWK has none.
    let number = |bytes: &[u8]| BASE64URL.encode(bytes.strip_prefix(&[0]).unwrap_or(bytes));
    Some(vec![
        member("kty", "RSA"),
        ("n", number(modulus)),
        ("e", number(exponent)),
    ])
}

fn ec(curve: &[u8], point: &[u8]) -> Option<Vec<(&'static str, String)>> {
    let (_, name, length) = CURVES.into_iter().find(|(oid, ..)| *oid == curve)?;
    let coordinates = point.strip_prefix(&[4])?;
    let (x, y) = coordinates.split_at_checked(length)?;
    if y.len() != length {
        return None;
    }
    Some(vec![
        member("kty", "EC"),
        member("crv", name),
        ("x", BASE64URL.encode(x)),
        ("y", BASE64URL.encode(y)),
    ])
}

fn member(name: &'static str, value: &str) -> (&'static str, String) {
    (name, value.to_owned())
}

/// The contents of an element with this tag, and what follows it.
fn tagged(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (found, contents, rest) = element(der)?;
    (found == tag).then_some((contents, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::material::{KeyMaterial, MaterialSpec};
    use crate::random::testing::Seeded;

    #[test]
    fn keys_of_every_kind_have_the_members_of_their_type() {
        let random = Seeded::new(3);
        for (spec, names) in [
            (MaterialSpec::Rsa2048, Some("kty n e")),
            (MaterialSpec::EccNistP256, Some("kty crv x y")),
            (MaterialSpec::EccNistP384, Some("kty crv x y")),
            (MaterialSpec::EccNistP521, Some("kty crv x y")),
            (MaterialSpec::EccSecgP256k1, Some("kty crv x y")),
            (MaterialSpec::EccNistEdwards25519, Some("kty crv x")),
            (MaterialSpec::MlDsa44, None),
        ] {
            let spki = KeyMaterial::generate(spec, &random).unwrap();
            let spki = spki.public_key().unwrap();
            let jwk = public_jwk(&spki);
            let found = jwk.map(|members| {
                let names: Vec<&str> = members.iter().map(|(name, _)| *name).collect();
                names.join(" ")
            });
            assert_eq!(found.as_deref(), names, "{spec:?}");
            assert!(public_jwk(&spki[..spki.len() - 1]).is_none());
        }
    }

    #[test]
    fn a_key_of_rfc_8037_is_written_as_there() {
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        let head = [
            0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
        ];
        let spki = [&head[..], &BASE64URL.decode(x).unwrap()].concat();
        let jwk = public_jwk(&spki).unwrap();
        assert_eq!(jwk[0], member("kty", "OKP"));
        assert_eq!(jwk[2], member("x", x));
    }

    proptest! {
        #[test]
        fn no_bytes_are_too_strange(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = public_jwk(&bytes);
        }
    }
}
