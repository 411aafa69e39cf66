//! InvokeAsync: the older way to have a function run some time soon.

use serde_json::json;

use crate::lambda::house::{arn, call, done, house, new, refused};
use crate::lambda::running::{House, base64, parsed};

#[tokio::test]
async fn an_event_of_the_older_operation_runs() {
    let Some(house) = House::new().await else {
        return;
    };
    house.role("worker", &["sqs:SendMessage"]);
    let queue = house.sqs("heard").await;
    let text = "def handler(event, context):\n    return event['n'] * 2\n";
    house.function("double", text, json!({})).await;
    let heard = json!({ "OnSuccess": { "Destination": queue } });
    let input = json!({ "FunctionName": "double", "DestinationConfig": heard });
    house.done("PutFunctionEventInvokeConfig", input).await;
    let input = json!({ "FunctionName": "double", "InvokeArgs": base64("{\"n\":4}") });
    let answer = call(&house.harness, "root", "InvokeAsync", input).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    house.harness.run_deliveries().await;
    let messages = house.messages("heard").await;
    assert_eq!(parsed(&messages[0]["Body"])["responsePayload"], 8);
    let calls = house.on_record("InvokeAsync");
    let parameters = json!({ "functionName": "double" });
    assert_eq!(
        calls[0]["requestParameters"], parameters,
        "no event is on record"
    );
    assert_eq!(calls[0]["eventCategory"], "Data");
    house.close().await;
}

#[tokio::test]
async fn requests_that_are_none_are_refused() {
    let harness = house().await;
    done(&harness, "CreateFunction", new("f")).await;
    let input =
        |name: &str, event: &str| json!({ "FunctionName": name, "InvokeArgs": base64(event) });
    let (code, _) = refused(&harness, "InvokeAsync", input("f", "{")).await;
    assert_eq!(code, "InvalidRequestContentException");
    let large = format!("\"{}\"", "x".repeat(262_143));
    let (code, text) = refused(&harness, "InvokeAsync", input("f", &large)).await;
    assert_eq!(code, "InvalidRequestContentException");
    assert!(
        text.starts_with("262145 byte payload is too large"),
        "{text}"
    );
    let (code, text) = refused(&harness, "InvokeAsync", input("absent", "{}")).await;
    assert_eq!(code, "ResourceNotFoundException");
    assert_eq!(text, format!("Function not found: {}", arn("absent")));
    let invokes = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
        "Action":"lambda:InvokeFunction","Resource":"*"}]}"#;
    harness.user("newer", &[invokes]);
    let denied = call(&harness, "newer", "InvokeAsync", input("f", "{}")).await;
    assert_eq!(denied.code.as_deref(), Some("AccessDeniedException"));
}
