//! What the operations on managed policies answer: AWS's codes, texts and limits.

use crate::house::{encoded, harness, ok, one, policy, refused, xml};
use platform::testing::{ACCOUNT, Harness};

fn arn(path_and_name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:policy{path_and_name}")
}

fn create(name: &str, document: &str) -> String {
    let document = encoded(document);
    format!("Action=CreatePolicy&PolicyName={name}&PolicyDocument={document}")
}

/// A form about the policy of this ARN.
fn about(operation: &str, arn: &str) -> String {
    format!("Action={operation}&PolicyArn={}", encoded(arn))
}

fn version(arn: &str, document: &str) -> String {
    let document = encoded(document);
    about("CreatePolicyVersion", arn) + "&PolicyDocument=" + &document
}

fn allow(action: &str) -> String {
    policy("Allow", action, "*")
}

async fn counts(harness: &Harness, arn: &str) -> (String, String) {
    let shown = ok(harness, &about("GetPolicy", arn)).await;
    let boundaries = one(&shown, "PermissionsBoundaryUsageCount");
    (one(&shown, "AttachmentCount"), boundaries)
}

#[tokio::test]
async fn a_policy_is_made_shown_and_deleted() {
    let harness = harness().await;
    let rest = "&Path=/a/&Description=for%20tests&Tags.member.1.Key=Team&Tags.member.1.Value=red";
    let made = ok(&harness, &(create("Policy", &allow("s3:Get*")) + rest)).await;
    let arn = arn("/a/Policy");
    let shown = ok(&harness, &about("GetPolicy", &arn)).await;
    let listed = ok(&harness, "Action=ListPolicies&Scope=Local").await;
    for text in [&made, &shown, &listed] {
        for (element, value) in [
            ("PolicyName", "Policy"),
            ("Path", "/a/"),
            ("Arn", &arn),
            ("DefaultVersionId", "v1"),
            ("AttachmentCount", "0"),
            ("PermissionsBoundaryUsageCount", "0"),
            ("IsAttachable", "true"),
            ("CreateDate", "2026-01-01T00:00:00Z"),
            ("UpdateDate", "2026-01-01T00:00:00Z"),
            ("PolicyId", &one(&made, "PolicyId")),
        ] {
            assert_eq!(one(text, element), value, "{element}");
        }
    }
    let id = one(&made, "PolicyId");
    assert!(id.starts_with("ANPA") && id.len() == 21, "{id}");
    assert_eq!(xml(&made, "Key"), ["Team"]);
    assert_eq!(xml(&shown, "Value"), ["red"]);
    assert_eq!(one(&shown, "Description"), "for tests");
    assert!(!listed.contains("<Tags>") && !listed.contains("<Description>"));
    assert!(!made.contains("<Description>"));

    ok(&harness, &about("DeletePolicy", &arn)).await;
    let message = format!("Policy {arn} was not found.");
    let gone = (404, "NoSuchEntity", message.as_str());
    for operation in [
        "GetPolicy",
        "DeletePolicy",
        "ListPolicyVersions",
        "ListPolicyTags",
    ] {
        refused(&harness, &about(operation, &arn), gone).await;
    }
    let message = format!("Policy {arn} version v1 does not exist or is not attachable.");
    for operation in ["GetPolicyVersion", "SetDefaultPolicyVersion"] {
        let form = about(operation, &arn) + "&VersionId=v1";
        refused(&harness, &form, (404, "NoSuchEntity", &message)).await;
    }
}

