//! Centralized root access: IAM asks the organization who manages it and what it trusts.

use serde_json::json;

use crate::organizations::house::{ALLOW_ALL, House, Login, MANAGEMENT};

const ENABLE: &str = "Action=EnableOrganizationsRootSessions";
const LIST: &str = "Action=ListOrganizationsFeatures";

async fn refused(house: &House, who: &Login, form: &str, code: &str) {
    let answer = house.query("iam", who, form).await;
    assert_eq!(answer.error(), code, "{}", answer.text);
}

/// What an account gets that wants to act as the root user of another.
async fn root_session(house: &House, who: &Login, account: &str) -> u16 {
    let form = format!(
        "Action=AssumeRoot&TargetPrincipal={account}\
         &TaskPolicyArn.arn=arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"
    );
    house.query("sts", who, &form).await.status
}

#[tokio::test]
async fn root_access_follows_what_the_organization_trusts() {
    let (house, admin) = House::with_organization().await;
    let (account, entered) = house.member(&admin, "security").await;
    let (other, _) = house.member(&admin, "other").await;
    let member = house.user(&entered, "member", ALLOW_ALL).await;
    refused(&house, &admin, ENABLE, "ServiceAccessNotEnabledException").await;

    let trust = json!({ "ServicePrincipal": "config.amazonaws.com" });
    house.done(&admin, "EnableAWSServiceAccess", trust).await;
    refused(&house, &admin, ENABLE, "ServiceAccessNotEnabledException").await;
    let service = "iam.amazonaws.com";
    let trust = json!({ "ServicePrincipal": service });
    house.done(&admin, "EnableAWSServiceAccess", trust).await;
    let neither = "AccountNotManagementOrDelegatedAdministratorException";
    refused(&house, &member, LIST, neither).await;
    assert_eq!(root_session(&house, &admin, &other).await, 403);
    let enabled = house.query("iam", &admin, ENABLE).await;
    assert_eq!(enabled.status, 200, "{}", enabled.text);
    assert_eq!(enabled.xml("member"), "RootSessions");
    assert_eq!(root_session(&house, &admin, &other).await, 200);

    assert_eq!(root_session(&house, &member, &other).await, 403);
    let delegate = json!({ "AccountId": account, "ServicePrincipal": service });
    house
        .done(&admin, "RegisterDelegatedAdministrator", delegate.clone())
        .await;
    let listed = house.query("iam", &member, LIST).await;
    assert_eq!(listed.xml("member"), "RootSessions", "{}", listed.text);
    let only = "CallerIsNotManagementAccountException";
    refused(&house, &member, ENABLE, only).await;
    assert_eq!(root_session(&house, &member, &other).await, 200);
    assert_eq!(root_session(&house, &member, MANAGEMENT).await, 403);
    house
        .done(&admin, "DeregisterDelegatedAdministrator", delegate)
        .await;
    refused(&house, &member, LIST, neither).await;
    assert_eq!(root_session(&house, &member, &other).await, 403);
}

#[tokio::test]
async fn consolidated_billing_has_no_root_access() {
    let (house, admin) = House::new().await;
    let input = json!({ "FeatureSet": "CONSOLIDATED_BILLING" });
    house.done(&admin, "CreateOrganization", input).await;
    let code = "OrganizationNotInAllFeaturesModeException";
    refused(&house, &admin, ENABLE, code).await;
}
