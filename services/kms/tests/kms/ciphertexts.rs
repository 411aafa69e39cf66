//! Encrypting, decrypting, data keys.

use proptest::prelude::*;

use crate::house::{Kms, NO_KEY, Value, arn, base64, bytes, json, shared, text};

fn decrypting(blob: &str) -> Value {
    json!({ "CiphertextBlob": blob })
}

#[tokio::test]
async fn kms_8_encrypt_takes_up_to_4096_bytes() {
    let kms = Kms::new().await;
    let id = kms.key().await;
    for length in [1, 4096] {
        let plaintext = vec![7; length];
        let blob = kms.encrypt(&id, &plaintext, json!({})).await;
        assert!(blob.len() * 3 / 4 <= 6144);
        let decrypted = kms.ok("root", "Decrypt", decrypting(&blob)).await;
        assert_eq!(bytes(&decrypted["Plaintext"]), plaintext);
    }
    for (length, bound) in [
        (0, "greater than or equal to 1"),
        (4097, "less than or equal to 4096"),
    ] {
        let input = json!({ "KeyId": id, "Plaintext": base64(&vec![7; length]) });
        let (code, message) = kms.fails("root", "Encrypt", input).await;
        assert_eq!(code, "ValidationException");
        assert_eq!(
            message,
            format!(
                "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: \
                 Member must have length {bound}"
            )
        );
    }
}

#[tokio::test]
async fn encrypt_and_decrypt_answer_as_aws_does() {
    let kms = Kms::new().await;
    let id = kms.key().await;
    let input = json!({ "KeyId": id, "Plaintext": base64(b"secret") });
    let encrypted = kms.ok("root", "Encrypt", input).await;
    let blob = text(&encrypted["CiphertextBlob"]);
    let expected = json!({
        "CiphertextBlob": blob,
        "KeyId": arn(&id),
        "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
    });
    assert_eq!(encrypted, expected);
    let described = kms.ok("root", "DescribeKey", json!({ "KeyId": id })).await;
    let decrypted = kms.ok("root", "Decrypt", decrypting(&blob)).await;
    let expected = json!({
        "KeyId": arn(&id),
        "Plaintext": base64(b"secret"),
        "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "KeyMaterialId": described["KeyMetadata"]["CurrentKeyMaterialId"],
    });
    assert_eq!(decrypted, expected);
    // Equal plaintexts look different.
    assert_ne!(kms.encrypt(&id, b"secret", json!({})).await, blob);
}

#[tokio::test]
async fn an_algorithm_of_other_keys_is_refused() {
    let kms = Kms::new().await;
    let id = kms.key().await;
    let blob = kms.encrypt(&id, b"x", json!({})).await;
    let expected = "Algorithm RSAES_OAEP_SHA_256 is incompatible with key spec SYMMETRIC_DEFAULT.";
    let invalid = ("InvalidKeyUsageException".to_owned(), expected.to_owned());
    let rsa = "RSAES_OAEP_SHA_256";
    let input = json!({ "KeyId": id, "Plaintext": "eA==", "EncryptionAlgorithm": rsa });
    assert_eq!(kms.fails("root", "Encrypt", input).await, invalid);
    let input = json!({ "KeyId": id, "CiphertextBlob": blob, "EncryptionAlgorithm": rsa });
    assert_eq!(kms.fails("root", "Decrypt", input).await, invalid);
    let input = json!({ "CiphertextBlob": blob, "EncryptionAlgorithm": rsa });
    assert_eq!(
        kms.code("root", "Decrypt", input).await,
        "ValidationException"
    );
}

