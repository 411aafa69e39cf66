//! Messages of standard queues.

use std::sync::Arc;

use serde_json::json;

use crate::house::{
    attribute, bodies, call, counts, delete, done, house, queue, receive, receive_up_to, refused,
    send, send_in,
};

#[tokio::test]
async fn a_message_is_out_of_sight_until_it_is_deleted_or_its_time_is_over() {
    let harness = house().await;
    let url = queue(&harness, "q", json!({})).await;
    let sent = send(&harness, &url, "hello").await;
    assert_eq!(sent["MD5OfMessageBody"], "5d41402abc4b2a76b9719d911017c592");
    assert_eq!(counts(&harness, &url).await, ["1", "0", "0"]);
    let first = receive(&harness, &url).await;
    assert_eq!(bodies(&first), ["hello"]);
    assert_eq!(first[0]["MessageId"], sent["MessageId"]);
    assert_eq!(first[0]["MD5OfBody"], sent["MD5OfMessageBody"]);
    assert_eq!(first[0]["Attributes"]["ApproximateReceiveCount"], "1");
    assert_eq!(counts(&harness, &url).await, ["0", "1", "0"]);
    assert!(receive(&harness, &url).await.is_empty());
    harness.clock.advance(30);
    let second = receive(&harness, &url).await;
    assert_eq!(second[0]["Attributes"]["ApproximateReceiveCount"], "2");
    let known = &first[0]["Attributes"]["ApproximateFirstReceiveTimestamp"];
    assert_eq!(
        &second[0]["Attributes"]["ApproximateFirstReceiveTimestamp"],
        known
    );
    // The handle of the first receipt deletes nothing any more.
    delete(&harness, &url, &first[0]).await;
    assert_eq!(counts(&harness, &url).await, ["0", "1", "0"]);
    delete(&harness, &url, &second[0]).await;
    delete(&harness, &url, &second[0]).await;
    assert_eq!(counts(&harness, &url).await, ["0", "0", "0"]);
    harness.clock.advance(3600);
    assert!(receive(&harness, &url).await.is_empty());
}

#[tokio::test]
async fn messages_come_in_their_order_and_wait_for_their_delay() {
    let harness = house().await;
    let url = queue(&harness, "q", json!({ "DelaySeconds": "2" })).await;
    for body in ["a", "b", "c"] {
        send(&harness, &url, body).await;
    }
    let input = json!({ "QueueUrl": url, "MessageBody": "now", "DelaySeconds": 0 });
    done(&harness, "root", "SendMessage", input).await;
    assert_eq!(counts(&harness, &url).await, ["1", "0", "3"]);
    assert_eq!(bodies(&receive(&harness, &url).await), ["now"]);
    harness.clock.advance(2);
    assert_eq!(bodies(&receive_up_to(&harness, &url, 2).await), ["a", "b"]);
    assert_eq!(bodies(&receive_up_to(&harness, &url, 2).await), ["c"]);
}

#[tokio::test]
async fn a_receiver_waits_for_a_message() {
    let harness = house().await;
    let url = queue(&harness, "q", json!({})).await;
    let input = json!({ "QueueUrl": url, "WaitTimeSeconds": 20 });
    let (received, _) = tokio::join!(done(&harness, "root", "ReceiveMessage", input), async {
        // The receiver goes first, and is waiting by then.
        tokio::task::yield_now().await;
        send(&harness, &url, "late").await
    },);
    assert_eq!(received["Messages"][0]["Body"], "late");
    let input = json!({ "QueueUrl": url, "WaitTimeSeconds": 1 });
    let none = done(&harness, "root", "ReceiveMessage", input).await;
    assert_eq!(none, json!({}));
}

#[tokio::test]
async fn no_two_receivers_get_one_message() {
    let harness = house().await;
    let url = queue(&harness, "q", json!({})).await;
    for number in 0..40 {
        send(&harness, &url, &number.to_string()).await;
    }
    let receivers = (0..8).map(|_| receive_up_to(&harness, &url, 5));
    let mut all = Vec::new();
    for receiver in receivers {
        all.push(receiver);
    }
    let [a, b, c, d, e, f, g, h] = all.try_into().ok().expect("eight receivers");
    let (a, b, c, d, e, f, g, h) = tokio::join!(a, b, c, d, e, f, g, h);
    let all = [a, b, c, d, e, f, g, h].concat();
    let mut seen = bodies(&all);
    let count = seen.len();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!((seen.len(), count), (40, 40));
}

