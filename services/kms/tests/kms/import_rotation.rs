//! Symmetric keys with more than one imported material.

use crate::house::{Kms, Value, arn, base64, json};
use crate::import::import_input;

const START: i64 = 1_767_225_600;

impl Kms {
    /// Imports another material for a rotation; its id.
    pub(crate) async fn import_new(&self, key: &str, material: &[u8]) -> String {
        let more = json!({ "ImportType": "NEW_KEY_MATERIAL" });
        self.import_with(key, material, &more).await
    }

    async fn refused(&self, key: &str, material: &[u8], more: &Value) -> String {
        let parameters = self.parameters(key).await;
        let input = import_input(key, &parameters, material, more);
        self.code("root", "ImportKeyMaterial", input).await
    }

    pub(crate) async fn decrypts(&self, blob: &str) -> Value {
        self.ok("root", "Decrypt", json!({ "CiphertextBlob": blob }))
            .await
    }
}

#[tokio::test]
async fn kms_25_new_material_waits_for_its_rotation_and_the_old_decrypts() {
    let kms = Kms::new().await;
    let key = kms.empty_key().await;
    let described = json!({ "KeyMaterialDescription": "first: v1" });
    let first = kms.import_with(&key, &[1; 32], &described).await;
    let blob = kms.encrypt(&key, b"x", json!({})).await;
    let second = kms.import_new(&key, &[2; 32]).await;
    assert_eq!(
        kms.described(&key).await["CurrentKeyMaterialId"],
        json!(first)
    );
    let entry = |id: &str, state: &str| {
        json!({
            "KeyId": key,
            "KeyMaterialId": id,
            "ImportState": "IMPORTED",
            "KeyMaterialState": state,
            "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
        })
    };
    let mut one = entry(&first, "CURRENT");
    one["KeyMaterialDescription"] = json!("first: v1");
    let two = entry(&second, "PENDING_ROTATION");
    assert_eq!(kms.listed(&key, "ALL_KEY_MATERIAL").await, [one, two]);
    assert_eq!(kms.listed(&key, "ROTATIONS_ONLY").await, [] as [Value; 0]);

    kms.harness.clock.advance(60);
    assert_eq!(kms.rotate(&key).await, json!({ "KeyId": key }));
    assert_eq!(
        kms.described(&key).await["CurrentKeyMaterialId"],
        json!(second)
    );
    let mut two = entry(&second, "CURRENT");
    two["RotationType"] = json!("ON_DEMAND");
    two["RotationDate"] = json!(START + 60);
    assert_eq!(kms.listed(&key, "ROTATIONS_ONLY").await, [two]);
    let listed = kms.listed(&key, "ALL_KEY_MATERIAL").await;
    assert_eq!(listed[0]["KeyMaterialState"], "NON_CURRENT");

    let opened = kms.decrypts(&blob).await;
    assert_eq!(opened["KeyMaterialId"], json!(first));
    let input = json!({ "KeyId": key, "KeySpec": "AES_256" });
    let made = kms.ok("root", "GenerateDataKey", input).await;
    assert_eq!(made["KeyMaterialId"], json!(second));
    let moving = json!({ "CiphertextBlob": blob, "DestinationKeyId": key });
    let moved = kms.ok("root", "ReEncrypt", moving).await;
    assert_eq!(moved["SourceKeyMaterialId"], json!(first));
    assert_eq!(moved["DestinationKeyMaterialId"], json!(second));
    let event = &kms.events("RotateKey")[0]["serviceEventDetails"];
    let expected = json!({
        "rotationType": "ON_DEMAND",
        "keyOrigin": "EXTERNAL",
        "previousKeyMaterialId": first,
        "currentKeyMaterialId": second,
        "keyId": key,
    });
    assert_eq!(event, &expected);
}