#[tokio::test]
async fn keys_of_tags_distinguish_case() {
    let harness = harness().await;
    let tag =
        |at: u8, key: &str| format!("&Tags.member.{at}.Key={key}&Tags.member.{at}.Value={at}");
    let twice = create("p", &allow("*")) + &tag(1, "a") + &tag(2, "a");
    let message = "Duplicate tag keys found.";
    refused(&harness, &twice, (400, "InvalidInput", message)).await;
    let made = create("p", &allow("*")) + &tag(1, "a") + &tag(2, "A");
    let made = ok(&harness, &made).await;
    assert_eq!(xml(&made, "Key"), ["a", "A"], "as they came");
    let p = arn("/p");
    ok(
        &harness,
        &(about("TagPolicy", &p) + "&Tags.member.1.Key=a&Tags.member.1.Value=3"),
    )
    .await;
    let list = about("ListPolicyTags", &p);
    let first = ok(&harness, &(list.clone() + "&MaxItems=1")).await;
    assert_eq!(xml(&first, "Key"), ["A"]);
    let rest = format!("{list}&Marker={}", one(&first, "Marker"));
    let rest = ok(&harness, &rest).await;
    assert_eq!(
        (one(&rest, "Key"), one(&rest, "Value")),
        ("a".to_owned(), "3".to_owned())
    );
    ok(
        &harness,
        &(about("UntagPolicy", &p) + "&TagKeys.member.1=a"),
    )
    .await;
    assert_eq!(xml(&ok(&harness, &list).await, "Key"), ["A"]);
    let long = about("UntagPolicy", &p) + "&TagKeys.member.1=" + &"k".repeat(129);
    let message = "1 validation error detected: Value at 'tagKeys' failed to satisfy constraint: \
                   Member must satisfy constraint: [Member must have length less than or equal to \
                   128, Member must have length greater than or equal to 1, Member must satisfy \
                   regular expression pattern: [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+, Member must not be null]";
    refused(&harness, &long, (400, "ValidationError", message)).await;
}

#[tokio::test]
async fn names_are_unique_in_an_account_whatever_their_path_and_case() {
    let harness = harness().await;
    ok(&harness, &(create("Policy", &allow("*")) + "&Path=/a/")).await;
    let message = "A policy called POLICY already exists. Duplicate names are not allowed.";
    let taken = (409, "EntityAlreadyExists", message);
    refused(&harness, &create("POLICY", &allow("*")), taken).await;
    // Case and path are part of an ARN.
    for other in ["/Policy", "/a/policy", "/A/Policy"] {
        let message = format!("Policy {} was not found.", arn(other));
        let gone = (404, "NoSuchEntity", message.as_str());
        refused(&harness, &about("GetPolicy", &arn(other)), gone).await;
    }
    // AWS's own names are free.
    ok(&harness, &create("AdministratorAccess", &allow("s3:*"))).await;
}

#[tokio::test]
async fn documents_that_cannot_be_managed_policies_are_refused() {
    let harness = harness().await;
    ok(&harness, &create("p", &allow("*"))).await;
    let old = allow("*").replace("2012-10-17", "2008-10-17");
    let long = |size: usize| {
        let empty = policy("Allow", "kms:Decrypt", "arn:aws:kms:::").len();
        let resource = format!("arn:aws:kms:::{}", "x".repeat(size - empty));
        policy("Allow", "kms:Decrypt", &resource)
    };
    let trust =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"*"}}"#;
    for (document, status, code, message) in [
        (
            "{",
            400,
            "MalformedPolicyDocument",
            "Syntax errors in policy.",
        ),
        (
            &old,
            400,
            "MalformedPolicyDocument",
            "Policy document must be version 2012-10-17 or greater.",
        ),
        (
            trust,
            400,
            "MalformedPolicyDocument",
            "Policy document should not specify a principal.",
        ),
        (
            &long(6145),
            409,
            "LimitExceeded",
            "Cannot exceed quota for PolicySize: 6144",
        ),
    ] {
        let expected = (status, code, message);
        refused(&harness, &create("new", document), expected).await;
        refused(&harness, &version(&arn("/p"), document), expected).await;
    }
    ok(&harness, &create("new", &long(6144).replace(',', ", \n "))).await;
    let names = ok(&harness, "Action=ListPolicies&Scope=Local").await;
    assert_eq!(xml(&names, "PolicyName"), ["new", "p"]);
}

