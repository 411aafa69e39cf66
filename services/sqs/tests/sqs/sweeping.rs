//! What goes from the disk by itself.

use serde_json::json;

use crate::house::{counts, done, house, queue, receive, send, send_in};

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
