//! Privileged tasks on member accounts, with the organization as it is kept.

use serde_json::json;

use crate::organizations::house::{Answer, House, Login, MANAGEMENT};

async fn assume_root(house: &House, who: &Login, account: &str) -> Answer {
    let task = "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials";
    let form = format!("Action=AssumeRoot&TargetPrincipal={account}&TaskPolicyArn.arn={task}");
    house.query("sts", who, &form).await
}

#[tokio::test]
async fn sec_s7_root_sessions_are_for_who_manages_the_organization_and_while_iam_is_let_in() {
    let (house, admin) = House::with_organization().await;
    let (account, member) = house.member(&admin, "first").await;
    let (delegate, other) = house.member(&admin, "second").await;
    let enable = "Action=EnableOrganizationsRootSessions";
    let refused = house.query("iam", &admin, enable).await;
    assert_eq!(refused.code, Some("ServiceAccessNotEnabledException"));
    let iam = json!({ "ServicePrincipal": "iam.amazonaws.com" });
    house
        .done(&admin, "EnableAWSServiceAccess", iam.clone())
        .await;
    assert_eq!(assume_root(&house, &admin, &account).await.status, 403);
    let enabled = house.query("iam", &admin, enable).await;
    assert_eq!(enabled.status, 200, "{}", enabled.text);

    for (who, target) in [
        (&admin, MANAGEMENT),
        (&admin, "999999999999"),
        (&member, delegate.as_str()),
        (&other, account.as_str()),
    ] {
        let answer = assume_root(&house, who, target).await;
        assert_eq!(answer.status, 403, "{target}: {}", answer.text);
    }
    let register = json!({ "AccountId": delegate, "ServicePrincipal": "iam.amazonaws.com" });
    house
        .done(&admin, "RegisterDelegatedAdministrator", register)
        .await;
    for who in [&admin, &other] {
        let answer = assume_root(&house, who, &account).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let session = answer.credentials();
        let users = house.query("iam", &session, "Action=ListUsers").await;
        assert_eq!(users.status, 403, "{}", users.text);
        let keys = house.query("iam", &session, "Action=ListAccessKeys").await;
        assert_eq!(keys.status, 200, "{}", keys.text);
    }
    let register = json!({ "AccountId": delegate, "ServicePrincipal": "iam.amazonaws.com" });
    house
        .done(&admin, "DeregisterDelegatedAdministrator", register)
        .await;
    house.done(&admin, "DisableAWSServiceAccess", iam).await;
    for who in [&admin, &other] {
        assert_eq!(assume_root(&house, who, &account).await.status, 403);
    }
}
