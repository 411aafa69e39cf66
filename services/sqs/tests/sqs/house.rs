//! What all of these tests need.

use platform::testing::{ACCOUNT, Answer, Harness, REGION};
use serde_json::{Value, json};

/// A second account.
pub(crate) const OTHER: &str = "444455556666";
/// The first account.
pub(crate) const OWN: &str = ACCOUNT;

/// Amazon SQS, and the root users of two accounts: `root` and `other`.
pub(crate) async fn house() -> Harness {
    let harness = Harness::new(vec![service_sqs::service()]).await;
    harness.root_of(OTHER, "other");
    harness
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
    format!("arn:aws:sqs:{REGION}:{OWN}:{name}")
}

/// The URL of a queue.
pub(crate) fn url(name: &str) -> String {
    format!("http://localhost/{OWN}/{name}")
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

/// Sends a text to a FIFO queue, in a group.
pub(crate) async fn send_in(harness: &Harness, queue: &str, group: &str, body: &str) -> Value {
    let input = json!({
        "QueueUrl": queue, "MessageBody": body, "MessageGroupId": group,
        "MessageDeduplicationId": body,
    });
    done(harness, "root", "SendMessage", input).await
}

/// Receives up to ten messages with all that is known of them.
pub(crate) async fn receive(harness: &Harness, queue: &str) -> Vec<Value> {
    receive_up_to(harness, queue, 10).await
}

/// Receives up to `most` messages.
pub(crate) async fn receive_up_to(harness: &Harness, queue: &str, most: u8) -> Vec<Value> {
    let input = json!({
        "QueueUrl": queue, "MaxNumberOfMessages": most, "MessageAttributeNames": ["All"],
        "MessageSystemAttributeNames": ["All"],
    });
    let received = done(harness, "root", "ReceiveMessage", input).await;
    received["Messages"].as_array().cloned().unwrap_or_default()
}

/// What messages say.
pub(crate) fn bodies(messages: &[Value]) -> Vec<&str> {
    let bodies = messages.iter().map(|message| message["Body"].as_str());
    bodies.map(Option::unwrap_or_default).collect()
}

/// Deletes a message that was received.
pub(crate) async fn delete(harness: &Harness, queue: &str, message: &Value) {
    let input = json!({ "QueueUrl": queue, "ReceiptHandle": message["ReceiptHandle"] });
    done(harness, "root", "DeleteMessage", input).await;
}

/// An attribute of a queue.
pub(crate) async fn attribute(harness: &Harness, queue: &str, name: &str) -> String {
    let input = json!({ "QueueUrl": queue, "AttributeNames": [name] });
    let shown = done(harness, "root", "GetQueueAttributes", input).await;
    let value = shown["Attributes"][name].as_str();
    value.unwrap_or_default().to_owned()
}

/// How many messages can be received, are in flight, and are delayed.
pub(crate) async fn counts(harness: &Harness, queue: &str) -> [String; 3] {
    let mut counts = [const { String::new() }; 3];
    for (count, kind) in counts.iter_mut().zip(["", "NotVisible", "Delayed"]) {
        let name = format!("ApproximateNumberOfMessages{kind}");
        *count = attribute(harness, queue, &name).await;
    }
    counts
}
