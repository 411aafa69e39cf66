//! What parameters do by the clock, and what EventBridge hears of them.

use platform::Clock as _;
use platform::testing::Harness;
use serde_json::{Value, json};

use crate::house::{arn, code, done, emitted, get, house, make, names, put};

const DAY: i64 = 86_400;
const CHANGE: &str = "Parameter Store Change";
const ACTION: &str = "Parameter Store Policy Action";

fn policy(kind: &str, attributes: Value) -> Value {
    json!({ "Type": kind, "Version": "1.0", "Attributes": attributes })
}

/// Expires on 31 January 2026, warns ten days before, and reminds after six days.
fn three() -> String {
    let expiration = policy(
        "Expiration",
        json!({ "Timestamp": "2026-01-31T00:00:00.000Z" }),
    );
    let warning = policy(
        "ExpirationNotification",
        json!({ "Before": "10", "Unit": "Days" }),
    );
    let reminder = policy(
        "NoChangeNotification",
        json!({ "After": "144", "Unit": "Hours" }),
    );
    json!([expiration, warning, reminder]).to_string()
}

async fn carry_out(harness: &Harness) -> usize {
    let upkeep = harness.pipeline.upkeep();
    let done = service_ssm::carry_out(&upkeep, harness.clock.now()).await;
    done.ok().expect("a store in memory")
}

/// The types of policies that were carried out.
async fn actions(harness: &Harness) -> Vec<String> {
    let events = emitted(harness, ACTION).await;
    let kinds = events
        .iter()
        .filter_map(|(_, it)| it["policy-type"].as_str());
    let mut kinds: Vec<String> = kinds.map(str::to_owned).collect();
    kinds.sort_unstable();
    kinds
}

async fn statuses(harness: &Harness) -> Value {
    let shown = done(harness, "root", "DescribeParameters", json!({})).await;
    let policies = shown["Parameters"][0]["Policies"]
        .as_array()
        .expect("policies");
    let shown = policies
        .iter()
        .map(|it| (it["PolicyType"].clone(), it["PolicyStatus"].clone()));
    json!(shown.collect::<Vec<_>>())
}

#[tokio::test]
async fn policies_are_carried_out_at_their_times() {
    let harness = house().await;
    make(
        &harness,
        "/p",
        json!({ "Tier": "Advanced", "Policies": three() }),
    )
    .await;
    assert_eq!(
        statuses(&harness).await,
        json!([
            ["Expiration", "Pending"],
            ["ExpirationNotification", "Pending"],
            ["NoChangeNotification", "Pending"]
        ])
    );
    harness.clock.advance(6 * DAY - 1);
    assert_eq!(
        (carry_out(&harness).await, actions(&harness).await.len()),
        (0, 0)
    );
    harness.clock.advance(1);
    assert_eq!(carry_out(&harness).await, 1);
    assert_eq!(actions(&harness).await, ["NoChangeNotification"]);
    assert_eq!(
        (carry_out(&harness).await, actions(&harness).await.len()),
        (0, 1)
    );
    assert_eq!(
        statuses(&harness).await[2],
        json!(["NoChangeNotification", "Finished"])
    );

    // A change begins that time anew, and keeps the policies.
    put(&harness, "/p", "w").await;
    assert_eq!(
        statuses(&harness).await[2],
        json!(["NoChangeNotification", "Pending"])
    );
    harness.clock.advance(6 * DAY);
    assert_eq!(carry_out(&harness).await, 1);
    assert_eq!(actions(&harness).await.len(), 2);

    harness.clock.advance(8 * DAY);
    assert_eq!(carry_out(&harness).await, 1);
    assert_eq!(actions(&harness).await[0], "ExpirationNotification");
    harness.clock.advance(10 * DAY - 1);
    assert_eq!(get(&harness, "/p").await["Value"], "w");
    harness.clock.advance(1);
    // Gone at its time, whether or not anybody has deleted it yet.
    let gone = code(&harness, "root", "GetParameter", json!({ "Name": "/p" })).await;
    assert_eq!(gone, "ParameterNotFound");
    let shown = done(&harness, "root", "DescribeParameters", json!({})).await;
    assert_eq!(names(&shown), [""; 0]);
    assert_eq!(carry_out(&harness).await, 1);
    assert_eq!(actions(&harness).await[0], "Expiration");
    let changes = emitted(&harness, CHANGE).await;
    assert!(
        changes.iter().any(|(_, it)| it["operation"] == "Delete"),
        "{changes:?}"
    );
    assert_eq!(
        (carry_out(&harness).await, actions(&harness).await.len()),
        (0, 4)
    );
    let (resource, detail) = emitted(&harness, ACTION).await.remove(0);
    assert_eq!(
        (resource, &detail["parameter-name"]),
        (arn("/p"), &json!("/p"))
    );
    assert_eq!(detail["action-status"], "Success");
}