#[tokio::test]
async fn visibility_can_be_changed() {
    let harness = house().await;
    let url = queue(&harness, "q", json!({})).await;
    send(&harness, &url, "m").await;
    let received = receive(&harness, &url).await;
    let change = |seconds: i64| {
        json!({
            "QueueUrl": url, "ReceiptHandle": received[0]["ReceiptHandle"],
            "VisibilityTimeout": seconds,
        })
    };
    done(&harness, "root", "ChangeMessageVisibility", change(100)).await;
    harness.clock.advance(99);
    assert!(receive(&harness, &url).await.is_empty());
    let (code, text) = refused(&harness, "root", "ChangeMessageVisibility", change(43_200)).await;
    assert_eq!(code, "InvalidParameterValue");
    assert!(text.contains("beyond the limit"), "{text}");
    done(&harness, "root", "ChangeMessageVisibility", change(0)).await;
    let (code, text) = refused(&harness, "root", "ChangeMessageVisibility", change(9)).await;
    assert_eq!(code, "InvalidParameterValue");
    assert!(
        text.ends_with("not available for visibility timeout change."),
        "{text}"
    );
    assert_eq!(receive(&harness, &url).await.len(), 1);
}

#[tokio::test]
async fn messages_have_attributes_and_sums_of_them() {
    let harness = house().await;
    let url = queue(&harness, "q", json!({})).await;
    let attributes = json!({
        "k": { "DataType": "String", "StringValue": "v" },
        "n": { "DataType": "Number.int", "StringValue": "5" },
        "b": { "DataType": "Binary", "BinaryValue": "AAE=" },
    });
    let trace = json!({ "AWSTraceHeader": { "DataType": "String", "StringValue": "Root=1" } });
    let input = json!({
        "QueueUrl": url, "MessageBody": "m", "MessageAttributes": attributes,
        "MessageSystemAttributes": trace,
    });
    let sent = done(&harness, "root", "SendMessage", input).await;
    let received = receive(&harness, &url).await;
    assert_eq!(received[0]["MessageAttributes"], attributes);
    assert_eq!(received[0]["Attributes"]["AWSTraceHeader"], "Root=1");
    assert_eq!(
        received[0]["MD5OfMessageAttributes"],
        sent["MD5OfMessageAttributes"]
    );
    harness.clock.advance(30);
    let input = json!({ "QueueUrl": url, "MessageAttributeNames": ["k"] });
    let some = done(&harness, "root", "ReceiveMessage", input).await;
    let message = &some["Messages"][0];
    assert_eq!(
        message["MessageAttributes"]
            .as_object()
            .map(serde_json::Map::len),
        Some(1)
    );
    assert_eq!(
        message["MD5OfMessageAttributes"],
        "0a77b0642718c3d9dd47090567d11e0d"
    );
    assert!(message.get("Attributes").is_none());
}

#[tokio::test]
async fn what_is_no_message_is_refused() {
    let harness = house().await;
    let url = queue(&harness, "q", json!({ "MaximumMessageSize": "1024" })).await;
    for (more, code, text) in [
        (
            json!({}),
            "MissingParameter",
            "The request must contain the parameter MessageBody.",
        ),
        (
            json!({ "MessageBody": "x".repeat(1025) }),
            "InvalidParameterValue",
            "One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.",
        ),
        (
            json!({ "MessageBody": "m", "DelaySeconds": 901 }),
            "InvalidParameterValue",
            "Value 901 for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 \
             and <= 900.",
        ),
        (
            json!({ "MessageBody": "m", "MessageDeduplicationId": "d" }),
            "InvalidParameterValue",
            "Value d for parameter MessageDeduplicationId is invalid. Reason: The request include \
             parameter that is not valid for this queue type.",
        ),
    ] {
        let mut input = json!({ "QueueUrl": url });
        for (name, value) in more.as_object().into_iter().flatten() {
            input[name] = value.clone();
        }
        let refusal = refused(&harness, "root", "SendMessage", input).await;
        assert_eq!((refusal.0.as_str(), refusal.1.as_str()), (code, text));
    }
    let input = json!({ "QueueUrl": url, "MessageBody": "a\u{b}" });
    let (code, text) = refused(&harness, "root", "SendMessage", input).await;
    assert_eq!(code, "InvalidMessageContents");
    assert!(text.contains("'#xB'"), "{text}");
    let input = json!({ "QueueUrl": url, "MaxNumberOfMessages": 11 });
    let (_, text) = refused(&harness, "root", "ReceiveMessage", input).await;
    let expected = "Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between \
                    1 and 10, if provided.";
    assert_eq!(text, expected);
    let input = json!({ "QueueUrl": url, "ReceiptHandle": "x" });
    let (code, _) = refused(&harness, "root", "DeleteMessage", input).await;
    assert_eq!(code, "ReceiptHandleIsInvalid");
    assert_eq!(counts(&harness, &url).await, ["0", "0", "0"]);
}

