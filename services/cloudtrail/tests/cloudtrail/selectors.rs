//! Which events a trail delivers, its Insights types and its tags.

use crate::house::*;
use crate::trails::Trailed;

fn field(name: &str, operator: &str, values: &[&str]) -> Value {
    json!({ "Field": name, operator: values })
}

fn advanced(fields: &[Value]) -> Value {
    json!({ "TrailName": "trail", "AdvancedEventSelectors": [{ "FieldSelectors": fields }] })
}

fn basic(selector: &Value) -> Value {
    json!({ "TrailName": "trail", "EventSelectors": [selector] })
}

/// The names of the events that a trail delivers of the same calls from these selectors on.
async fn delivered(selectors: Value) -> Vec<String> {
    let trailed = Trailed::new().await;
    trailed.logging(json!({})).await;
    trailed.house.ok("PutEventSelectors", selectors).await;
    trailed.house.call("alice", "ListTrails", json!({})).await;
    trailed
        .house
        .ok("StopLogging", json!({ "Name": "trail" }))
        .await;
    trailed.deliver().await;
    let events = trailed.bucket.events();
    let mut names = events
        .iter()
        .map(|event| event["eventName"].as_str().expect("text").to_owned());
    // It was before the choice, which counts from then on.
    assert_eq!(names.next().as_deref(), Some("StartLogging"));
    names.collect()
}

#[tokio::test]
async fn selectors_choose_what_is_delivered() {
    let management = field("eventCategory", "Equals", &["Management"]);
    let all = ["PutEventSelectors", "ListTrails"];
    for (selectors, expected) in [
        (basic(&json!({ "ReadWriteType": "All" })), &all[..]),
        (basic(&json!({ "ReadWriteType": "ReadOnly" })), &all[1..]),
        (basic(&json!({ "ReadWriteType": "WriteOnly" })), &all[..1]),
        (
            basic(&json!({ "ExcludeManagementEventSources": ["kms.amazonaws.com"] })),
            &all[..],
        ),
        (advanced(std::slice::from_ref(&management)), &all[..]),
        (
            advanced(&[management.clone(), field("readOnly", "Equals", &["true"])]),
            &all[1..],
        ),
        (
            advanced(&[
                field("eventCategory", "Equals", &["Data"]),
                field("resources.type", "Equals", &["AWS::S3::Object"]),
            ]),
            &[],
        ),
    ] {
        assert_eq!(delivered(selectors.clone()).await, expected, "{selectors}");
    }
}

#[tokio::test]
async fn selectors_are_shown_as_they_were_put() {
    let trailed = Trailed::new().await;
    let house = &trailed.house;
    trailed.logging(json!({})).await;
    let named = json!({ "TrailName": "trail" });
    let shown = house.ok("GetEventSelectors", named.clone()).await;
    assert_eq!(
        shown["EventSelectors"],
        json!([{
            "ReadWriteType": "All", "IncludeManagementEvents": true, "DataResources": [],
            "ExcludeManagementEventSources": [],
        }])
    );
    let custom = |trail: Value| trail["Trail"]["HasCustomEventSelectors"].clone();
    let name = json!({ "Name": "trail" });
    assert_eq!(custom(house.ok("GetTrail", name.clone()).await), false);
    let put = advanced(&[
        field("eventCategory", "Equals", &["Data"]),
        field("eventName", "NotEquals", &["GetObject"]),
        field("resources.ARN", "StartsWith", &["arn:aws:s3:::b/"]),
        field("resources.type", "Equals", &["AWS::S3::Object"]),
    ]);
    house.ok("PutEventSelectors", put.clone()).await;
    let shown = house.ok("GetEventSelectors", named).await;
    assert_eq!(
        shown["AdvancedEventSelectors"],
        put["AdvancedEventSelectors"]
    );
    assert_eq!(shown.get("EventSelectors"), None);
    assert_eq!(custom(house.ok("GetTrail", name).await), true);
}

/// As they were put in the answer to that, in the order of their names from then on.
#[tokio::test]
async fn fields_are_shown_in_the_order_of_their_names() {
    let trailed = Trailed::new().await;
    trailed.logging(json!({})).await;
    let fields = [
        field("resources.type", "Equals", &["AWS::S3::Object"]),
        field("eventCategory", "Equals", &["Data"]),
    ];
    let put = trailed
        .house
        .ok("PutEventSelectors", advanced(&fields))
        .await;
    let shown = json!({ "TrailName": "trail" });
    let shown = trailed.house.ok("GetEventSelectors", shown).await;
    let names = |answer: &Value| {
        let fields = answer["AdvancedEventSelectors"][0]["FieldSelectors"].clone();
        [fields[0]["Field"].clone(), fields[1]["Field"].clone()]
    };
    assert_eq!(names(&put), ["resources.type", "eventCategory"]);
    assert_eq!(names(&shown), ["eventCategory", "resources.type"]);
}

