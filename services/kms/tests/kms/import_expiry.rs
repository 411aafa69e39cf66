//! Imported material that expires.

use platform::Clock as _;
use service_kms::{delete_expired, delete_expired_material, erase_deleted};

use crate::house::{ACCOUNT, Kms, Value, arn, base64, json};
use crate::import::import_input;

const DAY: i64 = 86_400;
const START: i64 = 1_767_225_600;

/// Material that expires so many days after the start.
pub(crate) fn until(days: i64) -> Value {
    json!({ "ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": START + days * DAY })
}

impl Kms {
    /// Runs the job.
    pub(crate) async fn expire(&self) -> usize {
        let now = self.harness.clock.now();
        let deleted = delete_expired_material(&self.harness.pipeline.upkeep(), now).await;
        deleted.ok().expect("a store in memory")
    }
}

#[tokio::test]
async fn kms_25_material_expires_when_it_is_used_and_by_the_job() {
    let kms = Kms::new().await;
    for by_job in [false, true] {
        let key = kms.empty_key().await;
        let start = kms.harness.clock.now().secs();
        let valid_to = start + 10 * DAY;
        let expires = json!({ "ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": valid_to });
        let id = kms.import_with(&key, &[7; 32], &expires).await;
        let blob = kms.encrypt(&key, b"x", json!({})).await;
        let metadata = kms.described(&key).await;
        assert_eq!(metadata["ExpirationModel"], "KEY_MATERIAL_EXPIRES");
        assert_eq!(metadata["ValidTo"], json!(valid_to));
        kms.harness.clock.advance(10 * DAY - 1);
        assert_eq!(kms.expire().await, 0);
        assert_eq!(kms.decrypts(&blob).await["Plaintext"], json!(base64(b"x")));

        kms.harness.clock.advance(1);
        let before = kms.events("DeleteExpiredKeyMaterial").len();
        if by_job {
            assert_eq!(kms.expire().await, 1);
        }
        let failed = kms
            .fails("root", "Decrypt", json!({ "CiphertextBlob": blob }))
            .await;
        let text = format!("{} is pending import.", arn(&key));
        assert_eq!(failed, ("KMSInvalidStateException".to_owned(), text));
        assert_eq!(kms.expire().await, 0);
        let metadata = kms.described(&key).await;
        assert_eq!(metadata["KeyState"], "PendingImport");
        assert_eq!(metadata["CurrentKeyMaterialId"], json!(id));
        assert_eq!(
            (metadata.get("ExpirationModel"), metadata.get("ValidTo")),
            (None, None)
        );

        let events = kms.events("DeleteExpiredKeyMaterial");
        assert_eq!(events.len(), before + 1);
        let event = &events[before];
        assert_eq!(event["eventType"], "AwsServiceEvent");
        assert_eq!(
            event["userIdentity"],
            json!({ "accountId": ACCOUNT, "invokedBy": "AWS Internal" })
        );
        assert_eq!(event["responseElements"], Value::Null);
        let details = json!({ "keyId": key, "keyMaterialId": id });
        assert_eq!(event["serviceEventDetails"], details);

        assert_eq!(kms.import(&key, &[7; 32]).await, id);
        assert_eq!(kms.decrypts(&blob).await["Plaintext"], json!(base64(b"x")));
        kms.harness.clock.advance(1000 * DAY);
        assert_eq!(kms.expire().await, 0);
        assert_eq!(kms.state(&key).await, "Enabled");
    }
}

#[tokio::test]
async fn kms_25_the_time_of_expiry_is_within_365_days_and_said_where_it_has_to_be() {
    let kms = Kms::new().await;
    let key = kms.empty_key().await;
    let parameters = kms.parameters(&key).await;
    let expires = "KEY_MATERIAL_EXPIRES";
    for (model, valid_to, is_valid) in [
        (Some(expires), None, false),
        (None, None, false),
        (
            Some("KEY_MATERIAL_DOES_NOT_EXPIRE"),
            Some(START + DAY),
            false,
        ),
        (Some(expires), Some(START), false),
        (Some(expires), Some(START - DAY), false),
        (Some(expires), Some(START + 365 * DAY + 1), false),
        (Some(expires), Some(START + 365 * DAY), true),
        (None, Some(START + 1), true),
        (Some("KEY_MATERIAL_DOES_NOT_EXPIRE"), None, true),
    ] {
        let mut input = import_input(&key, &parameters, &[7; 32], &json!({}));
        let members = input.as_object_mut().expect("members");
        members.remove("ExpirationModel");
        members.extend(model.map(|model| ("ExpirationModel".to_owned(), json!(model))));
        members.extend(valid_to.map(|at| ("ValidTo".to_owned(), json!(at))));
        let answer = kms.call("root", "ImportKeyMaterial", input).await;
        let expected = (!is_valid).then_some("ValidationException");
        assert_eq!(answer.code.as_deref(), expected, "{model:?} {valid_to:?}");
    }
}

