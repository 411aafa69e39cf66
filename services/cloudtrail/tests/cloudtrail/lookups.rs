//! LookupEvents.

use crate::house::*;

#[tokio::test]
async fn gen_5_calls_allowed_and_denied_are_looked_up() {
    let house = House::new().await;
    house.call("alice", "LookupEvents", json!({})).await;
    let denied = house.call("nobody", "LookupEvents", json!({})).await;
    assert_eq!(denied.code.as_deref(), Some("AccessDeniedException"));

    let found = house.ok("LookupEvents", json!({})).await;
    let events = found["Events"].as_array().expect("a list");
    let names: Vec<_> = events.iter().map(|event| &event["Username"]).collect();
    assert_eq!(names, ["nobody", "alice"]);
    let event = &events[0];
    assert_eq!(event["EventName"], "LookupEvents");
    assert_eq!(event["EventSource"], "cloudtrail.amazonaws.com");
    assert_eq!(event["ReadOnly"], "true");
    assert_eq!(event["AccessKeyId"], key_of("nobody"));
    assert_eq!(event["Resources"], json!([]));
    assert_eq!(event["EventTime"], 1_767_225_600.0);
    let text = event["CloudTrailEvent"].as_str().expect("text");
    let record: Value = serde_json::from_str(text).expect("JSON");
    assert_eq!(record["eventID"], event["EventId"]);
    assert_eq!(record["errorCode"], "AccessDenied");
    assert_eq!(record["recipientAccountId"], ACCOUNT);
    assert_eq!(found.get("NextToken"), None);
}

#[tokio::test]
async fn each_attribute_finds_its_events() {
    let house = House::new().await;
    house.call("alice", "LookupEvents", json!({})).await;
    let all = house.with("Username", "alice").await;
    let id = all[0]["EventId"].as_str().expect("text");
    assert_eq!(all.len(), 1);
    assert_eq!(house.with("EventId", id).await, all);
    assert_eq!(house.with("AccessKeyId", &key_of("alice")).await, all);
    assert!(house.with("EventName", "LookupEvents").await.len() > 2);
    assert!(house.with("ReadOnly", "true").await.len() > 3);
    assert!(house.with("ReadOnly", "false").await.is_empty());
    assert!(!house.with("Username", "root").await.is_empty());
    let source = "cloudtrail.amazonaws.com";
    assert!(house.with("EventSource", source).await.len() > 5);
    for (key, value) in [("Username", "Alice"), ("EventSource", "kms.amazonaws.com")] {
        assert!(house.with(key, value).await.is_empty());
    }
    for key in ["ResourceName", "ResourceType"] {
        assert!(house.with(key, "AWS::KMS::Key").await.is_empty());
    }
}

#[tokio::test]
async fn pages_follow_each_other_while_more_happens() {
    let house = House::new().await;
    for _ in 0..5 {
        house.call("alice", "LookupEvents", json!({})).await;
    }
    let attribute = json!([{ "AttributeKey": "Username", "AttributeValue": "alice" }]);
    let whole = json!({ "LookupAttributes": attribute });
    let whole = house.ok("LookupEvents", whole).await["Events"].clone();
    let (mut seen, mut token, mut pages) = (Vec::new(), Value::Null, 0);
    loop {
        let mut input = json!({ "LookupAttributes": attribute, "MaxResults": 2 });
        if !token.is_null() {
            input["NextToken"] = token.clone();
        }
        let page = house.ok("LookupEvents", input).await;
        seen.extend(page["Events"].as_array().expect("a list").clone());
        pages += 1;
        house.call("alice", "LookupEvents", json!({})).await;
        match page.get("NextToken") {
            Some(next) => token = next.clone(),
            None => break,
        }
    }
    assert_eq!((Value::Array(seen), pages), (whole, 3));

    let other = json!({ "MaxResults": 2, "NextToken": token });
    let refused = house.refused("LookupEvents", other).await;
    assert_eq!(refused, "InvalidNextTokenException");
    let input = json!({ "LookupAttributes": attribute, "NextToken": token });
    let elsewhere = house.call_in("eu-west-1", "LookupEvents", input).await;
    assert_eq!(elsewhere.code.as_deref(), Some("InvalidNextTokenException"));
    let wrong = json!({ "NextToken": "AAAA" });
    assert_eq!(
        house.refused("LookupEvents", wrong).await,
        "InvalidNextTokenException"
    );
}

