//! Messages that are received too often.

use serde_json::{Value, json};

use crate::house::{
    arn, bodies, counts, delete, done, house, queue, receive, refused, send, send_in, url,
};

fn redrive(target: &str, most: u32) -> Value {
    let policy = json!({ "deadLetterTargetArn": arn(target), "maxReceiveCount": most });
    json!({ "RedrivePolicy": policy.to_string() })
}

#[tokio::test]
async fn a_message_is_given_up_after_so_many_receipts() {
    let harness = house().await;
    let dead = queue(&harness, "dead", json!({})).await;
    let source = queue(&harness, "source", redrive("dead", 2)).await;
    send(&harness, &source, "m").await;
    for _ in 0..2 {
        assert_eq!(receive(&harness, &source).await.len(), 1);
        harness.clock.advance(30);
    }
    assert!(receive(&harness, &source).await.is_empty());
    assert_eq!(counts(&harness, &source).await, ["0", "0", "0"]);
    let received = receive(&harness, &dead).await;
    assert_eq!(bodies(&received), ["m"]);
    assert_eq!(
        received[0]["Attributes"]["DeadLetterQueueSourceArn"],
        arn("source")
    );
    assert_eq!(received[0]["Attributes"]["ApproximateReceiveCount"], "3");
    delete(&harness, &dead, &received[0]).await;
    assert_eq!(counts(&harness, &dead).await, ["0", "0", "0"]);
    let input = json!({ "QueueUrl": dead });
    let sources = done(&harness, "root", "ListDeadLetterSourceQueues", input).await;
    assert_eq!(sources["queueUrls"], json!([url("source")]));
}

#[tokio::test]
async fn a_fifo_queue_gives_up_in_order() {
    let harness = house().await;
    let dead = queue(&harness, "dead.fifo", json!({ "FifoQueue": "true" })).await;
    let mut attributes = redrive("dead.fifo", 1);
    attributes["FifoQueue"] = json!("true");
    let source = queue(&harness, "source.fifo", attributes).await;
    send_in(&harness, &source, "g", "one").await;
    send_in(&harness, &source, "g", "two").await;
    assert_eq!(receive(&harness, &source).await.len(), 2);
    harness.clock.advance(30);
    assert!(receive(&harness, &source).await.is_empty());
    assert_eq!(bodies(&receive(&harness, &dead).await), ["one", "two"]);
}

#[tokio::test]
async fn not_every_queue_takes_dead_letters() {
    let harness = house().await;
    let deny = json!({ "RedriveAllowPolicy": "{\"redrivePermission\":\"denyAll\"}" });
    queue(&harness, "closed", deny).await;
    queue(&harness, "dead.fifo", json!({ "FifoQueue": "true" })).await;
    for (target, reason) in [
        ("nowhere", "Dead letter target does not exist."),
        (
            "dead.fifo",
            "Dead-letter queue must be same type of queue as the source.",
        ),
        (
            "closed",
            "The dead-letter queue's redrive allow policy does not permit the source queue.",
        ),
    ] {
        let input = json!({ "QueueName": "q", "Attributes": redrive(target, 3) });
        let (code, text) = refused(&harness, "root", "CreateQueue", input).await;
        assert_eq!(code, "InvalidParameterValue");
        assert!(text.ends_with(reason), "{text}");
    }
}
