//! Encrypt, Decrypt and ReEncrypt with RSA keys.

use crate::house::{Kms, Value, arn, base64, bytes, json, statement};

const ALGORITHMS: [(&str, usize); 2] = [("RSAES_OAEP_SHA_1", 214), ("RSAES_OAEP_SHA_256", 190)];

fn encrypting(key: &str, algorithm: &str, plaintext: &[u8]) -> Value {
    json!({
        "KeyId": key, "EncryptionAlgorithm": algorithm, "Plaintext": base64(plaintext),
    })
}

fn decrypting(key: &str, algorithm: &str, blob: &Value) -> Value {
    json!({ "KeyId": key, "EncryptionAlgorithm": algorithm, "CiphertextBlob": blob })
}

#[tokio::test]
async fn rsa_keys_encrypt_as_much_as_oaep_allows() {
    let kms = Kms::new().await;
    let key = kms.key_of("RSA_2048", "ENCRYPT_DECRYPT").await;
    for (algorithm, limit) in ALGORITHMS {
        for length in [1, limit] {
            let input = encrypting(&key, algorithm, &vec![7; length]);
            let encrypted = kms.ok("root", "Encrypt", input).await;
            let blob = &encrypted["CiphertextBlob"];
            let expected = json!({
                "KeyId": arn(&key), "CiphertextBlob": blob, "EncryptionAlgorithm": algorithm,
            });
            assert_eq!(encrypted, expected);
            assert_eq!(bytes(blob).len(), 256);
            let input = decrypting(&key, algorithm, blob);
            let decrypted = kms.ok("root", "Decrypt", input).await;
            // No identifier of material: there is only one.
            let expected = json!({
                "KeyId": arn(&key),
                "Plaintext": base64(&vec![7; length]),
                "EncryptionAlgorithm": algorithm,
            });
            assert_eq!(decrypted, expected);
        }
        let text = format!(
            "Algorithm {algorithm} and key spec RSA_2048 cannot encrypt data larger than {limit} \
             bytes."
        );
        let mut long = encrypting(&key, algorithm, &vec![7; limit + 1]);
        let validation = ("ValidationException".to_owned(), text);
        assert_eq!(kms.fails("root", "Encrypt", long.clone()).await, validation);
        long["DryRun"] = json!(true);
        assert_eq!(kms.fails("root", "Encrypt", long).await, validation);
    }
}

#[tokio::test]
async fn sec_c1_whatever_is_wrong_with_a_ciphertext_the_answer_is_the_same() {
    let kms = Kms::new().await;
    let key = kms.key_of("RSA_2048", "ENCRYPT_DECRYPT").await;
    let other = kms.key_of("RSA_2048", "ENCRYPT_DECRYPT").await;
    let input = encrypting(&key, "RSAES_OAEP_SHA_256", b"secret");
    let blob = kms.ok("root", "Encrypt", input).await["CiphertextBlob"].clone();
    let mut changed = bytes(&blob);
    changed[100] ^= 1;
    let json_of = |bytes: &[u8]| json!(base64(bytes));
    let invalid = ("InvalidCiphertextException".to_owned(), String::new());
    for input in [
        decrypting(&key, "RSAES_OAEP_SHA_1", &blob),
        decrypting(&other, "RSAES_OAEP_SHA_256", &blob),
        decrypting(&key, "RSAES_OAEP_SHA_256", &json_of(&changed)),
        decrypting(&key, "RSAES_OAEP_SHA_256", &json_of(&changed[1..])),
        decrypting(&key, "RSAES_OAEP_SHA_256", &json_of(&[0xff; 256])),
        decrypting(&key, "RSAES_OAEP_SHA_256", &json!("eA==")),
    ] {
        assert_eq!(kms.fails("root", "Decrypt", input).await, invalid);
    }
}

#[tokio::test]
async fn the_key_and_the_algorithm_have_to_be_named() {
    let kms = Kms::new().await;
    let key = kms.key_of("RSA_2048", "ENCRYPT_DECRYPT").await;
    let symmetric = kms.key().await;
    let input = encrypting(&key, "RSAES_OAEP_SHA_256", b"secret");
    let blob = kms.ok("root", "Encrypt", input).await["CiphertextBlob"].clone();
    let mut nameless = decrypting(&key, "RSAES_OAEP_SHA_256", &blob);
    nameless.as_object_mut().expect("an object").remove("KeyId");
    let failed = kms.fails("root", "Decrypt", nameless).await;
    let text = "KeyId must not be null".to_owned();
    assert_eq!(failed, ("ValidationException".to_owned(), text));
    // Without an algorithm, it is that of symmetric keys.
    let input = json!({ "KeyId": key, "Plaintext": "eA==" });
    let text = "Algorithm SYMMETRIC_DEFAULT is incompatible with key spec RSA_2048.";
    let usage = ("InvalidKeyUsageException".to_owned(), text.to_owned());
    assert_eq!(kms.fails("root", "Encrypt", input).await, usage);
    let data_key = json!({ "KeyId": key, "KeySpec": "AES_256" });
    let failed = kms.fails("root", "GenerateDataKey", data_key).await;
    let text = "You cannot generate a data key with an asymmetric CMK";
    assert_eq!(
        failed,
        ("InvalidKeyUsageException".to_owned(), text.to_owned())
    );
    let input = json!({ "KeyId": key, "CiphertextBlob": blob });
    let code = kms.code("root", "Decrypt", input).await;
    assert_eq!(code, "InvalidCiphertextException");
    let named = kms.encrypt(&symmetric, b"x", json!({})).await;
    let input = json!({ "KeyId": key, "CiphertextBlob": named });
    assert_eq!(
        kms.code("root", "Decrypt", input).await,
        "IncorrectKeyException"
    );
    let input = encrypting(&key, "SM2PKE", b"x");
    let text = "Algorithm SM2PKE is incompatible with key spec RSA_2048.";
    let usage = ("InvalidKeyUsageException".to_owned(), text.to_owned());
    assert_eq!(kms.fails("root", "Encrypt", input).await, usage);
}

