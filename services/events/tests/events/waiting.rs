//! What waits for targets has an end.

use platform::testing::{Harness, REGION};
use serde_json::{Value, json};

use crate::house::{OTHER, OWN, archived_bus, bus, call, done, entry, house, kept, rule};

/// Puts so many events on a bus, and gives the answers.
async fn put(harness: &Harness, who: &str, to: &str, count: usize) -> Vec<Value> {
    let mut answers = Vec::new();
    for _ in 0..count {
        let entries = json!({ "Entries": [entry(to, "shop", &json!({ "a": 1 }))] });
        let answer = done(harness, who, "PutEvents", entries).await;
        let failed = answer["Entries"][0]["ErrorCode"].is_string();
        assert_eq!(answer["FailedEntryCount"], i32::from(failed));
        answers.push(answer["Entries"][0].clone());
    }
    answers
}

fn waiting(harness: &Harness) -> u64 {
    harness.pipeline.deliveries().counts().waiting
}

#[tokio::test]
async fn sec_w2_an_account_has_so_much_waiting_and_no_more() {
    let harness = house().await;
    harness.limit_deliveries(400, 1 << 30);
    for name in ["from", "to"] {
        archived_bus(&harness, "root", OWN, name).await;
    }
    rule(
        &harness,
        "root",
        "from",
        json!({ "source": ["shop"] }),
        &bus(OWN, "to"),
    )
    .await;
    let taken = put(&harness, "root", "from", 200).await;
    assert!(taken.iter().all(|entry| entry["EventId"].is_string()));
    let expected = json!({ "ErrorCode": "ThrottlingException", "ErrorMessage": "Rate exceeded" });
    assert_eq!(put(&harness, "root", "from", 1).await, [expected]);
    // What no rule wants is taken, as are events of others.
    let taken = put(&harness, "root", "to", 1).await;
    assert!(taken[0]["EventId"].is_string());
    archived_bus(&harness, "other", OTHER, "default").await;
    let taken = put(&harness, "other", "default", 1).await;
    assert!(taken[0]["EventId"].is_string());
    assert_eq!(waiting(&harness), 200);
    // What was refused is nowhere, and there is room again for more.
    assert_eq!(kept(&harness, "root", "from").await, 200);
    assert_eq!(kept(&harness, "root", "to").await, 201);
    assert!(put(&harness, "root", "from", 1).await[0]["EventId"].is_string());
}

/// Events on their way between buses, and those for many rules, do not wait for each other.
#[tokio::test]
async fn sec_w2_what_is_full_drains() {
    let harness = house().await;
    for name in ["from", "to", "end"] {
        archived_bus(&harness, "root", OWN, name).await;
    }
    rule(
        &harness,
        "root",
        "from",
        json!({ "source": ["shop"] }),
        &bus(OWN, "to"),
    )
    .await;
    let pattern = json!({ "source": ["shop"] });
    rule(&harness, "root", "to", pattern, &bus(OWN, "end")).await;
    let size = json!({ "Entries": [entry("from", "shop", &json!({ "a": "x".repeat(300_000) }))] });
    harness.limit_deliveries(10_000, 4 << 20);
    let mut taken = 0;
    loop {
        let answer = done(&harness, "root", "PutEvents", size.clone()).await;
        if answer["FailedEntryCount"] == 1 {
            break;
        }
        taken += 1;
    }
    assert_eq!(taken, 7, "half of 4 MiB");
    harness.run_deliveries().await;
    assert_eq!(waiting(&harness), 0);
    assert_eq!(kept(&harness, "root", "to").await, taken);
}

#[tokio::test]
async fn put_events_is_limited_as_the_region_says() {
    let harness = house().await;
    harness.pipeline.limit_rates();
    let put = async || {
        let entries = json!({ "Entries": [entry("default", "shop", &json!({ "a": 1 }))] });
        call(&harness, "root", "PutEvents", entries).await
    };
    let most = if REGION == "eu-west-2" { 1200 } else { 10_000 };
    for _ in 0..most {
        assert_eq!(put().await.status, 200);
    }
    let refused = put().await;
    assert_eq!(refused.code.as_deref(), Some("ThrottlingException"));
    assert_eq!(refused.message(), "Rate exceeded");
    harness.clock.advance(1);
    assert_eq!(put().await.status, 200);
}

/// To count the events of an archive takes as long as there are events.
#[tokio::test]
async fn sec_w2_many_archived_events_are_counted_once_a_day() {
    let harness = house().await;
    archived_bus(&harness, "root", OWN, "own").await;
    let put = async |calls: usize| {
        let entries = vec![entry("own", "shop", &json!({ "a": 1 })); 10];
        for _ in 0..calls {
            done(&harness, "root", "PutEvents", json!({ "Entries": entries })).await;
        }
    };
    put(100).await;
    assert_eq!(kept(&harness, "root", "own").await, 1000);
    put(1).await;
    assert_eq!(kept(&harness, "root", "own").await, 1010);
    put(1).await;
    assert_eq!(kept(&harness, "root", "own").await, 1010);
    let listed = done(&harness, "root", "ListArchives", json!({})).await;
    assert_eq!(listed["Archives"][0]["EventCount"], 1010);
    harness.clock.advance(24 * 60 * 60);
    assert_eq!(kept(&harness, "root", "own").await, 1020);
}
