//! Subscription filters and destinations.

use crate::house::{ACCOUNT, House, NOW, REGION, Value, arn, json, statement};

const ROLE: &str = "arn:aws:iam::111122223333:role/forward";
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
    "Principal":{"Service":"logs.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
const OTHER: &str = "444455556666";

fn webhook(url: &str) -> String {
    format!("arn:aws:logs:{REGION}:{ACCOUNT}:webhook:{url}")
}

fn destination_arn(name: &str) -> String {
    format!("arn:aws:logs:{REGION}:{ACCOUNT}:destination:{name}")
}

pub(crate) fn destination(name: &str) -> Value {
    json!({
        "destinationName": name, "targetArn": webhook("https://collector.example/logs"),
        "roleArn": ROLE,
    })
}

pub(crate) fn filter(name: &str, destination: &str) -> Value {
    json!({
        "logGroupName": "g", "filterName": name, "filterPattern": "ERROR",
        "destinationArn": destination_arn(destination),
    })
}

/// One with the group `g`, the role and the destination `d`.
pub(crate) async fn house() -> House {
    let house = House::furnished().await;
    house.harness.identities.role(ROLE, TRUST, &[]);
    house.ok("PutDestination", destination("d")).await;
    house
}

#[tokio::test]
async fn destinations_are_made_changed_and_deleted() {
    let house = house().await;
    let shown = house.ok("DescribeDestinations", json!({})).await;
    let mut expected = destination("d");
    expected["arn"] = json!(destination_arn("d"));
    expected["creationTime"] = json!(NOW);
    assert_eq!(shown["destinations"], json!([expected]));

    let mut changed = destination("d");
    changed["targetArn"] = json!(webhook("https://other.example/"));
    let answer = house.ok("PutDestination", changed.clone()).await;
    assert_eq!(answer["destination"]["targetArn"], changed["targetArn"]);
    house.ok("PutDestination", destination("e")).await;
    let by_prefix = json!({ "DestinationNamePrefix": "e" });
    let shown = house.ok("DescribeDestinations", by_prefix).await;
    assert_eq!(shown["destinations"][0]["destinationName"], "e");
    assert_eq!(shown["destinations"].as_array().map(Vec::len), Some(1));

    let input = json!({ "destinationName": "d" });
    house.ok("DeleteDestination", input.clone()).await;
    let (code, text) = house.fails("DeleteDestination", input).await;
    assert_eq!(code, "ResourceNotFoundException");
    assert_eq!(text, "The specified destination does not exist.");
}

#[tokio::test]
async fn what_a_destination_cannot_deliver_to_is_refused() {
    let house = house().await;
    let stream = format!("arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/s");
    let queue = format!("arn:aws:sqs:{REGION}:{ACCOUNT}:q");
    let elsewhere = webhook("https://collector.example/").replace(ACCOUNT, OTHER);
    for (target, text) in [
        (
            &*stream,
            "Could not deliver message to specified Kinesis stream. Ensure that the Kinesis \
                    stream exists and is ACTIVE.",
        ),
        (
            &*queue,
            "PutDestination operation cannot work with targetArn for vendor sqs",
        ),
        (
            &*elsewhere,
            "PutDestination operation cannot work with targetArn for vendor logs",
        ),
    ] {
        let mut input = destination("x");
        input["targetArn"] = json!(target);
        let (code, said) = house.fails("PutDestination", input).await;
        assert_eq!((&*code, &*said), ("InvalidParameterException", text));
    }
    let mut input = destination("x");
    input["roleArn"] = json!("arn:aws:iam::111122223333:role/absent");
    let (code, text) = house.fails("PutDestination", input).await;
    assert_eq!(code, "InvalidParameterException");
    assert_eq!(text, "The specified role does not exist.");
}

#[tokio::test]
async fn a_role_is_passed_by_those_who_may() {
    let house = house().await;
    house
        .harness
        .user("maker", &[&statement("logs:PutDestination", "*")]);
    let answer = house
        .call("maker", "PutDestination", destination("x"))
        .await;
    assert_eq!(answer.code.as_deref(), Some("AccessDeniedException"));
    assert!(answer.message().contains("iam:PassRole"), "{}", answer.text);
    let pass = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "iam:PassRole", "Resource": ROLE,
        "Condition": { "StringEquals": { "iam:PassedToService": "logs.amazonaws.com" } },
    }]});
    let put = statement("logs:PutDestination", &destination_arn("x"));
    house.harness.user("passer", &[&put, &pass.to_string()]);
    for (name, status) in [("x", 200), ("y", 400)] {
        let answer = house
            .call("passer", "PutDestination", destination(name))
            .await;
        assert_eq!(answer.status, status, "{}", answer.text);
    }
}

