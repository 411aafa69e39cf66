//! Reports on an account: identities and last use.

use crate::house::{ACCOUNT, House, Login, encoded, policy, put_policy, xml};

/// The journal's time goes on.
fn pass(house: &House, seconds: i64) {
    house.clock.advance(seconds);
}

/// An account with a user in a group, a role and a policy that all of them have.
async fn peopled(house: &House, root: &Login) -> String {
    let document = encoded(&policy("Allow", "iam:Get*", "*"));
    let made = house
        .ok(
            root,
            &format!(
                "Action=CreatePolicy&PolicyName=readers&Description=d&PolicyDocument={document}"
            ),
        )
        .await;
    let arn = made.xml("Arn");
    let trust = encoded(&format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{ACCOUNT}:root"}},"Action":"sts:AssumeRole"}}}}"#
    ));
    for form in [
        "Action=CreateUser&UserName=Bob&Path=/p/&Tags.member.1.Key=k&Tags.member.1.Value=v".to_owned(),
        "Action=CreateGroup&GroupName=Staff".to_owned(),
        "Action=AddUserToGroup&GroupName=Staff&UserName=Bob".to_owned(),
        format!("Action=AttachGroupPolicy&GroupName=Staff&PolicyArn={}", encoded(&arn)),
        put_policy("Bob", "own", &policy("Allow", "kms:Decrypt", "*")),
        format!("Action=CreateRole&RoleName=Runner&AssumeRolePolicyDocument={trust}"),
        "Action=AttachRolePolicy&RoleName=Runner&PolicyArn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FReadOnlyAccess".to_owned(),
        "Action=CreateInstanceProfile&InstanceProfileName=profile".to_owned(),
        "Action=AddRoleToInstanceProfile&InstanceProfileName=profile&RoleName=Runner".to_owned(),
        format!("Action=PutUserPermissionsBoundary&UserName=Bob&PermissionsBoundary={}", encoded(&arn)),
    ] {
        house.ok(root, &form).await;
    }
    arn
}

#[tokio::test]
async fn authorization_details_show_everything_and_how_it_belongs_together() {
    let (house, root) = House::new().await;
    let arn = peopled(&house, &root).await;
    let answer = house
        .ok(&root, "Action=GetAccountAuthorizationDetails")
        .await;
    let users = answer.xml("UserDetailList");
    for (name, value) in [
        ("UserName", "Bob"),
        ("Path", "/p/"),
        ("PolicyName", "own"),
        ("Key", "k"),
        ("PermissionsBoundaryArn", &arn),
    ] {
        assert_eq!(
            xml(&users, name).first().map(String::as_str),
            Some(value),
            "{users}"
        );
    }
    assert!(
        users.contains("<GroupList><member>Staff</member></GroupList>"),
        "{users}"
    );
    assert!(
        users.contains("%22kms%3ADecrypt%22"),
        "documents are percent-encoded: {users}"
    );
    let groups = answer.xml("GroupDetailList");
    assert_eq!(xml(&groups, "GroupName"), ["Staff"]);
    assert_eq!(xml(&groups, "PolicyArn"), [arn.as_str()]);
    let roles = answer.xml("RoleDetailList");
    assert_eq!(xml(&roles, "InstanceProfileName"), ["profile"]);
    assert!(roles.contains("sts%3AAssumeRole"), "{roles}");
    let policies = answer.xml("Policies");
    assert_eq!(xml(&policies, "PolicyName"), ["readers", "ReadOnlyAccess"]);
    assert_eq!(xml(&policies, "AttachmentCount"), ["1", "1"]);
    assert_eq!(xml(&policies, "PermissionsBoundaryUsageCount"), ["1", "0"]);
    assert_eq!(
        xml(&policies, "Description").first().map(String::as_str),
        Some("d")
    );
    assert!(policies.contains("%22iam%3AGet%2A%22"), "{policies}");

    for (filter, lists) in [
        ("User", ["Bob", "", "", ""]),
        ("Group", ["", "Staff", "", ""]),
        ("Role", ["", "", "Runner", ""]),
        ("LocalManagedPolicy", ["", "", "", "readers"]),
        ("AWSManagedPolicy", ["", "", "", "ReadOnlyAccess"]),
    ] {
        let form = format!("Action=GetAccountAuthorizationDetails&Filter.member.1={filter}");
        let answer = house.ok(&root, &form).await;
        let first = |list: &str, name: &str| {
            xml(&answer.xml(list), name)
                .into_iter()
                .next()
                .unwrap_or_default()
        };
        let found = [
            first("UserDetailList", "UserName"),
            first("GroupDetailList", "GroupName"),
            first("RoleDetailList", "RoleName"),
            first("Policies", "PolicyName"),
        ];
        assert_eq!(found, lists, "{filter}");
    }
}

