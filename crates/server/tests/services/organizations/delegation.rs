//! What member accounts may do: nothing, but what is delegated to them.

use serde_json::json;

use crate::organizations::house::{House, MANAGEMENT, all, statement, text};

#[tokio::test]
async fn a_delegated_administrator_reads_and_nothing_more() {
    let (house, admin) = House::with_organization().await;
    let (account, member) = house.member(&admin, "security").await;
    let service = "config.amazonaws.com";
    let answer = house.call(&member, "ListAccounts", json!({})).await;
    assert_eq!(answer.error(), "AccessDeniedException");
    assert_eq!(
        answer.message(),
        "You don't have permissions to access this resource."
    );

    let one = json!({ "AccountId": account, "ServicePrincipal": service });
    let code = "ConstraintViolationException SERVICE_ACCESS_NOT_ENABLED";
    house
        .refused(&admin, "RegisterDelegatedAdministrator", one.clone(), code)
        .await;
    let enable = json!({ "ServicePrincipal": service });
    house
        .done(&admin, "EnableAWSServiceAccess", enable.clone())
        .await;
    house
        .done(&admin, "RegisterDelegatedAdministrator", one.clone())
        .await;
    let code = "AccountAlreadyRegisteredException";
    house
        .refused(&admin, "RegisterDelegatedAdministrator", one.clone(), code)
        .await;
    let own = json!({ "AccountId": MANAGEMENT, "ServicePrincipal": service });
    let code = "ConstraintViolationException CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR";
    house
        .refused(&admin, "RegisterDelegatedAdministrator", own, code)
        .await;
    let odd = json!({ "ServicePrincipal": "config" });
    let code = "InvalidInputException UNRECOGNIZED_SERVICE_PRINCIPAL";
    house
        .refused(&admin, "EnableAWSServiceAccess", odd, code)
        .await;

    let accounts = house.done(&member, "ListAccounts", json!({})).await;
    assert_eq!(all(&accounts["Accounts"], "Id").len(), 2);
    let listed = house
        .done(&member, "ListDelegatedAdministrators", json!({}))
        .await;
    assert_eq!(listed["DelegatedAdministrators"][0]["Id"], account);
    let input = json!({ "AccountId": account });
    let services = house
        .done(&member, "ListDelegatedServicesForAccount", input)
        .await;
    assert_eq!(
        all(&services["DelegatedServices"], "ServicePrincipal"),
        [service]
    );
    let trusted = "ListAWSServiceAccessForOrganization";
    let trusted = house.done(&member, trusted, json!({})).await;
    assert_eq!(
        all(&trusted["EnabledServicePrincipals"], "ServicePrincipal"),
        [service]
    );
    let root = house.root_id(&member).await;
    for (operation, input) in [
        (
            "CreateOrganizationalUnit",
            json!({ "ParentId": root, "Name": "x" }),
        ),
        (
            "CreateAccount",
            json!({ "AccountName": "x", "Email": "x@example.com" }),
        ),
        ("CloseAccount", json!({ "AccountId": account })),
        (
            "EnablePolicyType",
            json!({ "RootId": root, "PolicyType": "TAG_POLICY" }),
        ),
        ("TagResource", json!({ "ResourceId": root, "Tags": [] })),
    ] {
        house
            .refused(&member, operation, input, "AccessDeniedException")
            .await;
    }
    let stays = "ConstraintViolationException CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG";
    house
        .refused(&member, "LeaveOrganization", json!({}), stays)
        .await;
    house
        .done(&admin, "DeregisterDelegatedAdministrator", one.clone())
        .await;
    let code = "AccountNotRegisteredException";
    house
        .refused(&admin, "DeregisterDelegatedAdministrator", one, code)
        .await;
    house
        .refused(&member, "ListAccounts", json!({}), "AccessDeniedException")
        .await;
}

#[tokio::test]
async fn the_delegation_policy_lets_a_member_manage_policies_of_one_type() {
    let (house, admin) = House::with_organization().await;
    let (account, member) = house.member(&admin, "tagger").await;
    let (_, other) = house.member(&admin, "other").await;
    house.enable(&admin, "TAG_POLICY").await;
    house.enable(&admin, "SERVICE_CONTROL_POLICY").await;
    let root = house.root_id(&admin).await;
    let none = "ResourcePolicyNotFoundException";
    house
        .refused(&admin, "DescribeResourcePolicy", json!({}), none)
        .await;
    let content = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow",
        "Principal":{{"AWS":"arn:aws:iam::{account}:root"}},
        "Action":["organizations:CreatePolicy","organizations:AttachPolicy","organizations:DescribePolicy"],
        "Resource":"*","Condition":{{"StringEquals":{{"organizations:PolicyType":"TAG_POLICY"}}}}}}}}"#
    );
    let put = house
        .done(&admin, "PutResourcePolicy", json!({ "Content": content }))
        .await;
    let shown = house
        .done(&admin, "DescribeResourcePolicy", json!({}))
        .await;
    assert_eq!(put, shown);
    assert_eq!(shown["ResourcePolicy"]["Content"], content);
    let arn = text(&shown["ResourcePolicy"]["ResourcePolicySummary"]["Arn"]);
    assert!(arn.contains(":resourcepolicy/o-"), "{arn}");

    let tags = r#"{"tags":{"a":{"tag_key":{"@@assign":"A"}}}}"#;
    let policy = house.policy(&member, "TAG_POLICY", tags).await;
    house.attach(&member, &policy, &root).await;
    let denied = "AccessDeniedException";
    let input = json!({ "PolicyId": policy, "TargetId": root });
    house.refused(&member, "DetachPolicy", input, denied).await;
    let scp = json!({ "Name": "s", "Description": "", "Type": "SERVICE_CONTROL_POLICY",
        "Content": statement("Deny", "*") });
    house.refused(&member, "CreatePolicy", scp, denied).await;
    let input = json!({ "PolicyId": "p-FullAWSAccess" });
    house
        .refused(&member, "DescribePolicy", input, denied)
        .await;
    let input = json!({ "PolicyId": policy });
    house
        .refused(&other, "DescribePolicy", input.clone(), denied)
        .await;
    house.done(&admin, "DeleteResourcePolicy", json!({})).await;
    house
        .refused(&member, "DescribePolicy", input, denied)
        .await;
    house
        .refused(&admin, "DeleteResourcePolicy", json!({}), none)
        .await;
}