#[tokio::test]
async fn kms_25_the_first_material_to_expire_tells_for_the_key() {
    let kms = Kms::new().await;
    let key = kms.empty_key().await;
    let first = kms.import_with(&key, &[1; 32], &until(20)).await;
    let mut new = until(10);
    new["ImportType"] = json!("NEW_KEY_MATERIAL");
    let second = kms.import_with(&key, &[2; 32], &new).await;
    // What waits for a rotation does not belong to the key yet.
    assert_eq!(
        kms.described(&key).await["ValidTo"],
        json!(START + 20 * DAY)
    );
    kms.rotate(&key).await;
    assert_eq!(
        kms.described(&key).await["ValidTo"],
        json!(START + 10 * DAY)
    );
    let listed = kms.listed(&key, "ALL_KEY_MATERIAL").await;
    assert_eq!(listed[0]["ValidTo"], json!(START + 20 * DAY));
    assert_eq!(listed[1]["ValidTo"], json!(START + 10 * DAY));

    kms.harness.clock.advance(10 * DAY);
    assert_eq!(kms.state(&key).await, "PendingImport");
    assert_eq!(
        kms.described(&key).await["ValidTo"],
        json!(START + 20 * DAY)
    );
    kms.harness.clock.advance(10 * DAY);
    assert_eq!(kms.expire().await, 1);
    let events = kms.events("DeleteExpiredKeyMaterial");
    let expired: Vec<_> = events
        .iter()
        .map(|event| &event["serviceEventDetails"]["keyMaterialId"])
        .collect();
    assert_eq!(expired, [&json!(second), &json!(first)]);
    // What never expires leaves the rest to tell.
    kms.import(&key, &[2; 32]).await;
    let metadata = kms.described(&key).await;
    assert_eq!(metadata["ExpirationModel"], "KEY_MATERIAL_DOES_NOT_EXPIRE");
}

#[tokio::test]
async fn kms_25_two_materials_expire_at_once_with_an_event_each() {
    let kms = Kms::new().await;
    let key = kms.empty_key().await;
    kms.import_with(&key, &[1; 32], &until(5)).await;
    let mut new = until(5);
    new["ImportType"] = json!("NEW_KEY_MATERIAL");
    kms.import_with(&key, &[2; 32], &new).await;
    kms.rotate(&key).await;
    kms.harness.clock.advance(5 * DAY);
    assert_eq!(kms.expire().await, 2);
    assert_eq!(kms.events("DeleteExpiredKeyMaterial").len(), 2);
    assert_eq!(kms.expire().await, 0);
}

#[tokio::test]
async fn kms_25_what_waits_for_a_rotation_expires_and_is_forgotten() {
    let kms = Kms::new().await;
    let key = kms.empty_key().await;
    kms.import(&key, &[1; 32]).await;
    let mut new = until(5);
    new["ImportType"] = json!("NEW_KEY_MATERIAL");
    kms.import_with(&key, &[2; 32], &new).await;
    kms.harness.clock.advance(5 * DAY);
    assert_eq!(kms.state(&key).await, "Enabled");
    assert_eq!(kms.listed(&key, "ALL_KEY_MATERIAL").await.len(), 1);
    let code = kms
        .code("root", "RotateKeyOnDemand", json!({ "KeyId": key }))
        .await;
    assert_eq!(code, "KMSInvalidStateException");
}

#[tokio::test]
async fn kms_25_who_may_not_use_a_key_expires_nothing() {
    let kms = Kms::new().await;
    kms.harness.user("nobody", &[]);
    let key = kms.empty_key().await;
    kms.import_with(&key, &[1; 32], &until(5)).await;
    kms.harness.clock.advance(5 * DAY);
    kms.code("nobody", "DescribeKey", json!({ "KeyId": key }))
        .await;
    assert_eq!(kms.events("DeleteExpiredKeyMaterial").len(), 0);
    assert_eq!(kms.expire().await, 1);
}

/// A key to be deleted loses its material when it expires, and nothing of it stays.
#[tokio::test]
async fn kms_25_expiry_and_deletion_go_together() {
    let kms = Kms::new().await;
    let store = kms.harness.pipeline.store();
    let before = store.verify().await.expect("a store in memory");
    let key = kms.empty_key().await;
    kms.import_with(&key, &[1; 32], &until(5)).await;
    let other = kms.empty_key().await;
    kms.import_with(&other, &[1; 32], &until(300)).await;
    for key in [&key, &other] {
        kms.ok("root", "ScheduleKeyDeletion", json!({ "KeyId": key }))
            .await;
    }
    kms.harness.clock.advance(5 * DAY);
    assert_eq!(kms.expire().await, 1);
    assert_eq!(kms.state(&key).await, "PendingDeletion");
    kms.ok("root", "CancelKeyDeletion", json!({ "KeyId": key }))
        .await;
    assert_eq!(kms.state(&key).await, "PendingImport");
    kms.ok("root", "ScheduleKeyDeletion", json!({ "KeyId": key }))
        .await;
    kms.harness.clock.advance(60 * DAY);
    let now = kms.harness.clock.now();
    let deleted = delete_expired(&kms.harness.pipeline.upkeep(), now).await;
    assert_eq!(deleted.ok(), Some(2));
    // The notes that ask for the erasure go with it.
    kms.harness.clock.advance(3600);
    let now = kms.harness.clock.now();
    let erased = erase_deleted(&kms.harness.pipeline.upkeep(), now).await;
    assert_eq!(erased.ok(), Some(true));
    // What is left is for buses: the expiration, and two deletions.
    assert_eq!(store.verify().await.ok(), Some(before + 3));
    kms.harness.clock.advance(300 * DAY);
    assert_eq!(kms.expire().await, 0);
}