#[tokio::test]
async fn a_name_is_free_at_once_when_its_time_is_over() {
    let harness = house().await;
    make(
        &harness,
        "/p",
        json!({ "Tier": "Advanced", "Policies": three() }),
    )
    .await;
    put(&harness, "/p", "w").await;
    harness.clock.advance(31 * DAY);
    let made = make(&harness, "/p", json!({ "Value": "new" })).await;
    assert_eq!(made, json!({ "Version": 1, "Tier": "Standard" }));
    assert_eq!(actions(&harness).await.len(), 3);
    assert_eq!(get(&harness, "/p").await["Value"], "new");
    assert_eq!(carry_out(&harness).await, 0);
    let gone = code(&harness, "root", "GetParameter", json!({ "Name": "/p:2" })).await;
    assert_eq!(gone, "ParameterVersionNotFound");
}

#[tokio::test]
async fn policies_are_replaced_and_taken_away() {
    let harness = house().await;
    make(
        &harness,
        "/p",
        json!({ "Tier": "Advanced", "Policies": three() }),
    )
    .await;
    let input = json!({ "Name": "/p", "Value": "w", "Overwrite": true, "Policies": "[{}]" });
    done(&harness, "root", "PutParameter", input).await;
    assert_eq!(statuses(&harness).await, json!([]));
    harness.clock.advance(40 * DAY);
    assert_eq!(carry_out(&harness).await, 0);
    assert_eq!(get(&harness, "/p").await["Value"], "w");
    let standard = json!({ "Name": "/q", "Value": "v", "Type": "String", "Policies": three() });
    let refused = code(&harness, "root", "PutParameter", standard).await;
    assert_eq!(refused, "InvalidPolicyAttributeException");
    let reminder = policy(
        "NoChangeNotification",
        json!({ "After": "1", "Unit": "Days" }),
    );
    let given = json!([reminder]).to_string();
    let standard = json!({ "Name": "/q", "Value": "v", "Type": "String", "Policies": given });
    let refused = code(&harness, "root", "PutParameter", standard).await;
    assert_eq!(refused, "ValidationException");
}

#[tokio::test]
async fn changes_are_told() {
    let harness = house().await;
    make(&harness, "/p", json!({ "Description": "what it is" })).await;
    put(&harness, "/p", "w").await;
    let input = json!({ "Name": "/p", "Labels": ["prod"] });
    done(&harness, "root", "LabelParameterVersion", input).await;
    done(&harness, "root", "DeleteParameter", json!({ "Name": "/p" })).await;
    let failed = json!({ "Name": "/q", "Value": "", "Type": "String" });
    code(&harness, "root", "PutParameter", failed).await;
    let events = emitted(&harness, CHANGE).await;
    let mut told: Vec<_> = events
        .iter()
        .filter_map(|(_, it)| it["operation"].as_str())
        .collect();
    told.sort_unstable();
    assert_eq!(
        told,
        ["Create", "Delete", "LabelParameterVersion", "Update"]
    );
    let created = events.iter().find(|(_, it)| it["operation"] == "Create");
    let expected = json!({
        "operation": "Create", "name": "/p", "type": "String", "description": "what it is",
    });
    assert_eq!(created, Some(&(arn("/p"), expected)));
}