#[tokio::test]
async fn versions_are_numbered_without_reuse_and_one_of_them_counts() {
    let harness = harness().await;
    ok(&harness, &create("p", &allow("s3:A"))).await;
    let arn = arn("/p");
    harness.clock.advance(60);
    let made = ok(&harness, &version(&arn, &allow("s3:B"))).await;
    assert_eq!(
        [one(&made, "VersionId"), one(&made, "IsDefaultVersion")],
        ["v2", "false"]
    );
    assert_eq!(one(&made, "CreateDate"), "2026-01-01T00:01:00Z");
    assert!(!made.contains("<Document>"));
    let made = ok(
        &harness,
        &(version(&arn, &allow("s3:C")) + "&SetAsDefault=true"),
    )
    .await;
    assert_eq!(
        [one(&made, "VersionId"), one(&made, "IsDefaultVersion")],
        ["v3", "true"]
    );
    let shown = ok(&harness, &about("GetPolicy", &arn)).await;
    assert_eq!(one(&shown, "DefaultVersionId"), "v3");
    assert_eq!(one(&shown, "CreateDate"), "2026-01-01T00:00:00Z");
    assert_eq!(one(&shown, "UpdateDate"), "2026-01-01T00:01:00Z");

    let one_version = about("GetPolicyVersion", &arn) + "&VersionId=v2";
    let shown = ok(&harness, &one_version).await;
    assert!(one(&shown, "Document").contains("%22s3%3AB%22"), "{shown}");
    assert_eq!(one(&shown, "IsDefaultVersion"), "false");
    ok(
        &harness,
        &(about("DeletePolicyVersion", &arn) + "&VersionId=v1"),
    )
    .await;
    ok(&harness, &version(&arn, &allow("s3:D"))).await;
    let listed = ok(&harness, &about("ListPolicyVersions", &arn)).await;
    assert_eq!(xml(&listed, "VersionId"), ["v4", "v3", "v2"]);
    assert_eq!(xml(&listed, "IsDefaultVersion"), ["false", "true", "false"]);
    assert!(!listed.contains("<Document>"));
    let page = about("ListPolicyVersions", &arn) + "&MaxItems=2";
    let first = ok(&harness, &page).await;
    assert_eq!(xml(&first, "VersionId"), ["v4", "v3"]);
    let rest = ok(
        &harness,
        &format!("{page}&Marker={}", one(&first, "Marker")),
    )
    .await;
    assert_eq!(xml(&rest, "VersionId"), ["v2"]);

    ok(
        &harness,
        &(about("DeletePolicyVersion", &arn) + "&VersionId=v4"),
    )
    .await;
    let made = ok(&harness, &version(&arn, &allow("s3:E"))).await;
    assert_eq!(one(&made, "VersionId"), "v5", "a deleted number stays used");

    let message = format!("Policy {arn} version v1 does not exist or is not attachable.");
    let gone = (404, "NoSuchEntity", message.as_str());
    for operation in [
        "GetPolicyVersion",
        "DeletePolicyVersion",
        "SetDefaultPolicyVersion",
    ] {
        refused(&harness, &(about(operation, &arn) + "&VersionId=v1"), gone).await;
    }
}

#[tokio::test]
async fn a_policy_has_up_to_5_versions_and_goes_with_its_last_one() {
    let harness = harness().await;
    ok(&harness, &create("p", &allow("*"))).await;
    let arn = arn("/p");
    for _ in 0..4 {
        ok(&harness, &version(&arn, &allow("*"))).await;
    }
    let message = "A managed policy can have up to 5 versions. Before you create a new version, \
                   you must delete an existing version.";
    let full = (409, "LimitExceeded", message);
    refused(&harness, &version(&arn, &allow("*")), full).await;

    let delete = about("DeletePolicy", &arn);
    let message = "This policy has more than one version. Before you delete a policy, you must \
                   delete the policy's versions. The default version is deleted with the policy.";
    refused(&harness, &delete, (409, "DeleteConflict", message)).await;
    let set = about("SetDefaultPolicyVersion", &arn) + "&VersionId=v4";
    ok(&harness, &set).await;
    let message = "Cannot delete the default version of a policy.";
    let remove = |id: &str| about("DeletePolicyVersion", &arn) + "&VersionId=" + id;
    refused(&harness, &remove("v4"), (409, "DeleteConflict", message)).await;
    for id in ["v1", "v2", "v3", "v5"] {
        ok(&harness, &remove(id)).await;
    }
    ok(&harness, &delete).await;
}

