//! Queues and what is set of them.

use serde_json::json;

use crate::house::{
    OTHER, OWN, arn, attribute, counts, done, house, queue, receive, refused, send, url,
};

#[tokio::test]
async fn a_queue_is_made_once_and_found_again() {
    let harness = house().await;
    let made = queue(&harness, "q", json!({ "DelaySeconds": "5" })).await;
    assert_eq!(queue(&harness, "q", json!({})).await, made);
    let input = json!({ "QueueName": "q", "Attributes": { "DelaySeconds": "6" } });
    let (code, text) = refused(&harness, "root", "CreateQueue", input).await;
    assert_eq!(code, "QueueAlreadyExists");
    let expected = "A queue already exists with the same name and a different value for attribute \
                    DelaySeconds";
    assert_eq!(text, expected);
    let found = done(&harness, "root", "GetQueueUrl", json!({ "QueueName": "q" })).await;
    assert_eq!(found["QueueUrl"], made);
    let shown = json!({ "QueueUrl": made, "AttributeNames": ["All"] });
    let shown = done(&harness, "root", "GetQueueAttributes", shown).await;
    let expected = json!({
        "ApproximateNumberOfMessages": "0", "ApproximateNumberOfMessagesDelayed": "0",
        "ApproximateNumberOfMessagesNotVisible": "0", "CreatedTimestamp": "1767225600",
        "DelaySeconds": "5", "LastModifiedTimestamp": "1767225600",
        "MaximumMessageSize": "1048576", "MessageRetentionPeriod": "345600",
        "QueueArn": arn("q"), "ReceiveMessageWaitTimeSeconds": "0",
        "SqsManagedSseEnabled": "true", "VisibilityTimeout": "30",
    });
    assert_eq!(shown["Attributes"], expected);
    // The same name is another queue elsewhere.
    let (code, text) = refused(
        &harness,
        "other",
        "GetQueueUrl",
        json!({ "QueueName": "q" }),
    )
    .await;
    assert_eq!(code, "AWS.SimpleQueueService.NonExistentQueue");
    assert_eq!(text, "The specified queue does not exist.");
}

#[tokio::test]
async fn a_name_is_free_a_minute_after_its_queue_is_gone() {
    let harness = house().await;
    let made = queue(&harness, "q", json!({})).await;
    send(&harness, &made, "m").await;
    done(&harness, "root", "DeleteQueue", json!({ "QueueUrl": made })).await;
    let (code, _) = refused(&harness, "root", "DeleteQueue", json!({ "QueueUrl": made })).await;
    assert_eq!(code, "AWS.SimpleQueueService.NonExistentQueue");
    let again = json!({ "QueueName": "q" });
    let (code, _) = refused(&harness, "root", "CreateQueue", again).await;
    assert_eq!(code, "AWS.SimpleQueueService.QueueDeletedRecently");
    harness.clock.advance(60);
    queue(&harness, "q", json!({})).await;
    assert!(receive(&harness, &made).await.is_empty(), "another queue");
}

#[tokio::test]
async fn attributes_are_checked() {
    let harness = house().await;
    let made = queue(&harness, "q", json!({})).await;
    for (attributes, code, text) in [
        (
            json!({ "Colour": "red" }),
            "InvalidAttributeName",
            "Unknown Attribute Colour.",
        ),
        (
            json!({ "VisibilityTimeout": "43201" }),
            "InvalidAttributeValue",
            "Invalid value for the parameter VisibilityTimeout.",
        ),
        (
            json!({ "FifoQueue": "true" }),
            "InvalidAttributeName",
            "Unknown Attribute FifoQueue.",
        ),
        (
            json!({ "Policy": "{}" }),
            "InvalidAttributeValue",
            "Invalid value for the parameter Policy.",
        ),
    ] {
        let input = json!({ "QueueUrl": made, "Attributes": attributes });
        let refusal = refused(&harness, "root", "SetQueueAttributes", input).await;
        assert_eq!((refusal.0.as_str(), refusal.1.as_str()), (code, text));
    }
    for (name, attributes) in [("q.fifo", json!({})), ("r", json!({ "FifoQueue": "true" }))] {
        let input = json!({ "QueueName": name, "Attributes": attributes });
        let (code, _) = refused(&harness, "root", "CreateQueue", input).await;
        assert_eq!(code, "InvalidParameterValue");
    }
    let (code, text) = refused(&harness, "root", "CreateQueue", json!({})).await;
    assert_eq!(code, "MissingParameter");
    assert_eq!(text, "The request must contain the parameter QueueName.");
    let input = json!({ "QueueUrl": made, "Attributes": { "VisibilityTimeout": "7" } });
    done(&harness, "root", "SetQueueAttributes", input).await;
    assert_eq!(attribute(&harness, &made, "VisibilityTimeout").await, "7");
}

