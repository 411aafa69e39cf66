//! Each operation on roles, instance profiles and the account takes exactly its action on exactly
//! its resource, and tells nothing to who lacks it.

use crate::house::{ACCOUNT, House, Login, create_role, encoded, policy, put_policy, trust};

const ROLE: &str = "role/x/app";
const PROFILE: &str = "instance-profile/x/web";
const LINKED: &str = "role/aws-service-role/ssm.amazonaws.com/AWSServiceRoleForAmazonSSM";

/// Operation, resource, what a refusal calls it, and the rest of the form.
fn operations() -> Vec<(&'static str, &'static str, &'static str, String)> {
    let managed = encoded("arn:aws:iam::aws:policy/ReadOnlyAccess");
    let trusting = encoded(&trust(r#"{"Service":"lambda.amazonaws.com"}"#));
    let inline = encoded(&policy("Allow", "s3:*", "*"));
    let role = "RoleName=app";
    let tags = "Tags.member.1.Key=k&Tags.member.1.Value=v";
    let task = encoded("task/aws-service-role/ssm.amazonaws.com/AWSServiceRoleForAmazonSSM/1");
    let mut all = vec![
        (
            "CreateRole",
            "role/y/new",
            "",
            format!("RoleName=new&Path=/y/&AssumeRolePolicyDocument={trusting}"),
        ),
        ("ListRoles", "role/x/", "", "PathPrefix=/x/".to_owned()),
        (
            "CreateInstanceProfile",
            "instance-profile/y/new",
            "",
            "InstanceProfileName=new&Path=/y/".to_owned(),
        ),
        (
            "ListInstanceProfiles",
            "instance-profile/x/",
            "",
            "PathPrefix=/x/".to_owned(),
        ),
        (
            "CreateServiceLinkedRole",
            LINKED,
            "",
            "AWSServiceName=ssm.amazonaws.com".to_owned(),
        ),
        (
            "GetServiceLinkedRoleDeletionStatus",
            LINKED,
            "",
            format!("DeletionTaskId={task}"),
        ),
    ];
    for (operation, rest) in [
        ("GetRole", String::new()),
        ("UpdateRole", String::new()),
        ("UpdateRoleDescription", "Description=d".to_owned()),
        (
            "UpdateAssumeRolePolicy",
            format!("PolicyDocument={trusting}"),
        ),
        ("AttachRolePolicy", format!("PolicyArn={managed}")),
        ("ListAttachedRolePolicies", String::new()),
        ("DetachRolePolicy", format!("PolicyArn={managed}")),
        (
            "PutRolePolicy",
            format!("PolicyName=p&PolicyDocument={inline}"),
        ),
        ("GetRolePolicy", "PolicyName=p".to_owned()),
        ("ListRolePolicies", String::new()),
        ("DeleteRolePolicy", "PolicyName=p".to_owned()),
        (
            "PutRolePermissionsBoundary",
            format!("PermissionsBoundary={managed}"),
        ),
        ("DeleteRolePermissionsBoundary", String::new()),
        ("TagRole", tags.to_owned()),
        ("ListRoleTags", String::new()),
        ("UntagRole", "TagKeys.member.1=k".to_owned()),
        ("ListInstanceProfilesForRole", String::new()),
        ("DeleteServiceLinkedRole", String::new()),
        ("DeleteRole", String::new()),
    ] {
        all.push((operation, ROLE, "role app", format!("{role}&{rest}")));
    }
    for (operation, rest) in [
        ("GetInstanceProfile", ""),
        ("TagInstanceProfile", tags),
        ("ListInstanceProfileTags", ""),
        ("UntagInstanceProfile", "TagKeys.member.1=k"),
        ("RemoveRoleFromInstanceProfile", "RoleName=app"),
        ("DeleteInstanceProfile", ""),
    ] {
        let form = format!("InstanceProfileName=web&{rest}");
        all.push((operation, PROFILE, "instance profile web", form));
    }
    for (operation, rest) in [
        ("CreateAccountAlias", "AccountAlias=abc"),
        ("DeleteAccountAlias", "AccountAlias=abc"),
        ("ListAccountAliases", ""),
        ("GetAccountSummary", ""),
        (
            "SetSecurityTokenServicePreferences",
            "GlobalEndpointTokenVersion=v1Token",
        ),
        ("EnableOrganizationsRootSessions", ""),
        ("DisableOrganizationsRootSessions", ""),
        ("EnableOrganizationsRootCredentialsManagement", ""),
        ("DisableOrganizationsRootCredentialsManagement", ""),
        ("ListOrganizationsFeatures", ""),
        ("EnableOutboundWebIdentityFederation", ""),
        ("GetOutboundWebIdentityFederationInfo", ""),
        ("DisableOutboundWebIdentityFederation", ""),
    ] {
        all.push((operation, "*", "*", rest.to_owned()));
    }
    all
}

fn arn(resource: &str) -> String {
    match resource {
        "*" => "*".to_owned(),
        _ => format!("arn:aws:iam::{ACCOUNT}:{resource}"),
    }
}

async fn house() -> (House, Login, Login) {
    let (house, root) = House::new().await;
    let alice = house.user(&root, "alice").await;
    (house, root, alice)
}

async fn furnish(house: &House, root: &Login) {
    let role = format!("{}&Path=/x/", create_role("app"));
    house.ok(root, &role).await;
    let profile = "Action=CreateInstanceProfile&InstanceProfileName=web&Path=/x/";
    house.ok(root, profile).await;
}

#[tokio::test]
async fn exactly_the_documented_permission_opens_each_operation() {
    let (house, root, alice) = house().await;
    furnish(&house, &root).await;
    for (operation, resource, _, rest) in operations() {
        let form = format!("Action={operation}&{rest}");
        let action = format!("iam:{operation}");
        let mut refused = vec![policy("Allow", "iam:GetUser", "*")];
        if resource != "*" {
            let elsewhere = arn(resource).replace("/x/", "/z/").replace("/y/", "/z/");
            let elsewhere = elsewhere.replace("ssm.amazonaws.com", "x.amazonaws.com");
            refused.push(policy("Allow", &action, &elsewhere));
        }
        for document in refused {
            house.ok(&root, &put_policy("alice", "p", &document)).await;
            let answer = house.iam(&alice, &form).await;
            assert_eq!(answer.code, Some("AccessDenied"), "{operation}");
        }
        let document = policy("Allow", &action, &arn(resource));
        house.ok(&root, &put_policy("alice", "p", &document)).await;
        let answer = house.iam(&alice, &form).await;
        assert_ne!(answer.status, 403, "{operation}: {}", answer.text);
        assert_ne!(answer.status, 500, "{operation}: {}", answer.text);
    }
}

#[tokio::test]
async fn who_may_do_nothing_learns_nothing() {
    let (full, root, alice) = house().await;
    furnish(&full, &root).await;
    let (empty, _, nobody) = house().await;
    let add = (
        "AddRoleToInstanceProfile",
        PROFILE,
        "instance profile web",
        "InstanceProfileName=web&RoleName=app".to_owned(),
    );
    for (operation, resource, shown, rest) in operations().into_iter().chain([add]) {
        let action = format!("iam:{operation}");
        let shown = if shown.is_empty() {
            arn(resource)
        } else {
            shown.to_owned()
        };
        let message = format!(
            "User: arn:aws:iam::{ACCOUNT}:user/alice is not authorized to perform: {action} on \
             resource: {shown} because no identity-based policy allows the {action} action"
        );
        let form = format!("Action={operation}&{rest}");
        for (house, who) in [(&full, &alice), (&empty, &nobody)] {
            let answer = house.iam(who, &form).await;
            answer.refused(403, "AccessDenied", &message);
        }
    }
}

#[tokio::test]
async fn condition_keys_tell_what_is_asked() {
    let (house, root, alice) = house().await;
    furnish(&house, &root).await;
    let managed = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    let other = "arn:aws:iam::aws:policy/AdministratorAccess";
    let role = create_role("new");
    let attach = |arn| {
        format!(
            "Action=AttachRolePolicy&RoleName=app&PolicyArn={}",
            encoded(arn)
        )
    };
    let bounded = |arn| format!("{role}&PermissionsBoundary={}", encoded(arn));
    let linked = |service| format!("Action=CreateServiceLinkedRole&AWSServiceName={service}");
    let tag = |value| {
        format!("Action=TagRole&RoleName=app&Tags.member.1.Key=Team&Tags.member.1.Value={value}")
    };
    for (action, key, wanted, no, yes) in [
        (
            "AttachRolePolicy",
            "iam:PolicyARN",
            managed,
            attach(other),
            attach(managed),
        ),
        (
            "CreateRole",
            "iam:PermissionsBoundary",
            managed,
            bounded(other),
            bounded(managed),
        ),
        (
            "CreateServiceLinkedRole",
            "iam:AWSServiceName",
            "ssm.amazonaws.com",
            linked("events.amazonaws.com"),
            linked("ssm.amazonaws.com"),
        ),
        (
            "TagRole",
            "aws:RequestTag/Team",
            "red",
            tag("blue"),
            tag("red"),
        ),
        (
            "TagRole",
            "aws:ResourceTag/team",
            "red",
            String::new(),
            tag("blue"),
        ),
        (
            "GetRole",
            "iam:ResourceTag/Team",
            "blue",
            String::new(),
            "Action=GetRole&RoleName=app".to_owned(),
        ),
    ] {
        let document = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"iam:{action}",
            "Resource":"*","Condition":{{"StringEquals":{{"{key}":"{wanted}"}}}}}}}}"#
        );
        house.ok(&root, &put_policy("alice", "p", &document)).await;
        if !no.is_empty() {
            assert_eq!(house.iam(&alice, &no).await.status, 403, "{key}");
        }
        house.ok(&alice, &yes).await;
    }
    // Tags on what is made take a permission of their own.
    let create = policy("Allow", "iam:Create*", "*");
    house.ok(&root, &put_policy("alice", "p", &create)).await;
    for (form, action) in [
        (create_role("tagged"), "iam:TagRole"),
        (
            "Action=CreateInstanceProfile&InstanceProfileName=tagged".to_owned(),
            "iam:TagInstanceProfile",
        ),
    ] {
        let tagged = format!("{form}&Tags.member.1.Key=a&Tags.member.1.Value=b");
        let answer = house.iam(&alice, &tagged).await;
        assert!(answer.text.contains(action), "{}", answer.text);
        house.ok(&alice, &form).await;
    }
}
