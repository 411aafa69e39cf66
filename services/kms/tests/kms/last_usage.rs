//! What a key was used for last.

use crate::house::{Kms, Value, arn, json, text};

const START: i64 = 1_767_225_600;

async fn last_usage(kms: &Kms, key: &str) -> Value {
    let input = json!({ "KeyId": key });
    kms.ok("root", "GetKeyLastUsage", input).await["KeyLastUsage"].clone()
}

/// Ids of the last event with this name.
fn ids(kms: &Kms, name: &str) -> (Value, Value) {
    let mut reader = kms.harness.pipeline.store().journal_reader(1);
    let mut last = Value::Null;
    while let Some(entry) = reader.next().expect("a journal in memory") {
        let event: Value = serde_json::from_slice(&entry.payload).expect("JSON");
        if event["eventName"] == name {
            last = event;
        }
    }
    (last["eventID"].clone(), last["requestID"].clone())
}

#[tokio::test]
async fn kms_32_the_last_success_counts_and_nothing_else() {
    let kms = Kms::new().await;
    let (key, other) = (kms.key().await, kms.key().await);
    kms.harness.clock.advance(5);
    let answer = kms
        .ok("root", "GetKeyLastUsage", json!({ "KeyId": arn(&key) }))
        .await;
    let unused = json!({
        "KeyId": key,
        "KeyLastUsage": {},
        "TrackingStartDate": START,
        "KeyCreationDate": START,
    });
    assert_eq!(answer, unused);

    let blob = kms.encrypt(&key, b"x", json!({})).await;
    kms.harness.clock.advance(5);
    let refused = json!({ "CiphertextBlob": blob, "EncryptionContext": { "a": "b" } });
    kms.code("root", "Decrypt", refused).await;
    let dry = json!({ "CiphertextBlob": blob, "DryRun": true });
    let code = kms.code("root", "Decrypt", dry).await;
    assert_eq!(code, "DryRunOperationException");
    kms.ok("root", "DescribeKey", json!({ "KeyId": key })).await;
    let (event, request) = ids(&kms, "Encrypt");
    let encrypted = json!({
        "Operation": "Encrypt",
        "Timestamp": START + 5,
        "CloudTrailEventId": event,
        "KmsRequestId": request,
    });
    assert_eq!(last_usage(&kms, &key).await, encrypted);
    assert_eq!(last_usage(&kms, &other).await, json!({}));

    // Both keys of a ReEncrypt are used.
    let moving = json!({ "CiphertextBlob": blob, "DestinationKeyId": other });
    kms.ok("root", "ReEncrypt", moving).await;
    for key in [&key, &other] {
        let usage = last_usage(&kms, key).await;
        assert_eq!(usage["Operation"], "ReEncrypt");
        assert_eq!(usage["Timestamp"], json!(START + 10));
        assert_eq!(usage["CloudTrailEventId"], ids(&kms, "ReEncrypt").0);
    }
}

#[tokio::test]
async fn kms_32_every_cryptographic_operation_counts() {
    let kms = Kms::new().await;
    let (symmetric, signing) = (
        kms.key().await,
        kms.key_of("ECC_NIST_P256", "SIGN_VERIFY").await,
    );
    let mac = kms.key_of("HMAC_256", "GENERATE_VERIFY_MAC").await;
    let agreement = kms.key_of("ECC_NIST_P256", "KEY_AGREEMENT").await;
    let kem = kms.key_of("ML_KEM_512", "ENCAPSULATE_DECAPSULATE").await;
    let blob = kms.encrypt(&symmetric, b"x", json!({})).await;
    let message = |more: Value| {
        let mut input = json!({ "Message": "eA==" });
        for (key, value) in more.as_object().expect("an object") {
            input[key] = value.clone();
        }
        input
    };
    let ecdsa = json!({ "SigningAlgorithm": "ECDSA_SHA_256" });
    let peer = kms
        .ok("root", "GetPublicKey", json!({ "KeyId": agreement }))
        .await;
    let mut made = Value::Null;
    for (operation, key, mut input, fed) in [
        (
            "Decrypt",
            &symmetric,
            json!({ "CiphertextBlob": blob }),
            None,
        ),
        (
            "GenerateDataKey",
            &symmetric,
            json!({ "KeySpec": "AES_256" }),
            None,
        ),
        (
            "GenerateDataKeyWithoutPlaintext",
            &symmetric,
            json!({ "KeySpec": "AES_256" }),
            None,
        ),
        (
            "GenerateDataKeyPair",
            &symmetric,
            json!({ "KeyPairSpec": "ECC_NIST_P256" }),
            None,
        ),
        (
            "GenerateDataKeyPairWithoutPlaintext",
            &symmetric,
            json!({ "KeyPairSpec": "ECC_NIST_P256" }),
            None,
        ),
        ("Sign", &signing, message(ecdsa.clone()), None),
        (
            "Verify",
            &signing,
            message(ecdsa),
            Some(("Signature", "Signature")),
        ),
        (
            "GenerateMac",
            &mac,
            message(json!({ "MacAlgorithm": "HMAC_SHA_256" })),
            None,
        ),
        (
            "VerifyMac",
            &mac,
            message(json!({ "MacAlgorithm": "HMAC_SHA_256" })),
            Some(("Mac", "Mac")),
        ),
        (
            "DeriveSharedSecret",
            &agreement,
            json!({ "PublicKey": peer["PublicKey"], "KeyAgreementAlgorithm": "ECDH" }),
            None,
        ),
        (
            "Encapsulate",
            &kem,
            json!({ "EncapsulationAlgorithm": "ML_KEM" }),
            None,
        ),
        (
            "Decapsulate",
            &kem,
            json!({ "EncapsulationAlgorithm": "ML_KEM" }),
            Some(("SharedSecretCiphertextBlob", "SharedSecretCiphertextBlob")),
        ),
    ] {
        input["KeyId"] = json!(key);
        if let Some((member, from)) = fed {
            input[member] = Value::clone(&made[from]);
        }
        made = kms.ok("root", operation, input).await;
        let usage = last_usage(&kms, key).await;
        assert_eq!(text(&usage["Operation"]), operation);
    }
}
