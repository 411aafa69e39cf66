//! Users whose name, path, policies, boundary and tags change, and what each change does to the
//! very next call.

use crate::house::{
    ACCOUNT, Answer, House, Login, encoded, harness, ok, one, policy, put_policy, refused, xml,
};

const READ: &str = "arn:aws:iam::aws:policy/IAMReadOnlyAccess";

fn attach(user: &str, arn: &str) -> String {
    let arn = encoded(arn);
    format!("Action=AttachUserPolicy&UserName={user}&PolicyArn={arn}")
}

fn detach(user: &str, arn: &str) -> String {
    attach(user, arn).replace("Attach", "Detach")
}

fn bound(user: &str, arn: &str) -> String {
    let arn = encoded(arn);
    format!("Action=PutUserPermissionsBoundary&UserName={user}&PermissionsBoundary={arn}")
}

fn create_policy(name: &str, document: &str) -> String {
    let document = encoded(document);
    format!("Action=CreatePolicy&PolicyName={name}&PolicyDocument={document}")
}

fn own(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:policy/{name}")
}

async fn list(house: &House, who: &Login) -> Answer {
    house.iam(who, "Action=ListUsers").await
}

#[tokio::test]
async fn a_managed_policy_counts_from_the_next_call_on_in_its_default_version() {
    let (house, root) = House::new().await;
    let alice = house.user(&root, "alice").await;
    let other = policy("Allow", "iam:ListGroups", "*");
    house.ok(&root, &create_policy("p", &other)).await;
    house.ok(&root, &attach("alice", &own("p"))).await;
    house.ok(&alice, "Action=ListGroups").await;
    assert_eq!(list(&house, &alice).await.status, 403);

    let document = encoded(&policy("Allow", "iam:ListUsers", "*"));
    let arn = encoded(&own("p"));
    let version = format!("Action=CreatePolicyVersion&PolicyArn={arn}&PolicyDocument={document}");
    house.ok(&root, &version).await;
    assert_eq!(
        list(&house, &alice).await.status,
        403,
        "v2 is not the default yet"
    );
    let set = format!("Action=SetDefaultPolicyVersion&PolicyArn={arn}&VersionId=");
    house.ok(&root, &(set.clone() + "v2")).await;
    assert_eq!(list(&house, &alice).await.status, 200);
    assert_eq!(house.iam(&alice, "Action=ListGroups").await.status, 403);
    house.ok(&root, &(set + "v1")).await;
    assert_eq!(list(&house, &alice).await.status, 403);
    house.ok(&root, &(version + "&SetAsDefault=true")).await;
    assert_eq!(list(&house, &alice).await.status, 200);

    house.ok(&root, &detach("alice", &own("p"))).await;
    assert_eq!(list(&house, &alice).await.status, 403);
    house.ok(&root, &attach("alice", READ)).await;
    assert_eq!(list(&house, &alice).await.status, 200);
}

/// The policy that bears the name of a deleted one gives nothing to those who had the old one.
#[tokio::test]
async fn a_policy_of_an_old_name_is_nobody_s() {
    let (house, root) = House::new().await;
    let alice = house.user(&root, "alice").await;
    let allow = policy("Allow", "iam:ListUsers", "*");
    house.ok(&root, &create_policy("p", &allow)).await;
    house.ok(&root, &attach("alice", &own("p"))).await;
    assert_eq!(list(&house, &alice).await.status, 200);
    let delete = format!("Action=DeletePolicy&PolicyArn={}", encoded(&own("p")));
    assert_eq!(house.iam(&root, &delete).await.code, Some("DeleteConflict"));
    house.ok(&root, &detach("alice", &own("p"))).await;
    house.ok(&root, &delete).await;
    house.ok(&root, &create_policy("p", &allow)).await;
    assert_eq!(list(&house, &alice).await.status, 403);
}

