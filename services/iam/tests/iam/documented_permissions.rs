//! Each operation takes exactly the permission of its name on exactly the resource that the
//! service authorization reference documents for it, with its path; whoever lacks it learns
//! nothing.

use crate::house::{ACCOUNT, House, Login, encoded, policy, put_policy};

const READ: &str = "arn:aws:iam::aws:policy/IAMReadOnlyAccess";

/// Operation, the rest of its form, and path and name of the resource. `{own}` stands for the ARN
/// of a policy of the account, `{read}` for that of one of AWS, `{doc}` for a document.
const OPERATIONS: &[(&str, &str, &str)] = &[
    ("AddUserToGroup", "GroupName=g&UserName=u", "group/a/g"),
    (
        "AttachGroupPolicy",
        "GroupName=g&PolicyArn={read}",
        "group/a/g",
    ),
    (
        "AttachUserPolicy",
        "UserName=u&PolicyArn={read}",
        "user/a/u",
    ),
    ("CreateGroup", "GroupName=n&Path=/b/", "group/b/n"),
    (
        "CreatePolicy",
        "PolicyName=n&Path=/b/&PolicyDocument={doc}",
        "policy/b/n",
    ),
    (
        "CreatePolicyVersion",
        "PolicyArn={own}&PolicyDocument={doc}",
        "policy/a/p",
    ),
    ("DeleteGroup", "GroupName=g", "group/a/g"),
    ("DeleteGroupPolicy", "GroupName=g&PolicyName=x", "group/a/g"),
    ("DeletePolicy", "PolicyArn={own}", "policy/a/p"),
    (
        "DeletePolicyVersion",
        "PolicyArn={own}&VersionId=v1",
        "policy/a/p",
    ),
    ("DeleteUserPermissionsBoundary", "UserName=u", "user/a/u"),
    (
        "DetachGroupPolicy",
        "GroupName=g&PolicyArn={read}",
        "group/a/g",
    ),
    (
        "DetachUserPolicy",
        "UserName=u&PolicyArn={read}",
        "user/a/u",
    ),
    ("GetGroup", "GroupName=g", "group/a/g"),
    ("GetGroupPolicy", "GroupName=g&PolicyName=x", "group/a/g"),
    ("GetPolicy", "PolicyArn={own}", "policy/a/p"),
    (
        "GetPolicyVersion",
        "PolicyArn={own}&VersionId=v1",
        "policy/a/p",
    ),
    ("ListAttachedGroupPolicies", "GroupName=g", "group/a/g"),
    ("ListAttachedUserPolicies", "UserName=u", "user/a/u"),
    ("ListEntitiesForPolicy", "PolicyArn={own}", "policy/a/p"),
    ("ListGroupPolicies", "GroupName=g", "group/a/g"),
    ("ListGroups", "PathPrefix=/a/", "group/a/"),
    ("ListGroupsForUser", "UserName=u", "user/a/u"),
    ("ListPolicies", "PathPrefix=/a/", "policy/a/"),
    ("ListPolicyTags", "PolicyArn={own}", "policy/a/p"),
    ("ListPolicyVersions", "PolicyArn={own}", "policy/a/p"),
    ("ListUserTags", "UserName=u", "user/a/u"),
    (
        "ListPoliciesGrantingServiceAccess",
        "Arn={group}&ServiceNamespaces.member.1=s3",
        "group/a/g",
    ),
    (
        "ListPoliciesGrantingServiceAccess",
        "Arn={user}&ServiceNamespaces.member.1=s3",
        "user/a/u",
    ),
    (
        "PutGroupPolicy",
        "GroupName=g&PolicyName=x&PolicyDocument={doc}",
        "group/a/g",
    ),
    (
        "PutUserPermissionsBoundary",
        "UserName=u&PermissionsBoundary={read}",
        "user/a/u",
    ),
    ("RemoveUserFromGroup", "GroupName=g&UserName=u", "group/a/g"),
    (
        "SetDefaultPolicyVersion",
        "PolicyArn={own}&VersionId=v1",
        "policy/a/p",
    ),
    (
        "TagPolicy",
        "PolicyArn={own}&Tags.member.1.Key=k&Tags.member.1.Value=v",
        "policy/a/p",
    ),
    (
        "TagUser",
        "UserName=u&Tags.member.1.Key=k&Tags.member.1.Value=v",
        "user/a/u",
    ),
    (
        "UntagPolicy",
        "PolicyArn={own}&TagKeys.member.1=k",
        "policy/a/p",
    ),
    ("UntagUser", "UserName=u&TagKeys.member.1=k", "user/a/u"),
    ("UpdateGroup", "GroupName=g", "group/a/g"),
    ("UpdateUser", "UserName=u", "user/a/u"),
];

fn form(operation: &str, rest: &str) -> String {
    let iam = format!("arn:aws:iam::{ACCOUNT}:");
    let filled = rest
        .replace("{own}", &encoded(&format!("{iam}policy/a/p")))
        .replace("{group}", &encoded(&format!("{iam}group/a/g")))
        .replace("{user}", &encoded(&format!("{iam}user/a/u")))
        .replace("{read}", &encoded(READ))
        .replace("{doc}", &encoded(&policy("Allow", "s3:*", "*")));
    format!("Action={operation}&{filled}")
}