#[tokio::test]
async fn kms_13_re_encrypt_moves_a_ciphertext_to_another_key() {
    let kms = Kms::new().await;
    let (from, to) = (kms.key().await, kms.key().await);
    let blob = kms.encrypt(&from, b"secret", json!({ "a": "1" })).await;
    let input = json!({
        "CiphertextBlob": blob,
        "SourceEncryptionContext": { "a": "1" },
        "DestinationKeyId": to,
        "DestinationEncryptionContext": { "b": "2" },
    });
    let moved = kms.ok("root", "ReEncrypt", input.clone()).await;
    let material = |described: Value| described["KeyMetadata"]["CurrentKeyMaterialId"].clone();
    let expected = json!({
        "CiphertextBlob": moved["CiphertextBlob"],
        "SourceKeyId": arn(&from),
        "KeyId": arn(&to),
        "SourceEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "DestinationEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "SourceKeyMaterialId":
            material(kms.ok("root", "DescribeKey", json!({ "KeyId": from })).await),
        "DestinationKeyMaterialId":
            material(kms.ok("root", "DescribeKey", json!({ "KeyId": to })).await),
    });
    assert_eq!(moved, expected);
    let input_there = json!({
        "CiphertextBlob": moved["CiphertextBlob"],
        "EncryptionContext": { "b": "2" },
    });
    let decrypted = kms.ok("root", "Decrypt", input_there).await;
    assert_eq!(decrypted["KeyId"], json!(arn(&to)));
    assert_eq!(bytes(&decrypted["Plaintext"]), b"secret");

    let mut wrong = input;
    wrong["SourceEncryptionContext"] = json!({ "a": "2" });
    assert_eq!(
        kms.code("root", "ReEncrypt", wrong.clone()).await,
        "InvalidCiphertextException"
    );
    wrong["SourceKeyId"] = json!(to);
    assert_eq!(
        kms.code("root", "ReEncrypt", wrong).await,
        "IncorrectKeyException"
    );
}

#[tokio::test]
async fn kms_15_the_encryption_context_is_authenticated() {
    let kms = Kms::new().await;
    let id = kms.key().await;
    let blob = kms
        .encrypt(&id, b"secret", json!({ "Dept": "IT", "purpose": "test" }))
        .await;
    let opening = |context: Value| json!({ "CiphertextBlob": blob, "EncryptionContext": context });
    let swapped = opening(json!({ "purpose": "test", "Dept": "IT" }));
    let decrypted = kms.ok("root", "Decrypt", swapped).await;
    assert_eq!(bytes(&decrypted["Plaintext"]), b"secret");
    for context in [
        json!({}),
        json!({ "Dept": "IT" }),
        json!({ "dept": "IT", "purpose": "test" }),
        json!({ "Dept": "it", "purpose": "test" }),
        json!({ "Dept": "IT", "purpose": "test", "more": "" }),
        json!({ "Dept": "ITpurpose", "": "test" }),
    ] {
        let answer = kms.call("root", "Decrypt", opening(context)).await;
        assert_eq!(answer.code.as_deref(), Some("InvalidCiphertextException"));
        assert_eq!(answer.message(), "");
    }
}

#[tokio::test]
async fn kms_15_any_changed_bit_is_noticed() {
    let kms = Kms::new().await;
    let id = kms.key().await;
    let blob = bytes(&json!(kms.encrypt(&id, b"secret", json!({})).await));
    for position in 0..blob.len() {
        let mut changed = blob.clone();
        changed[position] ^= 1;
        let input = json!({ "KeyId": id, "CiphertextBlob": base64(&changed) });
        let code = kms.code("root", "Decrypt", input).await;
        // A blob that seems to come from another key is one for that other key.
        let expected = ["InvalidCiphertextException", "IncorrectKeyException"];
        assert!(expected.contains(&code.as_str()), "byte {position}: {code}");
        let code = kms
            .code("root", "Decrypt", decrypting(&base64(&changed)))
            .await;
        let expected = ["InvalidCiphertextException", "AccessDeniedException"];
        assert!(expected.contains(&code.as_str()), "byte {position}: {code}");
    }
    for garbage in [&b"x"[..], &[1; 6144], &blob[..blob.len() - 1]] {
        let answer = kms
            .call("root", "Decrypt", decrypting(&base64(garbage)))
            .await;
        assert_eq!(answer.code.as_deref(), Some("InvalidCiphertextException"));
    }
    let code = kms
        .code("root", "Decrypt", decrypting(&base64(&[1; 6145])))
        .await;
    assert_eq!(code, "ValidationException");
}