#[tokio::test]
async fn authorization_details_come_in_pages() {
    let (house, root) = House::new().await;
    peopled(&house, &root).await;
    let (mut seen, mut pages, mut marker) = (Vec::new(), 0, String::new());
    loop {
        let answer = house
            .ok(
                &root,
                &format!("Action=GetAccountAuthorizationDetails&MaxItems=2{marker}"),
            )
            .await;
        for (list, name) in [
            ("UserDetailList", "UserName"),
            ("GroupDetailList", "GroupName"),
            ("RoleDetailList", "RoleId"),
            ("Policies", "PolicyId"),
        ] {
            let list = answer.xml(list);
            seen.extend(
                xml(&list, name)
                    .into_iter()
                    .take(list.matches(&format!("<{name}>")).count()),
            );
        }
        pages += 1;
        if answer.xml("IsTruncated") == "false" {
            break;
        }
        marker = format!("&Marker={}", encoded(&answer.xml("Marker")));
    }
    assert_eq!(pages, 3, "{seen:?}");
}

async fn job(house: &House, who: &Login, arn: &str, granularity: &str) -> String {
    let arn = encoded(arn);
    let form =
        format!("Action=GenerateServiceLastAccessedDetails&Arn={arn}&Granularity={granularity}");
    house.ok(who, &form).await.xml("JobId")
}

