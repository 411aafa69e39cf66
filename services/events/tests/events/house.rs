//! What all of these tests need.

use platform::testing::{ACCOUNT, Answer, Harness, REGION};
use serde_json::{Value, json};

/// A second account.
pub(crate) const OTHER: &str = "444455556666";

/// EventBridge, and the root users of two accounts: `root` and `other`.
pub(crate) async fn house() -> Harness {
    let harness = Harness::new(vec![service_events::service()]).await;
    harness.root_of(OTHER, "other");
    harness
}

/// Calls an operation.
pub(crate) async fn call(harness: &Harness, who: &str, operation: &str, input: Value) -> Answer {
    harness
        .json(who, &format!("AWSEvents.{operation}"), input)
        .await
}

/// Calls an operation that succeeds.
pub(crate) async fn done(harness: &Harness, who: &str, operation: &str, input: Value) -> Value {
    let answer = call(harness, who, operation, input).await;
    assert_eq!(answer.status, 200, "{operation}: {}", answer.text);
    answer.body
}

/// Calls an operation that fails, and gives code and text.
pub(crate) async fn refused(
    harness: &Harness,
    who: &str,
    operation: &str,
    input: Value,
) -> (String, String) {
    let answer = call(harness, who, operation, input).await;
    assert_ne!(answer.status, 200, "{operation}: {}", answer.text);
    let text = ["message", "Message"].map(|name| answer.body[name].as_str().map(str::to_owned));
    let text = text.into_iter().flatten().next().unwrap_or_default();
    (answer.code.unwrap_or_default(), text)
}

/// The ARN of a bus.
pub(crate) fn bus(account: &str, name: &str) -> String {
    format!("arn:aws:events:{REGION}:{account}:event-bus/{name}")
}

/// An entry of PutEvents for a bus, by name or ARN.
pub(crate) fn entry(bus: &str, source: &str, detail: &Value) -> Value {
    json!({
        "EventBusName": bus, "Source": source, "DetailType": "Order",
        "Detail": detail.to_string(),
    })
}

/// Makes a bus with an archive of the same name that keeps everything.
pub(crate) async fn archived_bus(harness: &Harness, who: &str, account: &str, name: &str) {
    if name != "default" {
        done(harness, who, "CreateEventBus", json!({ "Name": name })).await;
    }
    let input = json!({ "ArchiveName": name, "EventSourceArn": bus(account, name) });
    done(harness, who, "CreateArchive", input).await;
}

/// Makes a rule whose target is a bus.
pub(crate) async fn rule(harness: &Harness, who: &str, from: &str, pattern: Value, to: &str) {
    let input = json!({
        "Name": "forward", "EventBusName": from, "EventPattern": pattern.to_string(),
    });
    done(harness, who, "PutRule", input).await;
    let targets = json!([{ "Id": "bus", "Arn": to }]);
    let input = json!({ "Rule": "forward", "EventBusName": from, "Targets": targets });
    done(harness, who, "PutTargets", input).await;
}

/// How many events an archive has.
pub(crate) async fn kept(harness: &Harness, who: &str, archive: &str) -> i64 {
    harness.run_deliveries().await;
    let input = json!({ "ArchiveName": archive });
    let shown = done(harness, who, "DescribeArchive", input).await;
    shown["EventCount"].as_i64().unwrap_or(-1)
}

/// A policy that lets an account put events on a bus.
pub(crate) fn lets(account: &str, bus: &str) -> String {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "in", "Effect": "Allow", "Principal": { "AWS": account },
            "Action": "events:PutEvents", "Resource": bus,
        }],
    })
    .to_string()
}

/// The first account.
pub(crate) const OWN: &str = ACCOUNT;