#[tokio::test]
async fn the_encryption_context_is_bounded() {
    let kms = Kms::new().await;
    let id = kms.key().await;
    let context = json!({ "k": "v".repeat(8191) });
    let blob = kms.encrypt(&id, b"x", context.clone()).await;
    let input = json!({ "CiphertextBlob": blob, "EncryptionContext": context });
    kms.ok("root", "Decrypt", input).await;
    let input = json!({
        "KeyId": id,
        "Plaintext": "eA==",
        "EncryptionContext": { "k": "v".repeat(8192) },
    });
    assert_eq!(
        kms.code("root", "Encrypt", input).await,
        "ValidationException"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    /// Two contexts decrypt each other's ciphertexts if and only if they are equal as maps.
    #[test]
    fn kms_15_contexts_are_equal_or_do_not_decrypt(
        one in prop::collection::btree_map("[ab,é\"]{0,3}", "[ab,é\"]{0,3}", 0..3),
        two in prop::collection::btree_map("[ab,é\"]{0,3}", "[ab,é\"]{0,3}", 0..3),
        same in any::<bool>(),
    ) {
        let two = if same { one.clone() } else { two };
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let code = runtime.block_on(async {
            let kms = Kms::new().await;
            let id = kms.key().await;
            let blob = kms.encrypt(&id, b"secret", json!(one)).await;
            let input = json!({ "CiphertextBlob": blob, "EncryptionContext": two });
            kms.call("root", "Decrypt", input).await.code
        });
        let expected = (one != two).then_some("InvalidCiphertextException");
        prop_assert_eq!(code.as_deref(), expected);
    }
}

#[tokio::test]
async fn kms_16_the_blob_names_its_key_and_a_wrong_key_id_is_refused() {
    let kms = Kms::new().await;
    let (id, other) = (kms.key().await, kms.key().await);
    let blob = kms.encrypt(&id, b"secret", json!({})).await;
    let decrypted = kms.ok("root", "Decrypt", decrypting(&blob)).await;
    assert_eq!(bytes(&decrypted["Plaintext"]), b"secret");
    let alias = json!({ "AliasName": "alias/a", "TargetKeyId": id });
    kms.ok("root", "CreateAlias", alias).await;
    for name in [id.clone(), arn(&id), "alias/a".to_owned()] {
        kms.ok(
            "root",
            "Decrypt",
            json!({ "KeyId": name, "CiphertextBlob": blob }),
        )
        .await;
    }
    let failed = kms
        .fails(
            "root",
            "Decrypt",
            json!({ "KeyId": other, "CiphertextBlob": blob }),
        )
        .await;
    let text = "The key ID in the request does not identify a CMK that can perform this operation.";
    assert_eq!(
        failed,
        ("IncorrectKeyException".to_owned(), text.to_owned())
    );
    let input = json!({ "KeyId": NO_KEY, "CiphertextBlob": blob });
    assert_eq!(
        kms.code("root", "Decrypt", input).await,
        "NotFoundException"
    );
}

#[tokio::test]
async fn kms_17_the_script_of_the_notes_round_trips() {
    let Some(script) = shared("n2-kms-encrypt-decrypt.sh") else {
        return;
    };
    assert!(script.contains("--key-id alias/tutorial"));
    let kms = Kms::new().await;
    let id = kms.key().await;
    let alias = json!({ "AliasName": "alias/tutorial", "TargetKeyId": id });
    kms.ok("root", "CreateAlias", alias).await;
    let secret = b"line one\nline two\x00\xFF\n";
    let blob = kms.encrypt("alias/tutorial", secret, json!({})).await;
    let decrypted = kms.ok("root", "Decrypt", decrypting(&blob)).await;
    assert_eq!(bytes(&decrypted["Plaintext"]), secret);
}

#[tokio::test]
async fn kms_19_after_manual_rotation_old_ciphertexts_still_decrypt() {
    let kms = Kms::new().await;
    let (old, new) = (kms.key().await, kms.key().await);
    let alias = |target: &str| json!({ "AliasName": "alias/app", "TargetKeyId": target });
    kms.ok("root", "CreateAlias", alias(&old)).await;
    let before = kms.encrypt("alias/app", b"before", json!({})).await;
    kms.ok("root", "UpdateAlias", alias(&new)).await;
    let after = kms.encrypt("alias/app", b"after", json!({})).await;
    for (blob, key, plaintext) in [(&before, &old, "before"), (&after, &new, "after")] {
        let decrypted = kms.ok("root", "Decrypt", decrypting(blob)).await;
        assert_eq!(decrypted["KeyId"], json!(arn(key)));
        assert_eq!(bytes(&decrypted["Plaintext"]), plaintext.as_bytes());
    }
    kms.ok("root", "DisableKey", json!({ "KeyId": old })).await;
    assert_eq!(
        kms.code("root", "Decrypt", decrypting(&before)).await,
        "DisabledException"
    );
    kms.ok("root", "Decrypt", decrypting(&after)).await;
}