#[tokio::test]
async fn selectors_that_are_not_as_documented_are_refused() {
    let trailed = Trailed::new().await;
    trailed.logging(json!({})).await;
    let management = || field("eventCategory", "Equals", &["Management"]);
    let data = || field("eventCategory", "Equals", &["Data"]);
    let kind = || field("resources.type", "Equals", &["AWS::S3::Object"]);
    let many: Vec<String> = (0..501).map(|number| number.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let resource = |kind: &str, value: &str| {
        basic(&json!({ "DataResources": [{ "Type": kind, "Values": [value] }] }))
    };
    for input in [
        json!({ "TrailName": "trail" }),
        json!({ "TrailName": "trail", "EventSelectors": [{}, {}, {}, {}, {}, {}] }),
        json!({
            "TrailName": "trail", "EventSelectors": [{}],
            "AdvancedEventSelectors": [{ "FieldSelectors": [management()] }],
        }),
        basic(&json!({ "ExcludeManagementEventSources": ["iam.amazonaws.com"] })),
        basic(&json!({ "IncludeManagementEvents": false })),
        resource("AWS::S3::Object", "arn:aws:s3:::*"),
        resource("AWS::S3::Object", "arn:aws:lambda"),
        resource("AWS::KMS::Key", "arn:aws:kms"),
        advanced(&[field("readOnly", "Equals", &["true"])]),
        advanced(&[field("eventCategory", "Equals", &["Other"])]),
        advanced(&[field("eventCategory", "StartsWith", &["Management"])]),
        advanced(&[management(), management()]),
        advanced(&[management(), field("eventName", "Equals", &["Decrypt"])]),
        advanced(&[management(), field("readOnly", "Equals", &["maybe"])]),
        advanced(&[
            management(),
            field("eventSource", "Equals", &["kms.amazonaws.com"]),
        ]),
        advanced(&[
            management(),
            field("eventSource", "NotEquals", &["iam.amazonaws.com"]),
        ]),
        advanced(&[management(), json!({ "Field": "readOnly" })]),
        advanced(&[data()]),
        advanced(&[data(), field("resources.type", "Equals", &["S3"])]),
        advanced(&[data(), kind(), field("resources.ARN", "Equals", &many)]),
    ] {
        let code = trailed
            .house
            .refused("PutEventSelectors", input.clone())
            .await;
        assert_eq!(code, "InvalidEventSelectorsException", "{input}");
    }
    for value in ["arn:aws:s3", "arn:aws:s3:::bucket/prefix"] {
        let input = resource("AWS::S3::Object", value);
        trailed.house.ok("PutEventSelectors", input).await;
    }
}

#[tokio::test]
async fn insights_are_kept_for_trails_that_log_what_they_need() {
    let trailed = Trailed::new().await;
    let house = &trailed.house;
    trailed.logging(json!({})).await;
    let named = json!({ "TrailName": "trail" });
    let none = house.refused("GetInsightSelectors", named.clone()).await;
    assert_eq!(none, "InsightNotEnabledException");
    let put =
        |kind: &str| json!({ "TrailName": "trail", "InsightSelectors": [{ "InsightType": kind }] });
    house
        .ok("PutInsightSelectors", put("ApiCallRateInsight"))
        .await;
    let shown = house.ok("GetInsightSelectors", named.clone()).await;
    assert_eq!(
        shown["InsightSelectors"],
        json!([{ "InsightType": "ApiCallRateInsight", "EventCategories": ["Management"] }])
    );
    let off = json!({ "TrailName": "trail", "InsightSelectors": [] });
    house.ok("PutInsightSelectors", off).await;
    let none = house.refused("GetInsightSelectors", named).await;
    assert_eq!(none, "InsightNotEnabledException");
    let reading = basic(&json!({ "ReadWriteType": "ReadOnly" }));
    house.ok("PutEventSelectors", reading).await;
    let code = house
        .refused("PutInsightSelectors", put("ApiCallRateInsight"))
        .await;
    assert_eq!(code, "InvalidInsightSelectorsException");
    house
        .ok("PutInsightSelectors", put("ApiErrorRateInsight"))
        .await;
    let neither = house.refused("GetInsightSelectors", json!({})).await;
    assert_eq!(neither, "InvalidParameterCombinationException");
}

#[tokio::test]
async fn trails_are_tagged_and_policies_see_it() {
    let trailed = Trailed::new().await;
    let house = &trailed.house;
    let tag = |key: &str, value: &str| json!({ "Key": key, "Value": value });
    let red = json!({ "TagsList": [tag("Team", "red")] });
    trailed.logging(red).await;
    let arn = format!("arn:aws:cloudtrail:eu-west-2:{ACCOUNT}:trail/trail");
    let listed = || async {
        let listed = house
            .ok("ListTags", json!({ "ResourceIdList": [arn] }))
            .await;
        listed["ResourceTagList"][0]["TagsList"].clone()
    };
    assert_eq!(listed().await, json!([tag("Team", "red")]));
    let more = json!({ "ResourceId": arn, "TagsList": [tag("A", "b"), tag("Team", "blue")] });
    house.ok("AddTags", more).await;
    assert_eq!(listed().await, json!([tag("A", "b"), tag("Team", "blue")]));
    let only_blue = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow",
        "Action":"cloudtrail:StopLogging","Resource":"*",
        "Condition":{"StringEquals":{"aws:ResourceTag/Team":"blue"}}}}"#;
    house.harness.user("blue", &[only_blue]);
    let stop = || house.call("blue", "StopLogging", json!({ "Name": "trail" }));
    assert_eq!(stop().await.status, 200);
    let gone = json!({ "ResourceId": arn, "TagsList": [{ "Key": "Team" }] });
    house.ok("RemoveTags", gone).await;
    assert_eq!(listed().await, json!([tag("A", "b")]));
    assert_eq!(stop().await.code.as_deref(), Some("AccessDeniedException"));
    let fifty: Vec<_> = (0..50)
        .map(|number| tag(&format!("k{number}"), "v"))
        .collect();
    for (id, tags, code) in [
        (arn.as_str(), json!(fifty), "TagsLimitExceededException"),
        (
            &arn,
            json!([tag("aws:x", "v")]),
            "InvalidTagParameterException",
        ),
        (
            &arn,
            json!([tag("x", "v"), tag("x", "w")]),
            "InvalidTagParameterException",
        ),
        (&format!("{arn}2"), json!([]), "ResourceNotFoundException"),
        ("trail", json!([]), "CloudTrailARNInvalidException"),
        (
            &arn.replace("trail/trail", "channel/x"),
            json!([]),
            "ResourceTypeNotSupportedException",
        ),
        (
            &arn.replace(ACCOUNT, "444455556666"),
            json!([]),
            "CloudTrailARNInvalidException",
        ),
    ] {
        let input = json!({ "ResourceId": id, "TagsList": tags });
        assert_eq!(house.refused("AddTags", input).await, code, "{id}");
    }
}