#[tokio::test]
async fn accounts_and_regions_are_apart() {
    let house = House::new().await;
    house.harness.root_of("444455556666", "stranger");
    house.call("stranger", "LookupEvents", json!({})).await;
    house.call("alice", "LookupEvents", json!({})).await;
    let elsewhere = house.call_in("us-east-1", "LookupEvents", json!({})).await;
    assert_eq!(elsewhere.body["Events"], json!([]));
    let found = house.call("stranger", "LookupEvents", json!({})).await;
    let events = found.body["Events"].as_array().expect("a list");
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["Username"], "root");
    assert_eq!(house.with("Username", "root").await.len(), 0);
}

#[tokio::test]
async fn times_bound_a_lookup_to_ninety_days() {
    let house = House::new().await;
    let start = 1_767_225_600;
    house.call("alice", "LookupEvents", json!({})).await;
    house.harness.clock.advance(100);
    let count = async |input: Value| {
        let found = house.ok("LookupEvents", input).await;
        let events = found["Events"].as_array().expect("a list");
        let own = events.iter().filter(|event| event["Username"] == "alice");
        own.count()
    };
    assert_eq!(count(json!({ "StartTime": start })).await, 1);
    assert_eq!(count(json!({ "StartTime": start + 1 })).await, 0);
    assert_eq!(count(json!({ "EndTime": start })).await, 1);
    assert_eq!(count(json!({ "EndTime": start - 1 })).await, 0);
    house.harness.clock.advance(90 * 86_400 - 101);
    assert_eq!(count(json!({})).await, 1);
    house.harness.clock.advance(2);
    assert_eq!(count(json!({})).await, 0);
    assert_eq!(count(json!({ "StartTime": start })).await, 0);
}

#[tokio::test]
async fn what_cannot_be_asked_for_is_refused() {
    let house = House::new().await;
    let one = json!({ "AttributeKey": "Username", "AttributeValue": "a" });
    let truth = |value: &str| json!({ "AttributeKey": "ReadOnly", "AttributeValue": value });
    for (input, code) in [
        (
            json!({ "LookupAttributes": [one, one] }),
            "InvalidLookupAttributesException",
        ),
        (
            json!({ "LookupAttributes": [truth("True")] }),
            "InvalidLookupAttributesException",
        ),
        (
            json!({ "LookupAttributes": [truth("other")] }),
            "InvalidLookupAttributesException",
        ),
        (
            json!({ "StartTime": 2_100_000_000 }),
            "InvalidTimeRangeException",
        ),
        (
            json!({ "StartTime": 2, "EndTime": 1 }),
            "InvalidTimeRangeException",
        ),
    ] {
        assert_eq!(house.refused("LookupEvents", input).await, code);
    }
    house
        .ok(
            "LookupEvents",
            json!({ "LookupAttributes": [truth("true")] }),
        )
        .await;
    let insights = json!({ "EventCategory": "insight" });
    assert_eq!(
        house.ok("LookupEvents", insights).await["Events"],
        json!([])
    );
}

#[tokio::test]
async fn two_lookups_a_second_are_served() {
    let house = House::new().await;
    house.harness.pipeline.limit_rates();
    let mut served = 0;
    for _ in 0..6 {
        let answer = house.call("alice", "LookupEvents", json!({})).await;
        match answer.code.as_deref() {
            None => served += 1,
            code => assert_eq!(code, Some("ThrottlingException"), "{}", answer.text),
        }
    }
    assert!((2..5).contains(&served), "{served}");
    house.harness.clock.advance(5);
    let answer = house.call("alice", "LookupEvents", json!({})).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}
