//! Every kind of key: which uses it has, and what DescribeKey tells of it.

use crate::house::{Kms, Value, arn, json};

const USAGES: [&str; 5] = [
    "SIGN_VERIFY",
    "ENCRYPT_DECRYPT",
    "GENERATE_VERIFY_MAC",
    "KEY_AGREEMENT",
    "ENCAPSULATE_DECAPSULATE",
];

const RSA_SIGNING: &[&str] = &[
    "RSASSA_PKCS1_V1_5_SHA_256",
    "RSASSA_PKCS1_V1_5_SHA_384",
    "RSASSA_PKCS1_V1_5_SHA_512",
    "RSASSA_PSS_SHA_256",
    "RSASSA_PSS_SHA_384",
    "RSASSA_PSS_SHA_512",
];
const OAEP: &[&str] = &["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"];

/// Spec, usage, the member that lists algorithms, and these.
type Row = (
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
);

/// Each spec with each of its uses (KMS developer guide, "Key spec reference").
const TABLE: &[Row] = &[
    (
        "SYMMETRIC_DEFAULT",
        "ENCRYPT_DECRYPT",
        "EncryptionAlgorithms",
        &["SYMMETRIC_DEFAULT"],
    ),
    ("RSA_2048", "SIGN_VERIFY", "SigningAlgorithms", RSA_SIGNING),
    ("RSA_2048", "ENCRYPT_DECRYPT", "EncryptionAlgorithms", OAEP),
    ("RSA_3072", "SIGN_VERIFY", "SigningAlgorithms", RSA_SIGNING),
    ("RSA_3072", "ENCRYPT_DECRYPT", "EncryptionAlgorithms", OAEP),
    ("RSA_4096", "SIGN_VERIFY", "SigningAlgorithms", RSA_SIGNING),
    ("RSA_4096", "ENCRYPT_DECRYPT", "EncryptionAlgorithms", OAEP),
    (
        "ECC_NIST_P256",
        "SIGN_VERIFY",
        "SigningAlgorithms",
        &["ECDSA_SHA_256"],
    ),
    (
        "ECC_NIST_P256",
        "KEY_AGREEMENT",
        "KeyAgreementAlgorithms",
        &["ECDH"],
    ),
    (
        "ECC_NIST_P384",
        "SIGN_VERIFY",
        "SigningAlgorithms",
        &["ECDSA_SHA_384"],
    ),
    (
        "ECC_NIST_P384",
        "KEY_AGREEMENT",
        "KeyAgreementAlgorithms",
        &["ECDH"],
    ),
    (
        "ECC_NIST_P521",
        "SIGN_VERIFY",
        "SigningAlgorithms",
        &["ECDSA_SHA_512"],
    ),
    (
        "ECC_NIST_P521",
        "KEY_AGREEMENT",
        "KeyAgreementAlgorithms",
        &["ECDH"],
    ),
    (
        "ECC_SECG_P256K1",
        "SIGN_VERIFY",
        "SigningAlgorithms",
        &["ECDSA_SHA_256"],
    ),
    (
        "ECC_NIST_EDWARDS25519",
        "SIGN_VERIFY",
        "SigningAlgorithms",
        &["ED25519_PH_SHA_512", "ED25519_SHA_512"],
    ),
    (
        "HMAC_224",
        "GENERATE_VERIFY_MAC",
        "MacAlgorithms",
        &["HMAC_SHA_224"],
    ),
    (
        "HMAC_256",
        "GENERATE_VERIFY_MAC",
        "MacAlgorithms",
        &["HMAC_SHA_256"],
    ),
    (
        "HMAC_384",
        "GENERATE_VERIFY_MAC",
        "MacAlgorithms",
        &["HMAC_SHA_384"],
    ),
    (
        "HMAC_512",
        "GENERATE_VERIFY_MAC",
        "MacAlgorithms",
        &["HMAC_SHA_512"],
    ),
    (
        "ML_DSA_44",
        "SIGN_VERIFY",
        "SigningAlgorithms",
        &["ML_DSA_SHAKE_256"],
    ),
    (
        "ML_DSA_65",
        "SIGN_VERIFY",
        "SigningAlgorithms",
        &["ML_DSA_SHAKE_256"],
    ),
    (
        "ML_DSA_87",
        "SIGN_VERIFY",
        "SigningAlgorithms",
        &["ML_DSA_SHAKE_256"],
    ),
    (
        "ML_KEM_512",
        "ENCAPSULATE_DECAPSULATE",
        "EncapsulationAlgorithms",
        &["ML_KEM"],
    ),
    (
        "ML_KEM_768",
        "ENCAPSULATE_DECAPSULATE",
        "EncapsulationAlgorithms",
        &["ML_KEM"],
    ),
    (
        "ML_KEM_1024",
        "ENCAPSULATE_DECAPSULATE",
        "EncapsulationAlgorithms",
        &["ML_KEM"],
    ),
];

