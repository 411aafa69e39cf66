//! What goes from the disk by itself.

use serde_json::json;

use crate::house::{bodies, counts, done, house, queue, receive, send, send_in};

#[tokio::test]
async fn messages_go_with_their_time_their_purge_and_their_queue() {
    let harness = house().await;
    let short = queue(&harness, "short", json!({ "MessageRetentionPeriod": "60" })).await;
    let long = queue(&harness, "long", json!({})).await;
    let purged = queue(&harness, "purged", json!({})).await;
    let deleted = queue(&harness, "deleted.fifo", json!({ "FifoQueue": "true" })).await;
    for url in [&short, &long, &purged] {
        send(&harness, url, "m").await;
    }
    send_in(&harness, &deleted, "g", "m").await;
    let sweep = async || {
        let (upkeep, now) = (harness.pipeline.upkeep(), harness.pipeline.now());
        service_sqs::sweep(&upkeep, now).await.ok()
    };
    assert_eq!(sweep().await, Some(0));
    done(
        &harness,
        "root",
        "PurgeQueue",
        json!({ "QueueUrl": purged }),
    )
    .await;
    done(
        &harness,
        "root",
        "DeleteQueue",
        json!({ "QueueUrl": deleted }),
    )
    .await;
    send(&harness, &purged, "n").await;
    assert_eq!(sweep().await, Some(2));
    harness.clock.advance(60);
    assert_eq!(sweep().await, Some(1));
    assert_eq!(sweep().await, Some(0));
    assert_eq!(counts(&harness, &long).await, ["1", "0", "0"]);
    assert_eq!(receive(&harness, &purged).await.len(), 1);
}

#[tokio::test]
async fn expired_messages_go_from_the_heads_of_their_lanes() {
    let harness = house().await;
    let attributes = json!({ "FifoQueue": "true", "MessageRetentionPeriod": "60" });
    let url = queue(&harness, "q.fifo", attributes).await;
    let sweep = async || {
        let (upkeep, now) = (harness.pipeline.upkeep(), harness.pipeline.now());
        service_sqs::sweep(&upkeep, now).await.ok()
    };
    // More than go in one commit, in one lane and in many, and some that have time left.
    for number in 0..300 {
        send_in(&harness, &url, "long", &format!("long{number}")).await;
        send_in(
            &harness,
            &url,
            &format!("g{number}"),
            &format!("one{number}"),
        )
        .await;
    }
    harness.clock.advance(59);
    for group in ["long", "g7", "new"] {
        send_in(&harness, &url, group, &format!("kept-in-{group}")).await;
    }
    assert_eq!(sweep().await, Some(0));
    harness.clock.advance(1);
    assert_eq!(sweep().await, Some(600));
    assert_eq!(sweep().await, Some(0));
    assert_eq!(counts(&harness, &url).await, ["3", "0", "0"]);
    let received = receive(&harness, &url).await;
    let expected = ["kept-in-long", "kept-in-g7", "kept-in-new"];
    assert_eq!(bodies(&received), expected);
    harness.clock.advance(60);
    assert_eq!(sweep().await, Some(3));
    send_in(&harness, &url, "long", "again").await;
    assert_eq!(bodies(&receive(&harness, &url).await), ["again"]);
}
