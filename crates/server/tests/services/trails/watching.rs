//! What EventBridge hears of calls: what the selectors of trails choose.

use std::sync::Arc;

use cloudtrail::LoggingTrails;
use events::Sources;
use platform::testing::{ACCOUNT, REGION};
use serde_json::{Value, json};

use crate::trails::House;

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

/// What reads the journal, as it is after the program began.
fn begun(house: &House) -> Sources {
    Sources::new(house.harness.pipeline.own_work(), Arc::new(LoggingTrails))
}

/// Calls that nobody wanted are not noted one by one, and read again after a kill: by what trails and
/// rules wanted then, not now.
#[tokio::test]
async fn what_is_chosen_later_chooses_no_earlier_call_after_a_kill() {
    let house = House::new().await;
    let input = json!({ "Name": "trail", "S3BucketName": "logs" });
    house.ok("CreateTrail", input).await;
    let key = house.ok("kms:CreateKey", json!({})).await;
    // Somebody listens somewhere, so that what is read is noted.
    let pattern = json!({ "source": ["nobody"] }).to_string();
    let rule = json!({ "Name": "r", "EventPattern": pattern });
    house.ok("events:PutRule", rule).await;
    house.ok("StartLogging", json!({ "Name": "trail" })).await;
    let none = json!({
        "ReadWriteType": "All", "IncludeManagementEvents": true,
        "ExcludeManagementEventSources": ["kms.amazonaws.com"],
    });
    house.selects(none).await;
    for _ in 0..2 {
        assert!(begun(&house).go().await.is_ok());
    }
    let tags = json!({
        "KeyId": key["KeyMetadata"]["KeyId"], "Tags": [{ "TagKey": "k", "TagValue": "v" }],
    });
    house.ok("kms:TagResource", tags.clone()).await;
    let mut sources = begun(&house);
    assert!(sources.go().await.is_ok());
    // Passed over; now trail and archive change their minds, and the program ends at once.
    house
        .selects(json!({ "ReadWriteType": "All", "IncludeManagementEvents": true }))
        .await;
    let bus = format!("arn:aws:events:{REGION}:{ACCOUNT}:event-bus/default");
    let pattern = json!({ "detail": { "eventName": ["TagResource"] } }).to_string();
    let archive = json!({
        "ArchiveName": "all", "EventSourceArn": bus, "EventPattern": pattern,
    });
    house.ok("events:CreateArchive", archive).await;
    let mut sources = begun(&house);
    assert_eq!(house.heard(&mut sources).await, 0);
    house.ok("kms:TagResource", tags).await;
    assert_eq!(house.heard(&mut begun(&house)).await, 1);
}

#[tokio::test]
async fn the_selectors_of_a_trail_choose() {
    let house = House::new().await;
    let mut sources = begun(&house);
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

/// What is done with data is on record, and no management event: the event history has none of it,
/// and a trail what its advanced selectors choose.
#[tokio::test]
async fn events_of_data_are_for_those_who_choose_them() {
    let house = House::new().await;
    let sources = &mut begun(&house);
    let bus = format!("arn:aws:events:{REGION}:{ACCOUNT}:event-bus/default");
    let pattern = json!({ "detail": { "eventName": ["PutEvents"] } }).to_string();
    let archive = json!({
        "ArchiveName": "all", "EventSourceArn": bus, "EventPattern": pattern,
    });
    house.ok("events:CreateArchive", archive).await;
    let input = json!({ "Name": "trail", "S3BucketName": "logs" });
    house.ok("CreateTrail", input).await;
    house.ok("StartLogging", json!({ "Name": "trail" })).await;
    let entry = json!({ "Source": "app", "DetailType": "d", "Detail": "{}" });
    let put = json!({ "Entries": [entry] });
    house.ok("events:PutEvents", put.clone()).await;
    assert_eq!(house.heard(sources).await, 0, "management events alone");
    let field = |name: &str, value: &str| json!({ "Field": name, "Equals": [value] });
    let fields = [
        field("eventCategory", "Data"),
        field("resources.type", "AWS::Events::EventBus"),
    ];
    let input = json!({
        "TrailName": "trail", "AdvancedEventSelectors": [{ "FieldSelectors": fields }],
    });
    house.ok("PutEventSelectors", input).await;
    house.ok("events:PutEvents", put).await;
    assert_eq!(house.heard(sources).await, 1);
    let shown = house.ok("LookupEvents", json!({ "MaxResults": 50 })).await;
    let events = shown["Events"].as_array().cloned().unwrap_or_default();
    let names: Vec<_> = events.iter().map(|event| &event["EventName"]).collect();
    assert!(names.contains(&&json!("PutEventSelectors")), "{names:?}");
    assert!(!names.contains(&&json!("PutEvents")), "{names:?}");
}