/// The kinds whose keys take long to make are left to the tests that use them.
fn is_quick(spec: &str) -> bool {
    !["RSA_3072", "RSA_4096"].contains(&spec)
}

#[tokio::test]
async fn each_kind_is_described_with_the_algorithms_of_its_use() {
    let kms = Kms::new().await;
    for (spec, usage, member, algorithms) in TABLE.iter().filter(|(spec, ..)| is_quick(spec)) {
        let key = kms.key_of(spec, usage).await;
        let described = kms.ok("root", "DescribeKey", json!({ "KeyId": key })).await;
        let metadata = &described["KeyMetadata"];
        let mut expected = json!({
            "AWSAccountId": metadata["AWSAccountId"],
            "Arn": arn(&key),
            "CreationDate": metadata["CreationDate"],
            "Description": "",
            "Enabled": true,
            "KeyId": key,
            "KeyManager": "CUSTOMER",
            "KeySpec": spec,
            "KeyState": "Enabled",
            "KeyUsage": usage,
            "MultiRegion": false,
            "Origin": "AWS_KMS",
        });
        expected[*member] = json!(algorithms);
        if *spec == "SYMMETRIC_DEFAULT" {
            expected["CurrentKeyMaterialId"] = metadata["CurrentKeyMaterialId"].clone();
        }
        // The older enumeration lacks the newer kinds.
        let newer = ["ML_", "ECC_NIST_EDWARDS25519"];
        if !newer.iter().any(|name| spec.starts_with(name)) {
            expected["CustomerMasterKeySpec"] = json!(spec);
        }
        assert_eq!(metadata, &expected, "{spec} {usage}");
    }
}

#[tokio::test]
async fn each_other_use_is_refused_and_a_use_has_to_be_named() {
    let kms = Kms::new().await;
    let mut specs: Vec<_> = TABLE.iter().map(|(spec, ..)| *spec).collect();
    specs.dedup();
    assert_eq!(specs.len(), 19);
    let validation = |text: String| ("ValidationException".to_owned(), text);
    let create = |input: Value| kms.fails("root", "CreateKey", input);
    for spec in specs {
        for usage in USAGES {
            let mut rows = TABLE.iter();
            if rows.any(|(known, use_of, ..)| *known == spec && *use_of == usage) {
                continue;
            }
            let text = format!("KeyUsage {usage} is not compatible with KeySpec {spec}");
            for member in ["KeySpec", "CustomerMasterKeySpec"] {
                let newer = ["ML_", "ECC_NIST_EDWARDS25519"];
                if member == "KeySpec" || !newer.iter().any(|name| spec.starts_with(name)) {
                    let failed = create(json!({ member: spec, "KeyUsage": usage })).await;
                    assert_eq!(failed, validation(text.clone()));
                }
            }
        }
        if spec != "SYMMETRIC_DEFAULT" {
            let text = "You must specify a KeyUsage value for all KMS keys except for symmetric \
                        encryption keys.";
            let failed = create(json!({ "KeySpec": spec })).await;
            assert_eq!(failed, validation(text.to_owned()));
        }
    }
    let listed = kms.ok("root", "ListKeys", json!({})).await;
    assert_eq!(listed["Keys"], json!([]));
}