#[tokio::test]
async fn last_use_comes_from_the_journal() {
    let (house, root) = House::new().await;
    let arn = peopled(&house, &root).await;
    let bob = house.key(&root, "Bob").await;
    let bob_arn = format!("arn:aws:iam::{ACCOUNT}:user/p/Bob");
    let unused = job(&house, &root, &bob_arn, "SERVICE_LEVEL").await;
    pass(&house, 90);
    house.ok(&bob, "Action=GetUser").await;
    pass(&house, 90);
    // A refused call is an attempt, too.
    assert_eq!(house.iam(&bob, "Action=ListUsers").await.status, 403);

    let get = |id: &str| format!("Action=GetServiceLastAccessedDetails&JobId={id}");
    let answer = house.ok(&root, &get(&unused)).await;
    assert_eq!(answer.xml("JobStatus"), "COMPLETED");
    assert_eq!(xml(&answer.text, "ServiceNamespace"), ["iam", "kms"]);
    assert_eq!(xml(&answer.text, "TotalAuthenticatedEntities"), ["0", "0"]);
    assert!(!answer.text.contains("<LastAuthenticated>"));

    let id = job(&house, &root, &bob_arn, "ACTION_LEVEL").await;
    let answer = house.ok(&root, &get(&id)).await;
    assert_eq!(answer.xml("JobType"), "ACTION_LEVEL");
    assert_eq!(
        xml(&answer.text, "ServiceName")[1],
        "AWS Key Management Service"
    );
    assert_eq!(
        xml(&answer.text, "LastAuthenticated"),
        ["2026-01-01T00:03:00Z"]
    );
    assert_eq!(
        xml(&answer.text, "LastAuthenticatedEntity"),
        [bob_arn.as_str()]
    );
    assert_eq!(xml(&answer.text, "LastAuthenticatedRegion"), ["us-east-1"]);
    assert_eq!(xml(&answer.text, "TotalAuthenticatedEntities"), ["1", "0"]);
    let get_user = answer
        .text
        .split("<ActionName>GetUser</ActionName>")
        .nth(1)
        .unwrap();
    assert_eq!(xml(get_user, "LastAccessedTime")[0], "2026-01-01T00:01:30Z");
    let names = xml(&answer.text, "ActionName");
    assert!(
        names.iter().any(|name| name == "Decrypt") && !names.iter().any(|name| name == "Encrypt"),
        "{names:?}"
    );

    let entities = |id: &str| {
        format!("Action=GetServiceLastAccessedDetailsWithEntities&JobId={id}&ServiceNamespace=iam")
    };
    for arn in [arn.clone(), format!("arn:aws:iam::{ACCOUNT}:group/Staff")] {
        let id = job(&house, &root, &arn, "SERVICE_LEVEL").await;
        let answer = house.ok(&root, &entities(&id)).await;
        assert_eq!(xml(&answer.text, "Name"), ["Bob"], "{arn}");
        assert_eq!(answer.xml("LastAuthenticated"), "2026-01-01T00:03:00Z");
        assert_eq!(
            (answer.xml("Type"), answer.xml("Path")),
            ("USER".to_owned(), "/p/".to_owned())
        );
    }
    let role = job(
        &house,
        &root,
        &format!("arn:aws:iam::{ACCOUNT}:role/Runner"),
        "SERVICE_LEVEL",
    )
    .await;
    let answer = house.ok(&root, &format!("{}&MaxItems=3", get(&role))).await;
    assert_eq!(xml(&answer.text, "ServiceNamespace").len(), 3);
    assert_eq!(answer.xml("IsTruncated"), "true");

    // Nobody but who asked for a report reads it.
    house
        .ok(
            &root,
            &put_policy("Bob", "own", &policy("Allow", "iam:*", "*")),
        )
        .await;
    let stranger = house.iam(&bob, &get(&id)).await;
    stranger.refused(
        404,
        "NoSuchEntity",
        &format!("Job with id {id} cannot be found."),
    );
}

#[tokio::test]
async fn reports_take_exactly_their_permission() {
    let (house, root) = House::new().await;
    let alice = house.user(&root, "alice").await;
    let own = format!("arn:aws:iam::{ACCOUNT}:user/alice");
    house.ok(&root, "Action=GenerateCredentialReport").await;
    let generate = format!(
        "Action=GenerateServiceLastAccessedDetails&Arn={}",
        encoded(&own)
    );
    let uuid = "00000000-0000-4000-8000-000000000000";
    for (action, resource, rest, expected) in [
        ("GetAccountAuthorizationDetails", "*", "", 200),
        ("GenerateCredentialReport", "*", "", 200),
        ("GetCredentialReport", "*", "", 200),
        (
            "GenerateServiceLastAccessedDetails",
            own.as_str(),
            generate.split_once('&').unwrap().1,
            200,
        ),
        (
            "GetServiceLastAccessedDetails",
            "*",
            &format!("JobId={uuid}"),
            404,
        ),
        (
            "GetServiceLastAccessedDetailsWithEntities",
            "*",
            &format!("JobId={uuid}&ServiceNamespace=kms"),
            404,
        ),
    ] {
        let form = format!("Action={action}&{rest}");
        let denied = house.iam(&alice, &form).await;
        let message = format!(
            "User: {own} is not authorized to perform: iam:{action} on resource: {resource} because no \
             identity-based policy allows the iam:{action} action"
        );
        denied.refused(403, "AccessDenied", &message);
        let allowed = policy("Allow", &format!("iam:{action}"), resource);
        house.ok(&root, &put_policy("alice", "p", &allowed)).await;
        assert_eq!(house.iam(&alice, &form).await.status, expected, "{action}");
    }
}
