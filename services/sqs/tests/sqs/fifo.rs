//! FIFO queues.

use platform::testing::Harness;
use serde_json::{Value, json};

use crate::house::{
    bodies, counts, delete, done, house, queue, receive, receive_up_to, refused, send_in,
};

#[tokio::test]
async fn a_group_comes_in_order_and_one_at_a_time() {
    let harness = house().await;
    let url = queue(&harness, "q.fifo", json!({ "FifoQueue": "true" })).await;
    let mut numbers = Vec::new();
    for (group, body) in [("a", "a1"), ("a", "a2"), ("b", "b1"), ("a", "a3")] {
        let sent = send_in(&harness, &url, group, body).await;
        numbers.push(
            sent["SequenceNumber"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        );
    }
    assert!(numbers.is_sorted_by(|one, other| one < other && one.len() == 20));
    let first = receive_up_to(&harness, &url, 1).await;
    assert_eq!(bodies(&first), ["a1"]);
    assert_eq!(first[0]["Attributes"]["MessageGroupId"], "a");
    assert_eq!(
        first[0]["Attributes"]["SequenceNumber"],
        numbers[0].as_str()
    );
    // The rest of the group waits for the first.
    assert_eq!(bodies(&receive(&harness, &url).await), ["b1"]);
    assert!(receive(&harness, &url).await.is_empty());
    delete(&harness, &url, &first[0]).await;
    assert_eq!(bodies(&receive(&harness, &url).await), ["a2", "a3"]);
    harness.clock.advance(30);
    assert_eq!(bodies(&receive(&harness, &url).await), ["a2", "b1", "a3"]);
}

#[tokio::test]
async fn a_message_is_sent_once_in_five_minutes() {
    let harness = house().await;
    let url = queue(&harness, "q.fifo", json!({ "FifoQueue": "true" })).await;
    let first = send_in(&harness, &url, "a", "m").await;
    let second = send_in(&harness, &url, "b", "m").await;
    assert_eq!(first["MessageId"], second["MessageId"]);
    assert_eq!(first["SequenceNumber"], second["SequenceNumber"]);
    let received = receive(&harness, &url).await;
    assert_eq!(received.len(), 1);
    delete(&harness, &url, &received[0]).await;
    // What was deleted counts too.
    send_in(&harness, &url, "a", "m").await;
    assert_eq!(counts(&harness, &url).await, ["0", "0", "0"]);
    harness.clock.advance(300);
    send_in(&harness, &url, "a", "m").await;
    assert_eq!(counts(&harness, &url).await, ["1", "0", "0"]);
}

#[tokio::test]
async fn deduplication_may_go_by_content_and_by_group() {
    let harness = house().await;
    let attributes = json!({
        "FifoQueue": "true", "ContentBasedDeduplication": "true",
        "DeduplicationScope": "messageGroup", "FifoThroughputLimit": "perMessageGroupId",
    });
    let url = queue(&harness, "q.fifo", attributes).await;
    for (group, body) in [("a", "m"), ("a", "m"), ("b", "m"), ("a", "n")] {
        let input = json!({ "QueueUrl": url, "MessageBody": body, "MessageGroupId": group });
        done(&harness, "root", "SendMessage", input).await;
    }
    let received = receive(&harness, &url).await;
    assert_eq!(bodies(&received), ["m", "m", "n"]);
    let id = &received[0]["Attributes"]["MessageDeduplicationId"];
    assert_eq!(
        id,
        "62c66a7a5dd70c3146618063c344e531e6d4b59e379808443ce962b3abd63c5a"
    );
}

#[tokio::test]
async fn a_handle_ends_with_its_time() {
    let harness = house().await;
    let url = queue(&harness, "q.fifo", json!({ "FifoQueue": "true" })).await;
    send_in(&harness, &url, "a", "m").await;
    let received = receive(&harness, &url).await;
    harness.clock.advance(30);
    let input = json!({ "QueueUrl": url, "ReceiptHandle": received[0]["ReceiptHandle"] });
    let (code, text) = refused(&harness, "root", "DeleteMessage", input).await;
    assert_eq!(code, "InvalidParameterValue");
    assert!(
        text.ends_with("Reason: The receipt handle has expired."),
        "{text}"
    );
    assert_eq!(counts(&harness, &url).await, ["1", "0", "0"]);
}

#[tokio::test]
async fn what_a_fifo_queue_needs_is_asked_for() {
    let harness = house().await;
    let url = queue(&harness, "q.fifo", json!({ "FifoQueue": "true" })).await;
    let input = json!({ "QueueUrl": url, "MessageBody": "m" });
    let (code, text) = refused(&harness, "root", "SendMessage", input).await;
    assert_eq!(code, "MissingParameter");
    assert_eq!(
        text,
        "The request must contain the parameter MessageGroupId."
    );
    let input = json!({ "QueueUrl": url, "MessageBody": "m", "MessageGroupId": "g" });
    let (code, text) = refused(&harness, "root", "SendMessage", input).await;
    assert_eq!(code, "InvalidParameterValue");
    assert!(
        text.starts_with("The queue should either have ContentBasedDeduplication"),
        "{text}"
    );
    let input = json!({
        "QueueUrl": url, "MessageBody": "m", "MessageGroupId": "g",
        "MessageDeduplicationId": "d", "DelaySeconds": 3,
    });
    let (_, text) = refused(&harness, "root", "SendMessage", input).await;
    assert!(
        text.starts_with("Value 3 for parameter DelaySeconds is invalid."),
        "{text}"
    );
}

/// Receives up to two messages in an attempt.
async fn attempt(harness: &Harness, url: &str, id: &str, seconds: u32) -> Vec<Value> {
    let input = json!({
        "QueueUrl": url, "MaxNumberOfMessages": 2, "ReceiveRequestAttemptId": id,
        "VisibilityTimeout": seconds,
    });
    let mut answer = done(harness, "root", "ReceiveMessage", input).await;
    match answer["Messages"].take() {
        Value::Array(messages) => messages,
        _ => Vec::new(),
    }
}

#[tokio::test]
async fn an_attempt_made_again_shows_the_same() {
    let harness = house().await;
    let url = queue(&harness, "q.fifo", json!({ "FifoQueue": "true" })).await;
    // An attempt that shows nothing may show something later.
    assert!(attempt(&harness, &url, "x", 30).await.is_empty());
    for body in ["1", "2", "3"] {
        send_in(&harness, &url, "g", body).await;
    }
    let first = attempt(&harness, &url, "x", 30).await;
    assert_eq!(bodies(&first), ["1", "2"]);
    assert!(attempt(&harness, &url, "y", 30).await.is_empty());
    harness.clock.advance(20);
    // The same messages with the same handles, out of sight for the whole time again.
    assert_eq!(attempt(&harness, &url, "x", 30).await, first);
    harness.clock.advance(20);
    assert!(receive(&harness, &url).await.is_empty());
    assert_eq!(attempt(&harness, &url, "x", 400).await, first);
    // Five minutes after the first of all, an attempt of this id is a new one.
    harness.clock.advance(260);
    assert!(attempt(&harness, &url, "x", 30).await.is_empty());
    harness.clock.advance(140);
    let second = attempt(&harness, &url, "x", 30).await;
    assert_eq!(bodies(&second), ["1", "2"]);
    assert_ne!(second[0]["ReceiptHandle"], first[0]["ReceiptHandle"]);
}

#[tokio::test]
async fn an_attempt_ends_with_what_becomes_of_its_messages() {
    let harness = house().await;
    let url = queue(&harness, "q.fifo", json!({ "FifoQueue": "true" })).await;
    for body in ["1", "2", "3"] {
        send_in(&harness, &url, "g", body).await;
    }
    let first = attempt(&harness, &url, "x", 30).await;
    let change = json!({
        "QueueUrl": url, "ReceiptHandle": first[1]["ReceiptHandle"], "VisibilityTimeout": 60,
    });
    done(&harness, "root", "ChangeMessageVisibility", change).await;
    assert!(attempt(&harness, &url, "x", 30).await.is_empty());
    for message in &first {
        delete(&harness, &url, message).await;
    }
    // What was deleted does not come back: the next of the group does.
    let second = attempt(&harness, &url, "x", 30).await;
    assert_eq!(bodies(&second), ["3"]);
    delete(&harness, &url, &second[0]).await;
    assert!(attempt(&harness, &url, "x", 30).await.is_empty());
    done(&harness, "root", "PurgeQueue", json!({ "QueueUrl": url })).await;
    assert!(attempt(&harness, &url, "x", 30).await.is_empty());
}

#[tokio::test]
async fn attempts_have_ids_in_fifo_queues_alone() {
    let harness = house().await;
    let fifo = queue(&harness, "q.fifo", json!({ "FifoQueue": "true" })).await;
    let standard = queue(&harness, "q", json!({})).await;
    let ask = |url: &str, id: &str| json!({ "QueueUrl": url, "ReceiveRequestAttemptId": id });
    for (url, id, reason) in [
        (
            &standard,
            "x",
            "The request include parameter that is not valid for this queue type.",
        ),
        (
            &fifo,
            "a b",
            "ReceiveRequestAttemptId can only include alphanumeric and punctuation characters. 1 to \
             128 in length.",
        ),
    ] {
        let (code, text) = refused(&harness, "root", "ReceiveMessage", ask(url, id)).await;
        assert_eq!(code, "InvalidParameterValue");
        let wanted =
            format!("Value {id} for parameter ReceiveRequestAttemptId is invalid. Reason: ");
        assert_eq!(text, wanted + reason);
    }
}