#[tokio::test]
async fn a_boundary_limits_from_the_next_call_on_and_gives_nothing() {
    let (house, root) = House::new().await;
    let alice = house.user(&root, "alice").await;
    house.ok(&root, &attach("alice", READ)).await;
    let narrow = policy("Allow", "iam:ListGroups", "*");
    house.ok(&root, &create_policy("narrow", &narrow)).await;
    assert_eq!(list(&house, &alice).await.status, 200);
    house.ok(&root, &bound("alice", &own("narrow"))).await;
    let answer = list(&house, &alice).await;
    assert!(
        answer.text.contains("no permissions boundary allows"),
        "{}",
        answer.text
    );
    house.ok(&alice, "Action=ListGroups").await;

    let shown = house.ok(&root, "Action=GetUser&UserName=alice").await;
    assert_eq!(shown.xml("PermissionsBoundaryArn"), own("narrow"));
    assert_eq!(shown.xml("PermissionsBoundaryType"), "Policy");
    let listed = house.ok(&root, "Action=ListUsers").await;
    assert!(!listed.text.contains("PermissionsBoundary"));

    house.ok(&root, &detach("alice", READ)).await;
    assert_eq!(house.iam(&alice, "Action=ListGroups").await.status, 403);
    house.ok(&root, &attach("alice", READ)).await;
    house.ok(&root, &bound("alice", READ)).await;
    assert_eq!(list(&house, &alice).await.status, 200);
    let clear = "Action=DeleteUserPermissionsBoundary&UserName=alice";
    house.ok(&root, clear).await;
    house.ok(&root, clear).await;
    let shown = house.ok(&root, "Action=GetUser&UserName=alice").await;
    assert!(!shown.text.contains("PermissionsBoundary"));
}

#[tokio::test]
async fn a_user_can_be_born_with_a_boundary() {
    let (house, root) = House::new().await;
    let create = format!(
        "Action=CreateUser&UserName=bob&PermissionsBoundary={}",
        encoded(READ)
    );
    let made = house.ok(&root, &create).await;
    assert_eq!(made.xml("PermissionsBoundaryArn"), READ);
    let bob = house.key(&root, "bob").await;
    let admin = "arn:aws:iam::aws:policy/AdministratorAccess";
    house.ok(&root, &attach("bob", admin)).await;
    assert_eq!(list(&house, &bob).await.status, 200);
    let other = "Action=CreateUser&UserName=eve";
    assert_eq!(house.iam(&bob, other).await.status, 403);
}

#[tokio::test]
async fn attached_policies_are_listed_and_limited_to_10() {
    let harness = harness().await;
    ok(&harness, "Action=CreateUser&UserName=alice").await;
    let document = policy("Allow", "*", "*");
    for number in 0..11 {
        let path = if number < 2 { "&Path=/x/" } else { "" };
        let create = create_policy(&format!("p{number:02}"), &document) + path;
        ok(&harness, &create).await;
    }
    let arn = |number: usize| {
        let path = if number < 2 { "/x" } else { "" };
        let account = platform::testing::ACCOUNT;
        format!("arn:aws:iam::{account}:policy{path}/p{number:02}")
    };
    for number in 0..10 {
        ok(&harness, &attach("ALICE", &arn(number))).await;
    }
    // What is attached already needs no room.
    ok(&harness, &attach("alice", &arn(3))).await;
    let full = (
        409,
        "LimitExceeded",
        "Cannot exceed quota for PoliciesPerUser: 10",
    );
    refused(&harness, &attach("alice", &arn(10)), full).await;

    let all = ok(&harness, "Action=ListAttachedUserPolicies&UserName=alice").await;
    let names = xml(&all, "PolicyName");
    assert_eq!(names.len(), 10);
    let below = "Action=ListAttachedUserPolicies&UserName=alice&PathPrefix=/x/";
    let below = ok(&harness, below).await;
    assert_eq!(xml(&below, "PolicyName"), ["p00", "p01"]);
    assert_eq!(xml(&below, "PolicyArn"), [arn(0), arn(1)]);
    let page = "Action=ListAttachedUserPolicies&UserName=alice&MaxItems=9";
    let first = ok(&harness, page).await;
    let rest = format!("{page}&Marker={}", encoded(&one(&first, "Marker")));
    let rest = ok(&harness, &rest).await;
    let together = [xml(&first, "PolicyArn"), xml(&rest, "PolicyArn")].concat();
    assert_eq!(together, xml(&all, "PolicyArn"));

    ok(&harness, &detach("alice", &arn(0))).await;
    ok(&harness, &attach("alice", &arn(10))).await;
    let message = format!("Policy {} was not found.", arn(0));
    let gone = (404, "NoSuchEntity", message.as_str());
    refused(&harness, &detach("alice", &arn(0)), gone).await;
}

