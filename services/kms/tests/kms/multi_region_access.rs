//! Who may replicate a key, and move its primary Region: permission in both Regions.

use crate::house::{ACCOUNT, Kms, REGION, Value, json, statement, text};
use crate::multi_region::{EAST, SOUTH, arn_in, failure};

/// What `who` hears when replicating the key to East; none for success.
async fn replicate(kms: &Kms, who: &str, key: &str, more: Value) -> Option<(String, String)> {
    let mut input = json!({ "KeyId": key, "ReplicaRegion": EAST });
    for (member, value) in more.as_object().expect("members") {
        input[member] = value.clone();
    }
    let answer = kms.call(who, "ReplicateKey", input).await;
    answer.code.as_ref().map(|_| failure(&answer))
}

fn allowing(action: &str, resource: &str, condition: &Value) -> String {
    statement(&json!({
        "Effect": "Allow", "Action": action, "Resource": resource, "Condition": condition,
    }))
}

#[tokio::test]
async fn kms_23_replicating_takes_permission_on_the_primary_key_and_in_the_other_region() {
    let kms = Kms::new().await;
    let key = kms.primary().await;
    let in_east = json!({ "StringEquals": { "aws:RequestedRegion": EAST } });
    let in_london = json!({ "StringEquals": { "aws:RequestedRegion": REGION } });
    let replicate_here = allowing("kms:ReplicateKey", &arn_in(REGION, &key), &in_london);
    let create_there = allowing("kms:CreateKey", "*", &in_east);
    let create_here = allowing("kms:CreateKey", "*", &in_london);
    let tag_there = allowing("kms:TagResource", &arn_in(EAST, &key), &in_east);
    let tags = json!({ "Tags": [{ "TagKey": "a", "TagValue": "b" }] });
    for (name, policies, more, missing) in [
        ("nobody", vec![], json!({}), Some("kms:ReplicateKey")),
        (
            "creator",
            vec![&create_there],
            json!({}),
            Some("kms:ReplicateKey"),
        ),
        (
            "replicator",
            vec![&replicate_here],
            json!({}),
            Some("kms:CreateKey"),
        ),
        (
            "local",
            vec![&replicate_here, &create_here],
            json!({}),
            Some("kms:CreateKey"),
        ),
        (
            "untagged",
            vec![&replicate_here, &create_there],
            tags.clone(),
            Some("kms:TagResource"),
        ),
        (
            "all",
            vec![&replicate_here, &create_there, &tag_there],
            tags,
            None,
        ),
    ] {
        let policies: Vec<_> = policies.into_iter().map(String::as_str).collect();
        kms.harness.user(name, &policies);
        let refused = replicate(&kms, name, &key, more).await;
        match (refused, missing) {
            (None, None) => {}
            (Some((code, message)), Some(action)) => {
                assert_eq!(code, "AccessDeniedException", "{name}");
                assert!(
                    message.contains(&format!("perform: {action} ")),
                    "{name}: {message}"
                );
            }
            (refused, _) => panic!("{name}: {refused:?}"),
        }
        let replicas = kms.describe_in(REGION, &key).await["MultiRegionConfiguration"].clone();
        let made = replicas["ReplicaKeys"].as_array().map(Vec::len);
        assert_eq!(made, Some(usize::from(missing.is_none())), "{name}");
    }
}

#[tokio::test]
async fn pol_9_conditions_tell_where_a_key_may_go_and_what_it_is() {
    let kms = Kms::new().await;
    let key = kms.primary().await;
    let string = |key: &str, value: &str| {
        let condition = json!({ "StringEquals": { key: value } });
        [
            allowing("kms:ReplicateKey", "*", &condition),
            allowing("kms:CreateKey", "*", &json!({})),
        ]
    };
    for (index, (condition, value, is_allowed)) in [
        ("kms:ReplicaRegion", SOUTH, false),
        ("kms:MultiRegionKeyType", "REPLICA", false),
        ("kms:PrimaryRegion", REGION, false),
        ("kms:ReplicaRegion", EAST, true),
        ("kms:MultiRegionKeyType", "PRIMARY", true),
    ]
    .into_iter()
    .enumerate()
    {
        let (name, key) = (format!("user-{index}"), kms.primary().await);
        let policies = string(condition, value);
        kms.harness
            .user(&name, &policies.each_ref().map(String::as_str));
        let refused = replicate(&kms, &name, &key, json!({})).await;
        assert_eq!(
            refused.is_none(),
            is_allowed,
            "{condition} {value}: {refused:?}"
        );
    }
    // The new key is a multi-Region replica, of the kind of its primary key.
    let replica = json!({
        "Bool": { "kms:MultiRegion": "true", "kms:BypassPolicyLockoutSafetyCheck": "false" },
        "StringEquals": {
            "kms:MultiRegionKeyType": "REPLICA", "kms:KeySpec": "SYMMETRIC_DEFAULT",
            "kms:KeyUsage": "ENCRYPT_DECRYPT", "kms:KeyOrigin": "AWS_KMS",
            "kms:CallerAccount": ACCOUNT,
        },
    });
    let policies = [
        allowing("kms:ReplicateKey", "*", &json!({})),
        allowing("kms:CreateKey", "*", &replica),
    ];
    kms.harness
        .user("maker", &policies.each_ref().map(String::as_str));
    assert_eq!(replicate(&kms, "maker", &key, json!({})).await, None);
}

