//! The end of a key.

use crate::house::{Kms, Value, arn, json, text};
use platform::Clock as _;
use service_kms::delete_expired;

const DAY: i64 = 86_400;

async fn describe(kms: &Kms, key: &str) -> Value {
    kms.ok("root", "DescribeKey", json!({ "KeyId": key })).await["KeyMetadata"].clone()
}

async fn delete(kms: &Kms) -> usize {
    let now = kms.harness.clock.now();
    let deleted = delete_expired(&kms.harness.pipeline.upkeep(), now).await;
    deleted.ok().expect("a store in memory")
}

#[tokio::test]
async fn kms_28_deletion_waits_7_to_30_days() {
    let kms = Kms::new().await;
    for (asked, days) in [(Some(7), 7), (Some(30), 30), (None, 30)] {
        let key = kms.key().await;
        let mut input = json!({ "KeyId": key });
        if let Some(asked) = asked {
            input["PendingWindowInDays"] = json!(asked);
        }
        let scheduled = kms.ok("root", "ScheduleKeyDeletion", input).await;
        let at = 1_767_225_600 + days * DAY;
        let expected = json!({
            "KeyId": arn(&key),
            "KeyState": "PendingDeletion",
            "PendingWindowInDays": days,
            "DeletionDate": at,
        });
        assert_eq!(scheduled, expected);
        let described = describe(&kms, &key).await;
        assert_eq!(described["KeyState"], "PendingDeletion");
        assert_eq!(described["Enabled"], json!(false));
        assert_eq!(described["DeletionDate"], json!(at));
    }
    let key = kms.key().await;
    for days in [1, 6, 31, 365] {
        let input = json!({ "KeyId": key, "PendingWindowInDays": days });
        let failed = kms.fails("root", "ScheduleKeyDeletion", input).await;
        let text = "PendingWindowInDays must be between 7 and 30".to_owned();
        assert_eq!(failed, ("ValidationException".to_owned(), text));
    }
    for days in [0, 366] {
        let input = json!({ "KeyId": key, "PendingWindowInDays": days });
        let (code, message) = kms.fails("root", "ScheduleKeyDeletion", input).await;
        assert_eq!(code, "ValidationException");
        assert!(message.contains("'pendingWindowInDays'"), "{message}");
    }
    assert_eq!(describe(&kms, &key).await["KeyState"], "Enabled");
}

#[tokio::test]
async fn kms_28_a_cancelled_deletion_leaves_a_disabled_key() {
    let kms = Kms::new().await;
    let key = kms.key().await;
    let blob = kms.encrypt(&key, b"x", json!({})).await;
    let alias = json!({ "AliasName": "alias/x", "TargetKeyId": key });
    kms.ok("root", "CreateAlias", alias).await;
    let window = json!({ "KeyId": key, "PendingWindowInDays": 7 });
    kms.ok("root", "ScheduleKeyDeletion", window).await;
    kms.harness.clock.advance(7 * DAY - 1);
    let cancelled = kms
        .ok("root", "CancelKeyDeletion", json!({ "KeyId": key }))
        .await;
    assert_eq!(cancelled, json!({ "KeyId": arn(&key) }));
    let described = describe(&kms, &key).await;
    assert_eq!(described["KeyState"], "Disabled");
    assert_eq!(described.get("DeletionDate"), None);
    kms.harness.clock.advance(60 * DAY);
    assert_eq!(delete(&kms).await, 0);
    assert_eq!(kms.own_aliases().await, ["alias/x"]);
    kms.ok("root", "EnableKey", json!({ "KeyId": key })).await;
    kms.ok("root", "Decrypt", json!({ "CiphertextBlob": blob }))
        .await;
}

#[tokio::test]
async fn kms_28_after_the_window_the_key_is_gone_for_good() {
    let kms = Kms::new().await;
    let (key, kept) = (kms.key().await, kms.key().await);
    let blob = kms.encrypt(&key, b"x", json!({})).await;
    let alias = json!({ "AliasName": "alias/x", "TargetKeyId": key });
    kms.ok("root", "CreateAlias", alias).await;
    let window = json!({ "KeyId": key, "PendingWindowInDays": 7 });
    kms.ok("root", "ScheduleKeyDeletion", window).await;
    kms.harness.clock.advance(7 * DAY - 1);
    assert_eq!(delete(&kms).await, 0);
    describe(&kms, &key).await;

    // Gone at the second, before and after its records are.
    kms.harness.clock.advance(1);
    for is_deleted in [false, true] {
        if is_deleted {
            assert_eq!(delete(&kms).await, 1);
            assert_eq!(delete(&kms).await, 0);
        }
        let absent = format!("Key '{}' does not exist", arn(&key));
        for operation in [
            "DescribeKey",
            "EnableKey",
            "CancelKeyDeletion",
            "GetKeyPolicy",
        ] {
            let failed = kms.fails("root", operation, json!({ "KeyId": key })).await;
            assert_eq!(
                failed,
                ("NotFoundException".to_owned(), absent.clone()),
                "{operation}"
            );
        }
        let failed = kms
            .fails("root", "DescribeKey", json!({ "KeyId": "alias/x" }))
            .await;
        assert_eq!(failed.0, "NotFoundException");
        let failed = kms
            .fails("root", "Decrypt", json!({ "CiphertextBlob": blob }))
            .await;
        let text = "The ciphertext refers to a customer master key that does not exist, does not \
                    exist in this region, or you are not allowed to access.";
        assert_eq!(
            failed,
            ("AccessDeniedException".to_owned(), text.to_owned())
        );
        let listed = kms.ok("root", "ListKeys", json!({})).await;
        let ids: Vec<_> = listed["Keys"].as_array().expect("a list").iter().collect();
        assert_eq!(ids.len(), 1);
        assert_eq!(ids[0]["KeyId"], json!(kept));
        assert_eq!(kms.own_aliases().await, [""; 0]);
    }
}

#[tokio::test]
async fn kms_28_the_name_of_a_gone_key_is_free_and_outlives_its_deletion() {
    let kms = Kms::new().await;
    let (key, next) = (kms.key().await, kms.key().await);
    let alias = |target: &str| json!({ "AliasName": "alias/x", "TargetKeyId": target });
    kms.ok("root", "CreateAlias", alias(&key)).await;
    let window = json!({ "KeyId": key, "PendingWindowInDays": 7 });
    kms.ok("root", "ScheduleKeyDeletion", window).await;
    kms.harness.clock.advance(8 * DAY);
    kms.ok("root", "CreateAlias", alias(&next)).await;
    assert_eq!(delete(&kms).await, 1);
    let described = kms
        .ok("root", "DescribeKey", json!({ "KeyId": "alias/x" }))
        .await;
    assert_eq!(text(&described["KeyMetadata"]["KeyId"]), next);
}

#[tokio::test]
async fn kms_28_keys_of_all_accounts_and_regions_are_deleted() {
    let kms = Kms::new().await;
    for (region, who) in [
        ("eu-west-2", "root"),
        ("us-east-1", "root"),
        ("us-east-1", "other-root"),
    ] {
        for _ in 0..3 {
            let created = kms.call_in(region, who, "CreateKey", json!({})).await.body;
            let id = &created["KeyMetadata"]["KeyId"];
            let input = json!({ "KeyId": id, "PendingWindowInDays": 7 });
            let answer = kms.call_in(region, who, "ScheduleKeyDeletion", input).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
        }
    }
    kms.harness.clock.advance(7 * DAY);
    assert_eq!(delete(&kms).await, 9);
    assert_eq!(delete(&kms).await, 0);
}
