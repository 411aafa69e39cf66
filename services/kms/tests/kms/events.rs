//! Events of calls that use keys, as AWS documents them ("AWS KMS log entry examples").

use crate::house::{ACCOUNT, Kms, OTHER, Value, arn, base64, delegation, json, key_policy, text};
use crate::journal::events;

fn last(kms: &Kms) -> Value {
    events(kms).pop().expect("an event").0
}

/// The material of a key that never rotated.
async fn material_of(kms: &Kms, key: &str) -> String {
    let shown = kms.ok("root", "DescribeKey", json!({ "KeyId": key })).await;
    text(&shown["KeyMetadata"]["CurrentKeyMaterialId"])
}

#[tokio::test]
async fn the_material_that_was_used_is_on_record() {
    let kms = Kms::new().await;
    let (key, other) = (kms.key().await, kms.key().await);
    let material = material_of(&kms, &key).await;
    let blob = kms.encrypt(&key, b"x", json!({ "Dept": "IT" })).await;
    let one = json!({ "keyMaterialId": material });
    let both = json!({
        "destinationKeyMaterialId": material_of(&kms, &other).await,
        "sourceKeyMaterialId": material,
    });
    let context = json!({ "Dept": "IT" });
    for (operation, input, expected) in [
        (
            "Encrypt",
            json!({ "KeyId": key, "Plaintext": base64(b"x") }),
            &one,
        ),
        (
            "Decrypt",
            json!({ "CiphertextBlob": blob, "EncryptionContext": context }),
            &one,
        ),
        (
            "GenerateDataKey",
            json!({ "KeyId": key, "KeySpec": "AES_256" }),
            &one,
        ),
        (
            "GenerateDataKeyWithoutPlaintext",
            json!({ "KeyId": key, "NumberOfBytes": 32 }),
            &one,
        ),
        (
            "GenerateDataKeyPair",
            json!({ "KeyId": key, "KeyPairSpec": "ECC_NIST_P256" }),
            &one,
        ),
        (
            "GenerateDataKeyPairWithoutPlaintext",
            json!({ "KeyId": key, "KeyPairSpec": "ECC_NIST_P256" }),
            &one,
        ),
        (
            "ReEncrypt",
            json!({
                "CiphertextBlob": blob,
                "SourceEncryptionContext": context,
                "DestinationKeyId": other,
            }),
            &both,
        ),
        ("DescribeKey", json!({ "KeyId": key }), &Value::Null),
    ] {
        kms.ok("root", operation, input).await;
        let event = last(&kms);
        assert_eq!(event["eventName"], operation);
        assert_eq!(event["additionalEventData"], *expected, "{operation}");
        assert_eq!(event["responseElements"], Value::Null, "{operation}");
        assert_eq!(event["readOnly"], true, "{operation}");
        assert_eq!(event["resources"][0]["ARN"], arn(&key), "{operation}");
    }
}

#[tokio::test]
async fn a_call_across_accounts_is_on_record_in_both() {
    let kms = Kms::new().await;
    let principal = format!("arn:aws:iam::{OTHER}:root");
    let encrypting = json!({
        "Effect": "Allow",
        "Principal": { "AWS": principal },
        "Action": "kms:Encrypt",
        "Resource": "*",
    });
    let policy = key_policy(&[delegation(ACCOUNT), encrypting]);
    let key = kms.key_under(&policy).await;
    let before = events(&kms).len();
    let input = json!({ "KeyId": arn(&key), "Plaintext": base64(b"x") });
    kms.ok("other-root", "Encrypt", input).await;
    let new: Vec<Value> = events(&kms)
        .into_iter()
        .skip(before)
        .map(|(event, _)| event)
        .collect();
    let [callers, owners] = new.as_slice() else {
        panic!("{} events", new.len());
    };
    assert_eq!(callers["recipientAccountId"], OTHER);
    assert_eq!(callers["userIdentity"]["type"], "Root");
    assert_eq!(owners["recipientAccountId"], ACCOUNT);
    let identity = json!({ "type": "AWSAccount", "principalId": OTHER, "accountId": OTHER });
    assert_eq!(owners["userIdentity"], identity);
    assert!(callers["sharedEventID"].is_string());
    assert_ne!(callers["eventID"], owners["eventID"]);
    for same in [
        "sharedEventID",
        "requestID",
        "eventTime",
        "requestParameters",
        "resources",
    ] {
        assert_eq!(callers[same], owners[same], "{same}");
    }

    // Who is refused is on record in its own account alone.
    let before = events(&kms).len();
    let input = json!({ "KeyId": arn(&key) });
    let code = kms.code("other-root", "DisableKey", input).await;
    assert_eq!(code, "AccessDeniedException");
    assert_eq!(events(&kms).len(), before + 1);
    assert_eq!(last(&kms)["recipientAccountId"], OTHER);
    assert_eq!(last(&kms).get("sharedEventID"), None);

    // Nor has an event of one account alone anything to share.
    kms.encrypt(&key, b"x", json!({})).await;
    assert_eq!(last(&kms).get("sharedEventID"), None);
}