#[tokio::test]
async fn pol_9_conditions_tell_primary_keys_from_replicas_and_from_others() {
    let kms = Kms::new().await;
    let (key, single) = (kms.family(&[EAST]).await, kms.key().await);
    for (name, condition, allowed) in [
        (
            "primaries",
            json!({ "StringEquals": { "kms:MultiRegionKeyType": "PRIMARY" } }),
            [true, false, false],
        ),
        (
            "replicas",
            json!({ "StringEquals": { "kms:MultiRegionKeyType": "REPLICA" } }),
            [false, true, false],
        ),
        (
            "neither",
            json!({ "Null": { "kms:MultiRegionKeyType": "true" } }),
            [false, false, true],
        ),
        (
            "several",
            json!({ "Bool": { "kms:MultiRegion": "true" } }),
            [true, true, false],
        ),
        (
            "one",
            json!({ "Bool": { "kms:MultiRegion": "false" } }),
            [false, false, true],
        ),
    ] {
        kms.harness
            .user(name, &[&allowing("kms:DescribeKey", "*", &condition)]);
        let keys = [(REGION, &key), (EAST, &key), (REGION, &single)];
        for ((region, key), is_allowed) in keys.into_iter().zip(allowed) {
            let input = json!({ "KeyId": key });
            let answer = kms.call_in(region, name, "DescribeKey", input).await;
            assert_eq!(
                answer.status == 200,
                is_allowed,
                "{name} {region}: {}",
                answer.text
            );
        }
    }
    let only_single = json!({ "Bool": { "kms:MultiRegion": "false" } });
    kms.harness
        .user("maker", &[&allowing("kms:CreateKey", "*", &only_single)]);
    assert_eq!(kms.call("maker", "CreateKey", json!({})).await.status, 200);
    let answer = kms
        .call("maker", "CreateKey", json!({ "MultiRegion": true }))
        .await;
    assert_eq!(failure(&answer).0, "AccessDeniedException");
}

#[tokio::test]
async fn kms_24_moving_the_primary_key_takes_permission_on_both() {
    let kms = Kms::new().await;
    let key = kms.family(&[EAST]).await;
    let action = "kms:UpdatePrimaryRegion";
    let here = allowing(action, &arn_in(REGION, &key), &json!({}));
    let there = allowing(
        action,
        &arn_in(EAST, &key),
        &json!({ "StringEquals": {
        "aws:RequestedRegion": EAST, "kms:MultiRegionKeyType": "REPLICA", "kms:PrimaryRegion": EAST } }),
    );
    let elsewhere = allowing(
        action,
        "*",
        &json!({ "StringEquals": { "kms:PrimaryRegion": SOUTH } }),
    );
    let input = json!({ "KeyId": key, "PrimaryRegion": EAST });
    for (name, policies, refused_on) in [
        ("nobody", vec![], Some(REGION)),
        ("there", vec![&there], Some(REGION)),
        ("here", vec![&here], Some(EAST)),
        ("elsewhere", vec![&elsewhere], Some(REGION)),
        ("both", vec![&here, &there], None),
    ] {
        let policies: Vec<_> = policies.into_iter().map(String::as_str).collect();
        kms.harness.user(name, &policies);
        let answer = kms.call(name, "UpdatePrimaryRegion", input.clone()).await;
        match refused_on {
            None => assert_eq!(answer.status, 200, "{name}: {}", answer.text),
            Some(region) => {
                let (code, message) = failure(&answer);
                assert_eq!(code, "AccessDeniedException", "{name}");
                assert!(message.contains(&arn_in(region, &key)), "{name}: {message}");
            }
        }
    }
    // Without permission there, nobody learns that there is no replica.
    let other = kms.primary().await;
    let input = json!({ "KeyId": other, "PrimaryRegion": SOUTH });
    kms.harness.user(
        "curious",
        &[&allowing(action, &arn_in(REGION, &other), &json!({}))],
    );
    let answer = kms.call("curious", "UpdatePrimaryRegion", input).await;
    assert_eq!(failure(&answer).0, "AccessDeniedException");
}

