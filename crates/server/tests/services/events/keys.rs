//! Buses and archives under KMS keys of their own.

use platform::testing::{ACCOUNT, Harness, REGION};
use serde_json::{Value, json};

use crate::events::house::{body, done, house, queue_arn, receive};

const CANARY: &str = "canary-of-the-detail";

fn bus_arn() -> String {
    format!("arn:aws:events:{REGION}:{ACCOUNT}:event-bus/shop")
}

/// The policy that the user guide shows for buses.
fn lets_events_in() -> Value {
    let allow = |sid: &str, actions: Value, condition: Value| {
        let mut statement = json!({
            "Sid": sid, "Effect": "Allow", "Principal": { "Service": "events.amazonaws.com" },
            "Action": actions, "Resource": "*",
        });
        if !condition.is_null() {
            statement["Condition"] = condition;
        }
        statement
    };
    let root = json!({
        "Effect": "Allow", "Principal": { "AWS": format!("arn:aws:iam::{ACCOUNT}:root") },
        "Action": "kms:*", "Resource": "*",
    });
    let only = json!({ "StringEquals": {
        "kms:EncryptionContext:aws:events:event-bus:arn": bus_arn(),
        "aws:SourceArn": bus_arn(), "aws:SourceAccount": ACCOUNT,
    }});
    let uses = json!(["kms:GenerateDataKey", "kms:Decrypt"]);
    json!({ "Version": "2012-10-17", "Statement": [
        root,
        allow("validate", json!(["kms:DescribeKey"]), Value::Null),
        allow("encrypt", uses, only),
    ]})
}

async fn kms(harness: &Harness, operation: &str, input: Value) -> Value {
    let target = format!("TrentService.{operation}");
    let answer = harness.json("root", &target, input).await;
    assert_eq!(answer.status, 200, "{operation}: {}", answer.text);
    answer.body
}

/// A key, and its ARN.
async fn key(harness: &Harness, input: Value) -> String {
    let made = kms(harness, "CreateKey", input).await;
    made["KeyMetadata"]["Arn"]
        .as_str()
        .expect("an ARN")
        .to_owned()
}

async fn events_key(harness: &Harness) -> String {
    key(harness, json!({ "Policy": lets_events_in().to_string() })).await
}

/// A queue that EventBridge may send to.
async fn queue(harness: &Harness, name: &str) -> Value {
    let policy = json!({ "Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": { "Service": "events.amazonaws.com" },
        "Action": "sqs:SendMessage", "Resource": "*",
        "Condition": { "StringEquals": { "aws:SourceAccount": ACCOUNT } },
    }});
    let input = json!({ "QueueName": name, "Attributes": { "Policy": policy.to_string() } });
    done(harness, "root", "sqs:CreateQueue", input).await;
    json!({ "Arn": queue_arn(ACCOUNT, name) })
}

/// The bus `shop` under a key, with the queue `lost`; its rule sends to the queue `q`, and what that
/// does not take to the queue `dead`.
async fn shop(harness: &Harness, key: &str) {
    let lost = queue(harness, "lost").await;
    let input = json!({ "Name": "shop", "KmsKeyIdentifier": key, "DeadLetterConfig": lost });
    let made = done(harness, "root", "CreateEventBus", input).await;
    assert_eq!(made["KmsKeyIdentifier"], *key);
    let input = json!({
        "Name": "r", "EventBusName": "shop", "EventPattern": "{\"source\":[\"app\",\"aws.app\"]}",
    });
    done(harness, "root", "PutRule", input).await;
    let (to, dead) = (queue(harness, "q").await, queue(harness, "dead").await);
    let target = json!({ "Id": "t", "Arn": to["Arn"], "DeadLetterConfig": dead });
    let input = json!({ "Rule": "r", "EventBusName": "shop", "Targets": [target] });
    done(harness, "root", "PutTargets", input).await;
}

async fn put(harness: &Harness) {
    let detail = json!({ "text": CANARY }).to_string();
    let entry = json!({
        "EventBusName": "shop", "Source": "app", "DetailType": "Order", "Detail": detail,
    });
    let put = done(harness, "root", "PutEvents", json!({ "Entries": [entry] })).await;
    assert_eq!(put["FailedEntryCount"], 0, "{put}");
}

