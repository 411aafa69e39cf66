//! What KMS tells EventBridge of by itself.

use platform::{BusEvent, Clock as _, EmittedEvent};
use service_kms::{delete_expired, rotate_due};

use crate::house::{ACCOUNT, Kms, REGION, Value, arn, json};
use crate::import_expiry::until;

const DAY: i64 = 86_400;

impl Kms {
    /// The events that wait to be routed.
    async fn emitted(&self) -> Vec<BusEvent> {
        let mut txn = self.harness.pipeline.upkeep().begin();
        let waiting = EmittedEvent::waiting(&mut txn, 100).await;
        let waiting = waiting.ok().expect("a store in memory");
        waiting
            .iter()
            .map(|emitted| emitted.event.clone())
            .collect()
    }

    async fn rotates_one(&self) {
        let now = self.harness.clock.now();
        let rotated = rotate_due(&self.harness.pipeline.upkeep(), now).await;
        assert_eq!(rotated.ok(), Some(1));
    }
}

#[tokio::test]
async fn turns_in_the_life_of_a_key_are_events_for_the_bus() {
    let kms = Kms::new().await;
    let created = kms.ok("root", "CreateKey", json!({})).await;
    let key = created["KeyMetadata"]["KeyId"].as_str().unwrap_or_default();
    let expected = |id: &str, detail_type: &str, now: i64| BusEvent {
        source: "aws.kms".to_owned(),
        detail_type: detail_type.to_owned(),
        account: ACCOUNT.to_owned(),
        region: REGION.to_owned(),
        resources: vec![arn(id)],
        detail: json!({ "key-id": id }).to_string(),
        at_millis: now,
    };
    // What a call does by itself is not told: it is on record as the call.
    let input = json!({ "KeyId": key, "RotationPeriodInDays": 90 });
    kms.ok("root", "EnableKeyRotation", input).await;
    assert_eq!(kms.emitted().await, []);
    kms.harness.clock.advance(90 * DAY);
    kms.rotates_one().await;
    let now = kms.harness.clock.now().millis;
    let rotated = expected(key, "KMS CMK Rotation", now);
    assert_eq!(kms.emitted().await, [rotated]);

    let imported = kms.empty_key().await;
    let days = 100;
    kms.import_with(&imported, &[7; 32], &until(days)).await;
    kms.harness.clock.advance(11 * DAY);
    assert_eq!(kms.expire().await, 1);
    let input = json!({ "KeyId": key, "PendingWindowInDays": 7 });
    kms.ok("root", "ScheduleKeyDeletion", input).await;
    assert_eq!(kms.emitted().await.len(), 2);
    let expired_at = kms.harness.clock.now().millis;
    kms.harness.clock.advance(7 * DAY);
    let now = kms.harness.clock.now();
    let deleted = delete_expired(&kms.harness.pipeline.upkeep(), now).await;
    assert_eq!(deleted.ok(), Some(1));
    let emitted = kms.emitted().await;
    let kind = "KMS Imported Key Material Expiration";
    assert!(emitted.contains(&expected(&imported, kind, expired_at)));
    assert!(emitted.contains(&expected(key, "KMS CMK Deletion", now.millis)));
    assert_eq!(emitted.len(), 3);
    // The texts are JSON.
    for event in emitted {
        assert!(serde_json::from_str::<Value>(&event.detail).is_ok());
    }
}
