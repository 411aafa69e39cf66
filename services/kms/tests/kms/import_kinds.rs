//! Every kind of key with material that somebody brings, and every way to wrap it.

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256K1_SHA256_ASN1_SIGNING,
    ECDSA_P384_SHA384_ASN1_SIGNING, ECDSA_P521_SHA512_ASN1_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, Ed25519KeyPair,
};

use crate::house::{Kms, arn, json};
use crate::import::import_input;

const WRAPPING: [&str; 4] = [
    "RSAES_OAEP_SHA_1",
    "RSAES_OAEP_SHA_256",
    "RSA_AES_KEY_WRAP_SHA_1",
    "RSA_AES_KEY_WRAP_SHA_256",
];

const CURVES: [(&str, &EcdsaSigningAlgorithm); 4] = [
    ("ECC_NIST_P256", &ECDSA_P256_SHA256_ASN1_SIGNING),
    ("ECC_NIST_P384", &ECDSA_P384_SHA384_ASN1_SIGNING),
    ("ECC_NIST_P521", &ECDSA_P521_SHA512_ASN1_SIGNING),
    ("ECC_SECG_P256K1", &ECDSA_P256K1_SHA256_ASN1_SIGNING),
];

/// Material for a key of this spec.
pub(crate) fn material(spec: &str) -> Vec<u8> {
    let curve = match spec {
        "SYMMETRIC_DEFAULT" | "HMAC_256" => return vec![7; 32],
        "HMAC_224" => return vec![7; 28],
        "HMAC_384" => return vec![7; 48],
        "HMAC_512" => return vec![7; 64],
        "RSA_2048" => return rsa(KeySize::Rsa2048),
        "RSA_3072" => return rsa(KeySize::Rsa3072),
        "RSA_4096" => return rsa(KeySize::Rsa4096),
        "ECC_NIST_EDWARDS25519" => {
            let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("a seed");
            return pair.to_pkcs8v1().expect("PKCS #8").as_ref().to_vec();
        }
        _ => CURVES.iter().find(|(known, _)| *known == spec),
    };
    let (_, curve) = curve.expect("a kind of key that can be imported");
    let pair = EcdsaKeyPair::generate(curve).expect("a key");
    pair.to_pkcs8v1().expect("PKCS #8").as_ref().to_vec()
}

fn rsa(size: KeySize) -> Vec<u8> {
    let pair = KeyPair::generate(size).expect("a key");
    let der: Pkcs8V1Der<'_> = pair.as_der().expect("PKCS #8");
    der.as_ref().to_vec()
}

/// Each spec with a usage, a call that uses a key, and the algorithms that wrap it under RSA_2048.
const KINDS: [(&str, &str, &str, &str, &[&str]); 13] = [
    (
        "SYMMETRIC_DEFAULT",
        "ENCRYPT_DECRYPT",
        "Encrypt",
        "SYMMETRIC_DEFAULT",
        &WRAPPING_ALONE,
    ),
    (
        "HMAC_224",
        "GENERATE_VERIFY_MAC",
        "GenerateMac",
        "HMAC_SHA_224",
        &WRAPPING_ALONE,
    ),
    (
        "HMAC_256",
        "GENERATE_VERIFY_MAC",
        "GenerateMac",
        "HMAC_SHA_256",
        &WRAPPING_ALONE,
    ),
    (
        "HMAC_384",
        "GENERATE_VERIFY_MAC",
        "GenerateMac",
        "HMAC_SHA_384",
        &WRAPPING_ALONE,
    ),
    (
        "HMAC_512",
        "GENERATE_VERIFY_MAC",
        "GenerateMac",
        "HMAC_SHA_512",
        &WRAPPING_ALONE,
    ),
    (
        "RSA_2048",
        "ENCRYPT_DECRYPT",
        "Encrypt",
        "RSAES_OAEP_SHA_256",
        &WITH_AES,
    ),
    (
        "RSA_3072",
        "SIGN_VERIFY",
        "Sign",
        "RSASSA_PSS_SHA_256",
        &WITH_AES,
    ),
    (
        "RSA_4096",
        "SIGN_VERIFY",
        "Sign",
        "RSASSA_PKCS1_V1_5_SHA_512",
        &WITH_AES,
    ),
    (
        "ECC_NIST_P256",
        "SIGN_VERIFY",
        "Sign",
        "ECDSA_SHA_256",
        &WRAPPING,
    ),
    (
        "ECC_NIST_P384",
        "SIGN_VERIFY",
        "Sign",
        "ECDSA_SHA_384",
        &WRAPPING,
    ),
    (
        "ECC_NIST_P521",
        "SIGN_VERIFY",
        "Sign",
        "ECDSA_SHA_512",
        &WITH_AES,
    ),
    (
        "ECC_SECG_P256K1",
        "SIGN_VERIFY",
        "Sign",
        "ECDSA_SHA_256",
        &WRAPPING,
    ),
    (
        "ECC_NIST_EDWARDS25519",
        "SIGN_VERIFY",
        "Sign",
        "ED25519_SHA_512",
        &WRAPPING,
    ),
];
const WRAPPING_ALONE: [&str; 2] = ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"];
const WITH_AES: [&str; 2] = ["RSA_AES_KEY_WRAP_SHA_1", "RSA_AES_KEY_WRAP_SHA_256"];

