//! Resource policies.

use crate::house::{House, NOW, arn, json};

fn document(resource: &str) -> String {
    json!({ "Version": "2012-10-17", "Statement": [{
        "Sid": "one", "Effect": "Allow", "Principal": { "Service": "events.amazonaws.com" },
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": resource,
    }]})
    .to_string()
}

#[tokio::test]
async fn policies_of_the_account() {
    let house = House::new().await;
    for number in 0..10 {
        let input = json!({ "policyName": format!("p{number}"), "policyDocument": document("*") });
        let made = house.ok("PutResourcePolicy", input).await;
        let expected = json!({
            "policyName": format!("p{number}"), "policyDocument": document("*"),
            "lastUpdatedTime": NOW, "policyScope": "ACCOUNT",
        });
        assert_eq!(made["resourcePolicy"], expected);
    }
    let input = |name: &str| json!({ "policyName": name, "policyDocument": document("*") });
    house.ok("PutResourcePolicy", input("p3")).await;
    let (code, _) = house.fails("PutResourcePolicy", input("p11")).await;
    assert_eq!(code, "LimitExceededException");
    let shown = house
        .ok("DescribeResourcePolicies", json!({ "limit": 4 }))
        .await;
    assert_eq!(shown["resourcePolicies"].as_array().map(Vec::len), Some(4));
    assert!(shown["nextToken"].is_string());
    house
        .ok("DeleteResourcePolicy", json!({ "policyName": "p3" }))
        .await;
    let (code, text) = house
        .fails("DeleteResourcePolicy", json!({ "policyName": "p3" }))
        .await;
    assert_eq!(code, "ResourceNotFoundException");
    assert_eq!(text, "Policy with name [p3] does not exist.");
    for wrong in [
        json!({ "policyName": "p", "policyDocument": "{}" }),
        json!({ "policyName": "p" }),
        json!({ "policyDocument": document("*") }),
    ] {
        let (code, _) = house.fails("PutResourcePolicy", wrong).await;
        assert_eq!(code, "InvalidParameterException");
    }
}

#[tokio::test]
async fn the_policy_of_a_group_changes_by_revisions() {
    let house = House::furnished().await;
    let input = |revision: Option<&str>| {
        json!({
            "resourceArn": arn("g"), "policyDocument": document("*"),
            "expectedRevisionId": revision,
        })
    };
    let made = house.ok("PutResourcePolicy", input(None)).await;
    let revision = made["revisionId"].as_str().expect("a revision");
    assert_eq!(made["resourcePolicy"]["policyScope"], "RESOURCE");
    assert_eq!(made["resourcePolicy"]["resourceArn"], arn("g"));
    let (code, _) = house.fails("PutResourcePolicy", input(None)).await;
    assert_eq!(code, "OperationAbortedException");
    let next = house.ok("PutResourcePolicy", input(Some(revision))).await;
    assert_ne!(next["revisionId"], revision);
    let shown = house.ok("DescribeResourcePolicies", json!({})).await;
    assert_eq!(shown["resourcePolicies"], json!([]));
    let scope = json!({ "policyScope": "RESOURCE" });
    let shown = house.ok("DescribeResourcePolicies", scope).await;
    assert_eq!(shown["resourcePolicies"].as_array().map(Vec::len), Some(1));
    let stale = json!({ "resourceArn": arn("g"), "expectedRevisionId": revision });
    let (code, _) = house.fails("DeleteResourcePolicy", stale).await;
    assert_eq!(code, "OperationAbortedException");
    let input = json!({ "resourceArn": arn("g"), "expectedRevisionId": next["revisionId"] });
    house.ok("DeleteResourcePolicy", input).await;
    let nowhere = json!({ "resourceArn": arn("nowhere"), "policyDocument": document("*") });
    assert_eq!(
        house.fails("PutResourcePolicy", nowhere).await.0,
        "ResourceNotFoundException"
    );
}
