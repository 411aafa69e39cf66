//! Encapsulate and Decapsulate.

use crate::house::{Kms, Value, arn, base64, bytes, json, statement};

const KEYS: [(&str, usize); 3] = [
    ("ML_KEM_512", 768),
    ("ML_KEM_768", 1088),
    ("ML_KEM_1024", 1568),
];

fn encapsulating(key: &str) -> Value {
    json!({ "KeyId": key, "EncapsulationAlgorithm": "ML_KEM" })
}

fn decapsulating(key: &str, ciphertext: &[u8]) -> Value {
    let mut input = encapsulating(key);
    input["SharedSecretCiphertextBlob"] = json!(base64(ciphertext));
    input
}

#[tokio::test]
async fn secrets_come_back_and_forgeries_give_noise() {
    let kms = Kms::new().await;
    for (spec, length) in KEYS {
        let key = kms.key_of(spec, "ENCAPSULATE_DECAPSULATE").await;
        let other = kms.key_of(spec, "ENCAPSULATE_DECAPSULATE").await;
        let made = kms.ok("root", "Encapsulate", encapsulating(&key)).await;
        let expected = json!({
            "KeyId": arn(&key),
            "SharedSecret": made["SharedSecret"],
            "SharedSecretCiphertextBlob": made["SharedSecretCiphertextBlob"],
            "EncapsulationAlgorithm": "ML_KEM",
        });
        assert_eq!(made, expected);
        assert_eq!(bytes(&made["SharedSecret"]).len(), 32);
        let mut ciphertext = bytes(&made["SharedSecretCiphertextBlob"]);
        assert_eq!(ciphertext.len(), length);
        let opened = kms
            .ok("root", "Decapsulate", decapsulating(&key, &ciphertext))
            .await;
        let expected = json!({
            "KeyId": arn(&key),
            "SharedSecret": made["SharedSecret"],
            "EncapsulationAlgorithm": "ML_KEM",
        });
        assert_eq!(opened, expected);
        let again = kms.ok("root", "Encapsulate", encapsulating(&key)).await;
        assert_ne!(again["SharedSecret"], made["SharedSecret"]);

        // Neither another key nor another ciphertext is an error, and none gives the secret.
        let elsewhere = decapsulating(&other, &ciphertext);
        ciphertext[0] ^= 1;
        for input in [elsewhere, decapsulating(&key, &ciphertext)] {
            let noise = kms.ok("root", "Decapsulate", input.clone()).await;
            assert_eq!(bytes(&noise["SharedSecret"]).len(), 32);
            assert_ne!(noise["SharedSecret"], made["SharedSecret"]);
            assert_eq!(kms.ok("root", "Decapsulate", input).await, noise);
        }
        for wrong in [&ciphertext[1..], b"x"] {
            let mut input = decapsulating(&key, wrong);
            let invalid = ("InvalidCiphertextException".to_owned(), String::new());
            assert_eq!(
                kms.fails("root", "Decapsulate", input.clone()).await,
                invalid
            );
            input["DryRun"] = json!(true);
            assert_eq!(kms.fails("root", "Decapsulate", input).await, invalid);
        }
        for (operation, mut input) in [
            ("Encapsulate", encapsulating(&key)),
            ("Decapsulate", decapsulating(&key, &ciphertext)),
        ] {
            input["DryRun"] = json!(true);
            let code = kms.code("root", operation, input).await;
            assert_eq!(code, "DryRunOperationException");
        }
    }
}

#[tokio::test]
async fn permissions_are_apart_and_conditions_see_the_algorithm() {
    let kms = Kms::new().await;
    let policy = statement(&json!({
        "Effect": "Allow",
        "Action": "kms:Encapsulate",
        "Resource": "*",
        "Condition": { "StringEquals": {
            "kms:EncapsulationAlgorithm": "ML_KEM", "kms:KeySpec": "ML_KEM_768",
        } },
    }));
    kms.harness.user("sender", &[&policy]);
    let key = kms.key_of("ML_KEM_768", "ENCAPSULATE_DECAPSULATE").await;
    let small = kms.key_of("ML_KEM_512", "ENCAPSULATE_DECAPSULATE").await;
    let made = kms.ok("sender", "Encapsulate", encapsulating(&key)).await;
    let ciphertext = bytes(&made["SharedSecretCiphertextBlob"]);
    let denied = "AccessDeniedException";
    let input = decapsulating(&key, &ciphertext);
    assert_eq!(kms.code("sender", "Decapsulate", input).await, denied);
    let input = encapsulating(&small);
    assert_eq!(kms.code("sender", "Encapsulate", input).await, denied);
}
