//! GetPublicKey.

use crate::house::{Kms, arn, json};

/// The lengths of the public keys of each kind, as DER.
const KEYS: &[(&str, &str, usize)] = &[
    ("RSA_2048", "ENCRYPT_DECRYPT", 294),
    ("RSA_2048", "SIGN_VERIFY", 294),
    ("ECC_NIST_P256", "KEY_AGREEMENT", 91),
    ("ECC_NIST_P384", "SIGN_VERIFY", 120),
    ("ECC_NIST_P521", "SIGN_VERIFY", 158),
    ("ECC_SECG_P256K1", "SIGN_VERIFY", 88),
    ("ECC_NIST_EDWARDS25519", "SIGN_VERIFY", 44),
    ("ML_DSA_44", "SIGN_VERIFY", 1334),
    ("ML_DSA_65", "SIGN_VERIFY", 1974),
    ("ML_DSA_87", "SIGN_VERIFY", 2614),
    ("ML_KEM_512", "ENCAPSULATE_DECAPSULATE", 822),
    ("ML_KEM_768", "ENCAPSULATE_DECAPSULATE", 1206),
    ("ML_KEM_1024", "ENCAPSULATE_DECAPSULATE", 1590),
];

#[tokio::test]
async fn public_keys_come_with_what_they_are_for() {
    let kms = Kms::new().await;
    for (spec, usage, length) in KEYS {
        let key = kms.key_of(spec, usage).await;
        let described = kms.ok("root", "DescribeKey", json!({ "KeyId": key })).await;
        let answer = kms
            .ok("root", "GetPublicKey", json!({ "KeyId": key }))
            .await;
        let mut expected = json!({
            "KeyId": arn(&key),
            "PublicKey": answer["PublicKey"],
            "KeySpec": spec,
            "KeyUsage": usage,
        });
        for member in [
            "CustomerMasterKeySpec",
            "EncryptionAlgorithms",
            "SigningAlgorithms",
            "KeyAgreementAlgorithms",
            "EncapsulationAlgorithms",
        ] {
            if let Some(value) = described["KeyMetadata"].get(member) {
                expected[member] = value.clone();
            }
        }
        assert_eq!(answer, expected);
        let public_key = kms.public_key(&key).await;
        assert_eq!((public_key[0], public_key.len()), (0x30, *length), "{spec}");
        assert_eq!(public_key, kms.public_key(&key).await);
    }
}

#[tokio::test]
async fn keys_without_a_public_key_have_none() {
    let kms = Kms::new().await;
    for (spec, usage) in [
        ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"),
        ("HMAC_256", "GENERATE_VERIFY_MAC"),
    ] {
        let key = kms.key_of(spec, usage).await;
        let code = kms
            .code("root", "GetPublicKey", json!({ "KeyId": key }))
            .await;
        assert_eq!(code, "UnsupportedOperationException");
    }
}