#[tokio::test]
async fn each_message_of_a_batch_fails_by_itself() {
    let harness = house().await;
    let url = queue(&harness, "q", json!({})).await;
    let entries = json!([
        { "Id": "good", "MessageBody": "m" },
        { "Id": "bad", "MessageBody": "m", "DelaySeconds": -1 },
    ]);
    let input = json!({ "QueueUrl": url, "Entries": entries });
    let sent = done(&harness, "root", "SendMessageBatch", input).await;
    assert_eq!(sent["Successful"][0]["Id"], "good");
    assert_eq!(sent["Failed"][0]["Id"], "bad");
    assert_eq!(sent["Failed"][0]["Code"], "InvalidParameterValue");
    assert_eq!(sent["Failed"][0]["SenderFault"], true);
    let received = receive(&harness, &url).await;
    assert_eq!(received.len(), 1);
    let entries = json!([
        { "Id": "good", "ReceiptHandle": received[0]["ReceiptHandle"], "VisibilityTimeout": 5 },
        { "Id": "bad", "ReceiptHandle": "x", "VisibilityTimeout": 5 },
    ]);
    for operation in ["ChangeMessageVisibilityBatch", "DeleteMessageBatch"] {
        let input = json!({ "QueueUrl": url, "Entries": entries });
        let answer = done(&harness, "root", operation, input).await;
        assert_eq!(answer["Successful"], json!([{ "Id": "good" }]));
        assert_eq!(answer["Failed"][0]["Code"], "ReceiptHandleIsInvalid");
    }
    let input = json!({ "QueueUrl": url, "Entries": [] });
    let answer = call(&harness, "root", "SendMessageBatch", input).await;
    assert_eq!(
        answer.code.as_deref(),
        Some("AWS.SimpleQueueService.EmptyBatchRequest")
    );
    let body = "x".repeat(200_000);
    let entries: Vec<_> = (0..6)
        .map(|id| json!({ "Id": id.to_string(), "MessageBody": body }))
        .collect();
    let input = json!({ "QueueUrl": url, "Entries": entries });
    let answer = call(&harness, "root", "SendMessageBatch", input).await;
    assert_eq!(
        answer.code.as_deref(),
        Some("AWS.SimpleQueueService.BatchRequestTooLong")
    );
}

#[tokio::test]
async fn messages_end_with_their_retention() {
    let harness = house().await;
    let url = queue(&harness, "q", json!({ "MessageRetentionPeriod": "60" })).await;
    send(&harness, &url, "m").await;
    harness.clock.advance(59);
    assert_eq!(
        attribute(&harness, &url, "ApproximateNumberOfMessages").await,
        "1"
    );
    harness.clock.advance(1);
    assert_eq!(
        attribute(&harness, &url, "ApproximateNumberOfMessages").await,
        "0"
    );
    assert!(receive(&harness, &url).await.is_empty());
}

/// A commit wakes all who wait; what one of them does not find the others do not look for.
#[tokio::test]
async fn sec_w2_many_wait_and_each_gets_one() {
    let harness = Arc::new(house().await);
    let url = queue(&harness, "q.fifo", json!({ "FifoQueue": "true" })).await;
    let input = json!({ "QueueUrl": url, "WaitTimeSeconds": 20 });
    let waiting = (0..20).map(|_| {
        let (harness, input) = (Arc::clone(&harness), input.clone());
        tokio::spawn(async move { done(&harness, "root", "ReceiveMessage", input).await })
    });
    let waiting: Vec<_> = waiting.collect();
    let mut expected = Vec::new();
    for number in 10..30 {
        tokio::task::yield_now().await;
        let group = number.to_string();
        send_in(&harness, &url, &group, &group).await;
        expected.push(group);
    }
    let mut received = Vec::new();
    for one in waiting {
        let answer = one.await.unwrap_or_default();
        let body = answer["Messages"][0]["Body"].as_str().unwrap_or_default();
        received.push(body.to_owned());
    }
    received.sort();
    assert_eq!(received, expected);
}

