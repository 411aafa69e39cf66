//! What the operations on service-linked roles answer, and what such roles are protected from.

use std::sync::Arc;

use crate::house::{ACCOUNT, House, create_role, encoded, policy, trust};
use platform::{Membership, Organizations, PortFuture, ServiceAccess};
use store::Txn;

const CREATE: &str = "Action=CreateServiceLinkedRole&AWSServiceName=ssm.amazonaws.com";
const NAME: &str = "AWSServiceRoleForAmazonSSM";

#[tokio::test]
async fn the_service_decides_name_path_policy_and_trust() {
    let (house, root) = House::new().await;
    let made = house.ok(&root, &format!("{CREATE}&Description=mine")).await;
    assert_eq!(made.xml("RoleName"), NAME);
    assert_eq!(made.xml("Path"), "/aws-service-role/ssm.amazonaws.com/");
    let arn = format!("arn:aws:iam::{ACCOUNT}:role/aws-service-role/ssm.amazonaws.com/{NAME}");
    assert_eq!(made.xml("Arn"), arn);
    let trusting = encoded(r#"{"Service":"ssm.amazonaws.com"}"#);
    let document = made.xml("AssumeRolePolicyDocument");
    assert!(
        document.contains(&trusting.replace("%2E", ".")),
        "{document}"
    );
    let got = house
        .ok(&root, &format!("Action=GetRole&RoleName={NAME}"))
        .await;
    assert_eq!(got.xml("Description"), "mine");
    let form = format!("Action=ListAttachedRolePolicies&RoleName={NAME}");
    let listed = house.ok(&root, &form).await;
    assert_eq!(
        listed.xml("PolicyArn"),
        "arn:aws:iam::aws:policy/aws-service-role/AmazonSSMServiceRolePolicy"
    );

    let message = format!(
        "Service role name {NAME} has been taken in this account, please try a different suffix."
    );
    house
        .iam(&root, CREATE)
        .await
        .refused(400, "InvalidInput", &message);
    let message = "Custom suffix is not allowed for ssm.amazonaws.com";
    let suffixed = house.iam(&root, &format!("{CREATE}&CustomSuffix=x")).await;
    suffixed.refused(400, "InvalidInput", message);
    for unknown in ["SSM.amazonaws.com", "nothing.amazonaws.com"] {
        let form = format!("Action=CreateServiceLinkedRole&AWSServiceName={unknown}");
        let answer = house.iam(&root, &form).await;
        assert_eq!((answer.status, answer.code), (400, Some("InvalidInput")));
    }
}

#[tokio::test]
async fn only_its_service_changes_it() {
    let (house, root) = House::new().await;
    house.ok(&root, CREATE).await;
    house
        .ok(&root, "Action=CreateInstanceProfile&InstanceProfileName=ip")
        .await;
    let managed = encoded("arn:aws:iam::aws:policy/ReadOnlyAccess");
    let own = encoded("arn:aws:iam::aws:policy/aws-service-role/AmazonSSMServiceRolePolicy");
    let document = encoded(&policy("Allow", "s3:*", "*"));
    let trusting = encoded(&trust(r#"{"Service":"lambda.amazonaws.com"}"#));
    let message = format!(
        "Cannot perform the operation on the protected role '{NAME}' - this role is only \
         modifiable by AWS"
    );
    for form in [
        "Action=DeleteRole".to_owned(),
        format!("Action=AttachRolePolicy&PolicyArn={managed}"),
        format!("Action=DetachRolePolicy&PolicyArn={own}"),
        format!("Action=PutRolePolicy&PolicyName=p&PolicyDocument={document}"),
        "Action=DeleteRolePolicy&PolicyName=p".to_owned(),
        format!("Action=PutRolePermissionsBoundary&PermissionsBoundary={managed}"),
        "Action=DeleteRolePermissionsBoundary".to_owned(),
        format!("Action=UpdateAssumeRolePolicy&PolicyDocument={trusting}"),
        "Action=UpdateRole&MaxSessionDuration=7200".to_owned(),
        "Action=AddRoleToInstanceProfile&InstanceProfileName=ip".to_owned(),
    ] {
        let answer = house.iam(&root, &format!("{form}&RoleName={NAME}")).await;
        answer.refused(400, "UnmodifiableEntity", &message);
    }
    // What the account may change.
    for form in [
        "Action=UpdateRole&Description=x",
        "Action=UpdateRoleDescription&Description=x",
        "Action=TagRole&Tags.member.1.Key=a&Tags.member.1.Value=b",
        "Action=UntagRole&TagKeys.member.1=a",
    ] {
        house.ok(&root, &format!("{form}&RoleName={NAME}")).await;
    }
    // The policy of a service is for its role alone.
    house.ok(&root, &create_role("app")).await;
    let form = format!("Action=AttachRolePolicy&RoleName=app&PolicyArn={own}");
    let answer = house.iam(&root, &form).await;
    assert_eq!(
        (answer.status, answer.code),
        (400, Some("PolicyNotAttachable"))
    );
}

#[tokio::test]
async fn a_deletion_is_a_task() {
    let (house, root) = House::new().await;
    house.ok(&root, CREATE).await;
    let delete = format!("Action=DeleteServiceLinkedRole&RoleName={NAME}");
    let task = house.ok(&root, &delete).await.xml("DeletionTaskId");
    let prefix = format!("task/aws-service-role/ssm.amazonaws.com/{NAME}/");
    assert_eq!(task.strip_prefix(&prefix).map(str::len), Some(36), "{task}");
    let status = |task: &str| {
        let task = encoded(task);
        format!("Action=GetServiceLinkedRoleDeletionStatus&DeletionTaskId={task}")
    };
    let answer = house.ok(&root, &status(&task)).await;
    assert_eq!(answer.xml("Status"), "SUCCEEDED");
    assert!(!answer.text.contains("<Reason>"));
    let gone = format!("The role with name {NAME} cannot be found.");
    house
        .iam(&root, &delete)
        .await
        .refused(404, "NoSuchEntity", &gone);
    let summary = house.ok(&root, "Action=GetAccountSummary").await;
    assert!(
        summary.text.contains("<key>Roles</key><value>0</value>"),
        "{}",
        summary.text
    );

    let other = house.iam(&root, &status(&format!("{task}0"))).await;
    assert_eq!((other.status, other.code), (404, Some("NoSuchEntity")));
    for malformed in [
        "x",
        "task/aws-service-role/a/b",
        "task/aws-service-role//b/c",
    ] {
        let answer = house.iam(&root, &status(malformed)).await;
        assert_eq!(
            (answer.status, answer.code),
            (400, Some("InvalidInput")),
            "{malformed}"
        );
    }
    // An ordinary role is none of a service.
    house.ok(&root, &create_role("app")).await;
    let form = "Action=DeleteServiceLinkedRole&RoleName=app";
    let message = "The role with name app cannot be found.";
    house
        .iam(&root, form)
        .await
        .refused(404, "NoSuchEntity", message);
    house.ok(&root, "Action=GetRole&RoleName=app").await;
}

struct InOrganization;

impl Organizations for InOrganization {
    fn membership<'a>(
        &'a self,
        _: &'a mut Txn,
        _: &'a str,
    ) -> PortFuture<'a, Option<Arc<Membership>>> {
        let member = Membership {
            organization_id: "o-exampleorgid".to_owned(),
            management_account: ACCOUNT.to_owned(),
            ..Membership::default()
        };
        Box::pin(std::future::ready(Ok(Some(Arc::new(member)))))
    }

    fn service_access<'a>(
        &'a self,
        _: &'a mut Txn,
        _: &'a str,
        _: &'a str,
    ) -> PortFuture<'a, ServiceAccess> {
        Box::pin(std::future::ready(Ok(ServiceAccess::default())))
    }
}

#[tokio::test]
async fn an_organization_keeps_its_role() {
    let (house, root) = House::in_organizations(Arc::new(InOrganization)).await;
    let name = "AWSServiceRoleForOrganizations";
    let create = "Action=CreateServiceLinkedRole&AWSServiceName=organizations.amazonaws.com";
    house.ok(&root, create).await;
    let delete = format!("Action=DeleteServiceLinkedRole&RoleName={name}");
    let task = encoded(&house.ok(&root, &delete).await.xml("DeletionTaskId"));
    let form = format!("Action=GetServiceLinkedRoleDeletionStatus&DeletionTaskId={task}");
    let answer = house.ok(&root, &form).await;
    assert_eq!(answer.xml("Status"), "FAILED");
    assert_eq!(answer.xml("Region"), "us-east-1");
    let organization = format!("arn:aws:organizations::{ACCOUNT}:organization/o-exampleorgid");
    assert!(answer.text.contains(&organization), "{}", answer.text);
    house
        .ok(&root, &format!("Action=GetRole&RoleName={name}"))
        .await;
}