#[tokio::test]
async fn urls_name_queues_by_their_last_two_segments() {
    let harness = house().await;
    let made = queue(&harness, "q", json!({})).await;
    let foreign = format!("https://sqs.us-east-1.amazonaws.com/{OWN}/q");
    send(&harness, &foreign, "m").await;
    assert_eq!(receive(&harness, &made).await.len(), 1);
    for bad in [
        "q",
        "http://localhost/q",
        "http://localhost/1/q",
        "http://localhost/",
    ] {
        let input = json!({ "QueueUrl": bad, "MessageBody": "m" });
        let (code, text) = refused(&harness, "root", "SendMessage", input).await;
        assert_eq!(code, "InvalidAddress");
        assert_eq!(
            text,
            format!("The address {bad} is not valid for this endpoint.")
        );
    }
}

#[tokio::test]
async fn queues_are_listed_in_pages() {
    let harness = house().await;
    for name in ["a1", "a2", "a3", "b"] {
        queue(&harness, name, json!({})).await;
    }
    let (mut seen, mut token) = (Vec::new(), json!(null));
    loop {
        let mut input = json!({ "QueueNamePrefix": "a", "MaxResults": 2 });
        if token.is_string() {
            input["NextToken"] = token;
        }
        let page = done(&harness, "root", "ListQueues", input).await;
        seen.extend(page["QueueUrls"].as_array().cloned().unwrap_or_default());
        token = page["NextToken"].clone();
        if token.is_null() {
            break;
        }
    }
    assert_eq!(seen, [url("a1"), url("a2"), url("a3")]);
    let none = done(&harness, "other", "ListQueues", json!({})).await;
    assert_eq!(none, json!({}), "of {OTHER}");
}

#[tokio::test]
async fn a_purge_takes_all_that_is_there() {
    let harness = house().await;
    let made = queue(&harness, "q", json!({})).await;
    send(&harness, &made, "old").await;
    let received = receive(&harness, &made).await;
    send(&harness, &made, "older").await;
    done(&harness, "root", "PurgeQueue", json!({ "QueueUrl": made })).await;
    assert_eq!(counts(&harness, &made).await, ["0", "0", "0"]);
    let input = json!({ "QueueUrl": made, "ReceiptHandle": received[0]["ReceiptHandle"] });
    done(&harness, "root", "DeleteMessage", input).await;
    let (code, text) = refused(&harness, "root", "PurgeQueue", json!({ "QueueUrl": made })).await;
    assert_eq!(code, "AWS.SimpleQueueService.PurgeQueueInProgress");
    assert_eq!(
        text,
        "Only one PurgeQueue operation on q is allowed every 60 seconds."
    );
    send(&harness, &made, "new").await;
    assert_eq!(receive(&harness, &made).await.len(), 1);
}

#[tokio::test]
async fn queues_have_tags() {
    let harness = house().await;
    let input = json!({ "QueueName": "q", "tags": { "team": "a" } });
    done(&harness, "root", "CreateQueue", input).await;
    let input = json!({ "QueueUrl": url("q"), "Tags": { "team": "b", "cost": "1" } });
    done(&harness, "root", "TagQueue", input).await;
    let input = json!({ "QueueUrl": url("q"), "TagKeys": ["cost"] });
    done(&harness, "root", "UntagQueue", input).await;
    let shown = done(
        &harness,
        "root",
        "ListQueueTags",
        json!({ "QueueUrl": url("q") }),
    )
    .await;
    assert_eq!(shown, json!({ "Tags": { "team": "b" } }));
    let input = json!({ "QueueUrl": url("q"), "Tags": { "aws:x": "b" } });
    let (code, _) = refused(&harness, "root", "TagQueue", input).await;
    assert_eq!(code, "InvalidParameterValue");
}