/// The calls on record: name and encryption context.
fn recorded(harness: &Harness) -> Vec<(String, Value)> {
    let mut reader = harness.pipeline.store().journal_reader(1);
    let mut calls = Vec::new();
    while let Some(entry) = reader.next().expect("a journal") {
        let event: Value = serde_json::from_slice(&entry.payload).expect("JSON");
        let context = event["requestParameters"]["encryptionContext"].clone();
        calls.push((text_of(&event["eventName"]), context));
    }
    calls
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn code(message: &Value) -> String {
    text_of(&message["MessageAttributes"]["ERROR_CODE"]["StringValue"])
}

#[tokio::test]
async fn events_of_a_bus_with_a_key_are_under_it_while_they_wait() {
    let harness = house().await;
    let key = events_key(&harness).await;
    shop(&harness, &key).await;
    put(&harness).await;
    harness.run_deliveries().await;
    let got = receive(&harness, "root", ACCOUNT, "q").await;
    assert_eq!(body(&got[0])["detail"]["text"], CANARY);
    let context = json!({ "aws:events:event-bus:arn": bus_arn() });
    let calls = recorded(&harness);
    for name in ["GenerateDataKey", "Decrypt"] {
        assert!(
            calls.contains(&(name.to_owned(), context.clone())),
            "{calls:?}"
        );
    }
    let input = json!({ "Name": "shop" });
    let shown = done(&harness, "root", "DescribeEventBus", input.clone()).await;
    assert_eq!(shown["KmsKeyIdentifier"], key);
    // Without a key, AWS's own is used from now on.
    done(&harness, "root", "UpdateEventBus", input.clone()).await;
    let shown = done(&harness, "root", "DescribeEventBus", input).await;
    assert!(shown["KmsKeyIdentifier"].is_null());
    kms(&harness, "DisableKey", json!({ "KeyId": key })).await;
    put(&harness).await;
    harness.run_deliveries().await;
    assert_eq!(receive(&harness, "root", ACCOUNT, "q").await.len(), 1);
}

#[tokio::test]
async fn a_waiting_event_whose_key_is_disabled_is_an_encrypted_dead_letter() {
    let harness = house().await;
    let key = events_key(&harness).await;
    shop(&harness, &key).await;
    put(&harness).await;
    kms(&harness, "DisableKey", json!({ "KeyId": key })).await;
    harness.run_deliveries().await;
    assert!(receive(&harness, "root", ACCOUNT, "q").await.is_empty());
    let dead = receive(&harness, "root", ACCOUNT, "dead").await;
    assert_eq!(dead.len(), 1);
    let event = body(&dead[0]);
    assert!(!event.to_string().contains(CANARY), "{event}");
    assert_eq!(
        (&event["source"], &event["detail-type"]),
        (&json!("aws.events"), &json!("Encrypted Events"))
    );
    let detail = &event["detail"];
    assert_eq!(detail["event-bus-arn"], bus_arn());
    assert_eq!(detail["kms-key-arn"], key);
    let rule = format!("arn:aws:events:{REGION}:{ACCOUNT}:rule/shop/r");
    assert_eq!(detail["rule-arn"], rule);
    // Version 2 of the Encryption SDK's messages, with a commitment to the key.
    let message = wire::pem::decoded(&text_of(&detail["encrypted-payload"])).expect("base64");
    let message = crypto::SdkMessage::parse(&message).expect("a message");
    assert_eq!(message.kms_key(), key);
    assert_ne!(code(&dead[0]), "");
    // Whoever may use the key opens it, once that is enabled.
    kms(&harness, "EnableKey", json!({ "KeyId": key })).await;
    let input = json!({
        "CiphertextBlob": wire::pem::base64(message.blob()),
        "EncryptionContext": { "aws:events:event-bus:arn": bus_arn() },
    });
    let opened = kms(&harness, "Decrypt", input).await;
    let data_key = wire::pem::decoded(&text_of(&opened["Plaintext"])).expect("base64");
    let event = message.open(&data_key).expect("an event");
    let event: Value = serde_json::from_slice(&event).expect("JSON");
    assert_eq!(event["detail"]["text"], CANARY);
}

#[tokio::test]
async fn an_event_that_cannot_be_brought_under_a_key_goes_to_the_queue_of_its_bus() {
    let harness = house().await;
    let key = events_key(&harness).await;
    shop(&harness, &key).await;
    kms(&harness, "DisableKey", json!({ "KeyId": key })).await;
    put(&harness).await;
    harness.run_deliveries().await;
    for none in ["q", "dead"] {
        assert!(receive(&harness, "root", ACCOUNT, none).await.is_empty());
    }
    let lost = receive(&harness, "root", ACCOUNT, "lost").await;
    assert_eq!(body(&lost[0])["detail"]["text"], CANARY);
    assert_eq!(code(&lost[0]), "INVALID_PARAMETER");
    // A policy that no longer lets EventBridge in.
    kms(&harness, "EnableKey", json!({ "KeyId": key })).await;
    let mut policy = lets_events_in();
    policy["Statement"][2]["Effect"] = json!("Deny");
    let input = json!({ "KeyId": key, "PolicyName": "default", "Policy": policy.to_string() });
    kms(&harness, "PutKeyPolicy", input).await;
    put(&harness).await;
    harness.run_deliveries().await;
    let lost = receive(&harness, "root", ACCOUNT, "lost").await;
    assert_eq!(code(&lost[0]), "NO_PERMISSIONS");
}

#[tokio::test]
async fn a_key_that_eventbridge_cannot_use_is_refused() {
    let harness = house().await;
    let shut = key(&harness, json!({})).await;
    let hmac = json!({
        "KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC",
        "Policy": lets_events_in().to_string(),
    });
    let hmac = key(&harness, hmac).await;
    for (key, why) in [
        (shut.as_str(), "not authorized"),
        (hmac.as_str(), "symmetric"),
        ("alias/nowhere", "nowhere"),
    ] {
        for (operation, mut input) in [
            ("CreateEventBus", json!({ "Name": "shop" })),
            ("UpdateEventBus", json!({ "Name": "default" })),
        ] {
            input["KmsKeyIdentifier"] = json!(key);
            let target = format!("AWSEvents.{operation}");
            let answer = harness.json("root", &target, input).await;
            assert_eq!(answer.code.as_deref(), Some("ValidationException"), "{key}");
            let text = answer.message();
            assert!(
                text.starts_with("Parameter KmsKeyIdentifier is not valid."),
                "{text}"
            );
            assert!(text.contains(why), "{text}");
        }
    }
    // By alias and by id, as they were named.
    let key = events_key(&harness).await;
    let input = json!({ "AliasName": "alias/shop", "TargetKeyId": key });
    kms(&harness, "CreateAlias", input).await;
    let id = key.rsplit('/').next().unwrap_or_default();
    for named in ["alias/shop", id] {
        let input = json!({ "Name": "default", "KmsKeyIdentifier": named });
        let updated = done(&harness, "root", "UpdateEventBus", input).await;
        assert_eq!(updated["KmsKeyIdentifier"], named);
    }
}

#[tokio::test]
async fn an_archive_with_a_key_replays_as_long_as_the_key_is_usable() {
    let harness = house().await;
    let key = events_key(&harness).await;
    done(
        &harness,
        "root",
        "CreateEventBus",
        json!({ "Name": "shop" }),
    )
    .await;
    let archive = json!({
        "ArchiveName": "a", "EventSourceArn": bus_arn(), "KmsKeyIdentifier": key,
    });
    let made = done(&harness, "root", "CreateArchive", archive).await;
    let shown = done(
        &harness,
        "root",
        "DescribeArchive",
        json!({ "ArchiveName": "a" }),
    )
    .await;
    assert_eq!(shown["KmsKeyIdentifier"], key);
    put(&harness).await;
    let shown = done(
        &harness,
        "root",
        "DescribeArchive",
        json!({ "ArchiveName": "a" }),
    )
    .await;
    assert_eq!(shown["EventCount"], 1);
    assert!(shown["SizeBytes"].as_i64() > Some(100), "{shown}");
    let input =
        json!({ "Name": "r", "EventBusName": "shop", "EventPattern": "{\"source\":[\"app\"]}" });
    done(&harness, "root", "PutRule", input).await;
    let to = queue(&harness, "q").await;
    let target = json!({ "Id": "t", "Arn": to["Arn"] });
    let input = json!({ "Rule": "r", "EventBusName": "shop", "Targets": [target] });
    done(&harness, "root", "PutTargets", input).await;
    for (name, state) in [("first", "COMPLETED"), ("second", "FAILED")] {
        let input = json!({
            "ReplayName": name, "EventSourceArn": made["ArchiveArn"],
            "EventStartTime": 1_767_225_000, "EventEndTime": 1_767_226_000,
            "Destination": { "Arn": bus_arn() },
        });
        done(&harness, "root", "StartReplay", input).await;
        let work = harness.pipeline.own_work();
        events::replay(&work).await.ok().expect("a store");
        harness.run_deliveries().await;
        let shown = done(
            &harness,
            "root",
            "DescribeReplay",
            json!({ "ReplayName": name }),
        )
        .await;
        assert_eq!(shown["State"], state, "{shown}");
        let got = receive(&harness, "root", ACCOUNT, "q").await;
        assert_eq!(got.len(), usize::from(state == "COMPLETED"));
        kms(&harness, "DisableKey", json!({ "KeyId": key })).await;
    }
}
