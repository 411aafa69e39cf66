//! Data key pairs.

use crate::house::{Kms, Value, arn, bytes, json, statement};

const SPECS: [&str; 9] = [
    "RSA_2048",
    "ECC_NIST_P256",
    "ECC_NIST_P384",
    "ECC_NIST_P521",
    "ECC_SECG_P256K1",
    "ECC_NIST_EDWARDS25519",
    "ML_KEM_512",
    "ML_KEM_768",
    "ML_KEM_1024",
];

fn asking(key: &str, spec: &str) -> Value {
    json!({ "KeyId": key, "KeyPairSpec": spec, "EncryptionContext": { "a": "b" } })
}

#[tokio::test]
async fn data_key_pairs_come_in_every_kind_and_their_private_keys_decrypt() {
    let kms = Kms::new().await;
    let key = kms.key().await;
    let described = kms.ok("root", "DescribeKey", json!({ "KeyId": key })).await;
    let material = &described["KeyMetadata"]["CurrentKeyMaterialId"];
    for spec in SPECS {
        let made = kms
            .ok("root", "GenerateDataKeyPair", asking(&key, spec))
            .await;
        let expected = json!({
            "KeyId": arn(&key),
            "KeyMaterialId": material,
            "KeyPairSpec": spec,
            "PrivateKeyCiphertextBlob": made["PrivateKeyCiphertextBlob"],
            "PrivateKeyPlaintext": made["PrivateKeyPlaintext"],
            "PublicKey": made["PublicKey"],
        });
        assert_eq!(made, expected);
        let opening =
            |blob: &Value| json!({ "CiphertextBlob": blob, "EncryptionContext": { "a": "b" } });
        let opened = opening(&made["PrivateKeyCiphertextBlob"]);
        let opened = kms.ok("root", "Decrypt", opened).await;
        assert_eq!(opened["Plaintext"], made["PrivateKeyPlaintext"]);
        if spec.starts_with("ML_KEM") {
            assert_eq!(bytes(&made["PrivateKeyPlaintext"]).len(), 86, "seed format");
        }

        let operation = "GenerateDataKeyPairWithoutPlaintext";
        let hidden = kms.ok("root", operation, asking(&key, spec)).await;
        let expected = json!({
            "KeyId": arn(&key),
            "KeyMaterialId": material,
            "KeyPairSpec": spec,
            "PrivateKeyCiphertextBlob": hidden["PrivateKeyCiphertextBlob"],
            "PublicKey": hidden["PublicKey"],
        });
        assert_eq!(hidden, expected);
        assert_ne!(hidden["PublicKey"], made["PublicKey"]);
        let opened = opening(&hidden["PrivateKeyCiphertextBlob"]);
        let opened = kms.ok("root", "Decrypt", opened).await;
        assert_eq!(bytes(&opened["Plaintext"])[0], 0x30);
    }
}

#[tokio::test]
async fn what_does_not_fit_is_refused() {
    let kms = Kms::new().await;
    let key = kms.key().await;
    let rsa = kms.key_of("RSA_2048", "ENCRYPT_DECRYPT").await;
    for operation in ["GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"] {
        let mut input = asking(&key, "SM2");
        let code = kms.code("root", operation, input.clone()).await;
        assert_eq!(code, "UnsupportedOperationException");
        input["KeyPairSpec"] = json!("ML_DSA_44");
        let code = kms.code("root", operation, input.clone()).await;
        assert_eq!(code, "ValidationException");
        input["KeyPairSpec"] = json!("RSA_2048");
        input["DryRun"] = json!(true);
        let code = kms.code("root", operation, input).await;
        assert_eq!(code, "DryRunOperationException");
        let code = kms.code("root", operation, asking(&rsa, "RSA_2048")).await;
        assert_eq!(code, "InvalidKeyUsageException");
    }
}

#[tokio::test]
async fn conditions_see_the_kind_of_the_pair() {
    let kms = Kms::new().await;
    let policy = statement(&json!({
        "Effect": "Allow",
        "Action": "kms:GenerateDataKeyPair*",
        "Resource": "*",
        "Condition": { "StringLike": { "kms:DataKeyPairSpec": "ECC_*" },
            "StringEquals": { "kms:EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
                "kms:EncryptionContext:a": "b" } },
    }));
    kms.harness.user("alice", &[&policy]);
    let key = kms.key().await;
    kms.ok(
        "alice",
        "GenerateDataKeyPair",
        asking(&key, "ECC_NIST_P256"),
    )
    .await;
    let input = asking(&key, "RSA_2048");
    let code = kms.code("alice", "GenerateDataKeyPair", input).await;
    assert_eq!(code, "AccessDeniedException");
}