#[tokio::test]
async fn lists_take_scope_path_and_use() {
    let harness = harness().await;
    ok(&harness, &create("Zeta", &allow("*"))).await;
    ok(&harness, &(create("alpha", &allow("*")) + "&Path=/x/")).await;
    ok(&harness, &(create("Beta", &allow("*")) + "&Path=/x/y/")).await;
    ok(&harness, "Action=CreateUser&UserName=alice").await;
    let attached = encoded(&arn("/x/alpha"));
    ok(
        &harness,
        &format!("Action=AttachUserPolicy&UserName=alice&PolicyArn={attached}"),
    )
    .await;
    let boundary = encoded("arn:aws:iam::aws:policy/PowerUserAccess");
    let bound = "Action=PutUserPermissionsBoundary&UserName=alice&PermissionsBoundary=";
    ok(&harness, &(bound.to_owned() + &boundary)).await;

    for (filter, expected) in [
        ("Scope=Local", vec!["alpha", "Beta", "Zeta"]),
        ("Scope=Local&PathPrefix=/x/", vec!["alpha", "Beta"]),
        ("Scope=Local&PathPrefix=/x/y/", vec!["Beta"]),
        ("Scope=Local&OnlyAttached=true", vec!["alpha"]),
        ("Scope=AWS&OnlyAttached=true", vec!["PowerUserAccess"]),
        ("OnlyAttached=true", vec!["alpha", "PowerUserAccess"]),
        ("PolicyUsageFilter=PermissionsPolicy", vec!["alpha"]),
        (
            "PolicyUsageFilter=PermissionsBoundary",
            vec!["PowerUserAccess"],
        ),
        (
            "Scope=AWS&PathPrefix=/job-function/",
            vec![
                "Billing",
                "DatabaseAdministrator",
                "NetworkAdministrator",
                "SystemAdministrator",
                "ViewOnlyAccess",
            ],
        ),
        ("Scope=Local&PathPrefix=/job-function/", vec![]),
    ] {
        let listed = ok(
            &harness,
            &format!("Action=ListPolicies&{filter}&MaxItems=1000"),
        )
        .await;
        let mut names = xml(&listed, "PolicyName");
        names.sort_by_key(|name| name.to_lowercase());
        assert_eq!(names, expected, "{filter}");
    }
    let of_aws = ok(&harness, "Action=ListPolicies&Scope=AWS&MaxItems=1000").await;
    let all = ok(&harness, "Action=ListPolicies&MaxItems=1000").await;
    let count = xml(&of_aws, "PolicyName").len();
    assert!(count > 20);
    assert_eq!(xml(&all, "PolicyName").len(), count + 3);

    let (mut seen, mut marker) = (Vec::new(), String::new());
    loop {
        let page = ok(&harness, &format!("Action=ListPolicies&MaxItems=7{marker}")).await;
        seen.extend(xml(&page, "Arn"));
        if one(&page, "IsTruncated") == "false" {
            break;
        }
        marker = format!("&Marker={}", encoded(&one(&page, "Marker")));
    }
    assert_eq!(seen, xml(&all, "Arn"));
}

#[tokio::test]
async fn paths_with_other_characters_are_refused_in_iam_s_own_words() {
    let harness = harness().await;
    let begin = "The specified value for pathPrefix is invalid. It must begin with the / character \
                 and contain only alphanumeric characters and/or / characters.";
    let list = "Action=ListPolicies&PathPrefix=/foo";
    refused(&harness, list, (400, "ValidationError", begin)).await;
    let list = "Action=ListGroups&PathPrefix=foo";
    refused(&harness, list, (400, "ValidationError", begin)).await;
    let both = "The specified value for path is invalid. It must begin and end with / and contain \
                only alphanumeric characters and/or / characters.";
    let create = "Action=CreateGroup&GroupName=a&Path=foo/";
    refused(&harness, create, (400, "ValidationError", both)).await;
}