/// What a thousand long polls cost on a queue with three hundred messages in flight, commit by
/// commit. By hand: `cargo test --release -p service-sqs -- --ignored a_thousand --nocapture`.
#[tokio::test]
#[ignore = "a measurement"]
async fn a_thousand_wait_on_a_long_queue() {
    let (long, waiters) = (300, 1000);
    let harness = Arc::new(house().await);
    let url = queue(&harness, "q.fifo", json!({ "FifoQueue": "true" })).await;
    for number in 0..long / 10 {
        let entries: Vec<_> = (0..10)
            .map(|at| {
                let id = format!("{number}-{at}");
                json!({ "Id": id, "MessageBody": id, "MessageGroupId": "g", "MessageDeduplicationId": id })
            })
            .collect();
        let input = json!({ "QueueUrl": url, "Entries": entries });
        done(&harness, "root", "SendMessageBatch", input).await;
    }
    assert_eq!(receive_up_to(&harness, &url, 1).await.len(), 1);
    let input = json!({ "QueueUrl": url, "WaitTimeSeconds": 20 });
    // Each of them looks once when it comes.
    for _ in 0..waiters {
        let (harness, input) = (Arc::clone(&harness), input.clone());
        tokio::spawn(async move { done(&harness, "root", "ReceiveMessage", input).await });
    }
    // Hundredths of a second that this process has computed.
    let computed = || {
        let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
        let numbers = stat.split_whitespace().skip(13).take(2);
        numbers
            .filter_map(|number| number.parse::<u64>().ok())
            .sum::<u64>()
    };
    let settle = async |secs| {
        let before = computed();
        tokio::time::sleep(std::time::Duration::from_secs(secs)).await;
        10 * (computed() - before)
    };
    settle(1).await;
    while settle(1).await > 100 {}
    for number in 0..3 {
        send_in(&harness, &url, "g", &format!("more-{number}")).await;
        println!("after a commit: {} ms of processors", settle(1).await);
    }
}

#[tokio::test]
async fn numbers_are_received_in_the_digits_they_need() {
    let harness = house().await;
    let url = queue(&harness, "q", json!({})).await;
    let given = |number: &str| {
        json!({
            "QueueUrl": url, "MessageBody": "m",
            "MessageAttributes": { "numeric": { "DataType": "Number", "StringValue": number } },
        })
    };
    for (number, kept, [sent_sum, kept_sum]) in [
        (
            "0001.23000",
            "1.23",
            [
                "6c5cf70458f4f4b7b5cf18617bf23767",
                "6177b725901df62acbb49a268fa56714",
            ],
        ),
        (
            "1e3",
            "1000",
            [
                "2fe0039efc707698f95df0bef7fc9684",
                "91f1b27ae49c5e531646f547fc5bbaba",
            ],
        ),
        (
            "-0.000",
            "0",
            [
                "769a81ef9570a69adeede7714240cd09",
                "1f4c72fd2f41245bf774e02b25af4167",
            ],
        ),
    ] {
        let sent = done(&harness, "root", "SendMessage", given(number)).await;
        assert_eq!(sent["MD5OfMessageAttributes"], sent_sum);
        let input = json!({ "QueueUrl": url, "MessageAttributeNames": ["All"] });
        let received = done(&harness, "root", "ReceiveMessage", input).await;
        let message = &received["Messages"][0];
        assert_eq!(message["MessageAttributes"]["numeric"]["StringValue"], kept);
        assert_eq!(message["MD5OfMessageAttributes"], kept_sum);
        delete(&harness, &url, message).await;
    }
    let many = "1".repeat(39);
    for (number, wrong) in [
        ("1e126", "must be between 10^-128 and 10^126."),
        ("0e-129", "must be between 10^-128 and 10^126."),
        (&*many, "must contain fewer than 38 precision digits."),
    ] {
        let text = format!("Message (user) attribute 'numeric' number value [{number}] {wrong}");
        let (code, told) = refused(&harness, "root", "SendMessage", given(number)).await;
        assert_eq!((&*code, told), ("InvalidParameterValue", text));
    }
}
