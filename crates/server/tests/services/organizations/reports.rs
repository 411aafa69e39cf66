//! What Organizations lets IAM know: centralized root access, and reports on the use of services.

use serde_json::json;

use crate::organizations::house::{Answer, House, Login, MANAGEMENT, encoded, statement};

const SCP: &str = "SERVICE_CONTROL_POLICY";
/// Everything but Systems Manager.
const NO_SSM: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"ssm:*","Resource":"*"},{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

async fn generate(house: &House, who: &Login, path: &str, policy: Option<&str>) -> Answer {
    let policy = policy.map(|id| format!("&OrganizationsPolicyId={id}"));
    let policy = policy.unwrap_or_default();
    let path = encoded(path);
    let form = format!("Action=GenerateOrganizationsAccessReport&EntityPath={path}{policy}");
    house.query("iam", who, &form).await
}

/// A report about an entity, or about a policy in it.
async fn report(house: &House, who: &Login, path: &str, policy: Option<&str>) -> Answer {
    let made = generate(house, who, path, policy).await;
    assert_eq!(made.status, 200, "{}", made.text);
    let (job, rest) = (made.xml("JobId"), "&MaxItems=1000");
    let form = format!("Action=GetOrganizationsAccessReport&JobId={job}{rest}");
    let answer = house.query("iam", who, &form).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer
}

/// What a report says of a service; none where it is not let in.
fn service(report: &Answer, namespace: &str) -> Option<Answer> {
    let name = format!("<ServiceNamespace>{namespace}</ServiceNamespace>");
    let mut members = report.text.split("<member>");
    let text = members.find(|member| member.contains(&name))?;
    Some(Answer {
        status: 200,
        code: None,
        text: text.to_owned(),
        body: serde_json::Value::Null,
    })
}

/// The accounts that used a service, and the path of the last.
fn used(report: &Answer, namespace: &str) -> Option<(String, String)> {
    let found = service(report, namespace)?;
    Some((
        found.xml("TotalAuthenticatedEntities"),
        found.xml("EntityPath"),
    ))
}

fn some(count: &str, path: &str) -> Option<(String, String)> {
    Some((count.to_owned(), path.to_owned()))
}

#[tokio::test]
async fn a_report_counts_the_accounts_that_policies_let_in() {
    let (house, admin) = House::with_organization().await;
    let root = house.root_id(&admin).await;
    let unit = house.unit(&admin, &root, "unit").await;
    let (inside, login) = house.member(&admin, "inside").await;
    let (outside, other) = house.member(&admin, "outside").await;
    let moved = json!({ "AccountId": inside, "SourceParentId": root, "DestinationParentId": unit });
    house.done(&admin, "MoveAccount", moved).await;
    let organization = house.done(&admin, "DescribeOrganization", json!({})).await;
    let id = crate::organizations::house::text(&organization["Organization"]["Id"]);
    let (top, below) = (format!("{id}/{root}"), format!("{id}/{root}/{unit}"));
    let failed = report(&house, &admin, &top, None).await;
    assert_eq!(failed.xml("JobStatus"), "FAILED");
    assert_eq!(failed.xml("Code"), "InvalidInput");

    house.enable(&admin, SCP).await;
    let policy = house.policy(&admin, SCP, NO_SSM).await;
    house.attach(&admin, &policy, &unit).await;
    for who in [&login, &other] {
        let answer = house.kms(who, "ListKeys", json!({})).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    house.clock.advance(60);
    house.kms(&login, "ListAliases", json!({})).await;

    let whole = report(&house, &admin, &top, None).await;
    assert_eq!(whole.xml("JobStatus"), "COMPLETED");
    let inside_path = format!("{below}/{inside}");
    assert_eq!(used(&whole, "kms"), some("2", &inside_path));
    let kms = service(&whole, "kms").expect("KMS");
    assert_eq!(kms.xml("ServiceName"), "AWS Key Management Service");
    assert_eq!(kms.xml("Region"), "eu-west-2");
    assert_eq!(kms.xml("LastAuthenticatedTime"), "2026-01-01T00:01:00Z");
    assert_eq!(used(&whole, "ssm"), some("0", ""));
    // The management account called IAM and Organizations, and is not limited.
    assert_eq!(used(&whole, "organizations"), some("0", ""));
    let number = |report: &Answer, name: &str| report.xml(name).parse::<i32>().unwrap_or(-1);
    let accessible = number(&whole, "NumberOfServicesAccessible");
    assert_eq!(
        number(&whole, "NumberOfServicesNotAccessed"),
        accessible - 1
    );

    let outside_path = format!("{top}/{outside}");
    for (path, about, expected, ssm) in [
        (&below, None, some("1", &inside_path), None),
        (&inside_path, None, some("1", &inside_path), None),
        (&outside_path, None, some("1", &outside_path), some("0", "")),
        (&top, Some(&policy), some("1", &inside_path), None),
        (&outside_path, Some(&policy), some("0", ""), None),
    ] {
        let found = report(&house, &admin, path, about.map(String::as_str)).await;
        assert_eq!(used(&found, "kms"), expected, "{path} {about:?}");
        assert_eq!(used(&found, "ssm"), ssm, "{path} {about:?}");
    }
    let management = format!("{top}/{MANAGEMENT}");
    let own = report(&house, &admin, &management, Some(&policy)).await;
    assert_eq!(used(&own, "organizations"), some("1", &management));
    assert_eq!(used(&own, "ssm"), some("0", ""));

    for (path, about, message) in [
        (
            format!("{top}/ou-none-12345678"),
            None,
            format!("The entity path {top}/ou-none-12345678 cannot be found."),
        ),
        (
            format!("{top}/{inside}"),
            None,
            format!("The entity path {top}/{inside} cannot be found."),
        ),
        (
            top.clone(),
            Some("p-12345678"),
            "The service control policy with id p-12345678 cannot be found.".to_owned(),
        ),
    ] {
        let failed = report(&house, &admin, &path, about).await;
        assert_eq!(failed.xml("JobStatus"), "FAILED", "{}", failed.text);
        assert_eq!(failed.xml("Code"), "NoSuchEntity");
        assert_eq!(failed.xml("Message"), message);
    }

    // Of a member, nobody may ask; of another account's reports, nobody learns.
    let refused = generate(&house, &login, &top, None).await;
    assert_eq!(refused.code, Some("AccessDenied"), "{}", refused.text);
    let job = generate(&house, &admin, &top, None).await.xml("JobId");
    let form = format!("Action=GetOrganizationsAccessReport&JobId={job}");
    let strange = house.query("iam", &login, &form).await;
    assert_eq!(strange.code, Some("NoSuchEntity"));
}

#[tokio::test]
async fn a_report_comes_in_the_order_and_pages_that_are_asked_for() {
    let (house, admin) = House::with_organization().await;
    let root = house.root_id(&admin).await;
    house.enable(&admin, SCP).await;
    let (_, login) = house.member(&admin, "member").await;
    house.kms(&login, "ListKeys", json!({})).await;
    house.clock.advance(60);
    house.query("iam", &login, "Action=ListUsers").await;
    let organization = house.done(&admin, "DescribeOrganization", json!({})).await;
    let id = crate::organizations::house::text(&organization["Organization"]["Id"]);
    let made = generate(&house, &admin, &format!("{id}/{root}"), None).await;
    let job = made.xml("JobId");
    let page = |sort: &str, rest: &str| {
        let form = "Action=GetOrganizationsAccessReport&MaxItems=2";
        format!("{form}&JobId={job}&SortKey={sort}{rest}")
    };
    let names = |answer: &Answer| -> Vec<String> {
        let parts = answer.text.split("<ServiceNamespace>").skip(1);
        let names = parts.filter_map(|part| part.split_once('<'));
        names.map(|(name, _)| name.to_owned()).collect()
    };
    let sort = "LAST_AUTHENTICATED_TIME_DESCENDING";
    let first = house.query("iam", &admin, &page(sort, "")).await;
    assert_eq!(names(&first), ["iam", "kms"]);
    assert_eq!(first.xml("IsTruncated"), "true");
    let ascending = "SERVICE_NAMESPACE_ASCENDING";
    let first = house.query("iam", &admin, &page(ascending, "")).await;
    let marker = format!("&Marker={}", first.xml("Marker"));
    let second = house.query("iam", &admin, &page(ascending, &marker)).await;
    let mut all = names(&first);
    all.extend(names(&second));
    assert_eq!(all.len(), 4);
    assert!(all.is_sorted(), "{all:?}");
    let descending = page("SERVICE_NAMESPACE_DESCENDING", "");
    let last = house.query("iam", &admin, &descending).await;
    assert!(names(&last)[0] > names(&last)[1] && names(&last)[1] > all[3]);
    let ascending = page("LAST_AUTHENTICATED_TIME_ASCENDING", "");
    let unused = house.query("iam", &admin, &ascending).await;
    assert!(!unused.text.contains("<LastAuthenticatedTime>"));
}

#[tokio::test]
async fn a_report_takes_to_read_what_it_is_about() {
    let (house, admin) = House::with_organization().await;
    let root = house.root_id(&admin).await;
    house.enable(&admin, SCP).await;
    let organization = house.done(&admin, "DescribeOrganization", json!({})).await;
    let id = crate::organizations::house::text(&organization["Organization"]["Id"]);
    let (own, top) = (
        "iam:GenerateOrganizationsAccessReport",
        format!("{id}/{root}"),
    );
    let policy = "p-FullAWSAccess";
    let organizations = format!("arn:aws:organizations::{MANAGEMENT}");
    let root_arn = format!("{organizations}:root/{id}/{root}");
    let policy_arn = "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess";
    let report_arn = format!("arn:aws:iam::{MANAGEMENT}:access-report/{top}");
    let needed = [
        (own, report_arn.as_str()),
        ("organizations:ListRoots", "*"),
        ("organizations:ListPoliciesForTarget", &root_arn),
        ("organizations:ListChildren", &root_arn),
        ("organizations:DescribePolicy", policy_arn),
        ("organizations:ListTargetsForPolicy", policy_arn),
    ];
    let statements = |without: Option<&str>| {
        let held = needed.iter().filter(|(action, _)| Some(*action) != without);
        let held = held.map(|(action, resource)| {
            json!({ "Effect": "Allow", "Action": action, "Resource": resource })
        });
        json!({ "Version": "2012-10-17", "Statement": held.collect::<Vec<_>>() }).to_string()
    };
    let full = house.user(&admin, "full", &statements(None)).await;
    let answer = generate(&house, &full, &top, Some(policy)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    for (index, (action, _)) in needed.iter().enumerate() {
        let name = format!("user{index}");
        let user = house.user(&admin, &name, &statements(Some(action))).await;
        let refused = generate(&house, &user, &top, Some(policy)).await;
        assert_eq!(refused.code, Some("AccessDenied"), "{action}");
        assert!(refused.text.contains(action), "{}", refused.text);
    }
    let condition = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "organizations:*", "Resource": "*" },
        { "Effect": "Allow", "Action": own, "Resource": "*",
          "Condition": { "StringEquals": { "iam:OrganizationsPolicyId": policy } } },
    ]});
    let bound = house.user(&admin, "bound", &condition.to_string()).await;
    let answer = generate(&house, &bound, &top, Some(policy)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let refused = generate(&house, &bound, &top, None).await;
    assert_eq!(refused.code, Some("AccessDenied"));
}