#[tokio::test]
async fn what_is_no_policy_cannot_be_attached() {
    let harness = harness().await;
    ok(&harness, "Action=CreateUser&UserName=alice").await;
    ok(&harness, "Action=CreateGroup&GroupName=staff").await;
    let group = |arn: &str| {
        attach("", arn)
            .replace("AttachUserPolicy", "AttachGroupPolicy")
            .replace("UserName=", "GroupName=staff")
    };
    for arn in [
        "arn:aws:iam::aws:policy/NoSuchAccess",
        "arn:aws:iam::aws:policy/job-function/AdministratorAccess",
        "arn:aws:iam::444455556666:policy/p",
    ] {
        let message = format!("Policy {arn} does not exist or is not attachable.");
        let gone = (404, "NoSuchEntity", message.as_str());
        refused(&harness, &attach("alice", arn), gone).await;
        refused(&harness, &group(arn), gone).await;
        let message = format!("Scope ARN: {arn} does not exist or is not attachable.");
        refused(
            &harness,
            &bound("alice", arn),
            (404, "NoSuchEntity", &message),
        )
        .await;
    }
    let arn = "arn:aws:iam::111122223333:user/alice";
    let message = format!("ARN {arn} is not valid.");
    for (form, code) in [
        (attach("alice", arn), "ValidationError"),
        (group(arn), "ValidationError"),
        (bound("alice", arn), "InvalidInput"),
        (detach("alice", arn), "InvalidInput"),
    ] {
        refused(&harness, &form, (400, code, &message)).await;
    }
    let reserved = "arn:aws:iam::aws:policy/aws-service-role/\
                    AWSKeyManagementServiceMultiRegionKeysServiceRolePolicy";
    let message = "Cannot attach a Service Role Policy to a Customer User.";
    let unattachable = (400, "PolicyNotAttachable", message);
    refused(&harness, &attach("alice", reserved), unattachable).await;
    refused(&harness, &bound("alice", reserved), unattachable).await;
    let message = "Cannot attach a Service Role Policy to a Customer Group.";
    refused(
        &harness,
        &group(reserved),
        (400, "PolicyNotAttachable", message),
    )
    .await;
}

