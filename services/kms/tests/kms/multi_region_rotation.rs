//! Rotation of multi-Region keys: the primary key's, and in one commit every replica's.

use std::sync::Arc;

use crate::house::{Kms, REGION, Value, json, text};
use crate::multi_region::{EAST, SOUTH, arn_in, failure};
use platform::Clock as _;
use service_kms::rotate_due;

const DAY: i64 = 86_400;
const START: i64 = 1_767_225_600;

async fn run_job(kms: &Kms) -> usize {
    let now = kms.harness.clock.now();
    let rotated = rotate_due(&kms.harness.pipeline.upkeep(), now).await;
    rotated.ok().expect("a store in memory")
}

async fn status(kms: &Kms, region: &str, key: &str) -> Value {
    let input = json!({ "KeyId": key });
    kms.ok_in(region, "GetKeyRotationStatus", input).await
}

async fn materials(kms: &Kms, region: &str, key: &str) -> Value {
    let input = json!({ "KeyId": key, "IncludeKeyMaterial": "ALL_KEY_MATERIAL" });
    kms.ok_in(region, "ListKeyRotations", input).await["Rotations"].clone()
}

#[tokio::test]
async fn kms_23_rotation_is_the_primary_keys_and_goes_to_all() {
    let kms = Kms::new().await;
    let key = kms.family(&[EAST, SOUTH]).await;
    let old = kms.encrypt_in(SOUTH, &key, b"old").await;
    let input = json!({ "KeyId": key, "RotationPeriodInDays": 90 });
    kms.ok("root", "EnableKeyRotation", input).await;
    let expected = json!({
        "KeyId": key,
        "KeyRotationEnabled": true,
        "RotationPeriodInDays": 90,
        "NextRotationDate": START + 90 * DAY,
    });
    for region in [REGION, EAST, SOUTH] {
        assert_eq!(status(&kms, region, &key).await, expected, "{region}");
    }
    let before = kms.describe_in(EAST, &key).await["CurrentKeyMaterialId"].clone();
    kms.harness.clock.advance(90 * DAY);
    assert_eq!(run_job(&kms).await, 1);
    assert_eq!(run_job(&kms).await, 0);
    let all = materials(&kms, REGION, &key).await;
    assert_eq!(all.as_array().map(Vec::len), Some(2));
    assert_eq!(all[1]["RotationType"], "AUTOMATIC");
    for region in [REGION, EAST, SOUTH] {
        assert_eq!(materials(&kms, region, &key).await, all, "{region}");
        let now = kms.describe_in(region, &key).await["CurrentKeyMaterialId"].clone();
        assert_ne!(now, before);
        let next = status(&kms, region, &key).await["NextRotationDate"].clone();
        assert_eq!(next, json!(START + 180 * DAY));
        // The new material is one and the same, and the old one is everywhere, too.
        let new = kms.encrypt_in(region, &key, b"new").await;
        for other in [REGION, EAST, SOUTH] {
            assert_eq!(kms.decrypt_in(other, &new).await.status, 200);
        }
        assert_eq!(kms.decrypt_in(region, &old).await.status, 200);
    }
    // A replica that is made later has all materials, and the schedule.
    kms.replicate(&key, "eu-central-1").await;
    assert_eq!(materials(&kms, "eu-central-1", &key).await, all);
    assert_eq!(kms.decrypt_in("eu-central-1", &old).await.status, 200);
    let late = status(&kms, "eu-central-1", &key).await;
    assert_eq!(late, status(&kms, REGION, &key).await);
    kms.ok("root", "DisableKeyRotation", json!({ "KeyId": key }))
        .await;
    assert_eq!(
        status(&kms, SOUTH, &key).await["KeyRotationEnabled"],
        json!(false)
    );
}

