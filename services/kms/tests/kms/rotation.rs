//! Rotation: new material by the clock and on demand, old ciphertexts for ever.

use crate::house::{
    ACCOUNT, Kms, OTHER, Value, arn, base64, delegation, granting, json, key_policy, text,
};
use platform::Clock as _;
use service_kms::{delete_expired, erase_deleted, rotate_due};

const DAY: i64 = 86_400;
const START: i64 = 1_767_225_600;

impl Kms {
    async fn enable_rotation(&self, key: &str, days: Option<i64>) {
        let mut input = json!({ "KeyId": key });
        if let Some(days) = days {
            input["RotationPeriodInDays"] = json!(days);
        }
        self.ok("root", "EnableKeyRotation", input).await;
    }

    pub(crate) async fn rotate(&self, key: &str) -> Value {
        let input = json!({ "KeyId": key });
        self.ok("root", "RotateKeyOnDemand", input).await
    }

    async fn status(&self, key: &str) -> Value {
        let input = json!({ "KeyId": key });
        self.ok("root", "GetKeyRotationStatus", input).await
    }

    async fn material(&self, key: &str) -> String {
        let described = self
            .ok("root", "DescribeKey", json!({ "KeyId": key }))
            .await;
        text(&described["KeyMetadata"]["CurrentKeyMaterialId"])
    }

    /// The materials of a key as `ListKeyRotations` shows them.
    pub(crate) async fn listed(&self, key: &str, include: &str) -> Vec<Value> {
        let input = json!({ "KeyId": key, "IncludeKeyMaterial": include });
        let listed = self.ok("root", "ListKeyRotations", input).await;
        listed["Rotations"].as_array().expect("a list").clone()
    }

    /// Runs the job.
    pub(crate) async fn rotate_due(&self) -> usize {
        let now = self.harness.clock.now();
        let rotated = rotate_due(&self.harness.pipeline.upkeep(), now).await;
        rotated.ok().expect("a store in memory")
    }

    /// The events of this name, oldest first.
    pub(crate) fn events(&self, name: &str) -> Vec<Value> {
        let mut reader = self.harness.pipeline.store().journal_reader(1);
        let mut events = Vec::new();
        while let Some(entry) = reader.next().expect("a journal in memory") {
            events.push(serde_json::from_slice(&entry.payload).expect("JSON"));
        }
        events.retain(|event: &Value| event["eventName"] == name);
        events
    }
}

#[tokio::test]
async fn kms_30_a_key_does_not_rotate_unless_it_is_asked_to() {
    let kms = Kms::new().await;
    let key = kms.key().await;
    let never = json!({ "KeyId": key, "KeyRotationEnabled": false });
    assert_eq!(kms.status(&key).await, never);
    let first = kms.material(&key).await;

    kms.enable_rotation(&key, None).await;
    let yearly = json!({
        "KeyId": key,
        "KeyRotationEnabled": true,
        "RotationPeriodInDays": 365,
        "NextRotationDate": START + 365 * DAY,
    });
    assert_eq!(kms.status(&key).await, yearly);
    kms.ok("root", "DisableKeyRotation", json!({ "KeyId": key }))
        .await;
    assert_eq!(kms.status(&key).await, never);
    kms.harness.clock.advance(3000 * DAY);
    assert_eq!(kms.rotate_due().await, 0);
    assert_eq!(kms.material(&key).await, first);
    assert_eq!(kms.listed(&key, "ROTATIONS_ONLY").await, [] as [Value; 0]);
}

