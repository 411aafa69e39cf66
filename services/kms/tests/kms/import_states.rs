//! Keys that wait for their material ("Key states of AWS KMS keys").

use crate::house::{Kms, arn, json, text};
use crate::import::import_input;
use crate::import_kinds::material;
use crate::states::{KINDS, TABLE};

const STATE: &str = "KMSInvalidStateException";

/// The code of an operation on a key that waits for its material.
pub(crate) fn expected(operation: &str, codes: [&'static str; 3]) -> &'static str {
    match operation {
        "EnableKey" | "DisableKey" | "GetPublicKey" => STATE,
        "EnableKeyRotation" | "DisableKeyRotation" | "GetKeyRotationStatus" => {
            "UnsupportedOperationException"
        }
        // What needs an enabled key needs its material.
        _ if codes[1] == "DisabledException" => STATE,
        _ => codes[1],
    }
}

/// An imported key for `operation` that was used and has lost its material, and what it made.
async fn lost_key(kms: &Kms, operation: &str) -> (String, String) {
    let mut kinds = KINDS.iter();
    let kind = kinds.find(|(names, ..)| names.contains(&operation));
    let ([spec, usage], maker) = kind.map_or(
        (["SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"], "Encrypt"),
        |(_, kind, maker)| (*kind, maker),
    );
    let key = kms.external_key(spec, usage).await;
    kms.import(&key, &material(spec)).await;
    let mut table = TABLE.iter();
    let (_, input, _) = table.find(|(name, ..)| *name == maker).expect("a row");
    let made = kms.ok("root", maker, input(&key, "", "")).await;
    let member = match maker {
        "Sign" => "Signature",
        "GenerateMac" => "Mac",
        "GetPublicKey" => "PublicKey",
        "CreateGrant" => "GrantId",
        _ => "CiphertextBlob",
    };
    let input = json!({ "KeyId": key });
    kms.ok("root", "DeleteImportedKeyMaterial", input).await;
    (key, text(&made[member]))
}

#[tokio::test]
async fn kms_25_every_operation_on_a_key_that_waits_for_its_material() {
    for (operation, input, codes) in TABLE {
        // Such keys cannot be imported.
        if operation.ends_with("capsulate") {
            continue;
        }
        let kms = Kms::new().await;
        let (key, blob) = lost_key(&kms, operation).await;
        let other = kms.key().await;
        for (name, target) in [("alias/key", &key), ("alias/other", &other)] {
            let alias = json!({ "AliasName": name, "TargetKeyId": target });
            kms.ok("root", "CreateAlias", alias).await;
        }
        let input = input(&key, &other, &blob);
        let answer = kms.call("root", operation, input).await;
        let code = expected(operation, *codes);
        assert_eq!(
            answer.code.clone().unwrap_or_default(),
            code,
            "{operation}: {}",
            answer.text
        );
        let wanted = match (code, *operation) {
            (STATE, "CancelKeyDeletion") => format!("{} is not pending deletion.", arn(&key)),
            (STATE, _) => format!("{} is pending import.", arn(&key)),
            ("", _) => continue,
            _ => format!(
                "{} origin is EXTERNAL which is not valid for this operation.",
                arn(&key)
            ),
        };
        assert_eq!(answer.message(), wanted, "{operation}");
    }
}

#[tokio::test]
async fn kms_25_the_three_operations_in_every_state() {
    let ok = "";
    for (operation, codes) in [
        ("GetParametersForImport", [ok, ok, ok, STATE]),
        ("ImportKeyMaterial", [ok, ok, ok, STATE]),
        ("DeleteImportedKeyMaterial", [ok, ok, ok, ok]),
    ] {
        let states = ["PendingImport", "Enabled", "Disabled", "PendingDeletion"];
        for (state, code) in states.iter().zip(codes) {
            let kms = Kms::new().await;
            let key = kms.empty_key().await;
            let parameters = kms.parameters(&key).await;
            let on_key = json!({ "KeyId": key });
            if *state != "PendingImport" {
                kms.import(&key, &[7; 32]).await;
            }
            match *state {
                "Disabled" => drop(kms.ok("root", "DisableKey", on_key.clone()).await),
                "PendingDeletion" => {
                    drop(kms.ok("root", "ScheduleKeyDeletion", on_key.clone()).await);
                }
                _ => {}
            }
            let input = match operation {
                "GetParametersForImport" => json!({
                    "KeyId": key,
                    "WrappingAlgorithm": "RSAES_OAEP_SHA_256",
                    "WrappingKeySpec": "RSA_2048",
                }),
                "ImportKeyMaterial" => import_input(&key, &parameters, &[7; 32], &json!({})),
                _ => on_key,
            };
            let answer = kms.call("root", operation, input).await;
            let place = format!("{operation} {state}: {}", answer.text);
            assert_eq!(answer.code.unwrap_or_default(), code, "{place}");
            let after = match (operation, *state) {
                ("ImportKeyMaterial", "PendingImport") => "Enabled",
                ("DeleteImportedKeyMaterial", "Enabled" | "Disabled") => "PendingImport",
                _ => state,
            };
            assert_eq!(kms.state(&key).await, after, "{place}");
        }
    }
}

#[tokio::test]
async fn kms_25_a_cancelled_deletion_gives_back_what_there_is() {
    let kms = Kms::new().await;
    let key = kms.empty_key().await;
    let on_key = json!({ "KeyId": key });
    for (imports, deletes, after) in [
        (false, false, "PendingImport"),
        (true, false, "Disabled"),
        (false, true, "PendingImport"),
    ] {
        if imports {
            kms.import(&key, &[7; 32]).await;
        }
        kms.ok("root", "ScheduleKeyDeletion", on_key.clone()).await;
        if deletes {
            kms.ok("root", "DeleteImportedKeyMaterial", on_key.clone())
                .await;
            assert_eq!(kms.state(&key).await, "PendingDeletion");
        }
        kms.ok("root", "CancelKeyDeletion", on_key.clone()).await;
        assert_eq!(kms.state(&key).await, after);
    }
}

/// Where there is nothing to delete, nothing happens.
#[tokio::test]
async fn kms_25_what_is_not_there_is_deleted_without_effect() {
    let kms = Kms::new().await;
    let key = kms.empty_key().await;
    let on_key = json!({ "KeyId": key });
    let deleted = kms
        .ok("root", "DeleteImportedKeyMaterial", on_key.clone())
        .await;
    assert_eq!(deleted, json!({ "KeyId": arn(&key) }));
    let id = kms.import(&key, &[7; 32]).await;
    for _ in 0..2 {
        let deleted = kms
            .ok("root", "DeleteImportedKeyMaterial", on_key.clone())
            .await;
        assert_eq!(deleted, json!({ "KeyId": arn(&key), "KeyMaterialId": id }));
        assert_eq!(kms.state(&key).await, "PendingImport");
    }
}

#[tokio::test]
async fn kms_25_keys_of_other_accounts_are_not_imported_into() {
    let kms = Kms::new().await;
    let key = kms.empty_key().await;
    let parameters = kms.parameters(&key).await;
    let mut input = import_input(&key, &parameters, &[7; 32], &json!({}));
    input["KeyId"] = json!(arn(&key));
    let code = kms.code("other-root", "ImportKeyMaterial", input).await;
    assert_eq!(code, "AccessDeniedException");
    let alias = json!({ "AliasName": "alias/x", "TargetKeyId": key });
    kms.ok("root", "CreateAlias", alias).await;
    let mut input = import_input(&key, &parameters, &[7; 32], &json!({}));
    input["KeyId"] = json!("alias/x");
    let code = kms.code("root", "ImportKeyMaterial", input).await;
    assert_eq!(code, "InvalidArnException");
}
