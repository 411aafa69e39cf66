//! What another organization has looks exactly like what does not exist.

use serde_json::{Value, json};

use crate::organizations::house::{House, MANAGEMENT, statement};

/// Every operation that takes an id, with the id in place of `X`.
fn operations() -> Vec<(&'static str, &'static str, Value)> {
    let kind = "SERVICE_CONTROL_POLICY";
    vec![
        ("account", "CloseAccount", json!({ "AccountId": "X" })),
        ("account", "DescribeAccount", json!({ "AccountId": "X" })),
        (
            "account",
            "DescribeEffectivePolicy",
            json!({ "PolicyType": "TAG_POLICY", "TargetId": "X" }),
        ),
        (
            "account",
            "ListDelegatedServicesForAccount",
            json!({ "AccountId": "X" }),
        ),
        ("account", "ListParents", json!({ "ChildId": "X" })),
        (
            "account",
            "ListPoliciesForTarget",
            json!({ "TargetId": "X", "Filter": kind }),
        ),
        (
            "account",
            "ListTagsForResource",
            json!({ "ResourceId": "X" }),
        ),
        (
            "account",
            "RegisterDelegatedAdministrator",
            json!({ "AccountId": "X", "ServicePrincipal": "config.amazonaws.com" }),
        ),
        (
            "account",
            "RemoveAccountFromOrganization",
            json!({ "AccountId": "X" }),
        ),
        (
            "account",
            "TagResource",
            json!({ "ResourceId": "X", "Tags": [] }),
        ),
        (
            "account",
            "AttachPolicy",
            json!({ "PolicyId": "p-FullAWSAccess", "TargetId": "X" }),
        ),
        (
            "unit",
            "DeleteOrganizationalUnit",
            json!({ "OrganizationalUnitId": "X" }),
        ),
        (
            "unit",
            "DescribeOrganizationalUnit",
            json!({ "OrganizationalUnitId": "X" }),
        ),
        (
            "unit",
            "UpdateOrganizationalUnit",
            json!({ "OrganizationalUnitId": "X", "Name": "n" }),
        ),
        (
            "unit",
            "CreateOrganizationalUnit",
            json!({ "ParentId": "X", "Name": "n" }),
        ),
        ("unit", "ListAccountsForParent", json!({ "ParentId": "X" })),
        (
            "unit",
            "ListChildren",
            json!({ "ParentId": "X", "ChildType": "ACCOUNT" }),
        ),
        (
            "unit",
            "ListOrganizationalUnitsForParent",
            json!({ "ParentId": "X" }),
        ),
        ("unit", "ListParents", json!({ "ChildId": "X" })),
        (
            "unit",
            "UntagResource",
            json!({ "ResourceId": "X", "TagKeys": [] }),
        ),
        (
            "root",
            "EnablePolicyType",
            json!({ "RootId": "X", "PolicyType": kind }),
        ),
        (
            "root",
            "DisablePolicyType",
            json!({ "RootId": "X", "PolicyType": kind }),
        ),
        (
            "root",
            "ListChildren",
            json!({ "ParentId": "X", "ChildType": "ACCOUNT" }),
        ),
        ("policy", "DeletePolicy", json!({ "PolicyId": "X" })),
        ("policy", "DescribePolicy", json!({ "PolicyId": "X" })),
        (
            "policy",
            "UpdatePolicy",
            json!({ "PolicyId": "X", "Name": "n" }),
        ),
        ("policy", "ListTargetsForPolicy", json!({ "PolicyId": "X" })),
        (
            "policy",
            "DetachPolicy",
            json!({ "PolicyId": "X", "TargetId": MANAGEMENT }),
        ),
        (
            "policy",
            "ListTagsForResource",
            json!({ "ResourceId": "X" }),
        ),
        (
            "request",
            "DescribeCreateAccountStatus",
            json!({ "CreateAccountRequestId": "X" }),
        ),
    ]
}

#[tokio::test]
async fn sec_i13_ids_of_another_organization_are_absent_everywhere() {
    let (house, admin) = House::with_organization().await;
    let (_, other) = house.other_organization(&admin).await;
    let enable = json!({ "ServicePrincipal": "config.amazonaws.com" });
    house.done(&admin, "EnableAWSServiceAccess", enable).await;
    let root = house.root_id(&other).await;
    let unit = house.unit(&other, &root, "unit").await;
    let kind = "SERVICE_CONTROL_POLICY";
    let policy = house.policy(&other, kind, &statement("Deny", "*")).await;
    let account = house.account(&other, "theirs").await;
    let statuses = house
        .done(&other, "ListCreateAccountStatus", json!({}))
        .await;
    let request = statuses["CreateAccountStatuses"][0]["Id"].clone();
    let request = request.as_str().expect("an id").to_owned();
    for (what, operation, input) in operations() {
        let (there, absent) = match what {
            "account" => (account.as_str(), "999999999999"),
            "unit" => (unit.as_str(), "ou-zzzz-zzzzzzzz"),
            "root" => (root.as_str(), "r-zzzz"),
            "policy" => (policy.as_str(), "p-zzzzzzzzzz"),
            _ => (request.as_str(), "car-zzzzzzzzzzzzzzzz"),
        };
        let with = |id: &str| {
            let text = input.to_string().replace("\"X\"", &format!("\"{id}\""));
            serde_json::from_str::<Value>(&text).expect("JSON")
        };
        let found = house.call(&admin, operation, with(there)).await;
        let missing = house.call(&admin, operation, with(absent)).await;
        assert!(
            found.error().contains("NotFound"),
            "{operation}: {}",
            found.text
        );
        assert_eq!(
            (found.status, &found.text),
            (missing.status, &missing.text),
            "{operation}"
        );
    }
}

#[tokio::test]
async fn sec_i13_a_move_into_another_organization_s_unit_is_a_move_into_nothing() {
    let (house, admin) = House::with_organization().await;
    let (_, other) = house.other_organization(&admin).await;
    let (root, theirs) = (house.root_id(&admin).await, house.root_id(&other).await);
    let account = house.account(&admin, "ours").await;
    for (source, destination, code) in [
        (&root, &theirs, "DestinationParentNotFoundException"),
        (&theirs, &root, "DuplicateAccountException"),
    ] {
        let input = json!({ "AccountId": account, "SourceParentId": source,
            "DestinationParentId": destination });
        house.refused(&admin, "MoveAccount", input, code).await;
    }
}
