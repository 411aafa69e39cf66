//! What EventBridge hears of calls: what the selectors of trails choose.

use std::sync::Arc;

use cloudtrail::LoggingTrails;
use events::Sources;
use platform::testing::{ACCOUNT, REGION};
use serde_json::{Value, json};

use crate::House;

impl House {
    /// How many events the archive of the default bus has once all calls came there.
    async fn heard(&self, sources: &mut Sources) -> i64 {
        for _ in 0..2 {
            assert!(sources.go().await.is_ok());
        }
        let input = json!({ "ArchiveName": "all" });
        let shown = self.ok("events:DescribeArchive", input).await;
        shown["EventCount"].as_i64().expect("a number")
    }

    async fn selects(&self, selector: Value) {
        let input = json!({ "TrailName": "trail", "EventSelectors": [selector] });
        self.ok("PutEventSelectors", input).await;
    }
}

#[tokio::test]
async fn the_selectors_of_a_trail_choose() {
    let house = House::new().await;
    let trails = Arc::new(LoggingTrails);
    let mut sources = Sources::new(house.harness.pipeline.own_work(), trails);
    let bus = format!("arn:aws:events:{REGION}:{ACCOUNT}:event-bus/default");
    let pattern = json!({ "detail": { "eventName": ["CreateKey", "TagResource"] } }).to_string();
    let archive = json!({
        "ArchiveName": "all", "EventSourceArn": bus, "EventPattern": pattern,
    });
    house.ok("events:CreateArchive", archive).await;
    let input = json!({ "Name": "trail", "S3BucketName": "logs" });
    house.ok("CreateTrail", input).await;
    house.ok("StartLogging", json!({ "Name": "trail" })).await;
    assert_eq!(house.heard(&mut sources).await, 0);
    let key = house.ok("kms:CreateKey", json!({})).await;
    assert_eq!(house.heard(&mut sources).await, 1);

    house
        .selects(json!({
            "ReadWriteType": "All", "IncludeManagementEvents": true,
            "ExcludeManagementEventSources": ["kms.amazonaws.com"],
        }))
        .await;
    let tags = json!({
        "KeyId": key["KeyMetadata"]["KeyId"], "Tags": [{ "TagKey": "k", "TagValue": "v" }],
    });
    house.ok("kms:TagResource", tags.clone()).await;
    assert_eq!(
        house.heard(&mut sources).await,
        1,
        "events of KMS are left out"
    );
    house
        .selects(json!({ "ReadWriteType": "ReadOnly", "IncludeManagementEvents": true }))
        .await;
    house.ok("kms:TagResource", tags.clone()).await;
    assert_eq!(house.heard(&mut sources).await, 1, "it writes");
    house
        .selects(json!({ "ReadWriteType": "WriteOnly", "IncludeManagementEvents": true }))
        .await;
    house.ok("kms:TagResource", tags).await;
    assert_eq!(house.heard(&mut sources).await, 2);
}
