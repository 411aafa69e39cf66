//! Functions of Lambda as targets.

use platform::FunctionCaller;
use platform::testing::{Harness, REGION};
use serde_json::{Value, json};

use crate::house::{OTHER, OWN, done, entry, house, refused};

fn function(account: &str, name: &str) -> String {
    format!("arn:aws:lambda:{REGION}:{account}:function:{name}")
}

fn targets(target: &Value) -> Value {
    let mut target = target.clone();
    target["Id"] = json!("t");
    json!({ "Rule": "r", "Targets": [target] })
}

/// A house with the rule `r`, for all events of `app`, and a target.
async fn ruled(target: Value) -> Harness {
    let harness = house().await;
    let input = json!({ "Name": "r", "EventPattern": "{\"source\":[\"app\"]}" });
    done(&harness, "root", "PutRule", input).await;
    done(&harness, "root", "PutTargets", targets(&target)).await;
    harness
}

/// Puts an event with this number, and makes the deliveries that are due.
async fn put(harness: &Harness, number: i64) {
    let entries = json!({ "Entries": [entry("default", "app", &json!({ "n": number }))] });
    done(harness, "root", "PutEvents", entries).await;
    harness.run_deliveries().await;
}

/// What functions got since this was asked last.
fn events(harness: &Harness) -> Vec<Value> {
    let ran = harness.functions.ran().into_iter();
    ran.map(|(_, event)| serde_json::from_slice(&event).unwrap_or_default())
        .collect()
}

#[tokio::test]
async fn a_function_gets_the_event_from_the_rule() {
    let arn = function(OWN, "f:live");
    let harness = ruled(json!({ "Arn": arn })).await;
    harness.functions.answer(&arn, "null");
    put(&harness, 7).await;
    let ran = harness.functions.ran();
    let caller = FunctionCaller {
        function: arn.clone(),
        service: "events.amazonaws.com".to_owned(),
        source_arn: format!("arn:aws:events:{REGION}:{OWN}:rule/r"),
        source_account: OWN.to_owned(),
    };
    assert_eq!(ran.len(), 1);
    assert_eq!(ran[0].0, caller);
    let event: Value = serde_json::from_slice(&ran[0].1).unwrap_or_default();
    assert_eq!(event["detail"], json!({ "n": 7 }));
    assert_eq!(event["source"], "app");
    assert_eq!(harness.run_deliveries().await, 0);
    let shown = done(
        &harness,
        "root",
        "ListTargetsByRule",
        json!({ "Rule": "r" }),
    )
    .await;
    assert_eq!(shown["Targets"], json!([{ "Id": "t", "Arn": arn }]));
}

#[tokio::test]
async fn a_function_gets_what_its_target_says() {
    let arn = function(OWN, "f");
    let transformer = json!({
        "InputPathsMap": { "n": "$.detail.n" }, "InputTemplate": "{\"number\": <n>}",
    });
    for (target, expected) in [
        (json!({ "InputPath": "$.detail" }), json!({ "n": 7 })),
        (json!({ "Input": "[1]" }), json!([1])),
        (
            json!({ "InputTransformer": transformer }),
            json!({ "number": 7 }),
        ),
    ] {
        let mut target = target;
        target["Arn"] = json!(arn);
        let harness = ruled(target).await;
        harness.functions.answer(&arn, "null");
        put(&harness, 7).await;
        assert_eq!(events(&harness), [expected]);
    }
}

#[tokio::test]
async fn a_function_that_is_not_let_run_gets_nothing_ever() {
    let arn = function(OWN, "f");
    let harness = ruled(json!({ "Arn": arn })).await;
    put(&harness, 1).await;
    assert_eq!(harness.pipeline.deliveries().counts().given_up, 1);
    harness.functions.answer(&arn, "null");
    harness.clock.advance(3600);
    assert_eq!(harness.run_deliveries().await, 0);
    assert_eq!(events(&harness), [] as [Value; 0]);
}

#[tokio::test]
async fn what_functions_are_no_targets_is_refused() {
    let harness = ruled(json!({ "Arn": function(OWN, "f") })).await;
    let elsewhere = function(OWN, "f").replace(REGION, "ap-south-2");
    for (target, said) in [
        (json!({ "Arn": function(OTHER, "f") }), "another account"),
        (json!({ "Arn": elsewhere }), "another Region"),
        (
            json!({ "Arn": function(OWN, "f:1:2") }),
            "not in correct format",
        ),
        (
            json!({ "Arn": function(OWN, "f"), "SqsParameters": { "MessageGroupId": "g" } }),
            "SqsParameters not valid for target: t",
        ),
    ] {
        let (code, text) = refused(&harness, "root", "PutTargets", targets(&target)).await;
        assert_eq!(code, "ValidationException");
        assert!(text.contains(said), "{text}");
    }
}
