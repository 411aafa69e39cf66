//! What Project Wycheproof does to ECDSA signatures, done to those of a key that is imported: its
//! own have public keys alone, which nobody can import.

use super::{CHINA, call, external, import};
use crate::house::{Kms, base64, bytes, json};
use crate::import_kinds::material;

/// The order of P-256 (SP 800-186, 3.2.1.3), with a zero in front.
const ORDER: [u8; 33] = [
    0x00, 0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25,
    0x51,
];

/// Big-endian numbers of 33 bytes.
type Number = [u8; 33];

fn plus(one: Number, other: Number) -> Number {
    let (mut sum, mut carry) = ([0; 33], 0);
    for place in (0..33).rev() {
        let digit = u16::from(one[place]) + u16::from(other[place]) + carry;
        let [high, low] = digit.to_be_bytes();
        (sum[place], carry) = (low, u16::from(high));
    }
    sum
}

/// `one` less `other`, which is not more.
fn minus(one: Number, other: Number) -> Number {
    let complement = plus(other.map(|byte| !byte), number(&[1]));
    plus(one, complement)
}

fn number(bytes: &[u8]) -> Number {
    let mut number = [0; 33];
    number[33 - bytes.len()..].copy_from_slice(bytes);
    number
}

/// The content of an INTEGER.
fn content(number: Number) -> Vec<u8> {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    match number.get(zeros) {
        None => vec![0],
        Some(first) if *first >= 0x80 => [&[0], &number[zeros..]].concat(),
        Some(_) => number[zeros..].to_vec(),
    }
}

/// An element of fewer than 128 bytes.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    [&[tag, content.len().to_le_bytes()[0]], content].concat()
}

fn integer(value: Number) -> Vec<u8> {
    element(0x02, &content(value))
}

fn signature(r: Number, s: Number) -> Vec<u8> {
    element(0x30, &[integer(r), integer(s)].concat())
}

/// The two numbers of a signature.
fn parse(signature: &[u8]) -> (Number, Number) {
    let length = usize::from(signature[3]);
    let (r, s) = (&signature[4..4 + length], &signature[6 + length..]);
    (number(r), number(s))
}

fn broken(r: Number, s: Number) -> Vec<(&'static str, Vec<u8>)> {
    let (zero, one) = (number(&[0]), number(&[1]));
    let both = [integer(r), integer(s)].concat();
    let whole = signature(r, s);
    let padded = element(0x02, &[&[0], content(r).as_slice()].concat());
    let negative = minus(zero, s);
    vec![
        ("r of zero", signature(zero, s)),
        ("s of zero", signature(r, zero)),
        ("both zero", signature(zero, zero)),
        ("both one", signature(one, one)),
        ("r of the order", signature(ORDER, s)),
        ("s of the order", signature(r, ORDER)),
        ("r and the order", signature(plus(r, ORDER), s)),
        ("s and the order", signature(r, plus(s, ORDER))),
        ("r the other way round", signature(minus(ORDER, r), s)),
        ("the two swapped", signature(s, r)),
        (
            "s below zero",
            element(0x30, &[integer(r), element(0x02, &negative)].concat()),
        ),
        (
            "a zero before r",
            element(0x30, &[padded, integer(s)].concat()),
        ),
        (
            "a number more",
            element(0x30, &[both.as_slice(), &integer(one)].concat()),
        ),
        ("a number less", element(0x30, &integer(r))),
        ("no number", element(0x30, &[])),
        (
            "NULL inside",
            element(0x30, &[both.as_slice(), &[5, 0]].concat()),
        ),
        ("a byte behind", [whole.as_slice(), &[0]].concat()),
        ("a byte short", whole[..whole.len() - 1].to_vec()),
        ("a long length", [&[0x30, 0x81], &whole[1..]].concat()),
        ("a longer length", [&[0x30, 0x82, 0], &whole[1..]].concat()),
        (
            "no length",
            [&[0x30, 0x80], both.as_slice(), &[0, 0]].concat(),
        ),
        ("a SET", element(0x31, &both)),
        (
            "OCTET STRINGs",
            element(0x30, &[element(4, &r), element(4, &s)].concat()),
        ),
        ("no DER", [&r[1..], &s[1..]].concat()),
    ]
}

#[tokio::test]
async fn broken_ecdsa_signatures_do_not_verify() {
    let kms = Kms::new().await;
    let key = external(&kms, CHINA.0, "ECC_NIST_P256", "SIGN_VERIFY").await;
    let imported = import(&kms, &key, CHINA, &material("ECC_NIST_P256")).await;
    assert_eq!(imported.status, 200, "{}", imported.text);
    for message in 0..20_u8 {
        let mut input = json!({
            "KeyId": key,
            "Message": base64(&[message]),
            "SigningAlgorithm": "ECDSA_SHA_256",
        });
        let signed = call(&kms, "Sign", input.clone()).await.expect("signed");
        let made = bytes(&signed["Signature"]);
        let (r, s) = parse(&made);
        assert_eq!(signature(r, s), made);
        // The other s of a signature is as good: ECDSA has two.
        for good in [made, signature(r, minus(ORDER, s))] {
            input["Signature"] = json!(base64(&good));
            let verified = call(&kms, "Verify", input.clone()).await;
            assert_eq!(verified.expect("valid")["SignatureValid"], true);
        }
        for (how, wrong) in broken(r, s) {
            input["Signature"] = json!(base64(&wrong));
            let verified = call(&kms, "Verify", input.clone()).await;
            let invalid = Err("KMSInvalidSignatureException".to_owned());
            assert_eq!(verified, invalid, "{how}");
        }
    }
}
