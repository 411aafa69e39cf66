//! What PutLogEvents takes, and what it says of the rest.

use crate::house::{DAY, HOUR, House, NOW, batch, json, messages};

#[tokio::test]
async fn events_come_back_with_their_times() {
    let house = House::furnished().await;
    house
        .put("s", &[(NOW - 2, "one"), (NOW - 1, "two é\n")])
        .await;
    let input = json!({ "logGroupName": "g", "logStreamName": "s" });
    let shown = house.ok("GetLogEvents", input).await;
    let expected = json!([
        { "timestamp": NOW - 2, "message": "one", "ingestionTime": NOW },
        { "timestamp": NOW - 1, "message": "two é\n", "ingestionTime": NOW },
    ]);
    assert_eq!(shown["events"], expected);
    let by_arn = json!({ "logGroupIdentifier": crate::house::arn("g"), "logStreamName": "s" });
    assert_eq!(house.ok("GetLogEvents", by_arn).await["events"], expected);
    let window = json!({
        "logGroupName": "g", "logStreamName": "s", "startTime": NOW - 1, "endTime": NOW,
    });
    assert_eq!(
        messages(&house.ok("GetLogEvents", window).await),
        ["two é\n"]
    );
    // The end is not part of it.
    let window = json!({
        "logGroupName": "g", "logStreamName": "s", "startTime": NOW - 2, "endTime": NOW - 1,
    });
    assert_eq!(messages(&house.ok("GetLogEvents", window).await), ["one"]);
}

#[tokio::test]
async fn batches_have_limits() {
    let house = House::furnished().await;
    let refused = async |events: &[(i64, &str)]| {
        let (code, text) = house.fails("PutLogEvents", batch("s", events)).await;
        assert_eq!(code, "InvalidParameterException");
        text
    };
    let unordered = refused(&[(NOW, "a"), (NOW - 1, "b")]).await;
    assert_eq!(
        unordered,
        "Log events in a single PutLogEvents request must be in chronological order."
    );
    let wide = refused(&[(NOW - DAY - 1, "a"), (NOW, "b")]).await;
    assert_eq!(
        wide,
        "The batch of log events in a single PutLogEvents request cannot span more than 24 hours."
    );
    house.put("s", &[(NOW - DAY, "a"), (NOW, "b")]).await;

    let most = "x".repeat(1_048_576 - 26);
    house.put("s", &[(NOW, &most)]).await;
    let large = refused(&[(NOW, &format!("{most}x"))]).await;
    assert_eq!(
        large,
        "Upload too large: 1048577 bytes exceeds limit of 1048576"
    );
    let many = vec![(NOW, "x"); 10_000];
    house.put("s", &many).await;
    let many = vec![(NOW, "x"); 10_001];
    assert!(refused(&many).await.contains("less than or equal to 10000"));
    assert!(refused(&[]).await.contains("greater than or equal to 1"));
    assert!(
        refused(&[(NOW, "")])
            .await
            .contains("greater than or equal to 1")
    );
    let (_, text) = house
        .fails("PutLogEvents", batch("nowhere", &[(NOW, "x")]))
        .await;
    assert_eq!(text, "The specified log stream does not exist.");
}

#[tokio::test]
async fn events_out_of_time_are_told_and_not_kept() {
    let house = House::furnished().await;
    let events = [
        (NOW - 14 * DAY - 2, "older"),
        (NOW - 14 * DAY - 1, "old"),
        (NOW - HOUR, "fine"),
        (NOW + 2 * HOUR, "just fine"),
        (NOW + 2 * HOUR + 1, "new"),
    ];
    let answer = house.put("s", &events).await;
    let expected = json!({ "tooOldLogEventEndIndex": 2, "tooNewLogEventStartIndex": 4 });
    assert_eq!(answer["rejectedLogEventsInfo"], expected);
    assert_eq!(house.messages().await, ["fine", "just fine"]);

    let input = json!({ "logGroupName": "g", "retentionInDays": 1 });
    house.ok("PutRetentionPolicy", input).await;
    let answer = house
        .put("s", &[(NOW - DAY - 1, "expired"), (NOW - 1, "x")])
        .await;
    assert_eq!(
        answer["rejectedLogEventsInfo"],
        json!({ "expiredLogEventEndIndex": 1 })
    );
    let answer = house.put("s", &[(NOW - DAY - 1, "expired")]).await;
    assert_eq!(
        answer["rejectedLogEventsInfo"],
        json!({ "expiredLogEventEndIndex": 1 })
    );
    assert_eq!(house.messages().await, ["fine", "x", "just fine"]);
    let answer = house.put("s", &[(NOW, "y")]).await;
    assert!(answer["rejectedLogEventsInfo"].is_null());
}

#[tokio::test]
async fn what_is_logged_is_on_no_other_record() {
    let house = House::furnished().await;
    house.put("s", &[(NOW, "canary in a message")]).await;
    let input = json!({ "filterPattern": "canary", "logEventMessages": ["canary of a test"] });
    house.ok("TestMetricFilter", input).await;
    let mut reader = house.harness.pipeline.store().journal_reader(1);
    let mut seen = 0;
    while let Some(entry) = reader.next().expect("a journal") {
        let text = String::from_utf8_lossy(&entry.payload);
        assert!(
            !text.contains("canary in") && !text.contains("canary of"),
            "{text}"
        );
        seen += 1;
    }
    assert!(seen >= 4, "{seen} events");
}