#[tokio::test]
async fn kms_25_every_material_is_needed() {
    let kms = Kms::new().await;
    let key = kms.empty_key().await;
    let first = kms.import(&key, &[1; 32]).await;
    let blob = kms.encrypt(&key, b"x", json!({})).await;
    let second = kms.import_new(&key, &[2; 32]).await;
    kms.rotate(&key).await;
    for (id, material) in [(&first, [1; 32]), (&second, [2; 32])] {
        let input = json!({ "KeyId": key, "KeyMaterialId": id });
        kms.ok("root", "DeleteImportedKeyMaterial", input).await;
        assert_eq!(kms.state(&key).await, "PendingImport");
        let listed = kms.listed(&key, "ALL_KEY_MATERIAL").await;
        for entry in listed {
            let is_deleted = entry["KeyMaterialId"] == json!(id);
            let expected = if is_deleted {
                "PENDING_IMPORT"
            } else {
                "IMPORTED"
            };
            assert_eq!(entry["ImportState"], expected);
            assert_eq!(entry.get("ExpirationModel").is_none(), is_deleted);
        }
        let code = kms
            .code("root", "Decrypt", json!({ "CiphertextBlob": blob }))
            .await;
        assert_eq!(code, "KMSInvalidStateException");
        assert_eq!(kms.import(&key, &material).await, **id);
        assert_eq!(kms.state(&key).await, "Enabled");
    }
    // Both are missing, and one comes back: not enough.
    for id in [&first, &second] {
        let input = json!({ "KeyId": key, "KeyMaterialId": id });
        kms.ok("root", "DeleteImportedKeyMaterial", input).await;
    }
    kms.import(&key, &[2; 32]).await;
    assert_eq!(kms.state(&key).await, "PendingImport");
    kms.import(&key, &[1; 32]).await;
    assert_eq!(kms.decrypts(&blob).await["Plaintext"], json!(base64(b"x")));
}

#[tokio::test]
async fn kms_25_what_waits_for_a_rotation_is_not_needed_and_can_be_replaced() {
    let kms = Kms::new().await;
    let key = kms.empty_key().await;
    let first = kms.import(&key, &[1; 32]).await;
    let waiting = kms.import_new(&key, &[2; 32]).await;
    let code = kms
        .refused(&key, &[3; 32], &json!({ "ImportType": "NEW_KEY_MATERIAL" }))
        .await;
    assert_eq!(code, "KMSInvalidStateException");
    let input = json!({ "KeyId": key, "KeyMaterialId": waiting });
    kms.ok("root", "DeleteImportedKeyMaterial", input.clone())
        .await;
    assert_eq!(kms.state(&key).await, "Enabled");
    assert_eq!(kms.listed(&key, "ALL_KEY_MATERIAL").await.len(), 1);
    let code = kms.code("root", "DeleteImportedKeyMaterial", input).await;
    assert_eq!(code, "NotFoundException");
    let third = kms.import_new(&key, &[3; 32]).await;
    // Without an id, it is the current material that is deleted.
    let deleted = kms.ok("root", "DeleteImportedKeyMaterial", json!({ "KeyId": key }));
    assert_eq!(deleted.await["KeyMaterialId"], json!(first));
    let code = kms
        .code("root", "RotateKeyOnDemand", json!({ "KeyId": key }))
        .await;
    assert_eq!(code, "KMSInvalidStateException");
    kms.import(&key, &[1; 32]).await;
    kms.rotate(&key).await;
    assert_eq!(
        kms.described(&key).await["CurrentKeyMaterialId"],
        json!(third)
    );
}