#[tokio::test]
async fn tags_of_a_user_change_and_count_at_once() {
    let (house, root) = House::new().await;
    let alice = house.user(&root, "alice").await;
    let by_tag = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:ListUsers",
        "Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"red"}}}}"#;
    house.ok(&root, &put_policy("alice", "p", by_tag)).await;
    assert_eq!(list(&house, &alice).await.status, 403);
    let tag = |key: &str, value: &str| {
        format!("Action=TagUser&UserName=alice&Tags.member.1.Key={key}&Tags.member.1.Value={value}")
    };
    house.ok(&root, &tag("Team", "red")).await;
    assert_eq!(list(&house, &alice).await.status, 200);
    house.ok(&root, &tag("TEAM", "blue")).await;
    assert_eq!(list(&house, &alice).await.status, 403);
    house.ok(&root, &tag("a", "")).await;
    let tags = house.ok(&root, "Action=ListUserTags&UserName=alice").await;
    assert_eq!(xml(&tags.text, "Key"), ["a", "TEAM"]);
    assert_eq!(tags.xml("IsTruncated"), "false");
    let page = house
        .ok(&root, "Action=ListUserTags&UserName=alice&MaxItems=1")
        .await;
    assert_eq!(
        (page.xml("Key"), page.xml("Marker")),
        ("a".into(), "a".into())
    );
    let untag = "Action=UntagUser&UserName=alice&TagKeys.member.1=team&TagKeys.member.2=none";
    house.ok(&root, untag).await;
    let tags = house.ok(&root, "Action=ListUserTags&UserName=alice").await;
    assert_eq!(xml(&tags.text, "Key"), ["a"]);
    let reserved = house.iam(&root, &tag("aws:x", "y")).await;
    assert_eq!(reserved.code, Some("InvalidInput"));

    for number in 0..49 {
        house.ok(&root, &tag(&format!("k{number}"), "v")).await;
    }
    let full = house.iam(&root, &tag("one-more", "v")).await;
    assert_eq!((full.status, full.code), (409, Some("LimitExceeded")));
}

#[tokio::test]
async fn tag_keys_of_a_request_are_condition_keys() {
    let (house, root) = House::new().await;
    let alice = house.user(&root, "alice").await;
    let only = |action: &str, key: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"{action}",
            "Resource":"*","Condition":{{"ForAllValues:StringEquals":{{"{key}":["a"]}},
            "Null":{{"{key}":"false"}}}}}}}}"#
        )
    };
    let tag = only("iam:TagUser", "aws:TagKeys");
    let untag = only("iam:UntagUser", "aws:TagKeys");
    house.ok(&root, &put_policy("alice", "p", &tag)).await;
    house.ok(&root, &put_policy("alice", "q", &untag)).await;
    for (form, status) in [
        ("TagUser&Tags.member.1.Key=a&Tags.member.1.Value=x", 200),
        ("TagUser&Tags.member.1.Key=b&Tags.member.1.Value=x", 403),
        ("UntagUser&TagKeys.member.1=b", 403),
        ("UntagUser&TagKeys.member.1=a", 200),
    ] {
        let answer = house
            .iam(&alice, &format!("Action={form}&UserName=alice"))
            .await;
        assert_eq!(answer.status, status, "{form} {}", answer.text);
    }
}

