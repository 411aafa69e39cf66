//! Functions of Lambda as targets, with dead-letter queues and roles.

use platform::testing::{ACCOUNT, REGION};
use serde_json::json;

use crate::events::house::{OTHER, body, house, put, queue, queue_arn, receive, rule, rule_arn};

fn function(account: &str) -> String {
    format!("arn:aws:lambda:{REGION}:{account}:function:f")
}

#[tokio::test]
async fn what_no_function_takes_is_buried_with_its_error() {
    let harness = house().await;
    queue(&harness, "root", "dead", json!({})).await;
    let dead = json!({ "Arn": queue_arn(ACCOUNT, "dead") });
    rule(
        &harness,
        json!({ "Arn": function(ACCOUNT), "DeadLetterConfig": dead, "InputPath": "$.detail" }),
    )
    .await;
    put(&harness, 7).await;
    harness.functions.answer(&function(ACCOUNT), "null");
    put(&harness, 8).await;
    harness.run_deliveries().await;
    let found = receive(&harness, "root", ACCOUNT, "dead").await;
    assert_eq!(found.len(), 1);
    assert_eq!(body(&found[0])["detail"], json!({ "n": 7 }));
    let attributes = &found[0]["MessageAttributes"];
    assert_eq!(attributes["ERROR_CODE"]["StringValue"], "NO_RESOURCE");
    assert_eq!(attributes["TARGET_ARN"]["StringValue"], function(ACCOUNT));
    assert_eq!(attributes["RULE_ARN"]["StringValue"], rule_arn());
    let ran = harness.functions.ran();
    assert_eq!(ran.len(), 1);
    assert_eq!(&*ran[0].1, br#"{"n":8}"#);
}

/// The role is asked, and not the port of services that run functions as themselves.
#[tokio::test]
async fn a_target_with_a_role_runs_its_function_with_it() {
    let harness = house().await;
    queue(&harness, "root", "dead", json!({})).await;
    let role = format!("arn:aws:iam::{ACCOUNT}:role/runs");
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
        "Principal":{"Service":"events.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
    harness.identities.role(&role, trust, &[]);
    let target = |account: &str| {
        json!({
            "Arn": function(account), "RoleArn": role,
            "DeadLetterConfig": { "Arn": queue_arn(ACCOUNT, "dead") },
        })
    };
    let codes = async || {
        let found = receive(&harness, "root", ACCOUNT, "dead").await;
        let code = |it: &serde_json::Value| {
            let code = it["MessageAttributes"]["ERROR_CODE"]["StringValue"].as_str();
            code.unwrap_or_default().to_owned()
        };
        found.iter().map(code).collect::<Vec<_>>()
    };
    harness.functions.answer(&function(ACCOUNT), "null");
    rule(&harness, target(ACCOUNT)).await;
    put(&harness, 1).await;
    harness.run_deliveries().await;
    assert_eq!(codes().await, ["NO_PERMISSIONS"]);
    let runs = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
        "Action":"lambda:InvokeFunction","Resource":"*"}]}"#;
    harness.identities.role(&role, trust, &[runs]);
    put(&harness, 2).await;
    harness.run_deliveries().await;
    // What is not there is told to those alone who may run it.
    assert_eq!(codes().await, ["NO_RESOURCE"]);
    // A function of another account lets the role in by its own policy.
    rule(&harness, target(OTHER)).await;
    put(&harness, 3).await;
    harness.run_deliveries().await;
    assert_eq!(codes().await, ["NO_PERMISSIONS"]);
    assert!(harness.functions.ran().is_empty());
}
