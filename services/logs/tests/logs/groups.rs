//! Log groups.

use crate::house::{House, NOW, arn, json};

#[tokio::test]
async fn groups_are_made_shown_and_deleted() {
    let house = House::new().await;
    let input = json!({ "logGroupName": "/aws/lambda/a", "tags": { "k": "v" } });
    house.ok("CreateLogGroup", input.clone()).await;
    let (code, text) = house.fails("CreateLogGroup", input).await;
    assert_eq!(code, "ResourceAlreadyExistsException");
    assert_eq!(text, "The specified log group already exists");
    let input = json!({ "logGroupName": "b", "logGroupClass": "INFREQUENT_ACCESS" });
    house.ok("CreateLogGroup", input).await;

    let shown = house.ok("DescribeLogGroups", json!({})).await;
    let groups = shown["logGroups"].as_array().expect("groups");
    assert_eq!(groups.len(), 2);
    let expected = json!({
        "logGroupName": "/aws/lambda/a",
        "creationTime": NOW,
        "metricFilterCount": 0,
        "arn": format!("{}:*", arn("/aws/lambda/a")),
        "logGroupArn": arn("/aws/lambda/a"),
        "storedBytes": 0,
        "logGroupClass": "STANDARD",
        "deletionProtectionEnabled": false,
    });
    assert_eq!(groups[0], expected);
    assert_eq!(groups[1]["logGroupClass"], "INFREQUENT_ACCESS");

    house
        .ok("DeleteLogGroup", json!({ "logGroupName": "b" }))
        .await;
    let (code, text) = house
        .fails("DeleteLogGroup", json!({ "logGroupName": "b" }))
        .await;
    assert_eq!(code, "ResourceNotFoundException");
    assert_eq!(text, "The specified log group does not exist.");
    let shown = house.ok("DescribeLogGroups", json!({})).await;
    assert_eq!(shown["logGroups"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_class_has_what_aws_gives_it() {
    let house = House::new().await;
    for (name, class) in [("rare", "INFREQUENT_ACCESS"), ("sent", "DELIVERY")] {
        let input = json!({ "logGroupName": name, "logGroupClass": class });
        house.ok("CreateLogGroup", input).await;
        let input = json!({ "logGroupName": name });
        let (code, text) = house.fails("DescribeSubscriptionFilters", input).await;
        assert_eq!(code, "ValidationException");
        let only = "This operation is only supported on the Standard log class.";
        assert_eq!(text, only);
    }
    // Nobody sets how long a group keeps what it only delivers.
    let keep = |name: &str| json!({ "logGroupName": name, "retentionInDays": 7 });
    house.ok("PutRetentionPolicy", keep("rare")).await;
    let query = json!({
        "logGroupName": "sent", "startTime": 0, "endTime": NOW / 1000 + 60,
        "queryString": "fields @message",
    });
    for (operation, input) in [
        ("PutRetentionPolicy", keep("sent")),
        ("DeleteRetentionPolicy", json!({ "logGroupName": "sent" })),
        ("StartQuery", query),
    ] {
        let (code, text) = house.fails(operation, input).await;
        assert_eq!(code, "ValidationException", "{operation}");
        assert_eq!(
            text,
            "This operation is not supported for Delivery log class"
        );
    }
    let shown = house.ok("DescribeLogGroups", json!({})).await;
    assert_eq!(shown["logGroups"][0]["retentionInDays"], 7);
    assert_eq!(shown["logGroups"][1]["retentionInDays"], 2);
}

#[tokio::test]
async fn lists_are_narrowed_and_paged() {
    let house = House::new().await;
    for number in 0..60 {
        let name = format!("app/{number:02}");
        house
            .ok("CreateLogGroup", json!({ "logGroupName": name }))
            .await;
    }
    house
        .ok("CreateLogGroup", json!({ "logGroupName": "other" }))
        .await;
    let names = |shown: &serde_json::Value| -> Vec<String> {
        let groups = shown["logGroups"].as_array().expect("groups").iter();
        groups
            .map(|group| group["logGroupName"].as_str().expect("name").to_owned())
            .collect()
    };
    let first = house.ok("DescribeLogGroups", json!({})).await;
    assert_eq!(names(&first).len(), 50);
    let next = json!({ "nextToken": first["nextToken"] });
    let second = house.ok("DescribeLogGroups", next).await;
    assert_eq!(names(&second).len(), 11);
    assert!(second["nextToken"].is_null());
    let by_prefix = json!({ "logGroupNamePrefix": "app/5" });
    assert_eq!(
        names(&house.ok("DescribeLogGroups", by_prefix).await).len(),
        10
    );
    let by_pattern = json!({ "logGroupNamePattern": "the" });
    let found = house.ok("DescribeLogGroups", by_pattern).await;
    let brief = found["logGroups"][0].as_object().expect("a group");
    let members: Vec<_> = brief.keys().map(String::as_str).collect();
    assert_eq!(members, ["arn", "creationTime", "logGroupName"]);
    let by_name = json!({ "logGroupIdentifiers": ["other", arn("app/07")] });
    let found = house.ok("DescribeLogGroups", by_name).await;
    assert_eq!(names(&found), ["app/07", "other"]);
    let both = json!({ "logGroupNamePrefix": "a", "logGroupNamePattern": "a" });
    let (code, _) = house.fails("DescribeLogGroups", both).await;
    assert_eq!(code, "InvalidParameterException");
    let (code, _) = house
        .fails("DescribeLogGroups", json!({ "nextToken": "zz" }))
        .await;
    assert_eq!(code, "InvalidParameterException");
}

#[tokio::test]
async fn names_that_aws_refuses_are_refused() {
    let house = House::new().await;
    for name in ["aws/x", "AWS/x", "a b", "a:b", "", &"x".repeat(513)] {
        let (code, _) = house
            .fails("CreateLogGroup", json!({ "logGroupName": name }))
            .await;
        assert_eq!(code, "InvalidParameterException", "{name}");
    }
    let (_, text) = house
        .fails("CreateLogGroup", json!({ "logGroupName": "a b" }))
        .await;
    assert!(
        text.starts_with("1 validation error detected: Value"),
        "{text}"
    );
}

#[tokio::test]
async fn protected_groups_stay() {
    let house = House::new().await;
    let input = json!({ "logGroupName": "g", "deletionProtectionEnabled": true });
    house.ok("CreateLogGroup", input).await;
    house.stream("s").await;
    let (code, _) = house
        .fails("DeleteLogGroup", json!({ "logGroupName": "g" }))
        .await;
    assert_eq!(code, "ValidationException");
    let stream = json!({ "logGroupName": "g", "logStreamName": "s" });
    let (code, _) = house.fails("DeleteLogStream", stream).await;
    assert_eq!(code, "ValidationException");
}

#[tokio::test]
async fn a_group_that_takes_a_name_finds_nothing_of_the_one_before() {
    let house = House::furnished().await;
    house.put("s", &[(NOW, "old")]).await;
    house
        .ok("DeleteLogGroup", json!({ "logGroupName": "g" }))
        .await;
    house
        .ok("CreateLogGroup", json!({ "logGroupName": "g" }))
        .await;
    let shown = house
        .ok("DescribeLogStreams", json!({ "logGroupName": "g" }))
        .await;
    assert_eq!(shown["logStreams"], json!([]));
    house.stream("s").await;
    assert!(house.messages().await.is_empty());
}

#[tokio::test]
async fn calls_over_the_rate_are_refused_in_awss_words() {
    let house = House::new().await;
    house.harness.pipeline.limit_rates();
    let call = || house.call("root", "DescribeDestinations", json!({}));
    for _ in 0..5 {
        assert_eq!(call().await.status, 200);
    }
    let refused = call().await;
    assert_eq!(refused.code.as_deref(), Some("ThrottlingException"));
    assert_eq!(refused.message(), "Rate exceeded");
    house.harness.clock.advance(1);
    assert_eq!(call().await.status, 200);
}
