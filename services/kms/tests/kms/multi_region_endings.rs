//! The end of multi-Region keys: replicas at any time, the primary key after the last of them.

use crate::house::{Kms, REGION, Value, is_predefined, json};
use crate::multi_region::{EAST, SOUTH, arn_in, configuration, failure};
use platform::Clock as _;
use service_kms::delete_expired;

const DAY: i64 = 86_400;
const START: i64 = 1_767_225_600;

async fn run_job(kms: &Kms) -> usize {
    let now = kms.harness.clock.now();
    let deleted = delete_expired(&kms.harness.pipeline.upkeep(), now).await;
    deleted.ok().expect("a store in memory")
}

async fn schedule(kms: &Kms, region: &str, key: &str, days: i64) -> Value {
    let input = json!({ "KeyId": key, "PendingWindowInDays": days });
    kms.ok_in(region, "ScheduleKeyDeletion", input).await
}

async fn state(kms: &Kms, region: &str, key: &str) -> Value {
    kms.describe_in(region, key).await["KeyState"].clone()
}

#[tokio::test]
async fn kms_24_a_primary_key_waits_for_its_replicas_and_then_its_own_window() {
    let kms = Kms::new().await;
    let key = kms.family(&[EAST, SOUTH]).await;
    let blob = kms.encrypt_in(REGION, &key, b"x").await;
    let scheduled = schedule(&kms, REGION, &key, 8).await;
    let expected = json!({
        "KeyId": arn_in(REGION, &key),
        "KeyState": "PendingReplicaDeletion",
        "PendingWindowInDays": 8,
    });
    assert_eq!(scheduled, expected);
    let described = kms.describe_in(REGION, &key).await;
    assert_eq!(described["KeyState"], "PendingReplicaDeletion");
    assert_eq!(described["PendingDeletionWindowInDays"], json!(8));
    assert_eq!(described["Enabled"], json!(false));
    assert_eq!(described.get("DeletionDate"), None);
    // It cannot be used, nor replicated; its replicas can.
    let text = format!("{} is pending replica deletion.", arn_in(REGION, &key));
    let pending = ("KMSInvalidStateException".to_owned(), text);
    assert_eq!(failure(&kms.decrypt_in(REGION, &blob).await), pending);
    for (operation, input) in [
        (
            "ReplicateKey",
            json!({ "KeyId": key, "ReplicaRegion": "eu-central-1" }),
        ),
        (
            "UpdatePrimaryRegion",
            json!({ "KeyId": key, "PrimaryRegion": EAST }),
        ),
        ("EnableKey", json!({ "KeyId": key })),
        ("EnableKeyRotation", json!({ "KeyId": key })),
        ("ScheduleKeyDeletion", json!({ "KeyId": key })),
    ] {
        assert_eq!(
            kms.fails("root", operation, input).await,
            pending,
            "{operation}"
        );
    }
    assert_eq!(kms.decrypt_in(EAST, &blob).await.status, 200);
    // Forever, if need be.
    kms.harness.clock.advance(400 * DAY);
    assert_eq!(run_job(&kms).await, 0);
    assert_eq!(state(&kms, REGION, &key).await, "PendingReplicaDeletion");

    let scheduled = schedule(&kms, EAST, &key, 7).await;
    assert_eq!(scheduled["KeyState"], "PendingDeletion");
    assert_eq!(scheduled["DeletionDate"], json!(START + 407 * DAY));
    schedule(&kms, SOUTH, &key, 30).await;
    kms.harness.clock.advance(7 * DAY);
    assert_eq!(run_job(&kms).await, 1);
    let family = kms.describe_in(REGION, &key).await["MultiRegionConfiguration"].clone();
    assert_eq!(family, configuration("PRIMARY", &key, REGION, &[SOUTH]));
    assert_eq!(state(&kms, REGION, &key).await, "PendingReplicaDeletion");
    kms.harness.clock.advance(23 * DAY);
    assert_eq!(run_job(&kms).await, 1);
    let described = kms.describe_in(REGION, &key).await;
    assert_eq!(described["KeyState"], "PendingDeletion");
    assert_eq!(described["DeletionDate"], json!(START + 438 * DAY));
    assert_eq!(described.get("PendingDeletionWindowInDays"), None);
    let family = configuration("PRIMARY", &key, REGION, &[]);
    assert_eq!(described["MultiRegionConfiguration"], family);
    kms.harness.clock.advance(8 * DAY - 1);
    assert_eq!(run_job(&kms).await, 0);
    kms.harness.clock.advance(1);
    assert_eq!(run_job(&kms).await, 1);
    let gone = kms
        .fails("root", "DescribeKey", json!({ "KeyId": key }))
        .await;
    assert_eq!(gone.0, "NotFoundException");
}

#[tokio::test]
async fn kms_24_a_deletion_can_be_cancelled_while_the_key_waits() {
    let kms = Kms::new().await;
    let key = kms.family(&[EAST]).await;
    schedule(&kms, REGION, &key, 7).await;
    let input = json!({ "KeyId": key });
    kms.ok("root", "CancelKeyDeletion", input.clone()).await;
    let described = kms.describe_in(REGION, &key).await;
    assert_eq!(described["KeyState"], "Disabled");
    assert_eq!(described.get("PendingDeletionWindowInDays"), None);
    let failed = kms.fails("root", "CancelKeyDeletion", input.clone()).await;
    assert_eq!(failed.0, "KMSInvalidStateException");
    // Then the end of its replicas is not its own.
    schedule(&kms, EAST, &key, 7).await;
    kms.harness.clock.advance(7 * DAY);
    assert_eq!(run_job(&kms).await, 1);
    assert_eq!(state(&kms, REGION, &key).await, "Disabled");
    kms.ok("root", "EnableKey", input.clone()).await;
    // And a window that began can be cancelled, too.
    kms.replicate(&key, EAST).await;
    schedule(&kms, REGION, &key, 7).await;
    schedule(&kms, EAST, &key, 7).await;
    kms.harness.clock.advance(7 * DAY);
    assert_eq!(run_job(&kms).await, 1);
    assert_eq!(state(&kms, REGION, &key).await, "PendingDeletion");
    kms.ok("root", "CancelKeyDeletion", input).await;
    kms.harness.clock.advance(60 * DAY);
    assert_eq!(run_job(&kms).await, 0);
    assert_eq!(state(&kms, REGION, &key).await, "Disabled");
}