#[tokio::test]
async fn kms_25_material_is_what_the_request_says() {
    let kms = Kms::new().await;
    let key = kms.empty_key().await;
    let new = json!({ "ImportType": "NEW_KEY_MATERIAL" });
    let existing = json!({ "ImportType": "EXISTING_KEY_MATERIAL" });
    let incorrect = "IncorrectKeyMaterialException";
    assert_eq!(kms.refused(&key, &[1; 32], &existing).await, incorrect);
    let first = kms.import_new(&key, &[1; 32]).await;
    assert_eq!(kms.refused(&key, &[1; 32], &new).await, incorrect);
    assert_eq!(kms.refused(&key, &[2; 32], &existing).await, incorrect);
    assert_eq!(kms.refused(&key, &[2; 32], &json!({})).await, incorrect);
    let named = |id: &str| json!({ "KeyMaterialId": id });
    assert_eq!(
        kms.refused(&key, &[1; 32], &named(&"0".repeat(64))).await,
        incorrect
    );
    assert_eq!(kms.refused(&key, &[2; 32], &named(&first)).await, incorrect);
    let both = json!({ "ImportType": "NEW_KEY_MATERIAL", "KeyMaterialId": first });
    assert_eq!(
        kms.refused(&key, &[2; 32], &both).await,
        "ValidationException"
    );
    assert_eq!(kms.import_with(&key, &[1; 32], &named(&first)).await, first);
    // The same material in another key has another name, and opens nothing there.
    let other = kms.empty_key().await;
    assert_ne!(kms.import(&other, &[1; 32]).await, first);
    let blob = kms.encrypt(&key, b"x", json!({})).await;
    let input = json!({ "CiphertextBlob": blob, "KeyId": other });
    assert_eq!(
        kms.code("root", "Decrypt", input).await,
        "IncorrectKeyException"
    );
}

#[tokio::test]
async fn kms_25_a_description_stays_until_another_is_given() {
    let kms = Kms::new().await;
    let key = kms.empty_key().await;
    for (given, expected) in [
        (json!({ "KeyMaterialDescription": "one" }), "one"),
        (json!({}), "one"),
        (json!({ "KeyMaterialDescription": "two" }), "two"),
    ] {
        kms.import_with(&key, &[1; 32], &given).await;
        kms.ok("root", "DeleteImportedKeyMaterial", json!({ "KeyId": key }))
            .await;
        let listed = kms.listed(&key, "ALL_KEY_MATERIAL").await;
        assert_eq!(listed[0]["KeyMaterialDescription"], expected);
    }
}

#[tokio::test]
async fn kms_31_without_material_for_it_there_is_no_rotation_and_never_an_automatic_one() {
    let kms = Kms::new().await;
    let key = kms.empty_key().await;
    kms.import(&key, &[1; 32]).await;
    let failed = kms
        .fails("root", "RotateKeyOnDemand", json!({ "KeyId": key }))
        .await;
    let text = format!(
        "No available key material pending rotation for the key: {}.",
        arn(&key)
    );
    assert_eq!(failed, ("KMSInvalidStateException".to_owned(), text));
    let text = format!(
        "{} origin is EXTERNAL which is not valid for this operation.",
        arn(&key)
    );
    let expected = ("UnsupportedOperationException".to_owned(), text);
    for operation in [
        "EnableKeyRotation",
        "DisableKeyRotation",
        "GetKeyRotationStatus",
    ] {
        let failed = kms.fails("root", operation, json!({ "KeyId": key })).await;
        assert_eq!(failed, expected, "{operation}");
    }
}

#[tokio::test]
async fn kms_31_a_key_with_imported_material_rotates_25_times() {
    let kms = Kms::new().await;
    let key = kms.empty_key().await;
    kms.import(&key, &[100; 32]).await;
    let blob = kms.encrypt(&key, b"x", json!({})).await;
    for round in 1..=25 {
        kms.import_new(&key, &[round; 32]).await;
        kms.rotate(&key).await;
    }
    kms.import_new(&key, &[26; 32]).await;
    let code = kms
        .code("root", "RotateKeyOnDemand", json!({ "KeyId": key }))
        .await;
    assert_eq!(code, "LimitExceededException");
    assert_eq!(kms.listed(&key, "ROTATIONS_ONLY").await.len(), 25);
    assert_eq!(kms.listed(&key, "ALL_KEY_MATERIAL").await.len(), 27);
    assert_eq!(kms.decrypts(&blob).await["Plaintext"], json!(base64(b"x")));
}