#[tokio::test]
async fn kms_30_after_365_days_new_material_encrypts_and_all_of_it_decrypts() {
    let kms = Kms::new().await;
    let key = kms.key().await;
    kms.enable_rotation(&key, None).await;
    let (mut blobs, mut materials) = (Vec::new(), Vec::new());
    for year in 0..3 {
        if year > 0 {
            kms.harness.clock.advance(365 * DAY - 1);
            assert_eq!(kms.rotate_due().await, 0);
            assert_eq!(Some(&kms.material(&key).await), materials.last());
            kms.harness.clock.advance(1);
        }
        // By the job in one year, by its use in another.
        if year == 1 {
            assert_eq!(kms.rotate_due().await, 1);
            assert_eq!(kms.rotate_due().await, 0);
        }
        let input = json!({ "KeyId": key, "KeySpec": "AES_256" });
        let made = kms.ok("root", "GenerateDataKey", input).await;
        blobs.push((text(&made["CiphertextBlob"]), made["Plaintext"].clone()));
        materials.push(text(&made["KeyMaterialId"]));
        assert_eq!(kms.rotate_due().await, 0);
        let next = START + (year + 1) * 365 * DAY;
        assert_eq!(kms.status(&key).await["NextRotationDate"], json!(next));
    }
    for ((blob, plaintext), material) in blobs.iter().zip(&materials) {
        let opened = kms
            .ok("root", "Decrypt", json!({ "CiphertextBlob": blob }))
            .await;
        assert_eq!(&opened["Plaintext"], plaintext);
        assert_eq!(opened["KeyMaterialId"], json!(material));
    }
    let distinct: std::collections::BTreeSet<_> = materials.iter().collect();
    assert_eq!(distinct.len(), 3);
    assert_eq!(kms.material(&key).await, materials[2]);

    let moving = json!({ "CiphertextBlob": blobs[0].0, "DestinationKeyId": key });
    let moved = kms.ok("root", "ReEncrypt", moving).await;
    assert_eq!(moved["SourceKeyMaterialId"], json!(materials[0]));
    assert_eq!(moved["DestinationKeyMaterialId"], json!(materials[2]));

    let entry = |index: usize, state: &str| json!({ "KeyId": key, "KeyMaterialId": materials[index], "KeyMaterialState": state });
    let rotated = |index: usize, state: &str, years: i64| {
        let mut entry = entry(index, state);
        entry["RotationDate"] = json!(START + years * 365 * DAY);
        entry["RotationType"] = json!("AUTOMATIC");
        entry
    };
    let rotations = [rotated(1, "NON_CURRENT", 1), rotated(2, "CURRENT", 2)];
    assert_eq!(kms.listed(&key, "ROTATIONS_ONLY").await, rotations);
    let all = kms.listed(&key, "ALL_KEY_MATERIAL").await;
    assert_eq!(all[0], entry(0, "NON_CURRENT"));
    assert_eq!(all[1..], rotations);
}

#[tokio::test]
async fn kms_30_the_period_is_90_to_2560_days_and_can_be_changed() {
    let kms = Kms::new().await;
    let key = kms.key().await;
    for days in [0, 89, 2561] {
        let input = json!({ "KeyId": key, "RotationPeriodInDays": days });
        let (code, message) = kms.fails("root", "EnableKeyRotation", input).await;
        assert_eq!(code, "ValidationException");
        assert!(message.contains("'rotationPeriodInDays'"), "{message}");
    }
    assert_eq!(kms.status(&key).await["KeyRotationEnabled"], json!(false));
    for days in [90, 2560] {
        kms.enable_rotation(&key, Some(days)).await;
        // The same again puts nothing off.
        kms.harness.clock.advance(DAY);
        kms.enable_rotation(&key, Some(days)).await;
        let status = kms.status(&key).await;
        assert_eq!(status["RotationPeriodInDays"], json!(days));
        let next = kms.harness.clock.now().secs() + (days - 1) * DAY;
        assert_eq!(status["NextRotationDate"], json!(next));
    }
    kms.enable_rotation(&key, Some(90)).await;
    let first = kms.material(&key).await;
    kms.harness.clock.advance(90 * DAY);
    assert_ne!(kms.material(&key).await, first);
}

#[tokio::test]
async fn kms_30_a_disabled_key_rotates_when_it_is_enabled_again() {
    let kms = Kms::new().await;
    let key = kms.key().await;
    kms.enable_rotation(&key, Some(100)).await;
    let first = kms.material(&key).await;
    kms.ok("root", "DisableKey", json!({ "KeyId": key })).await;
    kms.harness.clock.advance(150 * DAY);
    assert_eq!(kms.rotate_due().await, 0);
    assert_eq!(kms.material(&key).await, first);
    let status = kms.status(&key).await;
    assert_eq!(status["KeyRotationEnabled"], json!(true));

    kms.ok("root", "EnableKey", json!({ "KeyId": key })).await;
    assert_eq!(kms.rotate_due().await, 1);
    assert_ne!(kms.material(&key).await, first);
    let next = START + 250 * DAY;
    assert_eq!(kms.status(&key).await["NextRotationDate"], json!(next));
}