#[tokio::test]
async fn kms_24_a_replica_can_be_deleted_and_made_again() {
    let kms = Kms::new().await;
    let key = kms.family(&[EAST]).await;
    let blob = kms.encrypt_in(EAST, &key, b"x").await;
    let alias = json!({ "AliasName": "alias/x", "TargetKeyId": key });
    kms.ok_in(EAST, "CreateAlias", alias.clone()).await;
    schedule(&kms, EAST, &key, 7).await;
    assert_eq!(state(&kms, REGION, &key).await, "Enabled");
    let again = json!({ "KeyId": key, "ReplicaRegion": EAST });
    let failed = kms.fails("root", "ReplicateKey", again.clone()).await;
    assert_eq!(failed.0, "AlreadyExistsException");
    kms.ok_in(EAST, "CancelKeyDeletion", json!({ "KeyId": key }))
        .await;
    assert_eq!(state(&kms, EAST, &key).await, "Disabled");
    schedule(&kms, EAST, &key, 7).await;
    kms.harness.clock.advance(7 * DAY);
    let gone = kms
        .fails_in(EAST, "DescribeKey", json!({ "KeyId": key }))
        .await;
    assert_eq!(gone.0, "NotFoundException");
    // What it encrypted, the primary key opens. No job has to come by before the next replica: its
    // predecessor's aliases do not lead to it.
    assert_eq!(kms.decrypt_in(REGION, &blob).await.status, 200);
    kms.ok("root", "ReplicateKey", again).await;
    assert_eq!(run_job(&kms).await, 0);
    assert_eq!(state(&kms, EAST, &key).await, "Enabled");
    assert_eq!(kms.decrypt_in(EAST, &blob).await.status, 200);
    let listed = kms.ok_in(EAST, "ListAliases", json!({})).await;
    let mut listed = listed["Aliases"].as_array().expect("a list").iter();
    assert!(listed.all(is_predefined));
    kms.ok_in(EAST, "CreateAlias", alias).await;
}

/// The condition key that keeps keys which are in use from being deleted.
#[tokio::test]
async fn sec_i2_the_use_of_a_former_replica_is_none_of_its_successor() {
    let kms = Kms::new().await;
    let key = kms.family(&[EAST]).await;
    kms.encrypt_in(EAST, &key, b"x").await;
    kms.harness.clock.advance(DAY);
    schedule(&kms, EAST, &key, 7).await;
    kms.harness.clock.advance(7 * DAY);
    kms.replicate(&key, EAST).await;

    let input = json!({ "KeyId": key });
    let used = kms.ok_in(EAST, "GetKeyLastUsage", input.clone()).await;
    assert_eq!(used["KeyLastUsage"], json!({}));
    let policy = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":"kms:DisableKey","Resource":"*",
         "Condition":{"NumericGreaterThanEquals":{"kms:TrailingDaysWithoutKeyUsage":"5"}}}]}"#;
    kms.harness.user("cleaner", &[policy]);
    let refused = kms.call_in(EAST, "cleaner", "DisableKey", input.clone());
    assert_eq!(failure(&refused.await).0, "AccessDeniedException");
    kms.harness.clock.advance(5 * DAY);
    let allowed = kms.call_in(EAST, "cleaner", "DisableKey", input).await;
    assert_eq!(allowed.status, 200, "{}", allowed.text);
}

#[tokio::test]
async fn kms_24_a_primary_key_whose_replicas_are_over_has_its_window_at_once() {
    let kms = Kms::new().await;
    let key = kms.family(&[EAST]).await;
    schedule(&kms, EAST, &key, 7).await;
    kms.harness.clock.advance(7 * DAY);
    let scheduled = schedule(&kms, REGION, &key, 7).await;
    assert_eq!(scheduled["KeyState"], "PendingDeletion");
    assert_eq!(scheduled["DeletionDate"], json!(START + 14 * DAY));
    kms.harness.clock.advance(7 * DAY);
    assert_eq!(run_job(&kms).await, 1);
}

#[tokio::test]
async fn kms_24_a_former_primary_key_is_deleted_as_a_replica() {
    let kms = Kms::new().await;
    let key = kms.family(&[EAST]).await;
    let input = json!({ "KeyId": key, "PrimaryRegion": EAST });
    kms.ok("root", "UpdatePrimaryRegion", input).await;
    let scheduled = schedule(&kms, REGION, &key, 7).await;
    assert_eq!(scheduled["KeyState"], "PendingDeletion");
    kms.harness.clock.advance(7 * DAY);
    assert_eq!(run_job(&kms).await, 1);
    let family = kms.describe_in(EAST, &key).await["MultiRegionConfiguration"].clone();
    assert_eq!(family, configuration("PRIMARY", &key, EAST, &[]));
}
