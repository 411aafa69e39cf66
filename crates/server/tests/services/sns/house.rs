//! What all of these tests need.

use platform::testing::{ACCOUNT, Answer, Harness};
use serde_json::{Value, json};

/// A second account.
pub(crate) const OTHER: &str = "444455556666";
/// The Region of all calls.
pub(crate) const REGION: &str = "us-east-1";

/// Amazon SNS with queues and keys, and the root users of two accounts: `root` and `other`.
pub(crate) async fn house() -> Harness {
    let services = vec![sns::service(), sqs::service(), kms::service()];
    let harness = Harness::new(services).await;
    harness.root_of(OTHER, "other");
    harness
}

/// Calls an operation.
pub(crate) async fn call(
    harness: &Harness,
    who: &str,
    operation: &str,
    input: &[(&str, &str)],
) -> Answer {
    let mut form = format!("Action={operation}");
    for (name, value) in input {
        form.push_str(&format!("&{name}={}", escaped(value)));
    }
    harness.query(who, "sns", &form).await
}

/// Calls an operation that succeeds.
pub(crate) async fn done(
    harness: &Harness,
    who: &str,
    operation: &str,
    input: &[(&str, &str)],
) -> Answer {
    let answer = call(harness, who, operation, input).await;
    assert_eq!(answer.status, 200, "{operation}: {}", answer.text);
    answer
}

/// Calls an operation that fails, and gives code and text.
pub(crate) async fn refused(
    harness: &Harness,
    who: &str,
    operation: &str,
    input: &[(&str, &str)],
) -> (String, String) {
    let answer = call(harness, who, operation, input).await;
    assert_ne!(answer.status, 200, "{operation}: {}", answer.text);
    (answer.element("Code"), answer.element("Message"))
}

fn escaped(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(escape).collect()
}

/// The ARN of a topic of the first account.
pub(crate) fn arn(name: &str) -> String {
    format!("arn:aws:sns:{REGION}:{ACCOUNT}:{name}")
}

/// The ARN of a queue of an account.
pub(crate) fn queue_arn(account: &str, name: &str) -> String {
    format!("arn:aws:sqs:{REGION}:{account}:{name}")
}

/// Makes a topic of the first account.
pub(crate) async fn topic(harness: &Harness, name: &str) -> String {
    let made = done(harness, "root", "CreateTopic", &[("Name", name)]).await;
    made.element("TopicArn")
}

/// Makes a queue that lets topics of the first account in, and gives its ARN.
pub(crate) async fn queue(harness: &Harness, who: &str, name: &str) -> String {
    let account = if who == "other" { OTHER } else { ACCOUNT };
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": { "Service": "sns.amazonaws.com" },
            "Action": "sqs:SendMessage",
            "Resource": "*",
            "Condition": { "ArnLike": { "aws:SourceArn": arn("*") } },
        },
    });
    let mut attributes = json!({ "Policy": policy.to_string() });
    if name.ends_with(".fifo") {
        attributes["FifoQueue"] = json!("true");
    }
    let input = json!({ "QueueName": name, "Attributes": attributes });
    let made = harness
        .json_in(REGION, who, "AmazonSQS.CreateQueue", input)
        .await;
    assert_eq!(made.status, 200, "{}", made.text);
    queue_arn(account, name)
}

/// Subscribes a queue of the first account, with attributes, and gives the subscription's ARN.
pub(crate) async fn subscribe(
    harness: &Harness,
    topic: &str,
    queue: &str,
    attributes: &[(&str, &str)],
) -> String {
    let mut input = vec![
        ("TopicArn", topic),
        ("Protocol", "sqs"),
        ("Endpoint", queue),
    ];
    let names: Vec<_> = (1..=attributes.len())
        .map(|at| {
            (
                format!("Attributes.entry.{at}.key"),
                format!("Attributes.entry.{at}.value"),
            )
        })
        .collect();
    for ((name, value), (key, text)) in attributes.iter().zip(&names) {
        input.push((key, name));
        input.push((text, value));
    }
    done(harness, "root", "Subscribe", &input)
        .await
        .element("SubscriptionArn")
}

/// Publishes a text, and gives the message's id.
pub(crate) async fn publish(harness: &Harness, topic: &str, text: &str) -> String {
    let input = [("TopicArn", topic), ("Message", text)];
    done(harness, "root", "Publish", &input)
        .await
        .element("MessageId")
}

/// Delivers all that waits, then receives up to ten messages of a queue, and takes them away.
pub(crate) async fn receive(harness: &Harness, queue: &str) -> Vec<Value> {
    harness.run_deliveries().await;
    let parts: Vec<_> = queue.split(':').collect();
    let who = if parts[4] == OTHER { "other" } else { "root" };
    let url = format!("http://localhost/{}/{}", parts[4], parts[5]);
    let input = json!({
        "QueueUrl": url, "MaxNumberOfMessages": 10, "AttributeNames": ["All"],
        "MessageAttributeNames": ["All"],
    });
    let answer = harness
        .json_in(REGION, who, "AmazonSQS.ReceiveMessage", input)
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let messages = answer.body["Messages"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    for message in &messages {
        let input = json!({ "QueueUrl": url, "ReceiptHandle": message["ReceiptHandle"] });
        let gone = harness
            .json_in(REGION, who, "AmazonSQS.DeleteMessage", input)
            .await;
        assert_eq!(gone.status, 200, "{}", gone.text);
    }
    messages
}

/// What the envelope in a message says.
pub(crate) fn envelope(message: &Value) -> Value {
    let body = message["Body"].as_str().unwrap_or_default();
    serde_json::from_str(body).unwrap_or_default()
}
