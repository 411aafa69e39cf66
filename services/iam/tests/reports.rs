//! Reports on an account: identities, credentials, last use.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops where it cannot go on"
)]

mod house;

use house::{ACCOUNT, House, Login, encoded, policy, put_policy, xml};

/// The journal's time goes on.
fn pass(house: &House, seconds: i64) {
    house.clock.advance(seconds);
}

fn decode(base64: &str) -> String {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut held, mut out) = (0u32, 0, Vec::new());
    for byte in base64.bytes().filter(|byte| *byte != b'=') {
        let Some(value) = alphabet.iter().position(|known| *known == byte) else {
            panic!("no base64: {base64}");
        };
        bits = bits << 6 | u32::try_from(value).unwrap();
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push(u8::try_from(bits >> held).unwrap());
            bits &= (1 << held) - 1;
        }
    }
    String::from_utf8(out).unwrap()
}

async fn report(house: &House, root: &Login) -> Vec<String> {
    let answer = house.ok(root, "Action=GetCredentialReport").await;
    assert_eq!(answer.xml("ReportFormat"), "text/csv");
    decode(&answer.xml("Content"))
        .lines()
        .map(str::to_owned)
        .collect()
}

#[tokio::test]
async fn the_credential_report_has_the_columns_and_words_of_aws() {
    let (house, root) = House::new().await;
    let absent = house.iam(&root, "Action=GetCredentialReport").await;
    assert_eq!(
        (absent.status, absent.code),
        (410, Some("ReportNotPresent"))
    );

    let alice = house.user(&root, "alice").await;
    house
        .ok(&root, "Action=CreateUser&UserName=a,b&Path=/x/")
        .await;
    house
        .ok(
            &root,
            &put_policy("alice", "p", &policy("Allow", "iam:GetUser", "*")),
        )
        .await;
    pass(&house, 60);
    house.ok(&alice, "Action=GetUser").await;
    let second = house.key(&root, "alice").await;
    let inactive = format!(
        "Action=UpdateAccessKey&UserName=alice&AccessKeyId={}&Status=Inactive",
        second.id
    );
    house.ok(&root, &inactive).await;

    let answer = house.ok(&root, "Action=GenerateCredentialReport").await;
    assert_eq!(answer.xml("State"), "STARTED");
    assert_eq!(
        answer.xml("Description"),
        "No report exists. Starting a new report generation task"
    );
    let lines = report(&house, &root).await;
    let columns: Vec<&str> = lines[0].split(',').collect();
    assert_eq!(columns.len(), 22);
    assert_eq!((columns[0], columns[21]), ("user", "cert_2_last_rotated"));
    let (start, later) = ("2026-01-01T00:00:00+00:00", "2026-01-01T00:01:00+00:00");
    let root_line = format!(
        "<root_account>,arn:aws:iam::{ACCOUNT}:root,{start},not_supported,no_information,\
         not_supported,not_supported,false,true,{start},{later},us-east-1,iam,false,N/A,N/A,N/A,N/A,\
         false,N/A,false,N/A"
    );
    let alice_line = format!(
        "alice,arn:aws:iam::{ACCOUNT}:user/alice,{start},false,N/A,N/A,N/A,false,true,{start},{later},\
         us-east-1,iam,false,{later},N/A,N/A,N/A,false,N/A,false,N/A"
    );
    let other = format!(
        "\"a,b\",\"arn:aws:iam::{ACCOUNT}:user/x/a,b\",{start},false,N/A,N/A,N/A,false,false,N/A,N/A,N/A,\
         N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A"
    );
    assert_eq!(lines[1..], [root_line, other, alice_line]);
}

#[tokio::test]
async fn a_credential_report_counts_for_four_hours() {
    let (house, root) = House::new().await;
    house.ok(&root, "Action=GenerateCredentialReport").await;
    let first = house
        .ok(&root, "Action=GetCredentialReport")
        .await
        .xml("GeneratedTime");
    house.ok(&root, "Action=CreateUser&UserName=late").await;
    pass(&house, 4 * 3600 - 1);
    let answer = house.ok(&root, "Action=GenerateCredentialReport").await;
    assert_eq!(answer.xml("State"), "COMPLETE");
    let again = house.ok(&root, "Action=GetCredentialReport").await;
    assert_eq!(again.xml("GeneratedTime"), first);
    assert!(!decode(&again.xml("Content")).contains("late"));
    pass(&house, 1);
    let expired = house.iam(&root, "Action=GetCredentialReport").await;
    assert_eq!((expired.status, expired.code), (410, Some("ReportExpired")));
    let answer = house.ok(&root, "Action=GenerateCredentialReport").await;
    assert_eq!(answer.xml("State"), "STARTED");
    assert!(
        report(&house, &root)
            .await
            .iter()
            .any(|line| line.starts_with("late,"))
    );
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
