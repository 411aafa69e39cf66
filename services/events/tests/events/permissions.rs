//! Who may do what, and bus policies.

use serde_json::{Value, json};

use crate::house::{OTHER, OWN, bus, done, entry, house, refused};

#[tokio::test]
async fn conditions_on_events_decide_each_entry() {
    let harness = house().await;
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow", "Action": "events:PutEvents", "Resource": bus(OWN, "default"),
            "Condition": { "StringEquals": { "events:source": "app", "events:detail-type": "Order" } },
        },
    });
    harness.user("putter", &[&policy.to_string()]);
    let app = entry("default", "app", &json!({}));
    done(&harness, "putter", "PutEvents", json!({ "Entries": [app] })).await;
    let other = entry("default", "else", &json!({}));
    let (code, _) = refused(
        &harness,
        "putter",
        "PutEvents",
        json!({ "Entries": [app, other] }),
    )
    .await;
    assert_eq!(code, "AccessDeniedException");
    let elsewhere = entry("shop", "app", &json!({}));
    let (code, _) = refused(
        &harness,
        "putter",
        "PutEvents",
        json!({ "Entries": [elsewhere] }),
    )
    .await;
    assert_eq!(code, "AccessDeniedException");
}

#[tokio::test]
async fn statements_of_a_bus_policy_come_and_go_by_their_ids() {
    let harness = house().await;
    let statement = |id: &str, principal: &str| json!({ "StatementId": id, "Action": "events:PutEvents", "Principal": principal });
    done(&harness, "root", "PutPermission", statement("one", OTHER)).await;
    done(&harness, "root", "PutPermission", statement("two", "*")).await;
    done(&harness, "root", "PutPermission", statement("one", "*")).await;
    let shown = done(&harness, "root", "DescribeEventBus", json!({})).await;
    let policy = shown["Policy"].as_str().unwrap_or_default();
    let policy: Value = serde_json::from_str(policy).unwrap_or_default();
    let statements = policy["Statement"].as_array().into_iter().flatten();
    let ids: Vec<_> = statements.map(|statement| &statement["Sid"]).collect();
    assert_eq!(ids, ["one", "two"], "{policy}");
    let (code, text) = refused(
        &harness,
        "root",
        "RemovePermission",
        json!({ "StatementId": "three" }),
    )
    .await;
    assert_eq!(code, "ResourceNotFoundException");
    assert_eq!(text, "Statement with the provided id does not exist.");
    done(
        &harness,
        "root",
        "RemovePermission",
        json!({ "StatementId": "one" }),
    )
    .await;
    done(
        &harness,
        "root",
        "RemovePermission",
        json!({ "RemoveAllPermissions": true }),
    )
    .await;
    let shown = done(&harness, "root", "DescribeEventBus", json!({})).await;
    assert!(shown["Policy"].is_null());
    let (_, text) = refused(
        &harness,
        "root",
        "RemovePermission",
        json!({ "StatementId": "two" }),
    )
    .await;
    assert_eq!(text, "Statement with the provided id does not exist.");
}

#[tokio::test]
async fn an_organization_condition_keeps_strangers_out() {
    let harness = house().await;
    let input = json!({
        "StatementId": "org", "Action": "events:PutEvents", "Principal": "*",
        "Condition": { "Type": "StringEquals", "Key": "aws:PrincipalOrgID", "Value": "o-1234567890" },
    });
    done(&harness, "root", "PutPermission", input).await;
    let across = entry(&bus(OWN, "default"), "app", &json!({}));
    let (code, _) = refused(
        &harness,
        "other",
        "PutEvents",
        json!({ "Entries": [across] }),
    )
    .await;
    assert_eq!(code, "AccessDeniedException");
}

#[tokio::test]
async fn a_caller_without_permission_learns_nothing_of_what_exists() {
    let harness = house().await;
    harness.user("nobody", &[]);
    done(
        &harness,
        "root",
        "CreateEventBus",
        json!({ "Name": "shop" }),
    )
    .await;
    let input = json!({ "Name": "r", "EventBusName": "shop", "EventPattern": "{\"a\":[1]}" });
    done(&harness, "root", "PutRule", input).await;
    for (operation, there, not_there) in [
        (
            "DescribeEventBus",
            json!({ "Name": "shop" }),
            json!({ "Name": "none" }),
        ),
        (
            "DescribeRule",
            json!({ "Name": "r", "EventBusName": "shop" }),
            json!({ "Name": "r", "EventBusName": "none" }),
        ),
    ] {
        let one = refused(&harness, "nobody", operation, there).await;
        let two = refused(&harness, "nobody", operation, not_there).await;
        assert_eq!(one.0, "AccessDeniedException");
        assert_eq!(one.1.replace("shop", "none"), two.1);
    }
}