/// A house with a user, a group and a policy below `/a/`, and a user who may do nothing.
async fn furnished() -> (House, Login, Login) {
    let (house, root) = House::new().await;
    let nobody = house.user(&root, "nobody").await;
    let document = encoded(&policy("Allow", "s3:*", "*"));
    for form in [
        "CreateUser&UserName=u&Path=/a/".to_owned(),
        "CreateGroup&GroupName=g&Path=/a/".to_owned(),
        format!("CreatePolicy&PolicyName=p&Path=/a/&PolicyDocument={document}"),
    ] {
        house.ok(&root, &format!("Action={form}")).await;
    }
    (house, root, nobody)
}

#[tokio::test]
async fn the_documented_permission_is_needed_and_enough() {
    for (operation, rest, resource) in OPERATIONS {
        let (house, root, nobody) = furnished().await;
        let form = form(operation, rest);
        let action = format!("iam:{operation}");
        let arn = format!("arn:aws:iam::{ACCOUNT}:{resource}");
        let others = [
            // Another action, another account, another path, another kind.
            policy("Allow", "iam:GetUser", "*"),
            policy("Allow", &action, &arn.replace(ACCOUNT, "444455556666")),
            policy(
                "Allow",
                &action,
                &arn.replace("/a/", "/").replace("/b/", "/"),
            ),
            policy("Allow", &action, &format!("arn:aws:iam::{ACCOUNT}:role/*")),
            policy("Allow", &action, &format!("{arn}x")),
        ];
        for other in &others {
            house.ok(&root, &put_policy("nobody", "x", other)).await;
            let answer = house.iam(&nobody, &form).await;
            let code = (answer.status, answer.code);
            assert_eq!(
                code,
                (403, Some("AccessDenied")),
                "{operation} with {other}"
            );
        }
        house
            .ok(
                &root,
                &put_policy("nobody", "x", &policy("Allow", &action, &arn)),
            )
            .await;
        let answer = house.iam(&nobody, &form).await;
        assert_ne!(
            answer.code,
            Some("AccessDenied"),
            "{operation}: {}",
            answer.text
        );
    }
}

/// Of what exists below a path and of what does not exist at all, everybody without permission
/// hears the same.
#[tokio::test]
async fn a_refusal_does_not_tell_what_exists() {
    let (house, _, nobody) = furnished().await;
    for (operation, rest, _) in OPERATIONS {
        let form = form(operation, rest);
        let absent = form
            .replace("UserName=u", "UserName=z")
            .replace("GroupName=g", "GroupName=z")
            .replace("policy%2Fa%2Fp", "policy%2Fa%2Fz")
            .replace("group%2Fa%2Fg", "group%2Fa%2Fz")
            .replace("user%2Fa%2Fu", "user%2Fa%2Fz");
        let there = house.iam(&nobody, &form).await;
        let not_there = house.iam(&nobody, &absent).await;
        assert_eq!(there.code, Some("AccessDenied"), "{operation}");
        let told = there.xml("Message").replace("group g", "group z");
        let told = told.replace("user u", "user z").replace("/a/p", "/a/z");
        let told = told.replace("user user z", "user z");
        assert_eq!(told, not_there.xml("Message"), "{operation}");
    }
}

#[tokio::test]
async fn refusals_name_the_resource_as_aws_does() {
    let (house, _, nobody) = furnished().await;
    for (operation, shown) in [
        ("AttachUserPolicy", "user u".to_owned()),
        ("GetGroup", "group g".to_owned()),
        (
            "GetPolicy",
            format!("policy arn:aws:iam::{ACCOUNT}:policy/a/p"),
        ),
        ("CreatePolicy", "policy n".to_owned()),
        ("CreateGroup", format!("arn:aws:iam::{ACCOUNT}:group/b/n")),
        ("ListGroups", format!("arn:aws:iam::{ACCOUNT}:group/a/")),
        ("ListPolicies", "policy path /a/".to_owned()),
    ] {
        let known = OPERATIONS.iter().find(|(name, ..)| *name == operation);
        let (_, rest, _) = known.copied().unwrap_or_default();
        let message = format!(
            "User: arn:aws:iam::{ACCOUNT}:user/nobody is not authorized to perform: \
             iam:{operation} on resource: {shown} because no identity-based policy allows the \
             iam:{operation} action"
        );
        let answer = house.iam(&nobody, &form(operation, rest)).await;
        answer.refused(403, "AccessDenied", &message);
    }
}

#[tokio::test]
async fn tags_on_a_new_policy_take_a_permission_of_their_own() {
    let (house, root, nobody) = furnished().await;
    let create = policy("Allow", "iam:CreatePolicy", "*");
    house.ok(&root, &put_policy("nobody", "x", &create)).await;
    let rest = "PolicyName=n&PolicyDocument={doc}&Tags.member.1.Key=k&Tags.member.1.Value=v";
    let form = form("CreatePolicy", rest);
    let answer = house.iam(&nobody, &form).await;
    assert!(answer.text.contains("iam:TagPolicy"), "{}", answer.text);
    assert_eq!(answer.code, Some("AccessDenied"));
    let tag = policy("Allow", "iam:TagPolicy", "*");
    house.ok(&root, &put_policy("nobody", "y", &tag)).await;
    house.ok(&nobody, &form).await;
}