#[tokio::test]
async fn kms_25_material_of_every_kind_comes_in_as_it_may_be_wrapped() {
    let kms = Kms::new().await;
    for (spec, usage, operation, algorithm, wrapping) in KINDS {
        let key = kms.external_key(spec, usage).await;
        let material = material(spec);
        for asked in WRAPPING {
            if wrapping.contains(&asked) {
                let parameters = kms.parameters_of(&key, asked, "RSA_2048").await;
                let input = import_input(&key, &parameters, &material, &json!({}));
                kms.ok("root", "ImportKeyMaterial", input).await;
                continue;
            }
            let input =
                json!({ "KeyId": key, "WrappingAlgorithm": asked, "WrappingKeySpec": "RSA_2048" });
            let code = kms.code("root", "GetParametersForImport", input).await;
            assert_eq!(code, "UnsupportedOperationException", "{spec} {asked}");
        }
        assert_eq!(kms.state(&key).await, "Enabled");
        let mut input = json!({ "KeyId": key });
        match operation {
            "Encrypt" => {
                input["Plaintext"] = json!("eA==");
                input["EncryptionAlgorithm"] = json!(algorithm);
            }
            "Sign" => {
                input["Message"] = json!("eA==");
                input["SigningAlgorithm"] = json!(algorithm);
            }
            _ => {
                input["Message"] = json!("eA==");
                input["MacAlgorithm"] = json!(algorithm);
            }
        }
        kms.ok("root", operation, input).await;
    }
}

#[tokio::test]
async fn kms_25_longer_wrapping_keys_and_agreement() {
    let kms = Kms::new().await;
    let key = kms.external_key("ECC_NIST_P521", "KEY_AGREEMENT").await;
    let parameters = kms
        .parameters_of(&key, "RSAES_OAEP_SHA_256", "RSA_3072")
        .await;
    let input = import_input(&key, &parameters, &material("ECC_NIST_P521"), &json!({}));
    kms.ok("root", "ImportKeyMaterial", input).await;
    let peer = kms
        .public_key(&kms.key_of("ECC_NIST_P521", "KEY_AGREEMENT").await)
        .await;
    let input = json!({
        "KeyId": key,
        "KeyAgreementAlgorithm": "ECDH",
        "PublicKey": crate::house::base64(&peer),
    });
    kms.ok("root", "DeriveSharedSecret", input).await;
}

#[tokio::test]
async fn kms_25_what_aws_no_longer_wraps_with_and_what_is_not_there_is_refused() {
    let kms = Kms::new().await;
    let key = kms.empty_key().await;
    for (algorithm, spec) in [
        ("RSAES_PKCS1_V1_5", "RSA_2048"),
        ("SM2PKE", "SM2"),
        ("RSAES_OAEP_SHA_256", "SM2"),
    ] {
        let input =
            json!({ "KeyId": key, "WrappingAlgorithm": algorithm, "WrappingKeySpec": spec });
        let (code, message) = kms.fails("root", "GetParametersForImport", input).await;
        assert_eq!(code, "UnsupportedOperationException");
        assert!(message.ends_with("is not supported."), "{message}");
    }
    let own = kms.key().await;
    for (operation, more) in [
        (
            "GetParametersForImport",
            json!({ "WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048" }),
        ),
        (
            "ImportKeyMaterial",
            json!({
                "ImportToken": "eA==",
                "EncryptedKeyMaterial": "eA==",
                "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
            }),
        ),
        ("DeleteImportedKeyMaterial", json!({})),
    ] {
        let mut input = more;
        input["KeyId"] = json!(own);
        let failed = kms.fails("root", operation, input).await;
        let text = format!(
            "{} origin is AWS_KMS which is not valid for this operation.",
            arn(&own)
        );
        assert_eq!(failed, ("UnsupportedOperationException".to_owned(), text));
    }
}

/// Bytes that are no key of the kind, well wrapped: an error of AWS, and the key waits on.
#[tokio::test]
async fn kms_25_what_is_no_key_of_the_kind_does_not_come_in() {
    let kms = Kms::new().await;
    for (spec, usage, wrong) in [
        ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", vec![7; 16]),
        ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", vec![7; 33]),
        ("HMAC_256", "GENERATE_VERIFY_MAC", vec![7; 31]),
        ("HMAC_512", "GENERATE_VERIFY_MAC", vec![7; 129]),
        ("ECC_NIST_P256", "SIGN_VERIFY", vec![7; 32]),
        ("ECC_NIST_P256", "SIGN_VERIFY", material("ECC_SECG_P256K1")),
    ] {
        let key = kms.external_key(spec, usage).await;
        let parameters = kms.parameters(&key).await;
        let input = import_input(&key, &parameters, &wrong, &json!({}));
        let code = kms.code("root", "ImportKeyMaterial", input).await;
        assert_eq!(code, "IncorrectKeyMaterialException", "{spec}");
        assert_eq!(kms.state(&key).await, "PendingImport");
    }
}

#[tokio::test]
async fn kms_25_only_materials_of_symmetric_keys_are_described_and_named() {
    let kms = Kms::new().await;
    let key = kms.external_key("HMAC_256", "GENERATE_VERIFY_MAC").await;
    let parameters = kms.parameters(&key).await;
    for more in [
        json!({ "ImportType": "NEW_KEY_MATERIAL" }),
        json!({ "KeyMaterialDescription": "x" }),
        json!({ "KeyMaterialId": "0".repeat(64) }),
    ] {
        let input = import_input(&key, &parameters, &[7; 32], &more);
        let code = kms.code("root", "ImportKeyMaterial", input).await;
        assert_eq!(code, "UnsupportedOperationException");
    }
}