#[tokio::test]
async fn policies_of_aws_are_shown_and_stay_as_they_are() {
    let harness = harness().await;
    let power = "arn:aws:iam::aws:policy/PowerUserAccess";
    let shown = ok(&harness, &about("GetPolicy", power)).await;
    assert_eq!(one(&shown, "Arn"), power);
    assert_eq!(one(&shown, "DefaultVersionId"), "v12");
    assert!(!one(&shown, "Description").is_empty());
    let versions = ok(&harness, &about("ListPolicyVersions", power)).await;
    assert_eq!(xml(&versions, "VersionId"), ["v12"]);
    let shown = ok(
        &harness,
        &(about("GetPolicyVersion", power) + "&VersionId=v12"),
    )
    .await;
    assert!(one(&shown, "Document").contains("NotAction"));

    let outside = (403, "AccessDenied", "Policy is outside your own account.");
    let stranger = "arn:aws:iam::444455556666:policy/p";
    let document = format!("&PolicyDocument={}", encoded(&allow("*")));
    for arn in [power, stranger] {
        for (operation, rest) in [
            ("DeletePolicy", ""),
            ("CreatePolicyVersion", document.as_str()),
            ("DeletePolicyVersion", "&VersionId=v1"),
            ("SetDefaultPolicyVersion", "&VersionId=v1"),
        ] {
            refused(&harness, &(about(operation, arn) + rest), outside).await;
        }
    }
    let untaggable = (
        400,
        "InvalidInput",
        "Tags not supported for policies in this domain",
    );
    for (operation, rest) in [
        ("ListPolicyTags", ""),
        ("TagPolicy", "&Tags.member.1.Key=a&Tags.member.1.Value=b"),
        ("UntagPolicy", "&TagKeys.member.1=a"),
    ] {
        refused(&harness, &(about(operation, power) + rest), untaggable).await;
    }
}

/// Of what another account has, nothing differs from what nobody has.
#[tokio::test]
async fn policies_of_other_accounts_are_not_there() {
    let harness = harness().await;
    harness.root_of("444455556666", "stranger");
    ok(&harness, &create("p", &allow("*"))).await;
    let document = format!("&PolicyDocument={}", encoded(&allow("*")));
    let user = harness
        .query("stranger", "iam", "Action=CreateUser&UserName=eve")
        .await;
    assert_eq!(user.status, 200);
    for (operation, rest) in [
        ("GetPolicy", ""),
        ("GetPolicyVersion", "&VersionId=v1"),
        ("ListPolicyVersions", ""),
        ("ListEntitiesForPolicy", ""),
        ("ListPolicyTags", ""),
        ("TagPolicy", "&Tags.member.1.Key=a&Tags.member.1.Value=b"),
        ("UntagPolicy", "&TagKeys.member.1=a"),
        ("DeletePolicy", ""),
        ("CreatePolicyVersion", &document),
        ("AttachUserPolicy", "&UserName=eve"),
        ("DetachUserPolicy", "&UserName=eve"),
    ] {
        let mut answers = Vec::new();
        for name in ["p", "q"] {
            let form = about(operation, &arn(&format!("/{name}"))) + rest;
            let answer = harness.query("stranger", "iam", &form).await;
            assert_ne!(answer.status, 200, "{operation}");
            let message = answer
                .message()
                .replace(&format!("policy/{name}"), "policy/..");
            answers.push((answer.status, answer.code, message));
        }
        assert_eq!(answers[0], answers[1], "{operation}");
    }
    let listed = harness
        .query("stranger", "iam", "Action=ListPolicies&Scope=Local")
        .await;
    assert_eq!(xml(&listed.text, "Arn").len(), 0);
}

#[tokio::test]
async fn tags_of_a_policy_change() {
    let harness = harness().await;
    ok(&harness, &create("p", &allow("*"))).await;
    let arn = arn("/p");
    let tags =
        "&Tags.member.1.Key=b&Tags.member.1.Value=1&Tags.member.2.Key=A&Tags.member.2.Value=2";
    ok(&harness, &(about("TagPolicy", &arn) + tags)).await;
    ok(
        &harness,
        &(about("TagPolicy", &arn) + "&Tags.member.1.Key=b&Tags.member.1.Value=3"),
    )
    .await;
    let listed = ok(&harness, &about("ListPolicyTags", &arn)).await;
    assert_eq!(
        (xml(&listed, "Key"), xml(&listed, "Value")),
        (
            vec!["A".to_owned(), "b".to_owned()],
            vec!["2".to_owned(), "3".to_owned()]
        )
    );
    let page = ok(&harness, &(about("ListPolicyTags", &arn) + "&MaxItems=1")).await;
    assert_eq!(
        (xml(&page, "Key"), one(&page, "Marker")),
        (vec!["A".to_owned()], "A".to_owned())
    );
    ok(
        &harness,
        &(about("UntagPolicy", &arn) + "&TagKeys.member.1=A&TagKeys.member.2=none"),
    )
    .await;
    let listed = ok(&harness, &about("ListPolicyTags", &arn)).await;
    assert_eq!(xml(&listed, "Key"), ["b"]);
}

