//! Multi-Region keys in the states that others do not have, or not like this ("Key states of AWS KMS
//! keys"). They are never `Creating` or `Updating`, since what makes and moves them is one commit.

use crate::house::{Kms, REGION, Value, json, text};
use crate::import_kinds::material;
use crate::import_states::expected;
use crate::multi_region::{EAST, SOUTH, arn_in};
use crate::states::{KINDS, TABLE};

const OK: &str = "";
const STATE: &str = "KMSInvalidStateException";

/// The kind of key that `operation` takes, and which operation makes what it reads.
fn kind_for(operation: &str) -> ([&'static str; 2], &'static str) {
    let mut kinds = KINDS.iter();
    let kind = kinds.find(|(names, ..)| names.contains(&operation));
    kind.map_or(
        (["SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"], "Encrypt"),
        |(_, kind, maker)| (*kind, maker),
    )
}

/// A primary key for `operation` with a replica in [`EAST`], and what it made.
async fn primary_for(kms: &Kms, operation: &str, origin: &str) -> (String, String) {
    let ([spec, usage], maker) = kind_for(operation);
    let input = json!({
        "MultiRegion": true, "Origin": origin, "KeySpec": spec, "KeyUsage": usage,
    });
    let key = text(&kms.ok("root", "CreateKey", input).await["KeyMetadata"]["KeyId"]);
    if origin == "EXTERNAL" {
        kms.import_in(REGION, &key, &material(spec), &json!({}))
            .await;
    }
    kms.replicate(&key, EAST).await;
    let mut table = TABLE.iter();
    let (_, input, _) = table.find(|(name, ..)| *name == maker).expect("a row");
    let made = kms.ok("root", maker, input(&key, "", "")).await;
    let member = match maker {
        "Encrypt" => "CiphertextBlob",
        "Sign" => "Signature",
        "GenerateMac" => "Mac",
        "GetPublicKey" => "PublicKey",
        "CreateGrant" => "GrantId",
        _ => "SharedSecretCiphertextBlob",
    };
    (key, text(&made[member]))
}

/// Another key in a Region, with both aliases of the table.
async fn other_in(kms: &Kms, region: &str, key: &str) -> String {
    let made = kms.ok_in(region, "CreateKey", json!({})).await;
    let other = text(&made["KeyMetadata"]["KeyId"]);
    for (name, target) in [("alias/key", key), ("alias/other", &other)] {
        let alias = json!({ "AliasName": name, "TargetKeyId": target });
        kms.ok_in(region, "CreateAlias", alias).await;
    }
    other
}

#[tokio::test]
async fn kms_24_every_operation_on_a_primary_key_that_waits_for_its_replicas_end() {
    for (operation, input, [_, _, code]) in TABLE {
        let kms = Kms::new().await;
        let (key, blob) = primary_for(&kms, operation, "AWS_KMS").await;
        let other = other_in(&kms, REGION, &key).await;
        let on_key = json!({ "KeyId": key });
        kms.ok("root", "ScheduleKeyDeletion", on_key).await;
        let input = input(&key, &other, &blob);
        let answer = kms.call("root", operation, input).await;
        let place = format!("{operation}: {}", answer.text);
        assert_eq!(answer.code.clone().unwrap_or_default(), *code, "{place}");
        if *code == STATE {
            let text = format!("{} is pending replica deletion.", arn_in(REGION, &key));
            assert_eq!(answer.message(), text, "{operation}");
        }
    }
}

#[tokio::test]
async fn kms_24_every_operation_on_a_replica_that_waits_for_its_material() {
    for (operation, input, codes) in TABLE {
        // Keys to encapsulate with cannot be imported, and grants are not shared.
        if operation.ends_with("capsulate") || kind_for(operation).1 == "CreateGrant" {
            continue;
        }
        let kms = Kms::new().await;
        let (key, blob) = primary_for(&kms, operation, "EXTERNAL").await;
        let other = other_in(&kms, EAST, &key).await;
        let input = input(&key, &other, &blob);
        let answer = kms.call_in(EAST, "root", operation, input).await;
        let code = expected(operation, *codes);
        let place = format!("{operation}: {}", answer.text);
        assert_eq!(answer.code.clone().unwrap_or_default(), code, "{place}");
        let arn = arn_in(EAST, &key);
        let wanted = match (code, *operation) {
            (OK, _) => continue,
            (STATE, "CancelKeyDeletion") => format!("{arn} is not pending deletion."),
            (STATE, _) => format!("{arn} is pending import."),
            _ => format!("{arn} origin is EXTERNAL which is not valid for this operation."),
        };
        assert_eq!(answer.message(), wanted, "{operation}");
    }
}

#[tokio::test]
async fn kms_24_what_only_multi_region_and_imported_keys_do_in_every_state() {
    let disabled = "DisabledException";
    let replicate: fn(&str) -> Value = |key| json!({ "KeyId": key, "ReplicaRegion": SOUTH });
    let update: fn(&str) -> Value = |key| json!({ "KeyId": key, "PrimaryRegion": EAST });
    let parameters: fn(&str) -> Value = |key| {
        json!({
            "KeyId": key,
            "WrappingAlgorithm": "RSAES_OAEP_SHA_256",
            "WrappingKeySpec": "RSA_2048",
        })
    };
    let delete: fn(&str) -> Value = |key| json!({ "KeyId": key });
    let states = [
        "Enabled",
        "Disabled",
        "PendingImport",
        "PendingReplicaDeletion",
    ];
    for (operation, input, codes) in [
        ("ReplicateKey", replicate, [OK, disabled, STATE, STATE]),
        ("UpdatePrimaryRegion", update, [OK, disabled, STATE, STATE]),
        ("GetParametersForImport", parameters, [OK, OK, OK, STATE]),
        ("DeleteImportedKeyMaterial", delete, [OK, OK, OK, OK]),
    ] {
        for (state, code) in states.iter().zip(codes) {
            let kms = Kms::new().await;
            let key = kms.complete_family(&[EAST]).await;
            let change = match *state {
                "Disabled" => "DisableKey",
                "PendingImport" => "DeleteImportedKeyMaterial",
                "PendingReplicaDeletion" => "ScheduleKeyDeletion",
                _ => "EnableKey",
            };
            kms.ok("root", change, json!({ "KeyId": key })).await;
            assert_eq!(kms.state(&key).await, *state);
            let answer = kms.call("root", operation, input(&key)).await;
            let place = format!("{operation} {state}: {}", answer.text);
            assert_eq!(answer.code.clone().unwrap_or_default(), code, "{place}");
            let wanted = match (code, *state) {
                (OK, _) => continue,
                (_, "Disabled") => "is disabled.",
                (_, "PendingImport") => "is pending import.",
                _ => "is pending replica deletion.",
            };
            let wanted = format!("{} {wanted}", arn_in(REGION, &key));
            assert_eq!(answer.message(), wanted, "{place}");
        }
    }
}
