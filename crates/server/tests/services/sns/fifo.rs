use platform::testing::Harness;

use crate::sns::house::{arn, done, envelope, house, queue, receive, refused, subscribe};

async fn fifo(harness: &Harness, attributes: &[(&str, &str)]) -> String {
    let mut input = vec![
        ("Name", "t.fifo"),
        ("Attributes.entry.1.key", "FifoTopic"),
        ("Attributes.entry.1.value", "true"),
    ];
    for (name, value) in attributes {
        input.push(("Attributes.entry.2.key", name));
        input.push(("Attributes.entry.2.value", value));
    }
    done(harness, "root", "CreateTopic", &input)
        .await
        .element("TopicArn")
}

async fn send(
    harness: &Harness,
    topic: &str,
    group: &str,
    id: &str,
    text: &str,
) -> (String, String) {
    let input = [
        ("TopicArn", topic),
        ("MessageGroupId", group),
        ("MessageDeduplicationId", id),
        ("Message", text),
    ];
    let answer = done(harness, "root", "Publish", &input).await;
    (
        answer.element("MessageId"),
        answer.element("SequenceNumber"),
    )
}

#[tokio::test]
async fn messages_keep_their_order_and_come_once() {
    let harness = house().await;
    let topic = fifo(&harness, &[]).await;
    let queue = queue(&harness, "root", "q.fifo").await;
    subscribe(&harness, &topic, &queue, &[]).await;
    let mut sent = Vec::new();
    for index in 0..5 {
        let name = format!("m{index}");
        sent.push(send(&harness, &topic, "g", &name, &name).await);
    }
    assert!(
        sent.windows(2)
            .all(|pair| pair[0].1 < pair[1].1 && pair[0].1.len() == 20)
    );
    assert_eq!(send(&harness, &topic, "g", "m0", "again").await, sent[0]);
    let found = receive(&harness, &queue).await;
    let texts: Vec<_> = found
        .iter()
        .map(|message| envelope(message)["Message"].clone())
        .collect();
    assert_eq!(texts, ["m0", "m1", "m2", "m3", "m4"]);
    assert_eq!(envelope(&found[0])["SequenceNumber"], sent[0].1.as_str());
    harness.clock.advance(301);
    assert_ne!(send(&harness, &topic, "g", "m0", "later").await, sent[0]);
}

#[tokio::test]
async fn what_follows_a_large_message_does_not_pass_it() {
    let harness = house().await;
    let topic = fifo(&harness, &[]).await;
    let mut queues = Vec::new();
    for number in 0..7 {
        let queue = queue(&harness, "root", &format!("q{number}.fifo")).await;
        subscribe(&harness, &topic, &queue, &[]).await;
        queues.push(queue);
    }
    // Its copies are more than a call stages; those of the second one are not.
    send(&harness, &topic, "g", "1", &"a".repeat(250_000)).await;
    send(&harness, &topic, "g", "2", "b").await;
    send(&harness, &topic, "g", "3", &"c".repeat(250_000)).await;
    let waiting = harness.pipeline.deliveries().counts().waiting;
    assert_eq!(waiting, 4 + 3);
    for queue in &queues {
        let found = receive(&harness, queue).await;
        let first = |message| {
            envelope(message)["Message"]
                .as_str()
                .map(|text| text[..1].to_owned())
        };
        let texts: Vec<_> = found.iter().filter_map(first).collect();
        assert_eq!(texts, ["a", "b", "c"], "{queue}");
    }
    // With nothing on its way, the call stages by itself again.
    send(&harness, &topic, "g", "4", "d").await;
    let waiting = harness.pipeline.deliveries().counts().waiting;
    assert_eq!(waiting, 7);
}

#[tokio::test]
async fn deduplication_may_be_by_content_and_in_groups() {
    let harness = house().await;
    let topic = fifo(&harness, &[("ContentBasedDeduplication", "true")]).await;
    let publish = async |group: &str, text: &str| {
        let input = [
            ("TopicArn", &*topic),
            ("MessageGroupId", group),
            ("Message", text),
        ];
        done(&harness, "root", "Publish", &input)
            .await
            .element("MessageId")
    };
    let first = publish("g", "m").await;
    assert_eq!(publish("h", "m").await, first);
    assert_ne!(publish("g", "n").await, first);
    let input = [
        ("TopicArn", &*topic),
        ("AttributeName", "FifoThroughputScope"),
        ("AttributeValue", "MessageGroup"),
    ];
    done(&harness, "root", "SetTopicAttributes", &input).await;
    let second = publish("g", "m").await;
    assert_ne!(publish("h", "m").await, second);
    assert_eq!(publish("g", "m").await, second);
}

#[tokio::test]
async fn what_fits_no_fifo_topic_is_refused() {
    let harness = house().await;
    let topic = fifo(&harness, &[]).await;
    let input = [("TopicArn", &*topic), ("Message", "m")];
    let (_, text) = refused(&harness, "root", "Publish", &input).await;
    assert_eq!(
        text,
        "Invalid parameter: The MessageGroupId parameter is required for FIFO topics"
    );
    let input = [
        ("TopicArn", &*topic),
        ("Message", "m"),
        ("MessageGroupId", "g"),
    ];
    let (_, text) = refused(&harness, "root", "Publish", &input).await;
    assert!(text.contains("ContentBasedDeduplication"), "{text}");
    let input = [
        ("TopicArn", &*topic),
        ("Protocol", "https"),
        ("Endpoint", "https://example.com"),
    ];
    let (_, text) = refused(&harness, "root", "Subscribe", &input).await;
    assert_eq!(text, "Invalid parameter: Invalid protocol type: https");
    crate::sns::house::topic(&harness, "t").await;
    let queue = queue(&harness, "root", "q.fifo").await;
    let input = [
        ("TopicArn", &*arn("t")),
        ("Protocol", "sqs"),
        ("Endpoint", &queue),
    ];
    let (_, text) = refused(&harness, "root", "Subscribe", &input).await;
    assert!(
        text.ends_with("FIFO SQS Queues can not be subscribed to standard SNS topics"),
        "{text}"
    );
}