#[tokio::test]
async fn a_destination_has_tags() {
    let house = house().await;
    let mut input = destination("t");
    input["tags"] = json!({ "Team": "red" });
    house.ok("PutDestination", input).await;
    let arn = destination_arn("t");
    let more = json!({ "resourceArn": arn, "tags": { "a": "b" } });
    house.ok("TagResource", more).await;
    let shown = house
        .ok("ListTagsForResource", json!({ "resourceArn": arn }))
        .await;
    assert_eq!(shown["tags"], json!({ "Team": "red", "a": "b" }));
    let policy = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "logs:DeleteDestination", "Resource": "*",
        "Condition": { "StringEquals": { "aws:ResourceTag/Team": "red" } },
    }]});
    house.harness.user("red", &[&policy.to_string()]);
    for (name, status) in [("d", 400), ("t", 200)] {
        let input = json!({ "destinationName": name });
        let answer = house.call("red", "DeleteDestination", input).await;
        assert_eq!(answer.status, status, "{}", answer.text);
    }
    let gone = json!({ "resourceArn": arn, "tagKeys": ["a"] });
    let (code, _) = house.fails("UntagResource", gone).await;
    assert_eq!(code, "ResourceNotFoundException");
}

#[tokio::test]
async fn filters_are_kept_changed_and_deleted() {
    let house = house().await;
    house.ok("PutSubscriptionFilter", filter("f", "d")).await;
    let shown = |house: House| async move {
        let input = json!({ "logGroupName": "g" });
        let shown = house.ok("DescribeSubscriptionFilters", input).await;
        (house, shown["subscriptionFilters"].clone())
    };
    let (house, filters) = shown(house).await;
    let mut expected = filter("f", "d");
    expected["creationTime"] = json!(NOW);
    expected["distribution"] = json!("ByLogStream");
    expected["applyOnTransformedLogs"] = json!(false);
    assert_eq!(filters, json!([expected]));

    house.ok("PutSubscriptionFilter", filter("e", "d")).await;
    let third = house.fails("PutSubscriptionFilter", filter("h", "d")).await;
    let full = ("LimitExceededException", "Resource limit exceeded.");
    assert_eq!((&*third.0, &*third.1), full);
    let mut changed = filter("f", "d");
    changed["filterPattern"] = json!("{ $.level = \"error\" }");
    house.ok("PutSubscriptionFilter", changed.clone()).await;
    let (house, filters) = shown(house).await;
    assert_eq!(filters[0]["filterName"], "e");
    assert_eq!(filters[1]["filterPattern"], changed["filterPattern"]);

    let input = json!({ "logGroupName": "g", "filterName": "f" });
    house.ok("DeleteSubscriptionFilter", input.clone()).await;
    let (code, text) = house.fails("DeleteSubscriptionFilter", input).await;
    assert_eq!(code, "ResourceNotFoundException");
    assert_eq!(text, "The specified subscription filter does not exist.");

    // Who takes the name of a group that is gone gets none of its filters.
    house
        .ok("DeleteLogGroup", json!({ "logGroupName": "g" }))
        .await;
    house
        .ok("CreateLogGroup", json!({ "logGroupName": "g" }))
        .await;
    let (_, filters) = shown(house).await;
    assert_eq!(filters, json!([]));
}

#[tokio::test]
async fn what_a_filter_cannot_send_to_is_refused_in_awss_words() {
    let house = house().await;
    let of = |service: &str| format!("arn:aws:{service}:{REGION}:{ACCOUNT}:thing");
    for (vendor, role, text) in [
        (
            "kinesis",
            false,
            "destinationArn for vendor kinesis cannot be used without roleArn",
        ),
        (
            "lambda",
            true,
            "destinationArn for vendor lambda cannot be used with roleArn",
        ),
        (
            "lambda",
            false,
            "Could not execute the lambda function. Make sure you have given CloudWatch Logs \
             permission to execute your function.",
        ),
        (
            "cloudformation",
            true,
            "PutSubscriptionFilter operation cannot work with destinationArn for vendor \
             cloudformation",
        ),
    ] {
        let mut input = filter("f", "d");
        input["destinationArn"] = json!(of(vendor));
        if role {
            input["roleArn"] = json!(ROLE);
        }
        let (code, said) = house.fails("PutSubscriptionFilter", input).await;
        assert_eq!((&*code, &*said), ("InvalidParameterException", text));
    }
    let changed = |member: &str, value: Value| {
        let mut input = filter("f", "d");
        input[member] = value;
        input
    };
    for (input, code) in [
        (
            changed("filterPattern", json!("{ $.a }")),
            "InvalidParameterException",
        ),
        (
            changed("applyOnTransformedLogs", json!(true)),
            "InvalidParameterException",
        ),
        (
            changed("emitSystemFields", json!(["@aws.account"])),
            "InvalidParameterException",
        ),
        (filter("f", "absent"), "ResourceNotFoundException"),
        (
            changed("logGroupName", json!("absent")),
            "ResourceNotFoundException",
        ),
    ] {
        let said = house.fails("PutSubscriptionFilter", input.clone()).await;
        assert_eq!(said.0, code, "{input}");
    }
}