#[tokio::test]
async fn an_encryption_context_is_refused_rather_than_ignored() {
    let kms = Kms::new().await;
    let key = kms.key_of("RSA_2048", "ENCRYPT_DECRYPT").await;
    let symmetric = kms.key().await;
    let algorithm = "RSAES_OAEP_SHA_256";
    let context = json!({ "a": "b" });
    let blob = kms.encrypt(&symmetric, b"x", json!({})).await;
    let mut to = json!({
        "CiphertextBlob": blob,
        "DestinationKeyId": key,
        "DestinationEncryptionAlgorithm": algorithm,
    });
    to["DestinationEncryptionContext"] = context.clone();
    let mut encrypt = encrypting(&key, algorithm, b"x");
    encrypt["EncryptionContext"] = context.clone();
    let mut decrypt = decrypting(&key, algorithm, &json!("eA=="));
    decrypt["EncryptionContext"] = context;
    let text =
        "EncryptionContext is not supported when encrypting/decrypting with asymmetric CMKs.";
    let validation = ("ValidationException".to_owned(), text.to_owned());
    for (operation, input) in [
        ("Encrypt", encrypt),
        ("Decrypt", decrypt),
        ("ReEncrypt", to),
    ] {
        assert_eq!(kms.fails("root", operation, input).await, validation);
    }
}

#[tokio::test]
async fn re_encrypt_goes_between_all_kinds_of_keys() {
    let kms = Kms::new().await;
    let symmetric = kms.key().await;
    let rsa = kms.key_of("RSA_2048", "ENCRYPT_DECRYPT").await;
    let algorithm = "RSAES_OAEP_SHA_256";
    let blob = kms
        .encrypt(&symmetric, b"secret", json!({ "a": "b" }))
        .await;
    let input = json!({
        "CiphertextBlob": blob,
        "SourceEncryptionContext": { "a": "b" },
        "DestinationKeyId": rsa,
        "DestinationEncryptionAlgorithm": algorithm,
    });
    let there = kms.ok("root", "ReEncrypt", input).await;
    assert!(there["SourceKeyMaterialId"].is_string());
    assert_eq!(there.get("DestinationKeyMaterialId"), None);
    assert_eq!(there["DestinationEncryptionAlgorithm"], json!(algorithm));
    let input = json!({
        "CiphertextBlob": there["CiphertextBlob"],
        "SourceKeyId": rsa,
        "SourceEncryptionAlgorithm": algorithm,
        "DestinationKeyId": symmetric,
    });
    let back = kms.ok("root", "ReEncrypt", input).await;
    assert_eq!(back.get("SourceKeyMaterialId"), None);
    assert!(back["DestinationKeyMaterialId"].is_string());
    let input = json!({ "CiphertextBlob": back["CiphertextBlob"] });
    let decrypted = kms.ok("root", "Decrypt", input).await;
    assert_eq!(bytes(&decrypted["Plaintext"]), b"secret");
    // What fits a symmetric key may be too long for an RSA key.
    let long = kms.encrypt(&symmetric, &[7; 191], json!({})).await;
    let input = json!({
        "CiphertextBlob": long,
        "DestinationKeyId": rsa,
        "DestinationEncryptionAlgorithm": algorithm,
    });
    let code = kms.code("root", "ReEncrypt", input).await;
    assert_eq!(code, "ValidationException");
}

#[tokio::test]
async fn conditions_see_the_algorithm() {
    let kms = Kms::new().await;
    let policy = statement(&json!({
        "Effect": "Allow",
        "Action": ["kms:Encrypt", "kms:Decrypt"],
        "Resource": "*",
        "Condition": { "StringEquals": { "kms:EncryptionAlgorithm": "RSAES_OAEP_SHA_256" } },
    }));
    kms.harness.user("alice", &[&policy]);
    let key = kms.key_of("RSA_2048", "ENCRYPT_DECRYPT").await;
    let input = encrypting(&key, "RSAES_OAEP_SHA_256", b"x");
    kms.ok("alice", "Encrypt", input).await;
    let input = encrypting(&key, "RSAES_OAEP_SHA_1", b"x");
    let code = kms.code("alice", "Encrypt", input).await;
    assert_eq!(code, "AccessDeniedException");
}
