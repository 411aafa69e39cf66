//! What subscription filters send, and what becomes of it.

use std::io::Read as _;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use flate2::read::GzDecoder;
use platform::{OutboundFailure, OutboundRequest};

use crate::house::{ACCOUNT, House, NOW, Value, json};
use crate::subscriptions::{destination, filter, house};

/// The document in a request to the webhook.
fn document(request: &OutboundRequest) -> Value {
    assert_eq!(request.method, "POST");
    assert_eq!(request.url, "https://collector.example/logs");
    assert_eq!(
        request.header_value("content-type"),
        Some("application/json")
    );
    let body: Value = serde_json::from_slice(&request.body).expect("JSON");
    let data = body["awslogs"]["data"].as_str().expect("text");
    let compressed = BASE64_STANDARD.decode(data).expect("base64");
    let mut text = String::new();
    GzDecoder::new(&*compressed)
        .read_to_string(&mut text)
        .expect("gzip");
    serde_json::from_str(&text).expect("JSON")
}

/// What was sent since the last time.
fn sent(house: &House) -> Vec<Value> {
    let sent = house.harness.outbound.sent();
    sent.iter().map(document).collect()
}

/// The messages that were sent.
fn messages(documents: &[Value]) -> Vec<String> {
    let events = documents
        .iter()
        .flat_map(|document| document["logEvents"].as_array().expect("events").iter());
    let message = |event: &Value| event["message"].as_str().expect("text").to_owned();
    events.map(message).collect()
}

/// A house with the filter `f`, whose control message has gone out.
async fn subscribed() -> House {
    let house = house().await;
    house.ok("PutSubscriptionFilter", filter("f", "d")).await;
    house.harness.run_deliveries().await;
    let sent = sent(&house);
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0]["messageType"], "CONTROL_MESSAGE");
    assert_eq!(sent[0]["owner"], "CloudwatchLogs");
    house
}

#[tokio::test]
async fn what_matches_is_sent_in_awss_shape() {
    let house = subscribed().await;
    let events = [
        (NOW - 2, "an ERROR \u{e9}"),
        (NOW - 1, "fine"),
        (NOW, "ERROR again"),
    ];
    house.put("s", &events).await;
    house.put("s", &[(NOW, "fine")]).await;
    house.harness.run_deliveries().await;
    let documents = sent(&house);
    let shown = json!({ "logGroupName": "g", "filterPattern": "ERROR" });
    let shown = house.ok("FilterLogEvents", shown).await;
    let id = |nth: usize| shown["events"][nth]["eventId"].clone();
    let expected = json!([{
        "messageType": "DATA_MESSAGE", "owner": ACCOUNT, "logGroup": "g", "logStream": "s",
        "subscriptionFilters": ["f"],
        "logEvents": [
            { "id": id(0), "timestamp": NOW - 2, "message": "an ERROR \u{e9}" },
            { "id": id(1), "timestamp": NOW, "message": "ERROR again" },
        ],
    }]);
    assert_eq!(json!(documents), expected);
    assert_eq!(house.harness.run_deliveries().await, 0);
}

#[tokio::test]
async fn a_webhook_that_fails_gets_everything_later_and_in_order() {
    let house = subscribed().await;
    let webhook = &house.harness.outbound;
    webhook.fail(OutboundFailure::Unreachable);
    house.put("s", &[(NOW, "ERROR 1")]).await;
    house.put("s", &[(NOW, "ERROR 2")]).await;
    house.harness.run_deliveries().await;
    assert_eq!(messages(&sent(&house)), ["ERROR 1"]);
    for status in [503, 429] {
        webhook.answer(status, "");
        house.harness.clock.advance(3600);
        house.harness.run_deliveries().await;
        assert_eq!(messages(&sent(&house)), ["ERROR 1"], "{status}");
    }
    house.harness.clock.advance(3600);
    house.harness.run_deliveries().await;
    assert_eq!(messages(&sent(&house)), ["ERROR 1", "ERROR 2"]);
}

#[tokio::test]
async fn what_a_webhook_refuses_is_given_up() {
    let house = subscribed().await;
    house.harness.outbound.answer(400, "");
    house.put("s", &[(NOW, "ERROR 1")]).await;
    house.put("s", &[(NOW, "ERROR 2")]).await;
    house.harness.run_deliveries().await;
    assert_eq!(messages(&sent(&house)), ["ERROR 1", "ERROR 2"]);
    house.harness.clock.advance(3600);
    assert_eq!(house.harness.run_deliveries().await, 0);
}

#[tokio::test]
async fn what_is_deleted_sends_nothing_any_more() {
    let deletions = [
        (
            "DeleteSubscriptionFilter",
            json!({ "logGroupName": "g", "filterName": "f" }),
        ),
        ("DeleteDestination", json!({ "destinationName": "d" })),
        ("DeleteLogGroup", json!({ "logGroupName": "g" })),
    ];
    for (operation, input) in deletions {
        let house = subscribed().await;
        house.put("s", &[(NOW, "ERROR")]).await;
        house.ok(operation, input).await;
        if operation == "DeleteLogGroup" {
            house
                .ok("CreateLogGroup", json!({ "logGroupName": "g" }))
                .await;
            house.stream("s").await;
            house.ok("PutSubscriptionFilter", filter("f", "d")).await;
        }
        house.harness.run_deliveries().await;
        let left = messages(&sent(&house));
        assert!(
            left.iter().all(|left| !left.contains("ERROR")),
            "{operation}: {left:?}"
        );
    }
}

#[tokio::test]
async fn a_filter_that_fails_leaves_its_neighbour_alone() {
    let house = subscribed().await;
    let mut other = destination("e");
    let target = other["targetArn"].as_str().expect("text");
    other["targetArn"] = json!(target.replace("collector", "other"));
    house.ok("PutDestination", other).await;
    house.ok("PutSubscriptionFilter", filter("e", "e")).await;
    house.harness.run_deliveries().await;
    house.harness.outbound.sent();
    house.harness.outbound.fail(OutboundFailure::TimedOut);
    for _ in 0..3 {
        house.put("s", &[(NOW, "ERROR")]).await;
    }
    house.harness.run_deliveries().await;
    // The first attempt of one failed and holds up its second and third; the other got all.
    let sent = house.harness.outbound.sent().into_iter();
    let mut hosts: Vec<_> = sent.map(|sent| sent.url).collect();
    let first = hosts.remove(0);
    assert_eq!(hosts.len(), 3);
    assert!(hosts.iter().all(|host| *host != first), "{hosts:?}");
}