fn access_policy(condition: &Value) -> String {
    json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": { "AWS": OTHER },
        "Action": "logs:PutSubscriptionFilter", "Resource": destination_arn("d"),
        "Condition": condition,
    }]})
    .to_string()
}

#[tokio::test]
async fn another_account_sends_where_the_access_policy_lets_it() {
    let house = house().await;
    house.harness.root_of(OTHER, "other");
    let group = json!({ "logGroupName": "g" });
    let made = house.call("other", "CreateLogGroup", group.clone()).await;
    assert_eq!(made.status, 200);
    for name in ["d", "absent"] {
        let answer = house
            .call("other", "PutSubscriptionFilter", filter("f", name))
            .await;
        assert_eq!(
            answer.code.as_deref(),
            Some("AccessDeniedException"),
            "{name}"
        );
    }
    let policy = |document: String| json!({ "destinationName": "d", "accessPolicy": document });
    house
        .ok("PutDestinationPolicy", policy(access_policy(&json!({}))))
        .await;
    let answer = house
        .call("other", "PutSubscriptionFilter", filter("f", "d"))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);

    let organization = json!({ "StringEquals": { "aws:PrincipalOrgID": "o-1234567890" } });
    let open = policy(access_policy(&organization));
    let (code, _) = house.fails("PutDestinationPolicy", open.clone()).await;
    assert_eq!(code, "InvalidParameterException");
    let mut forced = open;
    forced["forceUpdate"] = json!(true);
    house.ok("PutDestinationPolicy", forced).await;
    let (code, text) = house.fails("PutSubscriptionFilter", filter("f", "d")).await;
    assert_eq!(code, "InvalidParameterException");
    assert!(text.starts_with("Role ARN is required"), "{text}");

    let shown = house.ok("DescribeDestinations", json!({})).await;
    let shown = shown["destinations"][0]["accessPolicy"]
        .as_str()
        .expect("a policy");
    assert!(shown.contains("o-1234567890"));
    for wrong in [policy("{}".to_owned()), policy("x".repeat(6000))] {
        let (code, _) = house.fails("PutDestinationPolicy", wrong).await;
        assert_eq!(code, "InvalidParameterException");
    }
}

#[tokio::test]
async fn groups_are_listed_by_name_class_and_tags() {
    let house = House::new().await;
    for (name, team, class) in [
        ("/aws/lambda/one", "red", "STANDARD"),
        ("/aws/lambda/two", "blue", "INFREQUENT_ACCESS"),
        ("discovery", "red", "STANDARD"),
    ] {
        let input = json!({
            "logGroupName": name, "logGroupClass": class, "tags": { "Team": team },
        });
        house.ok("CreateLogGroup", input).await;
    }
    for (input, names) in [
        (
            json!({}),
            vec!["/aws/lambda/one", "/aws/lambda/two", "discovery"],
        ),
        (
            json!({ "logGroupNamePattern": "^/aws|covery" }),
            vec!["/aws/lambda/one", "/aws/lambda/two", "discovery"],
        ),
        (json!({ "logGroupNamePattern": "^covery" }), vec![]),
        (
            json!({ "logGroupClass": "INFREQUENT_ACCESS" }),
            vec!["/aws/lambda/two"],
        ),
        (
            json!({ "logGroupTags": [{ "key": "Team", "values": ["RE*"] }] }),
            vec!["/aws/lambda/one", "discovery"],
        ),
        (
            json!({ "logGroupTags": [{ "key": "Team", "values": ["!red"] }] }),
            vec!["/aws/lambda/two"],
        ),
        (json!({ "logGroupTags": [{ "key": "absent" }] }), vec![]),
    ] {
        let shown = house.ok("ListLogGroups", input.clone()).await;
        let shown = shown["logGroups"].as_array().expect("groups").iter();
        let shown: Vec<_> = shown.map(|group| group["logGroupName"].clone()).collect();
        assert_eq!(shown, names, "{input}");
    }
    let first = house.ok("ListLogGroups", json!({ "limit": 2 })).await;
    let rest = json!({ "limit": 2, "nextToken": first["nextToken"] });
    let rest = house.ok("ListLogGroups", rest).await;
    assert_eq!(rest["logGroups"][0]["logGroupArn"], arn("discovery"));
    assert!(rest["nextToken"].is_null());
}

#[tokio::test]
async fn a_protected_group_is_not_deleted() {
    let house = House::furnished().await;
    let protect = |protected: bool| json!({ "logGroupIdentifier": arn("g"), "deletionProtectionEnabled": protected });
    let delete = json!({ "logGroupName": "g" });
    house
        .ok("PutLogGroupDeletionProtection", protect(true))
        .await;
    let (code, _) = house.fails("DeleteLogGroup", delete.clone()).await;
    assert_eq!(code, "ValidationException");
    house
        .ok("PutLogGroupDeletionProtection", protect(false))
        .await;
    house.ok("DeleteLogGroup", delete).await;
}
