//! What Amazon SQS says, word by word, where reports of its users show AWS's own words.

use platform::testing::Harness;
use serde_json::{Value, json};

use crate::house::{call, house, queue, refused, send, url};

const LARGE: &str =
    "One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.";
const SSE: &str = "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.";
const IDS: &str = "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.";
const DEDUPLICATION: &str = "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly";
const FIFO_ONLY: &str = "Value 2 for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.";
const TYPE: &str = "The type of message (user) attribute 'a' is invalid. You must use only the following supported type prefixes: Binary, Number, String.";

/// A queue `q`, whose messages have at most 1024 bytes, and a FIFO queue `f.fifo`.
async fn furnished() -> Harness {
    let harness = house().await;
    queue(&harness, "q", json!({ "MaximumMessageSize": "1024" })).await;
    queue(&harness, "f.fifo", json!({ "FifoQueue": "true" })).await;
    harness
}

fn attribute(data_type: &str, text: &str) -> Value {
    json!({
        "QueueUrl": url("q"), "MessageBody": "m",
        "MessageAttributes": { "a": { "DataType": data_type, "StringValue": text } },
    })
}

fn set(name: &str, attributes: &Value) -> (&'static str, Value) {
    let input = json!({ "QueueUrl": url(name), "Attributes": attributes });
    ("SetQueueAttributes", input)
}

/// A batch of entries with these ids, with more members each.
fn batch(name: &str, ids: &[&str], more: &Value) -> (&'static str, Value) {
    let entry = |id: &&str| {
        let mut entry = json!({ "Id": id, "MessageBody": "m" });
        let more = more.as_object().expect("members").clone();
        entry.as_object_mut().expect("members").extend(more);
        entry
    };
    let entries: Vec<_> = ids.iter().map(entry).collect();
    let input = json!({ "QueueUrl": url(name), "Entries": entries });
    ("SendMessageBatch", input)
}

async fn check(harness: &Harness, cases: Vec<((&'static str, Value), &str, &str)>) {
    for ((operation, input), code, text) in cases {
        let told = refused(harness, "root", operation, input.clone()).await;
        assert_eq!(told, (code.to_owned(), text.to_owned()), "{input}");
    }
}

#[tokio::test]
async fn messages_are_refused_in_the_words_of_aws() {
    let harness = furnished().await;
    let message = |name: &str, more: Value| {
        let mut input = json!({ "QueueUrl": url(name), "MessageBody": "m" });
        let more = more.as_object().expect("members").clone();
        input.as_object_mut().expect("members").extend(more);
        ("SendMessage", input)
    };
    let invalid = "InvalidParameterValue";
    check(
        &harness,
        vec![
            (message("q", json!({ "MessageBody": "x".repeat(1025) })), invalid, LARGE),
            (
                ("SendMessage", attribute("String", "")),
                invalid,
                "Message (user) attribute 'a' must contain a non-empty value of type 'String'.",
            ),
            (("SendMessage", attribute("string", "x")), invalid, TYPE),
            (
                message("f.fifo", json!({ "MessageGroupId": "g" })),
                invalid,
                DEDUPLICATION,
            ),
            (
                message("f.fifo", json!({ "MessageDeduplicationId": "d" })),
                "MissingParameter",
                "The request must contain the parameter MessageGroupId.",
            ),
            (
                message(
                    "f.fifo",
                    json!({ "MessageGroupId": "g", "MessageDeduplicationId": "d", "DelaySeconds": 2 }),
                ),
                invalid,
                FIFO_ONLY,
            ),
            (
                (
                    "ReceiveMessage",
                    json!({ "QueueUrl": url("q"), "MaxNumberOfMessages": 11 }),
                ),
                invalid,
                "Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.",
            ),
        ],
    )
    .await;
}

/// One message that lacks what FIFO queues need fails its whole batch.
#[tokio::test]
async fn batches_are_refused_in_the_words_of_aws() {
    let harness = furnished().await;
    let none = json!({});
    let ids: Vec<_> = (0..20).map(|id| id.to_string()).collect();
    let ids: Vec<_> = ids.iter().map(String::as_str).collect();
    check(
        &harness,
        vec![
            (
                batch("q", &ids, &none),
                "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
                "Maximum number of entries per request are 10. You have sent 20.",
            ),
            (
                batch("q", &["invalid:id"], &none),
                "AWS.SimpleQueueService.InvalidBatchEntryId",
                IDS,
            ),
            (
                batch("q", &["a", "a"], &none),
                "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
                "Id a repeated.",
            ),
            (
                batch("f.fifo", &["a"], &json!({ "MessageDeduplicationId": "d" })),
                "InvalidParameterValue",
                "The request must contain the parameter MessageGroupId.",
            ),
            (
                batch("f.fifo", &["a"], &json!({ "MessageGroupId": "g" })),
                "InvalidParameterValue",
                DEDUPLICATION,
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn attributes_are_refused_in_the_words_of_aws() {
    let harness = furnished().await;
    let dead = r#"{"deadLetterTargetArn": "dummy", "maxReceiveCount": 42}"#;
    let no_arn = format!(
        "Value {dead} for parameter RedrivePolicy is invalid. Reason: Invalid value for deadLetterTargetArn."
    );
    let other = json!({ "QueueName": "q", "Attributes": { "DelaySeconds": "3" } });
    check(
        &harness,
        vec![
            (
                set("q", &json!({ "KmsMasterKeyId": "k", "SqsManagedSseEnabled": "true" })),
                "InvalidAttributeName",
                SSE,
            ),
            (
                set("q", &json!({ "FifoQueue": "true" })),
                "InvalidAttributeName",
                "Unknown Attribute FifoQueue.",
            ),
            (
                set("f.fifo", &json!({ "FifoQueue": "false" })),
                "InvalidAttributeValue",
                "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.",
            ),
            (
                set("q", &json!({ "RedrivePolicy": dead })),
                "InvalidParameterValue",
                &no_arn,
            ),
            (
                ("CreateQueue", other),
                "QueueAlreadyExists",
                "A queue already exists with the same name and a different value for attribute DelaySeconds",
            ),
            (
                ("RemovePermission", json!({ "QueueUrl": url("q"), "Label": "l" })),
                "InvalidParameterValue",
                "Value l for parameter Label is invalid. Reason: can't find label.",
            ),
            (
                ("GetQueueUrl", json!({ "QueueName": "none" })),
                "AWS.SimpleQueueService.NonExistentQueue",
                "The specified queue does not exist.",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_second_purge_is_forbidden() {
    let harness = furnished().await;
    send(&harness, &url("q"), "m").await;
    let input = json!({ "QueueUrl": url("q") });
    let first = call(&harness, "root", "PurgeQueue", input.clone()).await;
    assert_eq!(first.status, 200, "{}", first.text);
    let second = call(&harness, "root", "PurgeQueue", input).await;
    assert_eq!(second.status, 403, "{}", second.text);
    let code = "AWS.SimpleQueueService.PurgeQueueInProgress";
    assert_eq!(second.code.as_deref(), Some(code));
    let text = "Only one PurgeQueue operation on q is allowed every 60 seconds.";
    assert!(second.text.contains(text), "{}", second.text);
}