#[tokio::test]
async fn what_is_no_delegation_policy_is_refused() {
    let (house, admin) = House::with_organization().await;
    let policy = |principal: &str, action: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{principal},"Action":"{action}","Resource":"*"}}}}"#
        )
    };
    let account = r#"{"AWS":"111122223333"}"#;
    for (content, reason) in [
        ("{".to_owned(), "INVALID_RESOURCE_POLICY_JSON"),
        (
            policy(r#""*""#, "organizations:ListAccounts"),
            "INVALID_PRINCIPAL",
        ),
        (
            policy(account, "organizations:CloseAccount"),
            "UNSUPPORTED_ACTION_IN_RESOURCE_POLICY",
        ),
        (
            policy(account, "*"),
            "UNSUPPORTED_ACTION_IN_RESOURCE_POLICY",
        ),
    ] {
        let input = json!({ "Content": content });
        let code = format!("InvalidInputException {reason}");
        house
            .refused(&admin, "PutResourcePolicy", input, &code)
            .await;
    }
}

#[tokio::test]
async fn what_is_the_management_account_s_alone_is_not_delegated_by_any_pattern() {
    let (house, admin) = House::with_organization().await;
    let (account, member) = house.member(&admin, "eager").await;
    let root = house.root_id(&admin).await;
    let content = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"AWS":"{account}"}},
        "Action":["organizations:C*","organizations:D*","organizations:L*"],"Resource":"*"}}}}"#
    );
    house
        .done(&admin, "PutResourcePolicy", json!({ "Content": content }))
        .await;
    house.done(&member, "ListAccounts", json!({})).await;
    for (operation, input) in [
        (
            "CreateOrganizationalUnit",
            json!({ "ParentId": root, "Name": "x" }),
        ),
        (
            "CreateAccount",
            json!({ "AccountName": "x", "Email": "x@example.com" }),
        ),
        ("CloseAccount", json!({ "AccountId": account })),
        ("DeleteResourcePolicy", json!({})),
        ("DeleteOrganization", json!({})),
    ] {
        let denied = "AccessDeniedException";
        house.refused(&member, operation, input, denied).await;
    }
}

#[tokio::test]
async fn sec_i5_a_delegation_policy_trusts_a_user_and_not_a_name() {
    let (house, admin) = House::with_organization().await;
    let (account, member) = house.member(&admin, "delegate").await;
    let allow = statement("Allow", "organizations:*");
    let first = house.user(&member, "pol", &allow).await;
    let arn = format!("arn:aws:iam::{account}:user/pol");
    let content = |arn: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"AWS":"{arn}"}},
            "Action":"organizations:ListRoots","Resource":"*"}}}}"#
        )
    };
    let input = json!({ "Content": content(&arn) });
    let put = house.done(&admin, "PutResourcePolicy", input).await;
    assert_eq!(put["ResourcePolicy"]["Content"], content(&arn));
    house.done(&first, "ListRoots", json!({})).await;

    for form in [
        format!(
            "Action=DeleteAccessKey&UserName=pol&AccessKeyId={}",
            first.id
        ),
        "Action=DeleteUserPolicy&UserName=pol&PolicyName=p".to_owned(),
        "Action=DeleteUser&UserName=pol".to_owned(),
    ] {
        assert_eq!(house.query("iam", &member, &form).await.status, 200);
    }
    let second = house.user(&member, "pol", &allow).await;
    let denied = "AccessDeniedException";
    house.refused(&second, "ListRoots", json!({}), denied).await;
    let shown = house.done(&admin, "DescribeResourcePolicy", json!({}));
    let shown = text(&shown.await["ResourcePolicy"]["Content"]);
    assert!(!shown.contains(&arn) && shown.contains("AIDA"), "{shown}");

    let nobody = json!({ "Content": content(&format!("{arn}-absent")) });
    let refused = "InvalidInputException INVALID_PRINCIPAL";
    house
        .refused(&admin, "PutResourcePolicy", nobody, refused)
        .await;
}
