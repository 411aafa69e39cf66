//! Retention, and what deleted groups and streams leave behind.

use wire::Timestamp;

use crate::house::{DAY, House, NOW, json};

fn at(millis: i64) -> Timestamp {
    Timestamp { millis }
}

#[tokio::test]
async fn only_the_documented_periods_are_taken() {
    let house = House::furnished().await;
    let input = |days: i64| json!({ "logGroupName": "g", "retentionInDays": days });
    for days in [1, 14, 545, 3653] {
        house.ok("PutRetentionPolicy", input(days)).await;
        let shown = house.ok("DescribeLogGroups", json!({})).await;
        assert_eq!(shown["logGroups"][0]["retentionInDays"], days);
    }
    for days in [0, 2, -1, 3654] {
        let (code, text) = house.fails("PutRetentionPolicy", input(days)).await;
        assert_eq!(code, "InvalidParameterException");
        assert!(text.contains("enum value set: [1, 3, 5, 7, 14,"), "{text}");
    }
    house
        .ok("DeleteRetentionPolicy", json!({ "logGroupName": "g" }))
        .await;
    let shown = house.ok("DescribeLogGroups", json!({})).await;
    assert!(shown["logGroups"][0]["retentionInDays"].is_null());
}

#[tokio::test]
async fn expired_events_are_out_of_sight_at_once_and_then_off_the_disk() {
    let house = House::furnished().await;
    for number in 0..300 {
        house.put("s", &[(NOW - 2 * DAY + number, "old")]).await;
    }
    house.put("s", &[(NOW, "new")]).await;
    let upkeep = house.harness.pipeline.upkeep();
    assert_eq!(service_logs::expire(&upkeep, at(NOW)).await.ok(), Some(0));
    assert_eq!(house.messages().await.len(), 301);

    let input = json!({ "logGroupName": "g", "retentionInDays": 1 });
    house.ok("PutRetentionPolicy", input).await;
    assert_eq!(house.messages().await, ["new"]);
    assert_eq!(service_logs::expire(&upkeep, at(NOW)).await.ok(), Some(300));
    assert_eq!(service_logs::expire(&upkeep, at(NOW)).await.ok(), Some(0));
    house
        .ok("DeleteRetentionPolicy", json!({ "logGroupName": "g" }))
        .await;
    assert_eq!(house.messages().await, ["new"]);
    let group = house.ok("DescribeLogGroups", json!({})).await;
    assert_eq!(group["logGroups"][0]["storedBytes"], 3 + 26);
    house.put("s", &[(NOW, "newer")]).await;
    assert_eq!(house.messages().await, ["new", "newer"]);
}

#[tokio::test]
async fn deleted_groups_leave_nothing() {
    let house = House::furnished().await;
    house.stream("t").await;
    for number in 0..40 {
        house.put("s", &[(NOW + number, "x")]).await;
        house.put("t", &[(NOW + number, "x")]).await;
    }
    let upkeep = house.harness.pipeline.upkeep();
    assert_eq!(service_logs::sweep(&upkeep).await.ok(), Some(0));
    let stream = json!({ "logGroupName": "g", "logStreamName": "t" });
    house.ok("DeleteLogStream", stream).await;
    assert_eq!(service_logs::sweep(&upkeep).await.ok(), Some(1));
    assert_eq!(house.messages().await.len(), 40, "of the other stream");
    house
        .ok("DeleteLogGroup", json!({ "logGroupName": "g" }))
        .await;
    assert_eq!(
        service_logs::sweep(&upkeep).await.ok(),
        Some(2),
        "the group and its stream"
    );
    assert_eq!(service_logs::sweep(&upkeep).await.ok(), Some(0));
}