#[tokio::test]
async fn kms_23_a_replicas_policy_must_leave_it_to_its_author() {
    let kms = Kms::new().await;
    let key = kms.primary().await;
    let policy = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": { "AWS": format!("arn:aws:iam::{ACCOUNT}:root") },
        "Action": "kms:Decrypt", "Resource": "*" }] });
    let policy = json!({ "Policy": policy.to_string() });
    let refused = replicate(&kms, "root", &key, policy.clone()).await;
    assert_eq!(
        refused.map(|it| it.0).as_deref(),
        Some("MalformedPolicyDocumentException")
    );
    let mut bypassing = policy;
    bypassing["BypassPolicyLockoutSafetyCheck"] = json!(true);
    bypassing["Description"] = json!("there");
    bypassing["Tags"] =
        json!([{ "TagKey": "b", "TagValue": "2" }, { "TagKey": "a", "TagValue": "1" }]);
    let mut input = bypassing.clone();
    input["KeyId"] = json!(key);
    input["ReplicaRegion"] = json!(EAST);
    let made = kms.ok("root", "ReplicateKey", input).await;
    assert_eq!(made["ReplicaKeyMetadata"]["Description"], "there");
    assert_eq!(made["ReplicaTags"], bypassing["Tags"]);
    assert_eq!(made["ReplicaPolicy"], bypassing["Policy"]);
    let blob = kms.encrypt_in(REGION, &key, b"x").await;
    assert_eq!(kms.decrypt_in(EAST, &blob).await.status, 200);
    let input = json!({ "KeyId": key, "Plaintext": "eA==" });
    let answer = kms.call_in(EAST, "root", "Encrypt", input).await;
    assert_eq!(failure(&answer).0, "AccessDeniedException");
    assert!(text(&made["ReplicaKeyMetadata"]["Arn"]).contains(EAST));
}

#[tokio::test]
async fn kms_23_both_regions_have_it_on_record() {
    let kms = Kms::new().await;
    let key = kms.family(&[EAST]).await;
    let input = json!({ "KeyId": key, "PrimaryRegion": EAST });
    kms.ok("root", "UpdatePrimaryRegion", input).await;
    let failed = json!({ "KeyId": key, "ReplicaRegion": SOUTH });
    assert_eq!(
        kms.code("root", "ReplicateKey", failed).await,
        "UnsupportedOperationException"
    );
    let mut reader = kms.harness.pipeline.store().journal_reader(1);
    let mut events: Vec<Value> = Vec::new();
    while let Some(entry) = reader.next().expect("a journal in memory") {
        events.push(serde_json::from_slice(&entry.payload).expect("JSON"));
    }
    let told = |event: &Value| (text(&event["eventName"]), text(&event["awsRegion"]));
    let told: Vec<_> = events.iter().map(told).collect();
    let expected = [
        ("CreateKey", REGION),
        ("CreateKey", EAST),
        ("ReplicateKey", REGION),
        ("UpdatePrimaryRegion", EAST),
        ("UpdatePrimaryRegion", REGION),
        ("ReplicateKey", REGION),
    ];
    assert_eq!(
        told,
        expected.map(|(name, region)| (name.to_owned(), region.to_owned()))
    );
    for (there, here) in [(&events[1], &events[2]), (&events[3], &events[4])] {
        assert_eq!(there["requestID"], here["requestID"]);
        assert_ne!(there["eventID"], here["eventID"]);
        assert_eq!(there["userIdentity"]["invokedBy"], "kms.amazonaws.com");
        assert_eq!(there["userIdentity"]["arn"], here["userIdentity"]["arn"]);
        assert_eq!(here["userIdentity"].get("invokedBy"), None);
        assert_eq!(there["resources"][0]["ARN"], json!(arn_in(EAST, &key)));
        assert_eq!(there.get("errorCode"), None);
    }
    let created = &events[1]["responseElements"]["keyMetadata"];
    assert_eq!(created["arn"], json!(arn_in(EAST, &key)));
    assert_eq!(
        events[3]["requestParameters"]["keyId"],
        json!(arn_in(EAST, &key))
    );
    assert_eq!(events[3]["requestParameters"]["primaryRegion"], json!(EAST));
}