#[tokio::test]
async fn kms_30_a_key_to_be_deleted_does_not_rotate_until_that_is_cancelled() {
    let kms = Kms::new().await;
    let key = kms.key().await;
    kms.enable_rotation(&key, Some(90)).await;
    let first = kms.material(&key).await;
    kms.harness.clock.advance(80 * DAY);
    kms.ok("root", "ScheduleKeyDeletion", json!({ "KeyId": key }))
        .await;
    let status = kms.status(&key).await;
    assert_eq!(status, json!({ "KeyId": key, "KeyRotationEnabled": false }));
    kms.harness.clock.advance(20 * DAY);
    assert_eq!(kms.rotate_due().await, 0);
    assert_eq!(kms.material(&key).await, first);
    for operation in ["CancelKeyDeletion", "EnableKey"] {
        kms.ok("root", operation, json!({ "KeyId": key })).await;
    }
    assert_eq!(kms.status(&key).await["KeyRotationEnabled"], json!(true));
    assert_ne!(kms.material(&key).await, first);
}

#[tokio::test]
async fn kms_30_with_a_key_its_place_on_the_schedule_goes() {
    let kms = Kms::new().await;
    let store = kms.harness.pipeline.store();
    let before = store.verify().await.expect("a store in memory");
    let key = kms.key().await;
    kms.enable_rotation(&key, None).await;
    kms.ok("root", "ScheduleKeyDeletion", json!({ "KeyId": key }))
        .await;
    // The key, its deletion and its rotation.
    assert_eq!(store.verify().await.ok(), Some(before + 3));
    kms.harness.clock.advance(1000 * DAY);
    let now = kms.harness.clock.now();
    let deleted = delete_expired(&kms.harness.pipeline.upkeep(), now).await;
    assert_eq!(deleted.ok(), Some(1));
    // The note that asks for the erasure goes with it.
    kms.harness.clock.advance(3600);
    let now = kms.harness.clock.now();
    let erased = erase_deleted(&kms.harness.pipeline.upkeep(), now).await;
    assert_eq!(erased.ok(), Some(true));
    // What is left is for buses: the deletion.
    assert_eq!(store.verify().await.ok(), Some(before + 1));
}

#[tokio::test]
async fn kms_31_on_demand_rotation_leaves_the_schedule_alone() {
    let kms = Kms::new().await;
    let key = kms.key().await;
    kms.enable_rotation(&key, Some(730)).await;
    let before = kms.status(&key).await;
    let (first, blob) = (
        kms.material(&key).await,
        kms.encrypt(&key, b"x", json!({})).await,
    );
    kms.harness.clock.advance(10 * DAY);
    assert_eq!(kms.rotate(&key).await, json!({ "KeyId": key }));
    let second = kms.material(&key).await;
    assert_ne!(first, second);
    assert_eq!(kms.status(&key).await, before);
    let opened = kms
        .ok("root", "Decrypt", json!({ "CiphertextBlob": blob }))
        .await;
    assert_eq!(opened["Plaintext"], json!(base64(b"x")));
    assert_eq!(opened["KeyMaterialId"], json!(first));
    let listed = kms.listed(&key, "ROTATIONS_ONLY").await;
    let expected = json!({
        "KeyId": key,
        "KeyMaterialId": second,
        "KeyMaterialState": "CURRENT",
        "RotationDate": START + 10 * DAY,
        "RotationType": "ON_DEMAND",
    });
    assert_eq!(listed, [expected]);
}

#[tokio::test]
async fn kms_31_a_rotation_in_progress_is_completed_before_anything_else() {
    let kms = Kms::new().await;
    let key = kms.key().await;
    let first = kms.material(&key).await;
    kms.rotate(&key).await;
    // Nothing touched the key since: the job completes it.
    assert_eq!(kms.rotate_due().await, 1);
    let second = kms.material(&key).await;
    assert_ne!(first, second);

    // The rotation is asked for, and the key is taken out of use before anything completes it.
    kms.rotate(&key).await;
    kms.ok("root", "DisableKey", json!({ "KeyId": key })).await;
    let third = kms.material(&key).await;
    assert_ne!(
        second, third,
        "disabling a key completes what is in progress"
    );
    assert_eq!(
        kms.status(&key).await,
        json!({ "KeyId": key, "KeyRotationEnabled": false })
    );
}

