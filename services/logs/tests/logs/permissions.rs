//! Who may do what.

use crate::house::{ACCOUNT, House, NOW, REGION, arn, batch, json, statement};

#[tokio::test]
async fn a_stranger_does_not_learn_what_exists() {
    let house = House::furnished().await;
    house.harness.user("nobody", &[]);
    for (operation, input) in [
        ("DescribeLogStreams", json!({ "logGroupName": "g" })),
        ("DeleteLogGroup", json!({ "logGroupName": "g" })),
        ("FilterLogEvents", json!({ "logGroupName": "g" })),
        ("ListTagsForResource", json!({ "resourceArn": arn("g") })),
    ] {
        let here = house.call("nobody", operation, input.clone()).await;
        assert_eq!(
            here.code.as_deref(),
            Some("AccessDeniedException"),
            "{operation}"
        );
        let there = input
            .to_string()
            .replace("\"g\"", "\"h\"")
            .replace("group:g", "group:h");
        let there = serde_json::from_str(&there).expect("JSON");
        let there = house.call("nobody", operation, there).await;
        let shown = there.message().replace("group:h", "group:g");
        assert_eq!(here.message(), shown, "{operation}");
    }
    let denied = house
        .call("nobody", "CreateLogGroup", json!({ "logGroupName": "g" }))
        .await;
    let expected = format!(
        "User: arn:aws:iam::{ACCOUNT}:user/nobody is not authorized to perform: \
         logs:CreateLogGroup on resource: {}:log-stream: because no identity-based policy allows \
         the logs:CreateLogGroup action",
        arn("g")
    );
    assert_eq!(denied.message(), expected);
}

#[tokio::test]
async fn policies_name_groups_and_streams_as_aws_documents() {
    let house = House::furnished().await;
    let group = statement("logs:*", &format!("{}:*", arn("g")));
    house.harness.user("reader", &[&group]);
    let read = json!({ "logGroupName": "g", "logStreamName": "s" });
    for (who, operation, input, allowed) in [
        ("reader", "GetLogEvents", read.clone(), true),
        (
            "reader",
            "DescribeLogStreams",
            json!({ "logGroupName": "g" }),
            true,
        ),
        ("reader", "PutLogEvents", batch("s", &[(NOW, "x")]), true),
        // Those about tags are about the ARN without its end.
        (
            "reader",
            "ListTagsForResource",
            json!({ "resourceArn": arn("g") }),
            false,
        ),
        ("reader", "DescribeLogGroups", json!({}), false),
        (
            "reader",
            "TestMetricFilter",
            json!({ "filterPattern": "", "logEventMessages": ["x"] }),
            false,
        ),
    ] {
        let answer = house.call(who, operation, input).await;
        assert_eq!(
            answer.status == 200,
            allowed,
            "{operation}: {}",
            answer.text
        );
    }
    let stream = statement("logs:PutLogEvents", &format!("{}:log-stream:s", arn("g")));
    house.harness.user("writer", &[&stream]);
    house.stream("t").await;
    for (stream, status) in [("s", 200), ("t", 400)] {
        let answer = house
            .call("writer", "PutLogEvents", batch(stream, &[(NOW, "x")]))
            .await;
        assert_eq!(answer.status, status, "{stream}");
    }
    let all = statement(
        "logs:DescribeLogGroups",
        &format!("arn:aws:logs:{REGION}:{ACCOUNT}:log-group:*"),
    );
    house.harness.user("lister", &[&all]);
    let listed = house.call("lister", "DescribeLogGroups", json!({})).await;
    assert_eq!(listed.status, 200);
}

#[tokio::test]
async fn tags_at_birth_need_permission_to_tag() {
    let house = House::new().await;
    let create = statement("logs:CreateLogGroup", "*");
    house.harness.user("maker", &[&create]);
    for (name, action) in [("new", "logs:TagResource"), ("old", "logs:TagLogGroup")] {
        let tag = statement(action, "*");
        house.harness.user(name, &[&create, &tag]);
    }
    let input = |name: &str| json!({ "logGroupName": name, "tags": { "k": "v" } });
    let denied = house.call("maker", "CreateLogGroup", input("a")).await;
    assert_eq!(denied.code.as_deref(), Some("AccessDeniedException"));
    assert!(denied.message().contains("logs:TagResource"));
    let plain = house
        .call("maker", "CreateLogGroup", json!({ "logGroupName": "a" }))
        .await;
    assert_eq!(plain.status, 200);
    for name in ["new", "old"] {
        let made = house.call(name, "CreateLogGroup", input(name)).await;
        assert_eq!(made.status, 200, "{}", made.text);
    }
}

#[tokio::test]
async fn tags_of_a_group_decide() {
    let house = House::new().await;
    for (name, team) in [("g", "red"), ("h", "blue")] {
        let input = json!({ "logGroupName": name, "tags": { "Team": team } });
        house.ok("CreateLogGroup", input).await;
    }
    let policy = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "logs:*", "Resource": "*",
        "Condition": { "StringEquals": { "aws:ResourceTag/team": "red" } },
    }]});
    house.harness.user("red", &[&policy.to_string()]);
    for (group, status) in [("g", 200), ("h", 400)] {
        let input = json!({ "logGroupName": group });
        assert_eq!(
            house.call("red", "DescribeLogStreams", input).await.status,
            status
        );
    }
}

#[tokio::test]
async fn groups_of_other_accounts_are_out_of_reach() {
    let house = House::furnished().await;
    house.harness.root_of("444455556666", "other");
    let by_name = json!({ "logGroupName": "g", "logStreamName": "s" });
    let answer = house.call("other", "GetLogEvents", by_name).await;
    assert_eq!(answer.code.as_deref(), Some("ResourceNotFoundException"));
    let by_arn = json!({ "logGroupIdentifier": arn("g"), "logStreamName": "s" });
    let answer = house.call("other", "GetLogEvents", by_arn).await;
    assert_eq!(answer.code.as_deref(), Some("AccessDeniedException"));
}
