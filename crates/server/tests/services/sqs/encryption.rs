//! Queues whose messages are encrypted under a KMS key.

use platform::testing::{Harness, REGION};
use serde_json::{Value, json};

use crate::sqs::house::{arn, attribute, bodies, call, house, queue, receive, refused, send};

async fn kms(harness: &Harness, operation: &str, input: Value) -> Value {
    let answer = harness
        .json("root", &format!("TrentService.{operation}"), input)
        .await;
    assert_eq!(answer.status, 200, "{operation}: {}", answer.text);
    answer.body
}

async fn key(harness: &Harness) -> String {
    let made = kms(harness, "CreateKey", json!({})).await;
    made["KeyMetadata"]["Arn"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

#[tokio::test]
async fn a_disabled_key_stops_senders_and_receivers_at_once() {
    let harness = house().await;
    let key = key(&harness).await;
    let url = queue(&harness, "q", json!({ "KmsMasterKeyId": key })).await;
    assert_eq!(
        attribute(&harness, &url, "SqsManagedSseEnabled").await,
        "false"
    );
    send(&harness, &url, "m").await;
    kms(&harness, "DisableKey", json!({ "KeyId": key })).await;
    let input = json!({ "QueueUrl": url, "MessageBody": "n" });
    let (code, text) = refused(&harness, "root", "SendMessage", input).await;
    assert_eq!(code, "KMS.DisabledException");
    assert!(text.contains("is disabled"), "{text}");
    let input = json!({ "QueueUrl": url });
    let (code, _) = refused(&harness, "root", "ReceiveMessage", input).await;
    assert_eq!(code, "KMS.DisabledException");
    kms(&harness, "EnableKey", json!({ "KeyId": key })).await;
    let received = receive(&harness, &url).await;
    assert_eq!(bodies(&received), ["m"]);
    assert_eq!(received[0]["Attributes"]["ApproximateReceiveCount"], "1");
}

#[tokio::test]
async fn the_caller_needs_the_key_and_through_sqs_alone() {
    let harness = house().await;
    let key = key(&harness).await;
    let url = queue(&harness, "q", json!({ "KmsMasterKeyId": key })).await;
    let sqs = json!({ "Effect": "Allow", "Action": "sqs:*", "Resource": "*" });
    let via = json!({
        "Effect": "Allow", "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": key,
        "Condition": { "StringEquals": {
            "kms:ViaService": format!("sqs.{REGION}.amazonaws.com"),
            "kms:EncryptionContext:aws:sqs:arn": arn("q"),
        } },
    });
    let policy =
        |statements: Value| json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
    harness.user("without", &[&policy(json!([sqs]))]);
    harness.user("with", &[&policy(json!([sqs, via]))]);
    let input = json!({ "QueueUrl": url, "MessageBody": "m" });
    let (code, text) = refused(&harness, "without", "SendMessage", input.clone()).await;
    assert_eq!(code, "KMS.AccessDeniedException");
    assert!(text.contains("kms:GenerateDataKey"), "{text}");
    let sent = call(&harness, "with", "SendMessage", input).await;
    assert_eq!(sent.status, 200, "{}", sent.text);
    let input = json!({ "QueueUrl": url });
    let (code, _) = refused(&harness, "without", "ReceiveMessage", input.clone()).await;
    assert_eq!(code, "KMS.AccessDeniedException");
    let received = call(&harness, "with", "ReceiveMessage", input).await;
    assert_eq!(received.body["Messages"][0]["Body"], "m");
}

#[tokio::test]
async fn the_key_of_amazon_sqs_is_made_when_it_is_needed() {
    let harness = house().await;
    let url = queue(&harness, "q", json!({ "KmsMasterKeyId": "alias/aws/sqs" })).await;
    send(&harness, &url, "m").await;
    assert_eq!(bodies(&receive(&harness, &url).await), ["m"]);
}

#[tokio::test]
async fn messages_stay_readable_when_the_queue_has_another_key() {
    let harness = house().await;
    let (one, other) = (key(&harness).await, key(&harness).await);
    let url = queue(&harness, "q", json!({ "KmsMasterKeyId": one })).await;
    send(&harness, &url, "one").await;
    for key in [other.as_str(), ""] {
        let input = json!({ "QueueUrl": url, "Attributes": { "KmsMasterKeyId": key } });
        let set = call(&harness, "root", "SetQueueAttributes", input).await;
        assert_eq!(set.status, 200, "{}", set.text);
        send(&harness, &url, "next").await;
    }
    assert_eq!(
        bodies(&receive(&harness, &url).await),
        ["one", "next", "next"]
    );
    harness.clock.advance(30);
    kms(&harness, "DisableKey", json!({ "KeyId": one })).await;
    let (code, _) = refused(
        &harness,
        "root",
        "ReceiveMessage",
        json!({ "QueueUrl": url, "MaxNumberOfMessages": 10 }),
    )
    .await;
    assert_eq!(code, "KMS.DisabledException");
}