#[tokio::test]
async fn kms_31_a_key_rotates_25_times_on_demand() {
    let kms = Kms::new().await;
    let key = kms.key().await;
    kms.enable_rotation(&key, Some(90)).await;
    for _ in 0..25 {
        kms.rotate(&key).await;
    }
    let (code, message) = kms
        .fails("root", "RotateKeyOnDemand", json!({ "KeyId": key }))
        .await;
    assert_eq!(code, "LimitExceededException");
    assert!(message.ends_with(&arn(&key)), "{message}");
    // Automatic ones do not count, and go on.
    kms.harness.clock.advance(90 * DAY);
    assert_eq!(kms.rotate_due().await, 1);
    assert_eq!(kms.listed(&key, "ROTATIONS_ONLY").await.len(), 26);
    assert_eq!(kms.listed(&key, "ALL_KEY_MATERIAL").await.len(), 27);

    let mut seen = Vec::new();
    let mut input = json!({ "KeyId": key, "Limit": 9, "IncludeKeyMaterial": "ALL_KEY_MATERIAL" });
    loop {
        let page = kms.ok("root", "ListKeyRotations", input.clone()).await;
        let rotations = page["Rotations"].as_array().expect("a list");
        assert_eq!(rotations.len(), 9);
        seen.extend(rotations.iter().cloned());
        assert_eq!(page["Truncated"], json!(page.get("NextMarker").is_some()));
        match page.get("NextMarker") {
            Some(marker) => input["Marker"] = marker.clone(),
            None => break,
        }
    }
    assert_eq!(seen, kms.listed(&key, "ALL_KEY_MATERIAL").await);
    let other = kms.key().await;
    input["KeyId"] = json!(other);
    let code = kms.code("root", "ListKeyRotations", input).await;
    assert_eq!(code, "InvalidMarkerException");
}

#[tokio::test]
async fn kms_31_no_on_demand_rotation_within_20_minutes_of_an_automatic_one() {
    let kms = Kms::new().await;
    let key = kms.key().await;
    kms.enable_rotation(&key, Some(90)).await;
    kms.harness.clock.advance(90 * DAY - 20 * 60);
    let failed = kms
        .code("root", "RotateKeyOnDemand", json!({ "KeyId": key }))
        .await;
    assert_eq!(failed, "ConflictException");
    kms.ok("root", "DisableKeyRotation", json!({ "KeyId": key }))
        .await;
    kms.rotate(&key).await;
    let other = kms.key().await;
    kms.enable_rotation(&other, Some(90)).await;
    kms.harness.clock.advance(90 * DAY - 20 * 60 - 1);
    kms.rotate(&other).await;
}

#[tokio::test]
async fn kms_30_only_symmetric_keys_rotate() {
    let kms = Kms::new().await;
    for (spec, usage) in [
        ("RSA_2048", "ENCRYPT_DECRYPT"),
        ("ECC_NIST_P256", "SIGN_VERIFY"),
        ("HMAC_256", "GENERATE_VERIFY_MAC"),
    ] {
        let key = kms.key_of(spec, usage).await;
        for operation in [
            "EnableKeyRotation",
            "DisableKeyRotation",
            "RotateKeyOnDemand",
        ] {
            let code = kms.code("root", operation, json!({ "KeyId": key })).await;
            assert_eq!(code, "UnsupportedOperationException", "{operation} {spec}");
        }
        let never = json!({ "KeyId": key, "KeyRotationEnabled": false });
        assert_eq!(kms.status(&key).await, never);
        let listed = kms
            .ok("root", "ListKeyRotations", json!({ "KeyId": key }))
            .await;
        assert_eq!(listed, json!({ "Rotations": [], "Truncated": false }));
        let all = json!({ "KeyId": key, "IncludeKeyMaterial": "ALL_KEY_MATERIAL" });
        let code = kms.code("root", "ListKeyRotations", all).await;
        assert_eq!(code, "UnsupportedOperationException");
    }
}

