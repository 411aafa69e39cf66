//! Log streams.

use crate::house::{House, NOW, arn, json};

#[tokio::test]
async fn streams_are_made_shown_and_deleted() {
    let house = House::furnished().await;
    let input = json!({ "logGroupName": "g", "logStreamName": "s" });
    let (code, text) = house.fails("CreateLogStream", input.clone()).await;
    assert_eq!(code, "ResourceAlreadyExistsException");
    assert_eq!(text, "The specified log stream already exists");
    let shown = house
        .ok("DescribeLogStreams", json!({ "logGroupName": "g" }))
        .await;
    assert!(shown["logStreams"][0]["uploadSequenceToken"].is_null());
    house.put("s", &[(NOW - 5, "abc"), (NOW, "de")]).await;
    let shown = house
        .ok("DescribeLogStreams", json!({ "logGroupName": "g" }))
        .await;
    let stream = &shown["logStreams"][0];
    assert_eq!(stream["logStreamName"], "s");
    assert_eq!(stream["arn"], format!("{}:log-stream:s", arn("g")));
    assert_eq!(stream["creationTime"], NOW);
    assert_eq!(stream["firstEventTimestamp"], NOW - 5);
    assert_eq!(stream["lastEventTimestamp"], NOW);
    assert_eq!(stream["lastIngestionTime"], NOW);
    assert_eq!(
        stream["uploadSequenceToken"].as_str().map(str::len),
        Some(56)
    );
    let group = house.ok("DescribeLogGroups", json!({})).await;
    assert_eq!(group["logGroups"][0]["storedBytes"], 5 + 2 * 26);

    house.ok("DeleteLogStream", input.clone()).await;
    let (code, text) = house.fails("DeleteLogStream", input).await;
    assert_eq!(code, "ResourceNotFoundException");
    assert_eq!(text, "The specified log stream does not exist.");
    let missing = json!({ "logGroupName": "nowhere", "logStreamName": "s" });
    let (_, text) = house.fails("CreateLogStream", missing).await;
    assert_eq!(text, "The specified log group does not exist.");
    for name in ["a:b", "a*"] {
        let input = json!({ "logGroupName": "g", "logStreamName": name });
        let (code, _) = house.fails("CreateLogStream", input).await;
        assert_eq!(code, "InvalidParameterException");
    }
}

#[tokio::test]
async fn streams_are_listed_by_name_and_by_time() {
    let house = House::furnished().await;
    for (name, ago) in [("ab", 1), ("a", 3), ("b", 2)] {
        house.stream(name).await;
        house.put(name, &[(NOW - ago, "x")]).await;
    }
    let listed = async |input: serde_json::Value| {
        let mut input = input;
        input["logGroupName"] = json!("g");
        input["limit"] = json!(2);
        let (mut names, mut token) = (Vec::new(), json!(null));
        loop {
            input["nextToken"] = token;
            let shown = house.ok("DescribeLogStreams", input.clone()).await;
            for stream in shown["logStreams"].as_array().expect("streams") {
                names.push(stream["logStreamName"].as_str().expect("name").to_owned());
            }
            token = shown["nextToken"].clone();
            if token.is_null() {
                return names;
            }
        }
    };
    assert_eq!(listed(json!({})).await, ["a", "ab", "b", "s"]);
    assert_eq!(
        listed(json!({ "descending": true })).await,
        ["s", "b", "ab", "a"]
    );
    assert_eq!(
        listed(json!({ "logStreamNamePrefix": "a" })).await,
        ["a", "ab"]
    );
    let by_time = json!({ "orderBy": "LastEventTime" });
    assert_eq!(listed(by_time).await, ["s", "a", "b", "ab"]);
    let by_time = json!({ "orderBy": "LastEventTime", "descending": true });
    assert_eq!(listed(by_time).await, ["ab", "b", "a", "s"]);
    let both = json!({
        "logGroupName": "g", "orderBy": "LastEventTime", "logStreamNamePrefix": "a",
    });
    let (code, _) = house.fails("DescribeLogStreams", both).await;
    assert_eq!(code, "InvalidParameterException");
    let neither = house.fails("DescribeLogStreams", json!({})).await;
    assert_eq!(neither.0, "InvalidParameterException");
}
