//! From consolidated billing to all features.

use serde_json::json;

use crate::organizations::house::{House, Login, text};

async fn billing() -> (House, Login) {
    let (house, admin) = House::new().await;
    let input = json!({ "FeatureSet": "CONSOLIDATED_BILLING" });
    house.done(&admin, "CreateOrganization", input).await;
    (house, admin)
}

#[tokio::test]
async fn consolidated_billing_has_no_policies() {
    let (house, admin) = billing().await;
    let root = house.root_id(&admin).await;
    let kind = "SERVICE_CONTROL_POLICY";
    let input = json!({ "RootId": root, "PolicyType": kind });
    let code = "PolicyTypeNotAvailableForOrganizationException";
    house.refused(&admin, "EnablePolicyType", input, code).await;
    let listed = house
        .done(&admin, "ListPolicies", json!({ "Filter": kind }))
        .await;
    assert_eq!(listed["Policies"], json!([]));
    let mode = "ConstraintViolationException ORGANIZATION_NOT_IN_ALL_FEATURES_MODE";
    let account = house.account(&admin, "one").await;
    for (operation, input) in [
        ("CloseAccount", json!({ "AccountId": account })),
        (
            "EnableAWSServiceAccess",
            json!({ "ServicePrincipal": "config.amazonaws.com" }),
        ),
        ("PutResourcePolicy", json!({ "Content": "{}" })),
    ] {
        house.refused(&admin, operation, input, mode).await;
    }
}

#[tokio::test]
async fn every_invited_account_agrees_before_the_change() {
    let (house, admin) = billing().await;
    let (account, login) = house.member(&admin, "one").await;
    house.done(&login, "LeaveOrganization", json!({})).await;
    let input = json!({ "Target": { "Type": "ACCOUNT", "Id": account } });
    let invited = house
        .done(&admin, "InviteAccountToOrganization", input)
        .await;
    let one = json!({ "HandshakeId": invited["Handshake"]["Id"] });
    house.done(&login, "AcceptHandshake", one).await;
    house.account(&admin, "made-here").await;

    let begun = house.done(&admin, "EnableAllFeatures", json!({})).await;
    assert_eq!(begun["Handshake"]["State"], "REQUESTED");
    assert_eq!(begun["Handshake"]["Action"], "ENABLE_ALL_FEATURES");
    let whole = text(&begun["Handshake"]["Id"]);
    let pending = "HandshakeConstraintViolationException ORGANIZATION_IS_ALREADY_PENDING_ALL_FEATURES_MIGRATION";
    house
        .refused(&admin, "EnableAllFeatures", json!({}), pending)
        .await;
    let disabled =
        "HandshakeConstraintViolationException INVITE_DISABLED_DURING_ENABLE_ALL_FEATURES";
    let input = json!({ "Target": { "Type": "ACCOUNT", "Id": "999999999999" } });
    house
        .refused(&admin, "InviteAccountToOrganization", input, disabled)
        .await;
    let early = json!({ "HandshakeId": whole });
    let waits = "ConstraintViolationException ORGANIZATION_NOT_IN_ALL_FEATURES_MODE";
    house.refused(&admin, "AcceptHandshake", early, waits).await;

    let filter = json!({ "Filter": { "ParentHandshakeId": whole } });
    let parts = house.done(&login, "ListHandshakesForAccount", filter).await;
    let one = json!({ "HandshakeId": parts["Handshakes"][0]["Id"] });
    house.done(&login, "AcceptHandshake", one).await;
    let filter = json!({ "Filter": { "ActionType": "APPROVE_ALL_FEATURES" } });
    let approvals = house
        .done(&admin, "ListHandshakesForOrganization", filter)
        .await;
    let one = json!({ "HandshakeId": approvals["Handshakes"][0]["Id"] });
    house.done(&admin, "AcceptHandshake", one).await;
    let shown = house.done(&admin, "DescribeOrganization", json!({})).await;
    assert_eq!(shown["Organization"]["FeatureSet"], "ALL");
    let done = "HandshakeConstraintViolationException ORGANIZATION_ALREADY_HAS_ALL_FEATURES";
    house
        .refused(&admin, "EnableAllFeatures", json!({}), done)
        .await;
    house.enable(&admin, "SERVICE_CONTROL_POLICY").await;
}
