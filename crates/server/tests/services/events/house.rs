//! What these tests need.

use platform::testing::{ACCOUNT, Harness, REGION};
use serde_json::{Value, json};

/// A second account.
pub(crate) const OTHER: &str = "444455556666";

/// The role in whose sessions EventBridge reads the secrets of connections.
pub(crate) const READER: &str = "arn:aws:iam::111122223333:role/aws-service-role/\
    apidestinations.events.amazonaws.com/AWSServiceRoleForAmazonEventBridgeApiDestinations";
const READER_TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
    "Principal":{"Service":"apidestinations.events.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
const READER_POLICY: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../services/iam/src/aws_managed/AmazonEventBridgeApiDestinationsServiceRolePolicy.json"
));

/// All services, the root users of two accounts, `root` and `other`, and the service-linked role
/// for API destinations.
pub(crate) async fn house() -> Harness {
    let harness = Harness::new(server::registry::services()).await;
    harness.root_of(OTHER, "other");
    harness
        .identities
        .role(READER, READER_TRUST, &[READER_POLICY]);
    harness
}

/// Calls an operation, `sqs:CreateQueue` or one of EventBridge, that succeeds.
pub(crate) async fn done(harness: &Harness, who: &str, target: &str, input: Value) -> Value {
    let target = match target.split_once(':') {
        Some((_, operation)) => format!("AmazonSQS.{operation}"),
        None => format!("AWSEvents.{target}"),
    };
    let answer = harness.json(who, &target, input).await;
    assert_eq!(answer.status, 200, "{target}: {}", answer.text);
    answer.body
}

/// Calls an operation of EventBridge that fails, and gives the text.
pub(crate) async fn refused(harness: &Harness, operation: &str, input: Value) -> String {
    let target = format!("AWSEvents.{operation}");
    let answer = harness.json("root", &target, input).await;
    assert_eq!(answer.status, 400, "{operation}: {}", answer.text);
    answer.message().to_owned()
}

pub(crate) fn queue_arn(account: &str, name: &str) -> String {
    format!("arn:aws:sqs:{REGION}:{account}:{name}")
}

pub(crate) fn rule_arn() -> String {
    format!("arn:aws:events:{REGION}:{ACCOUNT}:rule/r")
}

/// A policy that lets EventBridge send messages for a rule.
pub(crate) fn lets(rule: &str) -> String {
    let statement = json!({
        "Effect": "Allow", "Principal": { "Service": "events.amazonaws.com" },
        "Action": "sqs:SendMessage", "Resource": "*",
        "Condition": {
            "ArnEquals": { "aws:SourceArn": rule },
            "StringEquals": { "aws:SourceAccount": ACCOUNT },
        },
    });
    json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string()
}

/// Makes a queue that EventBridge may send to for the rule `r`.
pub(crate) async fn queue(harness: &Harness, who: &str, name: &str, attributes: Value) {
    let mut attributes = attributes;
    attributes["Policy"] = json!(lets(&rule_arn()));
    let input = json!({ "QueueName": name, "Attributes": attributes });
    done(harness, who, "sqs:CreateQueue", input).await;
}

/// Makes the rule `r`, for all events of `app`, with a target.
pub(crate) async fn rule(harness: &Harness, target: Value) {
    let input = json!({ "Name": "r", "EventPattern": "{\"source\":[\"app\"]}" });
    done(harness, "root", "PutRule", input).await;
    done(harness, "root", "PutTargets", targets(&target)).await;
}

/// What puts a target of the rule `r`.
pub(crate) fn targets(target: &Value) -> Value {
    let mut target = target.clone();
    target["Id"] = json!("t");
    json!({ "Rule": "r", "Targets": [target] })
}

/// Puts an event with this number, and makes the deliveries that are due.
pub(crate) async fn put(harness: &Harness, number: i64) {
    let detail = json!({ "n": number }).to_string();
    let entry = json!({ "Source": "app", "DetailType": "Order", "Detail": detail });
    done(harness, "root", "PutEvents", json!({ "Entries": [entry] })).await;
    harness.run_deliveries().await;
}

/// Up to ten messages of a queue.
pub(crate) async fn receive(harness: &Harness, who: &str, account: &str, name: &str) -> Vec<Value> {
    let input = json!({
        "QueueUrl": format!("http://localhost/{account}/{name}"), "MaxNumberOfMessages": 10,
        "MessageSystemAttributeNames": ["All"], "MessageAttributeNames": ["All"],
    });
    let received = done(harness, who, "sqs:ReceiveMessage", input).await;
    received["Messages"].as_array().cloned().unwrap_or_default()
}

/// The JSON that a message is.
pub(crate) fn body(message: &Value) -> Value {
    let text = message["Body"].as_str().unwrap_or_default();
    serde_json::from_str(text).expect("JSON")
}