#[tokio::test]
async fn tags_of_a_policy_decide_who_may_touch_it() {
    let (house, root, nobody) = furnished().await;
    let tag = "PolicyArn={own}&Tags.member.1.Key=Team&Tags.member.1.Value=red";
    for key in ["aws:ResourceTag/team", "iam:ResourceTag/TEAM"] {
        let by_tag = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"iam:GetPolicy",
            "Resource":"*","Condition":{{"StringEquals":{{"{key}":"red"}}}}}}}}"#
        );
        house.ok(&root, &put_policy("nobody", "x", &by_tag)).await;
        let get = form("GetPolicy", "PolicyArn={own}");
        assert_eq!(house.iam(&nobody, &get).await.status, 403, "{key}");
        house.ok(&root, &form("TagPolicy", tag)).await;
        house.ok(&nobody, &get).await;
        let untag = form("UntagPolicy", "PolicyArn={own}&TagKeys.member.1=Team");
        house.ok(&root, &untag).await;
        assert_eq!(house.iam(&nobody, &get).await.status, 403, "{key}");
    }
}

#[tokio::test]
async fn policies_that_grant_access_to_a_service_are_found() {
    let (house, root, _) = furnished().await;
    let put = |operation: &str, who: &str, name: &str, document: &str| {
        let document = encoded(document);
        format!("Action={operation}&{who}&PolicyName={name}&PolicyDocument={document}")
    };
    let except = policy("Allow", "s3:*", "*").replace("\"Action\"", "\"NotAction\"");
    for form in [
        put(
            "PutUserPolicy",
            "UserName=u",
            "reads",
            &policy("Allow", "S3:Get*", "*"),
        ),
        put(
            "PutUserPolicy",
            "UserName=u",
            "denies",
            &policy("Deny", "*", "*"),
        ),
        put("PutGroupPolicy", "GroupName=g", "rest", &except),
        form("AttachUserPolicy", "UserName=u&PolicyArn={own}"),
        form("AttachGroupPolicy", "GroupName=g&PolicyArn={read}"),
        "Action=AddUserToGroup&GroupName=g&UserName=u".to_owned(),
        form(
            "PutUserPermissionsBoundary",
            "UserName=u&PermissionsBoundary={read}",
        ),
    ] {
        house.ok(&root, &form).await;
    }
    let services = "&ServiceNamespaces.member.1=s3&ServiceNamespaces.member.2=iam\
                    &ServiceNamespaces.member.3=kms&ServiceNamespaces.member.4=s3";
    let ask = |arn: &str| form("ListPoliciesGrantingServiceAccess", arn) + services;
    let shown = house.ok(&root, &ask("Arn={user}")).await;
    assert_eq!(
        crate::house::xml(&shown.text, "ServiceNamespace"),
        ["s3", "iam", "kms"]
    );
    let names = crate::house::xml(&shown.text, "PolicyName");
    assert_eq!(names, ["reads", "p", "rest", "IAMReadOnlyAccess", "rest"]);
    let kinds = crate::house::xml(&shown.text, "PolicyType");
    assert_eq!(kinds, ["INLINE", "MANAGED", "INLINE", "MANAGED", "INLINE"]);
    assert_eq!(
        crate::house::xml(&shown.text, "EntityType"),
        ["USER", "GROUP", "GROUP"]
    );
    assert_eq!(
        crate::house::xml(&shown.text, "EntityName"),
        ["u", "g", "g"]
    );
    let own = format!("arn:aws:iam::{ACCOUNT}:policy/a/p");
    assert_eq!(
        crate::house::xml(&shown.text, "PolicyArn"),
        [own.as_str(), READ]
    );

    let shown = house.ok(&root, &ask("Arn={group}")).await;
    let names = crate::house::xml(&shown.text, "PolicyName");
    assert_eq!(names, ["rest", "IAMReadOnlyAccess", "rest"]);
    let absent = house
        .iam(&root, &ask("Arn={group}").replace("%2Fg", "%2Fz"))
        .await;
    absent.refused(
        404,
        "NoSuchEntity",
        "The group with name z cannot be found.",
    );
    let moved = house
        .iam(&root, &ask("Arn={user}").replace("%2Fa%2F", "%2Fb%2F"))
        .await;
    moved.refused(404, "NoSuchEntity", "The user with name u cannot be found.");
    for arn in [
        "arn:aws:iam::444455556666:user/a",
        "arn:aws:iam::111122223333:policy/p",
    ] {
        let answer = house
            .iam(&root, &ask(&format!("Arn={}", encoded(arn))))
            .await;
        answer.refused(400, "InvalidInput", &format!("ARN {arn} is not valid."));
    }
}