#[tokio::test]
async fn the_policy_and_the_boundary_of_a_request_are_condition_keys() {
    let (house, root) = House::new().await;
    let alice = house.user(&root, "alice").await;
    house.ok(&root, "Action=CreateUser&UserName=bob").await;
    house.ok(&root, "Action=CreateGroup&GroupName=staff").await;
    let when = |action: &str, key: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"{action}",
            "Resource":"*","Condition":{{"ArnEquals":{{"{key}":"{READ}"}}}}}}}}"#
        )
    };
    let admin = "arn:aws:iam::aws:policy/AdministratorAccess";
    let group = |form: String| {
        form.replace("UserPolicy", "GroupPolicy")
            .replace("UserName=bob", "GroupName=staff")
    };
    for (action, key, form) in [
        ("iam:AttachUserPolicy", "iam:PolicyARN", attach("bob", READ)),
        ("iam:DetachUserPolicy", "iam:PolicyARN", detach("bob", READ)),
        (
            "iam:AttachGroupPolicy",
            "iam:PolicyARN",
            group(attach("bob", READ)),
        ),
        (
            "iam:DetachGroupPolicy",
            "iam:PolicyARN",
            group(detach("bob", READ)),
        ),
        (
            "iam:PutUserPermissionsBoundary",
            "iam:PermissionsBoundary",
            bound("bob", READ),
        ),
    ] {
        house
            .ok(&root, &put_policy("alice", "p", &when(action, key)))
            .await;
        let other = form.replace(&encoded(READ), &encoded(admin));
        assert_eq!(house.iam(&alice, &other).await.status, 403, "{other}");
        house.ok(&alice, &form).await;
    }
    // From here on bob has a boundary, which is what the key says where a request sets none.
    let bounded = "iam:PermissionsBoundary";
    let document = encoded(&policy("Allow", "s3:*", "*"));
    let inline = format!("UserName=bob&PolicyName=p&PolicyDocument={document}");
    for (operation, rest) in [
        ("PutUserPolicy", inline.as_str()),
        ("DeleteUserPolicy", "UserName=bob&PolicyName=p"),
        (
            "AttachUserPolicy",
            &attach("bob", admin).replace("Action=AttachUserPolicy&", ""),
        ),
        (
            "DetachUserPolicy",
            &attach("bob", admin).replace("Action=AttachUserPolicy&", ""),
        ),
        ("DeleteUserPermissionsBoundary", "UserName=bob"),
    ] {
        let put = put_policy("alice", "p", &when(&format!("iam:{operation}"), bounded));
        house.ok(&root, &put).await;
        let unbounded = format!("Action={operation}&{}", rest.replace("bob", "alice"));
        assert_eq!(
            house.iam(&alice, &unbounded).await.status,
            403,
            "{operation}"
        );
        house
            .ok(&alice, &format!("Action={operation}&{rest}"))
            .await;
    }
}

#[tokio::test]
async fn a_renamed_user_stays_who_it_is() {
    let (house, root) = House::new().await;
    let alice = house.user(&root, "alice").await;
    house.ok(&root, "Action=CreateGroup&GroupName=staff").await;
    house
        .ok(
            &root,
            "Action=AddUserToGroup&GroupName=staff&UserName=alice",
        )
        .await;
    house.ok(&root, &attach("alice", READ)).await;
    let id = house
        .ok(&root, "Action=GetUser&UserName=alice")
        .await
        .xml("UserId");

    let rename = "Action=UpdateUser&UserName=ALICE&NewUserName=Alicia&NewPath=/hr/";
    house.ok(&root, rename).await;
    let arn = format!("arn:aws:iam::{ACCOUNT}:user/hr/Alicia");
    let who = house.whoami(&alice).await;
    assert_eq!(
        (who.xml("Arn"), who.xml("UserId")),
        (arn.clone(), id.clone())
    );
    let shown = house.ok(&alice, "Action=GetUser").await;
    assert_eq!((shown.xml("Arn"), shown.xml("UserId")), (arn, id));
    assert_eq!(
        (shown.xml("UserName"), shown.xml("Path")),
        ("Alicia".into(), "/hr/".into())
    );
    let groups = house
        .ok(&root, "Action=ListGroupsForUser&UserName=alicia")
        .await;
    assert_eq!(groups.xml("GroupName"), "staff");
    let users = house.ok(&root, "Action=GetGroup&GroupName=staff").await;
    assert_eq!(users.xml("UserName"), "Alicia");
    let keys = house
        .ok(&root, "Action=ListAccessKeys&UserName=Alicia")
        .await;
    assert_eq!(
        (keys.xml("UserName"), keys.xml("AccessKeyId")),
        ("Alicia".into(), alice.id.clone())
    );
    let gone = "The user with name alice cannot be found.";
    house
        .iam(&root, "Action=GetUser&UserName=alice")
        .await
        .refused(404, "NoSuchEntity", gone);

    // The name is free: who takes it has nothing of the old bearer's.
    let stranger = house.user(&root, "alice").await;
    assert_eq!(list(&house, &stranger).await.status, 403);
    assert_eq!(list(&house, &alice).await.status, 200);
    let taken = "Action=UpdateUser&UserName=alicia&NewUserName=ALICE";
    let message = "User with name ALICE already exists.";
    house
        .iam(&root, taken)
        .await
        .refused(409, "EntityAlreadyExists", message);
    // The case of a name, or the path alone, changes as well.
    house
        .ok(
            &root,
            "Action=UpdateUser&UserName=alicia&NewUserName=ALICIA",
        )
        .await;
    house
        .ok(&root, "Action=UpdateUser&UserName=alicia&NewPath=/")
        .await;
    let arn = format!("arn:aws:iam::{ACCOUNT}:user/ALICIA");
    assert_eq!(house.whoami(&alice).await.xml("Arn"), arn);
    let listed = house.ok(&root, "Action=ListUsers").await;
    assert_eq!(xml(&listed.text, "UserName"), ["alice", "ALICIA"]);
}