#[tokio::test]
async fn kms_30_every_rotation_is_an_event_of_the_service() {
    let kms = Kms::new().await;
    let key = kms.key().await;
    let mut materials = vec![kms.material(&key).await];
    kms.enable_rotation(&key, Some(90)).await;
    kms.rotate(&key).await;
    materials.push(kms.material(&key).await);
    kms.harness.clock.advance(90 * DAY);
    assert_eq!(kms.rotate_due().await, 1);
    materials.push(kms.material(&key).await);
    let events = kms.events("RotateKey");
    assert_eq!(events.len(), 2);
    for (index, (event, kind)) in events.iter().zip(["ON_DEMAND", "AUTOMATIC"]).enumerate() {
        let expected = json!({
            "eventVersion": "1.11",
            "userIdentity": { "accountId": ACCOUNT, "invokedBy": "AWS Internal" },
            "eventTime": if index == 0 { "2026-01-01T00:00:00Z" } else { "2026-04-01T00:00:00Z" },
            "eventSource": "kms.amazonaws.com",
            "eventName": "RotateKey",
            "awsRegion": "eu-west-2",
            "sourceIPAddress": "AWS Internal",
            "userAgent": "AWS Internal",
            "requestParameters": null,
            "responseElements": null,
            "eventID": event["eventID"],
            "readOnly": false,
            "resources": [{ "accountId": ACCOUNT, "type": "AWS::KMS::Key", "ARN": arn(&key) }],
            "eventType": "AwsServiceEvent",
            "managementEvent": true,
            "recipientAccountId": ACCOUNT,
            "serviceEventDetails": {
                "rotationType": kind,
                "keyOrigin": "AWS_KMS",
                "previousKeyMaterialId": materials[index],
                "currentKeyMaterialId": materials[index + 1],
                "keyId": key,
            },
            "eventCategory": "Management",
        });
        assert_eq!(event, &expected);
    }
    assert_ne!(events[0]["eventID"], events[1]["eventID"]);

    kms.ok("root", "ScheduleKeyDeletion", json!({ "KeyId": key }))
        .await;
    kms.harness.clock.advance(30 * DAY);
    assert_eq!(kms.events("DeleteKey"), [] as [Value; 0]);
    let now = kms.harness.clock.now();
    let deleted = delete_expired(&kms.harness.pipeline.upkeep(), now).await;
    assert_eq!(deleted.ok(), Some(1));
    let deleted = kms.events("DeleteKey");
    assert_eq!(deleted.len(), 1);
    assert_eq!(deleted[0]["eventType"], "AwsServiceEvent");
    assert_eq!(
        deleted[0]["responseElements"],
        json!({ "keyId": arn(&key) })
    );
    assert_eq!(deleted[0]["resources"][0]["ARN"], json!(arn(&key)));
    assert_eq!(deleted[0].get("serviceEventDetails"), None);
}

#[tokio::test]
async fn kms_30_policies_bound_the_period() {
    let kms = Kms::new().await;
    kms.harness.user("keeper", &[]);
    let mut bounded = granting("keeper", &["kms:EnableKeyRotation"]);
    bounded["Condition"] =
        json!({ "NumericLessThanEquals": { "kms:RotationPeriodInDays": "180" } });
    let key = kms
        .key_under(&key_policy(&[delegation(ACCOUNT), bounded]))
        .await;
    for (days, is_allowed) in [(Some(180), true), (Some(181), false), (None, false)] {
        let mut input = json!({ "KeyId": key });
        if let Some(days) = days {
            input["RotationPeriodInDays"] = json!(days);
        }
        let answer = kms.call("keeper", "EnableKeyRotation", input).await;
        assert_eq!(
            answer.status == 200,
            is_allowed,
            "{days:?}: {}",
            answer.text
        );
    }
}

#[tokio::test]
async fn kms_30_who_may_not_use_a_key_rotates_nothing() {
    let kms = Kms::new().await;
    kms.harness.user("nobody", &[]);
    let key = kms.key().await;
    kms.rotate(&key).await;
    let input = json!({ "KeyId": key, "Plaintext": "eA==" });
    kms.code("nobody", "Encrypt", input).await;
    assert_eq!(kms.events("RotateKey").len(), 0);
    assert_eq!(kms.rotate_due().await, 1);
}

#[tokio::test]
async fn kms_30_another_account_sees_the_status_by_arn_alone() {
    let kms = Kms::new().await;
    let mut open = delegation(OTHER);
    open["Sid"] = json!("Status");
    open["Action"] = json!(["kms:GetKeyRotationStatus", "kms:ListKeyRotations"]);
    let key = kms
        .key_under(&key_policy(&[delegation(ACCOUNT), open]))
        .await;
    let input = json!({ "KeyId": arn(&key) });
    let status = kms
        .ok("other-root", "GetKeyRotationStatus", input.clone())
        .await;
    assert_eq!(status["KeyRotationEnabled"], json!(false));
    let code = kms.code("other-root", "ListKeyRotations", input).await;
    assert_eq!(code, "AccessDeniedException");
    let alias = json!({ "AliasName": "alias/x", "TargetKeyId": key });
    kms.ok("root", "CreateAlias", alias).await;
    let by_alias = json!({ "KeyId": "alias/x" });
    let code = kms.code("root", "GetKeyRotationStatus", by_alias).await;
    assert_eq!(code, "InvalidArnException");
}