#[tokio::test]
async fn a_management_account_takes_root_tasks_once_iam_is_trusted() {
    let (house, admin) = House::with_organization().await;
    let (member, _) = house.member(&admin, "member").await;
    let enable = "Action=EnableOrganizationsRootSessions";
    let refused = house.query("iam", &admin, enable).await;
    assert_eq!(refused.code, Some("ServiceAccessNotEnabledException"));
    let trusted = json!({ "ServicePrincipal": "iam.amazonaws.com" });
    house
        .done(&admin, "EnableAWSServiceAccess", trusted.clone())
        .await;
    let task = "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials";
    let assume = format!(
        "Action=AssumeRoot&TargetPrincipal={member}&TaskPolicyArn.arn={}",
        encoded(task)
    );
    assert_eq!(house.query("sts", &admin, &assume).await.status, 403);
    let enabled = house.query("iam", &admin, enable).await;
    assert_eq!(enabled.status, 200, "{}", enabled.text);
    let entered = house.query("sts", &admin, &assume).await;
    assert_eq!(entered.status, 200, "{}", entered.text);

    let (delegate, login) = house.member(&admin, "security").await;
    let everything = statement("Allow", "*");
    let user = house.user(&login, "delegate", &everything).await;
    assert_eq!(house.query("sts", &user, &assume).await.status, 403);
    let one = json!({ "AccountId": delegate, "ServicePrincipal": "iam.amazonaws.com" });
    house
        .done(&admin, "RegisterDelegatedAdministrator", one)
        .await;
    let entered = house.query("sts", &user, &assume).await;
    assert_eq!(entered.status, 200, "{}", entered.text);
}