/// Otherwise whoever may rename one user could put it into the place of another.
#[tokio::test]
async fn renaming_takes_the_permission_on_both_names() {
    let (house, root) = House::new().await;
    let alice = house.user(&root, "alice").await;
    house
        .ok(&root, "Action=CreateUser&UserName=bob&Path=/a/")
        .await;
    let on = |resources: &[&str]| {
        let arns = resources
            .iter()
            .map(|path| format!("\"arn:aws:iam::{ACCOUNT}:user{path}\""));
        let list = arns.collect::<Vec<_>>().join(",");
        policy("Allow", "iam:UpdateUser", "*").replace("\"*\"", &format!("[{list}]"))
    };
    let rename = "Action=UpdateUser&UserName=bob&NewUserName=rob&NewPath=/b/";
    for (resources, status) in [
        (&["/a/bob"][..], 403),
        (&["/b/rob"], 403),
        (&["/a/bob", "/a/rob", "/b/bob"], 403),
        (&["/a/bob", "/b/rob"], 200),
    ] {
        house
            .ok(&root, &put_policy("alice", "p", &on(resources)))
            .await;
        let answer = house.iam(&alice, rename).await;
        assert_eq!(answer.status, status, "{resources:?} {}", answer.text);
    }
}

#[tokio::test]
async fn a_user_with_attached_policies_stays() {
    let harness = harness().await;
    ok(&harness, "Action=CreateUser&UserName=alice").await;
    ok(&harness, &attach("alice", READ)).await;
    let message = "Cannot delete entity, must detach all policies first.";
    let delete = "Action=DeleteUser&UserName=alice";
    refused(&harness, delete, (409, "DeleteConflict", message)).await;
    ok(&harness, &detach("alice", READ)).await;
    ok(&harness, delete).await;
}

/// Two callers who attach at once both succeed, and the policy knows both.
#[tokio::test]
async fn uses_are_counted_exactly_when_many_attach_at_once() {
    let (house, root) = House::new().await;
    for number in 0..8 {
        house
            .ok(&root, &format!("Action=CreateUser&UserName=user-{number}"))
            .await;
    }
    house
        .ok(&root, &create_policy("p", &policy("Allow", "*", "*")))
        .await;
    let attach = |number: usize| attach(&format!("user-{number}"), &own("p"));
    let forms: Vec<String> = (0..8).map(attach).collect();
    let (a, b, c, d, e, f, g, h) = tokio::join!(
        house.ok(&root, &forms[0]),
        house.ok(&root, &forms[1]),
        house.ok(&root, &forms[2]),
        house.ok(&root, &forms[3]),
        house.ok(&root, &forms[4]),
        house.ok(&root, &forms[5]),
        house.ok(&root, &forms[6]),
        house.ok(&root, &forms[7]),
    );
    assert!(
        [a, b, c, d, e, f, g, h]
            .iter()
            .all(|answer| answer.status == 200)
    );
    let get = format!("Action=GetPolicy&PolicyArn={}", encoded(&own("p")));
    assert_eq!(house.ok(&root, &get).await.xml("AttachmentCount"), "8");
}