#[tokio::test]
async fn what_an_update_leaves_out_stays() {
    let trailed = Trailed::new().await;
    let house = &trailed.house;
    trailed
        .logging(json!({ "S3KeyPrefix": "p", "EnableLogFileValidation": true }))
        .await;
    let changed = house
        .ok(
            "UpdateTrail",
            json!({ "Name": "trail", "IsMultiRegionTrail": true }),
        )
        .await;
    assert_eq!(changed["S3KeyPrefix"], "p");
    assert_eq!(changed["IsMultiRegionTrail"], true);
    assert_eq!(changed["LogFileValidationEnabled"], true);
    let global = json!({ "Name": "trail", "IncludeGlobalServiceEvents": false });
    let code = house.refused("UpdateTrail", global).await;
    assert_eq!(code, "InvalidParameterCombinationException");
    let changed = house
        .ok("UpdateTrail", json!({ "Name": "trail", "S3KeyPrefix": "" }))
        .await;
    assert_eq!(changed.get("S3KeyPrefix"), None);
    assert_eq!(trailed.status().await["IsLogging"], true);
    // The last hour before a trail stops has its digest too; then there is nothing left to do.
    trailed.deliver().await;
    house.ok("StopLogging", json!({ "Name": "trail" })).await;
    trailed.deliver().await;
    house.harness.clock.advance(3600);
    trailed.deliver().await;
    assert_eq!(trailed.bucket.keys("CloudTrail-Digest").len(), 1);
    house.harness.clock.advance(7200);
    trailed.deliver().await;
    assert_eq!(trailed.bucket.keys("CloudTrail-Digest").len(), 1);
}
