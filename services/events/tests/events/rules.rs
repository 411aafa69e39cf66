//! Rules and their targets.

use serde_json::json;

use crate::house::{OWN, bus, done, house, refused};

#[tokio::test]
async fn rules_are_put_shown_listed_and_deleted() {
    let harness = house().await;
    let input = json!({
        "Name": "orders", "EventPattern": "{\"source\":[\"shop\"]}", "Description": "d",
        "Tags": [{ "Key": "k", "Value": "v" }],
    });
    let made = done(&harness, "root", "PutRule", input).await;
    let arn = format!("arn:aws:events:us-east-1:{OWN}:rule/orders");
    assert_eq!(
        made["RuleArn"]
            .as_str()
            .map(|arn| arn.replace("eu-west-2", "us-east-1")),
        Some(arn)
    );
    let shown = done(
        &harness,
        "root",
        "DescribeRule",
        json!({ "Name": "orders" }),
    )
    .await;
    assert_eq!(
        (&shown["State"], &shown["EventBusName"]),
        (&json!("ENABLED"), &json!("default"))
    );
    assert_eq!(shown["CreatedBy"], OWN);
    let tags = json!({ "ResourceARN": made["RuleArn"] });
    let tags = done(&harness, "root", "ListTagsForResource", tags).await;
    assert_eq!(tags["Tags"], json!([{ "Key": "k", "Value": "v" }]));
    done(&harness, "root", "DisableRule", json!({ "Name": "orders" })).await;
    let listed = done(
        &harness,
        "root",
        "ListRules",
        json!({ "NamePrefix": "ord" }),
    )
    .await;
    assert_eq!(listed["Rules"][0]["State"], "DISABLED");
    // What a request leaves out is gone; the state is ENABLED again.
    let input = json!({ "Name": "orders", "EventPattern": "{\"source\":[\"x\"]}" });
    done(&harness, "root", "PutRule", input).await;
    let shown = done(
        &harness,
        "root",
        "DescribeRule",
        json!({ "Name": "orders" }),
    )
    .await;
    assert!(shown["Description"].is_null());
    assert_eq!(shown["State"], "ENABLED");
    done(&harness, "root", "DeleteRule", json!({ "Name": "orders" })).await;
    done(&harness, "root", "DeleteRule", json!({ "Name": "orders" })).await;
    let (code, text) = refused(
        &harness,
        "root",
        "DescribeRule",
        json!({ "Name": "orders" }),
    )
    .await;
    assert_eq!(code, "ResourceNotFoundException");
    assert_eq!(text, "Rule orders does not exist on EventBus default.");
}

#[tokio::test]
async fn rules_that_cannot_be_made_are_refused() {
    let harness = house().await;
    let (code, text) = refused(&harness, "root", "PutRule", json!({ "Name": "r" })).await;
    assert_eq!(code, "ValidationException");
    assert_eq!(
        text,
        "Parameter(s) EventPattern or ScheduleExpression must be specified."
    );
    let input = json!({ "Name": "r", "EventPattern": "{\"a\":1}" });
    let (code, _) = refused(&harness, "root", "PutRule", input).await;
    assert_eq!(code, "InvalidEventPatternException");
    let input = json!({ "Name": "r", "EventPattern": "{\"a\":[1]}", "EventBusName": "none" });
    let (code, text) = refused(&harness, "root", "PutRule", input).await;
    assert_eq!(
        (&*code, &*text),
        (
            "ResourceNotFoundException",
            "Event bus none does not exist."
        )
    );
    let input = json!({ "Name": "r", "ScheduleExpression": "rate(1 minutes)" });
    let (code, text) = refused(&harness, "root", "PutRule", input).await;
    assert_eq!(code, "ValidationException");
    assert_eq!(text, "Parameter ScheduleExpression is not valid.");
    done(&harness, "root", "CreateEventBus", json!({ "Name": "b" })).await;
    let input = json!({
        "Name": "r", "ScheduleExpression": "rate(1 minute)", "EventBusName": "b",
    });
    let (code, text) = refused(&harness, "root", "PutRule", input).await;
    assert_eq!(code, "ValidationException");
    let said = "ScheduleExpression is supported only on the default event bus.";
    assert_eq!(text, said);
}

#[tokio::test]
async fn targets_are_five_at_most_and_only_what_can_be_served() {
    let harness = house().await;
    let input = json!({ "Name": "r", "EventPattern": "{\"a\":[1]}" });
    done(&harness, "root", "PutRule", input).await;
    let put = |targets: serde_json::Value| json!({ "Rule": "r", "Targets": targets });
    for (arn, said) in [
        ("nonsense", "Provided Arn is not in correct format."),
        (
            "arn:aws:kinesis:eu-west-2:111122223333:stream/s",
            "targets of kinesis",
        ),
        (
            "arn:aws:lambda:eu-west-2:111122223333:layer:l",
            "Provided Arn is not in correct format.",
        ),
        (&*bus(OWN, "default"), "own event bus"),
    ] {
        let input = put(json!([{ "Id": "1", "Arn": arn }]));
        let (code, text) = refused(&harness, "root", "PutTargets", input).await;
        assert_eq!(code, "ValidationException");
        assert!(text.contains(said), "{text}");
    }
    let input = put(json!([{ "Id": "1", "Arn": bus(OWN, "b"), "Input": "{}" }]));
    refused(&harness, "root", "PutTargets", input).await;
    let five = (1..=5).map(|id| json!({ "Id": id.to_string(), "Arn": bus(OWN, "b") }));
    done(&harness, "root", "PutTargets", put(five.collect())).await;
    let input = put(json!([{ "Id": "6", "Arn": bus(OWN, "b") }]));
    let (code, _) = refused(&harness, "root", "PutTargets", input).await;
    assert_eq!(code, "LimitExceededException");
    let input = json!({ "TargetArn": bus(OWN, "b") });
    let names = done(&harness, "root", "ListRuleNamesByTarget", input).await;
    assert_eq!(names["RuleNames"], json!(["r"]));
    let (code, text) = refused(&harness, "root", "DeleteRule", json!({ "Name": "r" })).await;
    assert_eq!(
        (&*code, &*text),
        (
            "ValidationException",
            "Rule can't be deleted since it has targets."
        )
    );
    let input = json!({ "Rule": "r", "Ids": ["1", "2", "3", "4", "none"] });
    done(&harness, "root", "RemoveTargets", input).await;
    let left = done(
        &harness,
        "root",
        "ListTargetsByRule",
        json!({ "Rule": "r" }),
    )
    .await;
    assert_eq!(
        left["Targets"],
        json!([{ "Id": "5", "Arn": bus(OWN, "b") }])
    );
}
