//! Data keys, dry runs, and recipients.

use crate::house::{Kms, Value, arn, bytes, json};

#[tokio::test]
async fn kms_14_data_keys_come_in_every_length_and_decrypt() {
    let kms = Kms::new().await;
    let id = kms.key().await;
    let described = kms.ok("root", "DescribeKey", json!({ "KeyId": id })).await;
    let material = &described["KeyMetadata"]["CurrentKeyMaterialId"];
    for (asked, length) in [
        (json!({ "KeySpec": "AES_128" }), 16),
        (json!({ "KeySpec": "AES_256" }), 32),
        (json!({ "NumberOfBytes": 1 }), 1),
        (json!({ "NumberOfBytes": 1024 }), 1024),
    ] {
        let mut input = asked;
        input["KeyId"] = json!(id);
        input["EncryptionContext"] = json!({ "a": "b" });
        let made = kms.ok("root", "GenerateDataKey", input.clone()).await;
        assert_eq!(made["KeyId"], json!(arn(&id)));
        assert_eq!(&made["KeyMaterialId"], material);
        assert_eq!(bytes(&made["Plaintext"]).len(), length);
        let opening =
            |blob: &Value| json!({ "CiphertextBlob": blob, "EncryptionContext": { "a": "b" } });
        let opened = kms
            .ok("root", "Decrypt", opening(&made["CiphertextBlob"]))
            .await;
        assert_eq!(opened["Plaintext"], made["Plaintext"]);

        let hidden = kms
            .ok("root", "GenerateDataKeyWithoutPlaintext", input)
            .await;
        assert_eq!(hidden.get("Plaintext"), None);
        assert_eq!(&hidden["KeyMaterialId"], material);
        let opened = kms
            .ok("root", "Decrypt", opening(&hidden["CiphertextBlob"]))
            .await;
        assert_eq!(bytes(&opened["Plaintext"]).len(), length);
        assert!(length < 16 || opened["Plaintext"] != made["Plaintext"]);
    }
}

#[tokio::test]
async fn a_data_key_has_one_length() {
    let kms = Kms::new().await;
    let id = kms.key().await;
    let text = "Please specify either number of bytes or key spec.";
    for operation in ["GenerateDataKey", "GenerateDataKeyWithoutPlaintext"] {
        for input in [
            json!({ "KeyId": id }),
            json!({ "KeyId": id, "KeySpec": "AES_256", "NumberOfBytes": 32 }),
        ] {
            let failed = kms.fails("root", operation, input).await;
            assert_eq!(failed, ("ValidationException".to_owned(), text.to_owned()));
        }
        for number in [0, 1025] {
            let input = json!({ "KeyId": id, "NumberOfBytes": number });
            assert_eq!(
                kms.code("root", operation, input).await,
                "ValidationException"
            );
        }
    }
}

#[tokio::test]
async fn a_dry_run_checks_everything_and_does_nothing() {
    let kms = Kms::new().await;
    kms.harness.user("nobody", &[]);
    let (id, other) = (kms.key().await, kms.key().await);
    let blob = kms.encrypt(&id, b"x", json!({})).await;
    let calls = [
        ("Encrypt", json!({ "KeyId": id, "Plaintext": "eA==" })),
        ("Decrypt", json!({ "CiphertextBlob": blob })),
        (
            "ReEncrypt",
            json!({ "CiphertextBlob": blob, "DestinationKeyId": other }),
        ),
        (
            "GenerateDataKey",
            json!({ "KeyId": id, "KeySpec": "AES_256" }),
        ),
        (
            "GenerateDataKeyWithoutPlaintext",
            json!({ "KeyId": id, "KeySpec": "AES_256" }),
        ),
    ];
    let text = "The request would have succeeded, but the DryRun option is set.";
    let would = ("DryRunOperationException".to_owned(), text.to_owned());
    for (operation, input) in &calls {
        let mut input = input.clone();
        input["DryRun"] = json!(true);
        assert_eq!(
            kms.fails("root", operation, input.clone()).await,
            would,
            "{operation}"
        );
        let code = kms.code("nobody", operation, input.clone()).await;
        assert_eq!(code, "AccessDeniedException", "{operation}");
        input["GrantTokens"] = json!(["x"]);
        let code = kms.code("root", operation, input).await;
        assert_eq!(code, "InvalidGrantTokenException", "{operation}");
    }
    // The ciphertext is part of what is checked, unless it is to be ignored.
    let garbage = json!({ "CiphertextBlob": "eA==", "KeyId": id, "DryRun": true });
    let code = kms.code("root", "Decrypt", garbage.clone()).await;
    assert_eq!(code, "InvalidCiphertextException");
    let mut ignoring = garbage;
    ignoring["DryRunModifiers"] = json!(["IGNORE_CIPHERTEXT"]);
    assert_eq!(kms.fails("root", "Decrypt", ignoring.clone()).await, would);
    assert_eq!(
        kms.code("nobody", "Decrypt", ignoring.clone()).await,
        "AccessDeniedException"
    );
    let without = json!({
        "SourceKeyId": id,
        "DestinationKeyId": other,
        "DryRun": true,
        "DryRunModifiers": ["IGNORE_CIPHERTEXT"],
    });
    assert_eq!(kms.fails("root", "ReEncrypt", without).await, would);
    ignoring["DryRun"] = json!(false);
    assert_eq!(
        kms.code("root", "Decrypt", ignoring).await,
        "ValidationException"
    );
    let nothing = json!({ "DryRun": true, "DryRunModifiers": ["IGNORE_CIPHERTEXT"] });
    assert_eq!(
        kms.code("root", "Decrypt", nothing).await,
        "ValidationException"
    );
    let neither = json!({ "KeyId": id });
    assert_eq!(
        kms.fails("root", "Decrypt", neither).await.1,
        "1 validation error detected: Value null at 'ciphertextBlob' failed to satisfy \
         constraint: Member must not be null"
    );
    kms.ok("root", "DisableKey", json!({ "KeyId": id })).await;
    for (operation, input) in calls {
        let mut input = input;
        input["DryRun"] = json!(true);
        assert_eq!(
            kms.code("root", operation, input).await,
            "DisabledException",
            "{operation}"
        );
    }
}

#[tokio::test]
async fn recipients_that_attest_nothing_are_refused_everywhere() {
    let kms = Kms::new().await;
    let id = kms.key().await;
    let blob = kms.encrypt(&id, b"x", json!({})).await;
    let recipient = json!({
        "KeyEncryptionAlgorithm": "RSAES_OAEP_SHA_256",
        "AttestationDocument": "eA==",
    });
    for (operation, mut input) in [
        ("Decrypt", json!({ "CiphertextBlob": blob })),
        (
            "GenerateDataKey",
            json!({ "KeyId": id, "KeySpec": "AES_256" }),
        ),
        ("GenerateRandom", json!({ "NumberOfBytes": 16 })),
        (
            "GenerateDataKeyPair",
            json!({ "KeyId": id, "KeyPairSpec": "RSA_2048" }),
        ),
        (
            "DeriveSharedSecret",
            json!({ "KeyId": id, "PublicKey": "eA==", "KeyAgreementAlgorithm": "ECDH" }),
        ),
    ] {
        input["Recipient"] = recipient.clone();
        let (code, message) = kms.fails("root", operation, input).await;
        assert_eq!(code, "ValidationException", "{operation}");
        let prefix = "The attestation document is not valid: ";
        assert!(message.starts_with(prefix), "{operation}: {message}");
    }
}