#[tokio::test]
async fn china_has_no_ml_kem() {
    let kms = Kms::new().await;
    let input = json!({ "KeySpec": "ML_KEM_768", "KeyUsage": "ENCAPSULATE_DECAPSULATE" });
    let answer = kms.call_in("cn-north-1", "root", "CreateKey", input).await;
    let code = Some("UnsupportedOperationException");
    assert_eq!(answer.code.as_deref(), code);
    let key = kms
        .call_in("cn-north-1", "root", "CreateKey", json!({}))
        .await;
    let id = &key.body["KeyMetadata"]["KeyId"];
    let input = json!({ "KeyId": id, "KeyPairSpec": "ML_KEM_512" });
    let operation = "GenerateDataKeyPairWithoutPlaintext";
    let answer = kms.call_in("cn-north-1", "root", operation, input).await;
    assert_eq!(answer.code.as_deref(), code);
}

/// `kms:KeySpec` and `kms:KeyUsage` keep makers of keys to some kinds.
#[tokio::test]
async fn conditions_see_the_kind_that_is_asked_for() {
    let kms = Kms::new().await;
    let maker = crate::house::statement(&json!({
        "Effect": "Allow",
        "Action": "kms:CreateKey",
        "Resource": "*",
        "Condition": { "StringEquals": {
            "kms:KeySpec": ["ECC_NIST_P256", "HMAC_256"],
            "kms:KeyUsage": ["SIGN_VERIFY", "GENERATE_VERIFY_MAC"],
        } },
    }));
    kms.harness.user("maker", &[&maker]);
    for (spec, usage, is_allowed) in [
        ("ECC_NIST_P256", "SIGN_VERIFY", true),
        ("HMAC_256", "GENERATE_VERIFY_MAC", true),
        ("ECC_NIST_P256", "KEY_AGREEMENT", false),
        ("ECC_NIST_P384", "SIGN_VERIFY", false),
        ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", false),
    ] {
        let input = json!({ "KeySpec": spec, "KeyUsage": usage });
        let answer = kms.call("maker", "CreateKey", input).await;
        let expected = (!is_allowed).then_some("AccessDeniedException");
        assert_eq!(answer.code.as_deref(), expected, "{spec} {usage}");
    }
}