#[tokio::test]
async fn a_policy_in_use_stays_and_says_who_uses_it() {
    let harness = harness().await;
    ok(&harness, &create("p", &allow("*"))).await;
    let arn = arn("/p");
    let encoded_arn = encoded(&arn);
    ok(&harness, "Action=CreateUser&UserName=Alice&Path=/a/").await;
    ok(&harness, "Action=CreateUser&UserName=bob").await;
    ok(&harness, "Action=CreateGroup&GroupName=Staff").await;
    let attach = format!("Action=AttachUserPolicy&UserName=alice&PolicyArn={encoded_arn}");
    let group = format!("Action=AttachGroupPolicy&GroupName=staff&PolicyArn={encoded_arn}");
    let bound =
        format!("Action=PutUserPermissionsBoundary&UserName=bob&PermissionsBoundary={encoded_arn}");
    for form in [&attach, &group, &bound, &attach] {
        ok(&harness, form).await;
    }
    assert_eq!(
        counts(&harness, &arn).await,
        ("2".to_owned(), "1".to_owned())
    );
    // Another boundary takes the place of the first, and the same one of itself.
    let admin = "arn:aws:iam::aws:policy/AdministratorAccess";
    let other = bound.replace(&encoded_arn, &encoded(admin));
    for (form, own, of_aws) in [(&other, "0", "1"), (&bound, "1", "0"), (&bound, "1", "0")] {
        ok(&harness, form).await;
        assert_eq!(counts(&harness, &arn).await.1, own);
        assert_eq!(counts(&harness, admin).await.1, of_aws);
    }
    for (filter, users, groups) in [
        ("", vec!["Alice", "bob"], vec!["Staff"]),
        ("&EntityFilter=User", vec!["Alice", "bob"], vec![]),
        ("&EntityFilter=Group", vec![], vec!["Staff"]),
        ("&EntityFilter=Role", vec![], vec![]),
        ("&PathPrefix=/a/", vec!["Alice"], vec![]),
        (
            "&PolicyUsageFilter=PermissionsPolicy",
            vec!["Alice"],
            vec!["Staff"],
        ),
        (
            "&PolicyUsageFilter=PermissionsBoundary",
            vec!["bob"],
            vec![],
        ),
    ] {
        let form = about("ListEntitiesForPolicy", &arn) + filter;
        let listed = ok(&harness, &form).await;
        assert_eq!(xml(&listed, "UserName"), users, "{filter}");
        assert_eq!(xml(&listed, "GroupName"), groups, "{filter}");
        assert_eq!(xml(&listed, "UserId").len(), users.len());
        assert_eq!(xml(&listed, "GroupId").len(), groups.len());
    }
    let page = about("ListEntitiesForPolicy", &arn) + "&MaxItems=2";
    let first = ok(&harness, &page).await;
    let rest = format!("{page}&Marker={}", encoded(&one(&first, "Marker")));
    let rest = ok(&harness, &rest).await;
    let held = |text: &str| xml(text, "UserName").len() + xml(text, "GroupName").len();
    assert_eq!((held(&first), held(&rest)), (2, 1));

    let delete = about("DeletePolicy", &arn);
    let conflict = (
        409,
        "DeleteConflict",
        "Cannot delete a policy attached to entities.",
    );
    for undo in [
        attach.replace("Attach", "Detach"),
        group.replace("Attach", "Detach"),
        "Action=DeleteUser&UserName=bob".to_owned(),
    ] {
        refused(&harness, &delete, conflict).await;
        ok(&harness, &undo).await;
    }
    assert_eq!(
        counts(&harness, &arn).await,
        ("0".to_owned(), "0".to_owned())
    );
    ok(&harness, &delete).await;
}

#[tokio::test]
async fn an_account_has_up_to_1500_policies() {
    let harness = harness().await;
    for number in 0..1500 {
        ok(&harness, &create(&format!("policy-{number}"), &allow("*"))).await;
    }
    let full = (
        409,
        "LimitExceeded",
        "Cannot exceed quota for PoliciesPerAccount: 1500",
    );
    refused(&harness, &create("another", &allow("*")), full).await;
    ok(&harness, &about("DeletePolicy", &arn("/policy-7"))).await;
    ok(&harness, &create("another", &allow("*"))).await;
}
