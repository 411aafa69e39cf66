//! Who hears what became of events: queues, topics, event buses, other functions, dead letters.

use platform::testing::{ACCOUNT, REGION, form_request};
use serde_json::{Value, json};

use crate::lambda::house::arn;
use crate::lambda::running::{House, parsed};

const DOUBLE: &str = "def handler(event, context):\n    return event['n'] * 2\n";
const FAILS: &str = "def handler(event, context):\n    raise ValueError('no ' + str(event))\n";

async fn set(house: &House, name: &str, destinations: Value) {
    let input = json!({ "FunctionName": name, "DestinationConfig": destinations });
    house.done("PutFunctionEventInvokeConfig", input).await;
}

/// Makes a topic, and a queue of the same name that gets its messages; the topic's ARN.
async fn topic(house: &House, name: &str) -> String {
    let queue = house.sqs(name).await;
    let topic = format!("arn:aws:sns:{REGION}:{ACCOUNT}:{name}");
    let subscribes = format!("Action=Subscribe&TopicArn={topic}&Protocol=sqs&Endpoint={queue}");
    for form in [format!("Action=CreateTopic&Name={name}"), subscribes] {
        let form = format!("{form}&Version=2010-03-31").replace(':', "%3A");
        let (harness, body) = (&house.harness, form.into_bytes());
        let answer = harness.send(REGION, "root", form_request(), body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    topic
}

/// Makes the deliveries that are due now, after a minute and after two more.
async fn try_thrice(house: &House) {
    house.harness.run_deliveries().await;
    for seconds in [61, 121] {
        house.harness.clock.advance(seconds);
        house.harness.run_deliveries().await;
    }
}

#[tokio::test]
async fn a_queue_hears_of_success_and_of_failure() {
    let Some(house) = House::new().await else {
        return;
    };
    house.role("worker", &["sqs:SendMessage"]);
    let (good, bad) = (house.sqs("good").await, house.sqs("bad").await);
    let destinations = json!({
        "OnSuccess": { "Destination": good }, "OnFailure": { "Destination": bad },
    });
    house.function("double", DOUBLE, json!({})).await;
    set(&house, "double", destinations.clone()).await;
    let id = house.queue("double", r#"{"n":21}"#).await;
    house.harness.run_deliveries().await;
    let messages = house.messages("good").await;
    assert_eq!(messages.len(), 1);
    let mut record = parsed(&messages[0]["Body"]);
    let timestamp = record["timestamp"].take();
    let timestamp = timestamp.as_str().expect("a time");
    assert!(
        timestamp.len() == 24 && timestamp.ends_with('Z'),
        "{timestamp}"
    );
    let expected = json!({
        "version": "1.0",
        "timestamp": null,
        "requestContext": {
            "requestId": id,
            "functionArn": format!("{}:$LATEST", arn("double")),
            "condition": "Success",
            "approximateInvokeCount": 1,
        },
        "requestPayload": { "n": 21 },
        "responseContext": { "statusCode": 200, "executedVersion": "$LATEST" },
        "responsePayload": 42,
    });
    assert_eq!(record, expected);

    house.function("fails", FAILS, json!({})).await;
    set(&house, "fails", destinations).await;
    house.queue("fails", "7").await;
    try_thrice(&house).await;
    let messages = house.messages("bad").await;
    assert_eq!(messages.len(), 1);
    let record = parsed(&messages[0]["Body"]);
    let context = &record["requestContext"];
    assert_eq!(context["condition"], "RetriesExhausted");
    assert_eq!(context["approximateInvokeCount"], 3);
    let expected = json!({
        "statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled",
    });
    assert_eq!(record["responseContext"], expected);
    assert_eq!(record["requestPayload"], 7);
    assert_eq!(record["responsePayload"]["errorMessage"], "no 7");
    assert_eq!(record["responsePayload"]["errorType"], "ValueError");
    assert_eq!(house.messages("good").await.len(), 0, "nothing else");
    house.close().await;
}

#[tokio::test]
async fn a_bus_gets_events_in_awss_shape() {
    let Some(house) = House::new().await else {
        return;
    };
    house.role("worker", &["events:PutEvents"]);
    let queue = house.sqs("heard").await;
    let bus = house.json("AWSEvents.CreateEventBus", json!({ "Name": "results" }));
    let bus = bus.await["EventBusArn"]
        .as_str()
        .expect("an ARN")
        .to_owned();
    let pattern = r#"{"source":["lambda"]}"#;
    let rule = json!({ "Name": "r", "EventBusName": "results", "EventPattern": pattern });
    house.json("AWSEvents.PutRule", rule).await;
    let target = json!([{ "Id": "t", "Arn": queue }]);
    let targets = json!({ "Rule": "r", "EventBusName": "results", "Targets": target });
    house.json("AWSEvents.PutTargets", targets).await;
    let destinations = json!({
        "OnSuccess": { "Destination": bus }, "OnFailure": { "Destination": bus },
    });
    for (name, text, result) in [("double", DOUBLE, "Success"), ("fails", FAILS, "Failure")] {
        house.function(name, text, json!({})).await;
        set(&house, name, destinations.clone()).await;
        house.queue(name, r#"{"n":1}"#).await;
        try_thrice(&house).await;
        let messages = house.messages("heard").await;
        assert_eq!(messages.len(), 1, "{name}");
        let event = parsed(&messages[0]["Body"]);
        let kind = format!("Lambda Function Invocation Result - {result}");
        assert_eq!(event["detail-type"], kind);
        assert_eq!(event["source"], "lambda");
        let resources = json!([bus, format!("{}:$LATEST", arn(name))]);
        assert_eq!(event["resources"], resources);
        assert_eq!(event["detail"]["version"], "1.0");
        assert_eq!(event["detail"]["requestPayload"], json!({ "n": 1 }));
        house.harness.clock.advance(1);
    }
    house.close().await;
}

#[tokio::test]
async fn a_function_hears_of_another() {
    let Some(house) = House::new().await else {
        return;
    };
    house.role("worker", &["lambda:InvokeFunction", "sqs:SendMessage"]);
    let queue = house.sqs("heard").await;
    house.function("double", DOUBLE, json!({})).await;
    let repeats = "def handler(event, context):\n    return event\n";
    house.function("repeats", repeats, json!({})).await;
    let next = json!({ "OnSuccess": { "Destination": arn("repeats") } });
    set(&house, "double", next).await;
    set(
        &house,
        "repeats",
        json!({ "OnSuccess": { "Destination": queue } }),
    )
    .await;
    let id = house.queue("double", r#"{"n":3}"#).await;
    house.harness.run_deliveries().await;
    let messages = house.messages("heard").await;
    let record = parsed(&messages[0]["Body"]);
    assert_eq!(record["requestPayload"], record["responsePayload"]);
    let first = &record["requestPayload"];
    assert_eq!(first["requestContext"]["requestId"], id);
    assert_eq!(first["responsePayload"], 6);
    assert_ne!(record["requestContext"]["requestId"], id);
    house.close().await;
}

#[tokio::test]
async fn a_topic_gets_records_and_dead_letters() {
    let Some(house) = House::new().await else {
        return;
    };
    house.role("worker", &["sns:Publish"]);
    let (bad, dead) = (topic(&house, "bad").await, topic(&house, "dead").await);
    let letters = json!({ "DeadLetterConfig": { "TargetArn": dead } });
    house.function("fails", FAILS, letters).await;
    set(
        &house,
        "fails",
        json!({ "OnFailure": { "Destination": bad } }),
    )
    .await;
    let id = house.queue("fails", "7").await;
    try_thrice(&house).await;
    let messages = house.messages("bad").await;
    let envelope = parsed(&messages[0]["Body"]);
    let record = parsed(&envelope["Message"]);
    assert_eq!(record["requestContext"]["requestId"], id);
    assert_eq!(record["responsePayload"]["errorMessage"], "no 7");
    let messages = house.messages("dead").await;
    let envelope = parsed(&messages[0]["Body"]);
    assert_eq!(envelope["Message"], "7");
    let expected = json!({
        "RequestID": { "Type": "String", "Value": id },
        "ErrorCode": { "Type": "Number", "Value": "200" },
        "ErrorMessage": { "Type": "String", "Value": "no 7" },
    });
    assert_eq!(envelope["MessageAttributes"], expected);
    house.close().await;
}

#[tokio::test]
async fn a_record_that_is_too_large_for_a_topic_goes_without_payloads() {
    let Some(house) = House::new().await else {
        return;
    };
    house.role("worker", &["sns:Publish"]);
    let bad = topic(&house, "bad").await;
    let text = "def handler(event, context):\n    raise ValueError('no')\n";
    house.function("fails", text, json!({})).await;
    set(
        &house,
        "fails",
        json!({ "OnFailure": { "Destination": bad } }),
    )
    .await;
    let large = format!("\"{}\"", "x".repeat(262_144));
    house.queue("fails", &large).await;
    try_thrice(&house).await;
    let messages = house.messages("bad").await;
    let envelope = parsed(&messages[0]["Body"]);
    let record = parsed(&envelope["Message"]);
    assert_eq!(record["requestContext"]["condition"], "RetriesExhausted");
    assert_eq!(record["responseContext"]["functionError"], "Unhandled");
    assert!(record.get("requestPayload").is_none());
    assert!(record.get("responsePayload").is_none());
    house.close().await;
}

#[tokio::test]
async fn what_the_role_may_not_send_is_lost_and_on_record() {
    let Some(house) = House::new().await else {
        return;
    };
    house.role("worker", &[]);
    let queue = house.sqs("q").await;
    let letters = json!({ "DeadLetterConfig": { "TargetArn": queue } });
    house.function("fails", FAILS, letters).await;
    let destinations = json!({
        "OnSuccess": { "Destination": queue }, "OnFailure": { "Destination": queue },
    });
    set(&house, "fails", destinations).await;
    house.queue("fails", "7").await;
    try_thrice(&house).await;
    assert!(house.messages("q").await.is_empty());
    let sent = house.on_record("SendMessage");
    assert_eq!(sent.len(), 2, "a record and a dead letter");
    for event in &sent {
        assert_eq!(event["errorCode"], "AccessDenied");
        let arn = event["userIdentity"]["arn"].as_str().expect("an ARN");
        assert!(arn.ends_with(":assumed-role/worker/fails"), "{arn}");
    }
    assert_eq!(house.harness.run_deliveries().await, 0, "nothing waits");
    house.close().await;
}