#[tokio::test]
async fn kms_23_a_rotation_and_its_way_to_the_replicas_are_on_record() {
    let kms = Kms::new().await;
    let (key, alone) = (kms.family(&[EAST]).await, kms.primary().await);
    for key in [&alone, &key] {
        kms.ok("root", "RotateKeyOnDemand", json!({ "KeyId": key }))
            .await;
        assert_eq!(run_job(&kms).await, 1);
    }
    let mut reader = kms.harness.pipeline.store().journal_reader(1);
    let mut events: Vec<Value> = Vec::new();
    while let Some(entry) = reader.next().expect("a journal in memory") {
        events.push(serde_json::from_slice(&entry.payload).expect("JSON"));
    }
    let is_internal = |event: &Value| event["userIdentity"]["invokedBy"] == "AWS Internal";
    events.retain(is_internal);
    let told = |event: &Value| {
        let (name, arn) = (
            text(&event["eventName"]),
            text(&event["resources"][0]["ARN"]),
        );
        (name, text(&event["awsRegion"]), arn)
    };
    let [of_alone, of_key] = [&alone, &key].map(|key| arn_in(REGION, key));
    let event = |name: &str, arn: &str| (name.to_owned(), REGION.to_owned(), arn.to_owned());
    let expected = [
        event("RotateKey", &of_alone),
        event("RotateKey", &of_key),
        event("SynchronizeMultiRegionKey", &of_key),
    ];
    assert_eq!(events.iter().map(told).collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn kms_23_a_replica_does_not_rule_rotation() {
    let kms = Kms::new().await;
    let key = kms.family(&[EAST]).await;
    let text = format!("{} is not a multi-Region primary key.", arn_in(EAST, &key));
    for operation in [
        "EnableKeyRotation",
        "DisableKeyRotation",
        "RotateKeyOnDemand",
    ] {
        let failed = kms.fails_in(EAST, operation, json!({ "KeyId": key })).await;
        assert_eq!(
            failed,
            ("UnsupportedOperationException".to_owned(), text.clone())
        );
    }
    assert_eq!(
        status(&kms, REGION, &key).await["KeyRotationEnabled"],
        json!(false)
    );
}

#[tokio::test]
async fn kms_23_a_rotation_on_demand_shows_everywhere() {
    let kms = Kms::new().await;
    let key = kms.family(&[EAST]).await;
    kms.ok("root", "RotateKeyOnDemand", json!({ "KeyId": key }))
        .await;
    let begun = status(&kms, EAST, &key).await["OnDemandRotationStartDate"].clone();
    assert_eq!(begun, json!(START));
    // The next use of the primary key completes it, for both.
    let new = kms.encrypt_in(REGION, &key, b"x").await;
    let listed = materials(&kms, EAST, &key).await;
    assert_eq!(listed[1]["RotationType"], "ON_DEMAND");
    assert_eq!(listed[1]["KeyMaterialState"], "CURRENT");
    assert_eq!(
        status(&kms, EAST, &key)
            .await
            .get("OnDemandRotationStartDate"),
        None
    );
    let opened = kms.decrypt_in(EAST, &new).await.body;
    assert_eq!(opened["KeyMaterialId"], listed[1]["KeyMaterialId"]);
}

#[tokio::test]
async fn kms_24_the_schedule_moves_with_the_primary_key() {
    let kms = Kms::new().await;
    let key = kms.family(&[EAST]).await;
    let input = json!({ "KeyId": key, "RotationPeriodInDays": 90 });
    kms.ok("root", "EnableKeyRotation", input).await;
    let input = json!({ "KeyId": key, "PrimaryRegion": EAST });
    kms.ok("root", "UpdatePrimaryRegion", input).await;
    kms.harness.clock.advance(90 * DAY);
    assert_eq!(run_job(&kms).await, 1);
    assert_eq!(run_job(&kms).await, 0);
    let listed = materials(&kms, REGION, &key).await;
    assert_eq!(listed.as_array().map(Vec::len), Some(2));
    assert_eq!(materials(&kms, EAST, &key).await, listed);
    let failed = kms
        .fails("root", "DisableKeyRotation", json!({ "KeyId": key }))
        .await;
    assert_eq!(failed.0, "UnsupportedOperationException");
    kms.ok_in(EAST, "DisableKeyRotation", json!({ "KeyId": key }))
        .await;
    assert_eq!(
        status(&kms, REGION, &key).await["KeyRotationEnabled"],
        json!(false)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kms_23_two_calls_at_once_make_one_replica() {
    let kms = Arc::new(Kms::new().await);
    for _ in 0..8 {
        let key = kms.primary().await;
        let calls: Vec<_> = (0..4)
            .map(|_| {
                let (kms, key) = (Arc::clone(&kms), key.clone());
                let input = json!({ "KeyId": key, "ReplicaRegion": EAST });
                tokio::spawn(async move { kms.call("root", "ReplicateKey", input).await })
            })
            .collect();
        let mut made = 0;
        for call in calls {
            let answer = call.await.expect("no panic");
            match answer.code {
                None => made += 1,
                Some(_) => assert_eq!(failure(&answer).0, "AlreadyExistsException"),
            }
        }
        assert_eq!(made, 1);
    }
}

/// Replicates, rotates, moves the primary key or changes a replica.
async fn disturb(kms: Arc<Kms>, key: String, index: usize) {
    let regions = [SOUTH, "eu-central-1", "us-west-2", "ca-central-1"];
    let (region, operation, input) = match index % 4 {
        0 => (
            REGION,
            "ReplicateKey",
            json!({ "KeyId": key, "ReplicaRegion": regions[index / 4] }),
        ),
        1 => (
            REGION,
            "EnableKeyRotation",
            json!({ "KeyId": key, "RotationPeriodInDays": 90 + index }),
        ),
        2 => {
            run_job(&kms).await;
            return;
        }
        _ => (
            EAST,
            "UpdateKeyDescription",
            json!({ "KeyId": key, "Description": "x" }),
        ),
    };
    let answer = kms.call_in(region, "root", operation, input).await;
    assert_eq!(answer.status, 200, "{operation}: {}", answer.text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kms_23_whatever_happens_at_once_related_keys_agree() {
    let kms = Arc::new(Kms::new().await);
    let key = kms.family(&[EAST]).await;
    let input = json!({ "KeyId": key, "RotationPeriodInDays": 90 });
    kms.ok("root", "EnableKeyRotation", input).await;
    kms.harness.clock.advance(90 * DAY);
    let calls = (0..16).map(|index| tokio::spawn(disturb(Arc::clone(&kms), key.clone(), index)));
    for call in calls.collect::<Vec<_>>() {
        call.await.expect("no call that should have succeeded");
    }
    run_job(&kms).await;
    let primary = kms.describe_in(REGION, &key).await;
    let all = materials(&kms, REGION, &key).await;
    let state = status(&kms, REGION, &key).await;
    assert_eq!(all.as_array().map(Vec::len), Some(2));
    let family = primary["MultiRegionConfiguration"]["ReplicaKeys"]
        .as_array()
        .cloned();
    let family = family.expect("a list");
    assert_eq!(family.len(), 5);
    for replica in family {
        let region = text(&replica["Region"]);
        let described = kms.describe_in(&region, &key).await;
        let [mine, theirs] = [&described, &primary].map(|it| &it["MultiRegionConfiguration"]);
        assert_eq!(mine["ReplicaKeys"], theirs["ReplicaKeys"], "{region}");
        assert_eq!(materials(&kms, &region, &key).await, all, "{region}");
        assert_eq!(status(&kms, &region, &key).await, state, "{region}");
        let blob = kms.encrypt_in(&region, &key, b"x").await;
        assert_eq!(kms.decrypt_in(REGION, &blob).await.status, 200);
    }
}