/// An operation is refused by a key that is for something else, in AWS's words.
#[tokio::test]
async fn operations_name_the_use_that_does_not_fit() {
    let kms = Kms::new().await;
    let calls = [
        ("Encrypt", json!({ "Plaintext": "eA==" }), "ENCRYPT_DECRYPT"),
        (
            "GenerateDataKey",
            json!({ "KeySpec": "AES_256" }),
            "ENCRYPT_DECRYPT",
        ),
        (
            "GenerateDataKeyPair",
            json!({ "KeyPairSpec": "ECC_NIST_P256" }),
            "ENCRYPT_DECRYPT",
        ),
        (
            "Sign",
            json!({ "Message": "eA==", "SigningAlgorithm": "ECDSA_SHA_256" }),
            "SIGN_VERIFY",
        ),
        (
            "Verify",
            json!({ "Message": "eA==", "Signature": "eA==", "SigningAlgorithm": "ECDSA_SHA_256" }),
            "SIGN_VERIFY",
        ),
        (
            "GenerateMac",
            json!({ "Message": "eA==", "MacAlgorithm": "HMAC_SHA_256" }),
            "GENERATE_VERIFY_MAC",
        ),
        (
            "VerifyMac",
            json!({ "Message": "eA==", "Mac": "eA==", "MacAlgorithm": "HMAC_SHA_256" }),
            "GENERATE_VERIFY_MAC",
        ),
        (
            "DeriveSharedSecret",
            json!({ "PublicKey": "eA==", "KeyAgreementAlgorithm": "ECDH" }),
            "KEY_AGREEMENT",
        ),
        (
            "Encapsulate",
            json!({ "EncapsulationAlgorithm": "ML_KEM" }),
            "ENCAPSULATE_DECAPSULATE",
        ),
        (
            "Decapsulate",
            json!({ "SharedSecretCiphertextBlob": "eA==", "EncapsulationAlgorithm": "ML_KEM" }),
            "ENCAPSULATE_DECAPSULATE",
        ),
    ];
    for (spec, usage) in [
        ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"),
        ("RSA_2048", "ENCRYPT_DECRYPT"),
        ("ECC_NIST_P256", "SIGN_VERIFY"),
        ("ECC_NIST_P256", "KEY_AGREEMENT"),
        ("HMAC_256", "GENERATE_VERIFY_MAC"),
        ("ML_KEM_512", "ENCAPSULATE_DECAPSULATE"),
    ] {
        let key = kms.key_of(spec, usage).await;
        for (operation, input, wanted) in calls.iter().filter(|(.., wanted)| *wanted != usage) {
            let mut input = input.clone();
            input["KeyId"] = json!(key);
            let text = format!(
                "{} key usage is {usage} which is not valid for {operation}.",
                arn(&key)
            );
            let failed = kms.fails("root", operation, input).await;
            let expected = ("InvalidKeyUsageException".to_owned(), text);
            assert_eq!(failed, expected, "{spec}, not {wanted}");
        }
    }
}

/// What CreateKey may be asked: spec, usage, origin, multi-Region and key store, each left out too,
/// in every combination.
fn combinations() -> Vec<Value> {
    let mut specs: Vec<_> = TABLE.iter().map(|(spec, ..)| *spec).collect();
    specs.dedup();
    specs.retain(|spec| is_quick(spec));
    specs.push("SM2");
    let texts = |texts: &[&str]| texts.iter().map(|text| json!(text)).collect();
    let origins = ["AWS_KMS", "EXTERNAL", "AWS_CLOUDHSM", "EXTERNAL_KEY_STORE"];
    let axes: [(&str, Vec<Value>); 5] = [
        ("KeySpec", texts(&specs)),
        ("KeyUsage", texts(&USAGES)),
        ("Origin", texts(&origins)),
        ("MultiRegion", vec![json!(false), json!(true)]),
        ("CustomKeyStoreId", texts(&["cks-1234567890abcdef0"])),
    ];
    let mut inputs = vec![json!({})];
    for (member, values) in axes {
        let without = inputs.clone();
        for input in &without {
            inputs.extend(values.iter().map(|value| {
                let mut input = input.clone();
                input[member] = value.clone();
                input
            }));
        }
    }
    inputs
}

/// A key, or a refusal that AWS knows; never a failure inside.
#[tokio::test]
async fn every_combination_of_what_is_asked_has_an_answer() {
    let kms = Kms::new().await;
    let inputs = combinations();
    assert_eq!(inputs.len(), 19 * 6 * 5 * 3 * 2);
    let mut made = 0;
    for input in inputs {
        let answer = kms.call("root", "CreateKey", input.clone()).await;
        match answer.code.as_deref() {
            None => made += 1,
            Some("ValidationException" | "UnsupportedOperationException") => {}
            Some(_) => panic!("{input}: {}", answer.text),
        }
    }
    // Each use of a spec, with and without its origin, of one Region, of several and without a word
    // about it; the usage of symmetric keys and their spec may be left out.
    let quick = TABLE.iter().filter(|(spec, ..)| is_quick(spec)).count();
    // Post-quantum keys are not imported.
    let of_lattices = TABLE.iter().filter(|(spec, ..)| spec.starts_with("ML_"));
    let importable = quick - of_lattices.filter(|(spec, ..)| is_quick(spec)).count();
    assert_eq!(made, (quick + 3) * 6 + (importable + 3) * 3);
}
