//! What these tests need.

use platform::testing::{ACCOUNT, Answer, Harness, REGION};
use serde_json::{Value, json};

/// All services.
pub(crate) async fn house() -> Harness {
    Harness::new(server::registry::services()).await
}

/// Calls an operation.
pub(crate) async fn call(harness: &Harness, who: &str, operation: &str, input: Value) -> Answer {
    harness
        .json(who, &format!("AmazonSQS.{operation}"), input)
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

/// The ARN of a queue.
pub(crate) fn arn(name: &str) -> String {
    format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}")
}

/// The URL of a queue.
pub(crate) fn url(name: &str) -> String {
    format!("http://localhost/{ACCOUNT}/{name}")
}

/// Makes a queue of the first account and gives its URL.
pub(crate) async fn queue(harness: &Harness, name: &str, attributes: Value) -> String {
    let input = json!({ "QueueName": name, "Attributes": attributes });
    let made = done(harness, "root", "CreateQueue", input).await;
    assert_eq!(made["QueueUrl"], url(name));
    url(name)
}

/// Sends a text.
pub(crate) async fn send(harness: &Harness, queue: &str, body: &str) -> Value {
    let input = json!({ "QueueUrl": queue, "MessageBody": body });
    done(harness, "root", "SendMessage", input).await
}

/// Receives up to ten messages.
pub(crate) async fn receive(harness: &Harness, queue: &str) -> Vec<Value> {
    let input = json!({
        "QueueUrl": queue, "MaxNumberOfMessages": 10, "MessageSystemAttributeNames": ["All"],
    });
    let received = done(harness, "root", "ReceiveMessage", input).await;
    received["Messages"].as_array().cloned().unwrap_or_default()
}

/// What messages say.
pub(crate) fn bodies(messages: &[Value]) -> Vec<&str> {
    let bodies = messages.iter().map(|message| message["Body"].as_str());
    bodies.map(Option::unwrap_or_default).collect()
}

/// An attribute of a queue.
pub(crate) async fn attribute(harness: &Harness, queue: &str, name: &str) -> String {
    let input = json!({ "QueueUrl": queue, "AttributeNames": [name] });
    let shown = done(harness, "root", "GetQueueAttributes", input).await;
    let value = shown["Attributes"][name].as_str();
    value.unwrap_or_default().to_owned()
}
