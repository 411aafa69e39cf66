//! What the operations answer: AWS's codes, texts and limits.

mod house;

use house::{encoded, policy, put_policy, xml};
use platform::testing::{ACCOUNT, Answer, Harness};

async fn harness() -> Harness {
    Harness::new(vec![service_iam::service()]).await
}

/// Calls as root and wants success.
async fn ok(harness: &Harness, form: &str) -> String {
    let answer = harness.query("root", "iam", form).await;
    assert_eq!(answer.status, 200, "{form}: {}", answer.text);
    answer.text
}

/// Calls as root and wants an error.
async fn refused(harness: &Harness, form: &str, (status, code, message): (u16, &str, &str)) {
    let answer = harness.query("root", "iam", form).await;
    let Answer {
        status: found,
        code: Some(found_code),
        text,
        ..
    } = answer
    else {
        panic!("{form} succeeded");
    };
    assert_eq!(
        (found, found_code.as_str()),
        (status, code),
        "{form}: {text}"
    );
    assert_eq!(one(&text, "Message"), message, "{form}");
}

fn one(text: &str, name: &str) -> String {
    xml(text, name).into_iter().next().unwrap_or_default()
}

#[tokio::test]
async fn every_operation_has_a_handler() {
    assert_eq!(service_iam::service().missing(), Vec::<&str>::new());
}

#[tokio::test]
async fn a_user_is_made_shown_and_deleted() {
    let harness = harness().await;
    let tags =
        "&Tags.member.1.Key=Team&Tags.member.1.Value=red&Tags.member.2.Key=x&Tags.member.2.Value=";
    let form = format!("Action=CreateUser&UserName=Alice&Path=/division/sub/{tags}");
    let made = ok(&harness, &form).await;
    let shown = ok(&harness, "Action=GetUser&UserName=alice").await;
    for text in [&made, &shown] {
        assert_eq!(one(text, "UserName"), "Alice");
        assert_eq!(one(text, "Path"), "/division/sub/");
        assert_eq!(
            one(text, "Arn"),
            format!("arn:aws:iam::{ACCOUNT}:user/division/sub/Alice")
        );
        assert_eq!(one(text, "CreateDate"), "2026-01-01T00:00:00Z");
        assert_eq!(xml(text, "Key"), ["Team", "x"]);
        assert_eq!(one(text, "Value"), "red");
    }
    let id = one(&made, "UserId");
    assert!(id.starts_with("AIDA") && id.len() == 21);
    assert_eq!(one(&shown, "UserId"), id);

    ok(&harness, "Action=DeleteUser&UserName=ALICE").await;
    let gone = (
        404,
        "NoSuchEntity",
        "The user with name Alice cannot be found.",
    );
    refused(&harness, "Action=GetUser&UserName=Alice", gone).await;
    refused(&harness, "Action=DeleteUser&UserName=Alice", gone).await;
}

#[tokio::test]
async fn names_are_unique_without_regard_to_case() {
    let harness = harness().await;
    ok(&harness, "Action=CreateUser&UserName=alice").await;
    let taken = (
        409,
        "EntityAlreadyExists",
        "User with name ALICE already exists.",
    );
    refused(
        &harness,
        "Action=CreateUser&UserName=ALICE&Path=/elsewhere/",
        taken,
    )
    .await;
    assert_eq!(
        one(
            &ok(&harness, "Action=GetUser&UserName=ALICE").await,
            "UserName"
        ),
        "alice"
    );
}

#[tokio::test]
async fn unknown_users_are_not_found_by_any_operation() {
    let harness = harness().await;
    let gone = (
        404,
        "NoSuchEntity",
        "The user with name alice cannot be found.",
    );
    let document = encoded(&policy("Allow", "*", "*"));
    for (operation, rest) in house::OPERATIONS {
        if !matches!(operation, "CreateUser" | "ListUsers") {
            let rest = rest.replace("PolicyDocument=x", &format!("PolicyDocument={document}"));
            refused(
                &harness,
                &format!("Action={operation}&UserName=alice{rest}"),
                gone,
            )
            .await;
        }
    }
    // So is a caller that is no user any more.
    harness.user("ghost", &[&policy("Allow", "iam:*", "*")]);
    let answer = harness.query("ghost", "iam", "Action=GetUser").await;
    assert_eq!(
        one(&answer.text, "Message"),
        "The user with name ghost cannot be found."
    );
}

#[tokio::test]
async fn boundaries_and_tags_are_checked() {
    let harness = harness().await;
    let create = |rest: &str| format!("Action=CreateUser&UserName=alice{rest}");
    for arn in [
        "arn:aws:iam::aws:policy/PowerUserAccess",
        "arn:aws:iam::111122223333:policy/x",
    ] {
        let message = format!("Scope ARN: {arn} does not exist or is not attachable.");
        let form = create(&format!("&PermissionsBoundary={}", encoded(arn)));
        refused(&harness, &form, (404, "NoSuchEntity", &message)).await;
    }
    for arn in [
        "arn:aws:iam::111122223333:user/x",
        "not-an-arn-at-all-really",
        "arn:aws:s3:::a-bucket-xyz",
    ] {
        let message = format!("ARN {arn} is not valid.");
        let form = create(&format!("&PermissionsBoundary={}", encoded(arn)));
        refused(&harness, &form, (400, "InvalidInput", &message)).await;
    }
    let twice =
        "&Tags.member.1.Key=a&Tags.member.1.Value=1&Tags.member.2.Key=A&Tags.member.2.Value=2";
    let message = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
    refused(&harness, &create(twice), (400, "InvalidInput", message)).await;
    let reserved = "&Tags.member.1.Key=AWS:a&Tags.member.1.Value=1";
    let answer = harness.query("root", "iam", &create(reserved)).await;
    assert_eq!(answer.code.as_deref(), Some("InvalidInput"));
    let gone = (
        404,
        "NoSuchEntity",
        "The user with name alice cannot be found.",
    );
    refused(&harness, "Action=GetUser&UserName=alice", gone).await;
}

#[tokio::test]
async fn a_new_user_may_be_limited_to_a_boundary_by_condition() {
    let harness = harness().await;
    let only = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:CreateUser","Resource":"*",
        "Condition":{"StringEquals":{"iam:PermissionsBoundary":"arn:aws:iam::aws:policy/B"}}}}"#;
    harness.user("maker", &[only]);
    for (boundary, code) in [
        ("", "AccessDenied"),
        ("C", "AccessDenied"),
        ("B", "NoSuchEntity"),
    ] {
        let boundary = match boundary {
            "" => String::new(),
            name => format!(
                "&PermissionsBoundary={}",
                encoded(&format!("arn:aws:iam::aws:policy/{name}"))
            ),
        };
        let form = format!("Action=CreateUser&UserName=alice{boundary}");
        let answer = harness.query("maker", "iam", &form).await;
        assert_eq!(answer.code.as_deref(), Some(code), "{boundary}");
    }
}

#[tokio::test]
async fn lists_are_sorted_and_come_in_pages() {
    let harness = harness().await;
    for (name, path) in [
        ("dave", "/b/"),
        ("Carol", "/a/"),
        ("alice", "/"),
        ("Bob", "/a/x/"),
    ] {
        ok(
            &harness,
            &format!("Action=CreateUser&UserName={name}&Path={path}"),
        )
        .await;
    }
    let all = ok(&harness, "Action=ListUsers").await;
    assert_eq!(xml(&all, "UserName"), ["alice", "Bob", "Carol", "dave"]);
    assert_eq!(one(&all, "IsTruncated"), "false");
    assert!(!all.contains("<Marker>"));

    let first = ok(&harness, "Action=ListUsers&MaxItems=3").await;
    assert_eq!(xml(&first, "UserName"), ["alice", "Bob", "Carol"]);
    assert_eq!(one(&first, "IsTruncated"), "true");
    let marker = encoded(&one(&first, "Marker"));
    let rest = ok(
        &harness,
        &format!("Action=ListUsers&MaxItems=3&Marker={marker}"),
    )
    .await;
    assert_eq!(
        (xml(&rest, "UserName"), one(&rest, "IsTruncated")),
        (vec!["dave".to_owned()], "false".to_owned())
    );

    for (prefix, expected) in [
        ("/a/", vec!["Bob", "Carol"]),
        ("/a/x", vec!["Bob"]),
        ("/c/", vec![]),
    ] {
        let below = ok(
            &harness,
            &format!("Action=ListUsers&PathPrefix={}", encoded(prefix)),
        )
        .await;
        assert_eq!(xml(&below, "UserName"), expected, "{prefix}");
    }
}

#[tokio::test]
async fn a_path_prefix_is_what_the_permission_is_about() {
    let harness = harness().await;
    let below = format!("arn:aws:iam::{ACCOUNT}:user/a/*");
    harness.user("lister", &[&policy("Allow", "iam:ListUsers", &below)]);
    assert_eq!(
        harness
            .query("lister", "iam", "Action=ListUsers&PathPrefix=%2Fa%2F")
            .await
            .status,
        200
    );
    for form in ["Action=ListUsers", "Action=ListUsers&PathPrefix=%2F"] {
        assert_eq!(harness.query("lister", "iam", form).await.status, 403);
    }
}

#[tokio::test]
async fn a_policy_comes_back_as_it_was_given() {
    let harness = harness().await;
    ok(&harness, "Action=CreateUser&UserName=alice").await;
    let document =
        policy("Allow", "kms:De*", "arn:aws:kms:*:111122223333:key/*").replace(',', ",\n  ");
    ok(&harness, &put_policy("alice", "Zeta", &document)).await;
    ok(
        &harness,
        &put_policy("alice", "alpha", &policy("Deny", "*", "*")),
    )
    .await;
    ok(
        &harness,
        &put_policy("alice", "ALPHA", &policy("Allow", "s3:*", "*")),
    )
    .await;
    let names = ok(&harness, "Action=ListUserPolicies&UserName=alice").await;
    assert_eq!(xml(&names, "member"), ["alpha", "Zeta"]);
    let page = ok(
        &harness,
        "Action=ListUserPolicies&UserName=alice&MaxItems=1",
    )
    .await;
    assert_eq!(
        (xml(&page, "member"), one(&page, "Marker")),
        (vec!["alpha".to_owned()], "alpha".to_owned())
    );

    let shown = ok(
        &harness,
        "Action=GetUserPolicy&UserName=ALICE&PolicyName=zeta",
    )
    .await;
    assert_eq!(
        (one(&shown, "UserName"), one(&shown, "PolicyName")),
        ("alice".to_owned(), "Zeta".to_owned())
    );
    assert_eq!(one(&shown, "PolicyDocument"), encoded_document(&document));

    let gone = (
        404,
        "NoSuchEntity",
        "The user policy with name none cannot be found.",
    );
    refused(
        &harness,
        "Action=GetUserPolicy&UserName=alice&PolicyName=none",
        gone,
    )
    .await;
    refused(
        &harness,
        "Action=DeleteUserPolicy&UserName=alice&PolicyName=none",
        gone,
    )
    .await;
    ok(
        &harness,
        "Action=DeleteUserPolicy&UserName=alice&PolicyName=Alpha",
    )
    .await;
    let gone = (
        404,
        "NoSuchEntity",
        "The user policy with name alpha cannot be found.",
    );
    refused(
        &harness,
        "Action=GetUserPolicy&UserName=alice&PolicyName=alpha",
        gone,
    )
    .await;
}

/// RFC 3986 leaves four marks as they are, which [`encoded`] does not.
fn encoded_document(document: &str) -> String {
    encoded(document)
        .replace("%2D", "-")
        .replace("%2E", ".")
        .replace("%5F", "_")
        .replace("%7E", "~")
}

#[tokio::test]
async fn malformed_policies_are_refused() {
    let harness = harness().await;
    ok(&harness, "Action=CreateUser&UserName=alice").await;
    let with_principal = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}"#;
    let misspelt = policy("Allow", "*", "*").replace("Effect", "Effectt");
    for (document, message) in [
        ("{", "Syntax errors in policy."),
        (&misspelt, "Syntax errors in policy."),
        (
            with_principal,
            "Policy document should not specify a principal.",
        ),
    ] {
        let form = put_policy("alice", "p", document);
        refused(&harness, &form, (400, "MalformedPolicyDocument", message)).await;
    }
    let names = ok(&harness, "Action=ListUserPolicies&UserName=alice").await;
    assert_eq!(xml(&names, "member").len(), 0);
}

#[tokio::test]
async fn all_inline_policies_of_a_user_share_2048_characters() {
    let harness = harness().await;
    ok(&harness, "Action=CreateUser&UserName=alice").await;
    let of_size = |size: usize| {
        let empty = policy("Allow", "kms:Decrypt", "arn:aws:kms:::").len();
        policy(
            "Allow",
            "kms:Decrypt",
            &format!("arn:aws:kms:::{}", "x".repeat(size - empty)),
        )
    };
    let too_large = (
        409,
        "LimitExceeded",
        "Maximum policy size of 2048 bytes exceeded for user alice",
    );
    refused(
        &harness,
        &put_policy("alice", "one", &of_size(2049)),
        too_large,
    )
    .await;
    let spaced = of_size(1048).replace(',', &format!(",{}", " \n\t\r".repeat(500)));
    ok(&harness, &put_policy("alice", "one", &spaced)).await;
    refused(
        &harness,
        &put_policy("alice", "two", &of_size(1001)),
        too_large,
    )
    .await;
    ok(&harness, &put_policy("alice", "two", &of_size(1000))).await;
    // Replacing a policy gives back its room.
    ok(&harness, &put_policy("alice", "two", &of_size(1000))).await;
    refused(
        &harness,
        &put_policy("alice", "two", &of_size(1001)),
        too_large,
    )
    .await;
}

#[tokio::test]
async fn access_keys_show_their_secret_once() {
    let harness = harness().await;
    ok(&harness, "Action=CreateUser&UserName=alice").await;
    let made = ok(&harness, "Action=CreateAccessKey&UserName=ALICE").await;
    let (id, secret) = (one(&made, "AccessKeyId"), one(&made, "SecretAccessKey"));
    assert!(id.starts_with("AKIA") && id.len() == 20);
    assert_eq!(secret.len(), 40);
    assert_eq!(
        (one(&made, "Status"), one(&made, "UserName")),
        ("Active".to_owned(), "alice".to_owned())
    );
    assert_eq!(one(&made, "CreateDate"), "2026-01-01T00:00:00Z");
    let second = one(
        &ok(&harness, "Action=CreateAccessKey&UserName=alice").await,
        "AccessKeyId",
    );
    let quota = (
        409,
        "LimitExceeded",
        "Cannot exceed quota for AccessKeysPerUser: 2",
    );
    refused(&harness, "Action=CreateAccessKey&UserName=alice", quota).await;

    ok(
        &harness,
        &format!("Action=UpdateAccessKey&UserName=alice&AccessKeyId={id}&Status=Inactive"),
    )
    .await;
    let listed = ok(&harness, "Action=ListAccessKeys&UserName=alice").await;
    let mut expected = [(id.clone(), "Inactive"), (second.clone(), "Active")];
    expected.sort();
    assert_eq!(
        xml(&listed, "AccessKeyId"),
        expected.clone().map(|(id, _)| id)
    );
    assert_eq!(xml(&listed, "Status"), expected.map(|(_, status)| status));
    assert!(!listed.contains("Secret") && !listed.contains(&secret));
    let page = ok(&harness, "Action=ListAccessKeys&UserName=alice&MaxItems=1").await;
    assert_eq!(
        (xml(&page, "AccessKeyId").len(), one(&page, "IsTruncated")),
        (1, "true".to_owned())
    );

    let update =
        |status| format!("Action=UpdateAccessKey&UserName=alice&AccessKeyId={id}&Status={status}");
    for (status, code) in [("Expired", "InvalidInput"), ("active", "ValidationError")] {
        let answer = harness.query("root", "iam", &update(status)).await;
        assert_eq!(answer.code.as_deref(), Some(code));
    }
    let message = "The Access Key with id AKIAAAAAAAAAAAAAAAAA cannot be found.";
    let unknown = "&UserName=alice&AccessKeyId=AKIAAAAAAAAAAAAAAAAA";
    refused(
        &harness,
        &format!("Action=DeleteAccessKey{unknown}"),
        (404, "NoSuchEntity", message),
    )
    .await;
}

#[tokio::test]
async fn a_user_with_policies_or_keys_stays() {
    let harness = harness().await;
    ok(&harness, "Action=CreateUser&UserName=alice").await;
    let made = ok(&harness, "Action=CreateAccessKey&UserName=alice").await;
    ok(
        &harness,
        &put_policy("alice", "p", &policy("Allow", "*", "*")),
    )
    .await;
    let delete = "Action=DeleteUser&UserName=alice";
    refused(
        &harness,
        delete,
        (
            409,
            "DeleteConflict",
            "Cannot delete entity, must delete policies first.",
        ),
    )
    .await;
    ok(
        &harness,
        "Action=DeleteUserPolicy&UserName=alice&PolicyName=p",
    )
    .await;
    refused(
        &harness,
        delete,
        (
            409,
            "DeleteConflict",
            "Cannot delete entity, must delete access keys first.",
        ),
    )
    .await;
    let id = one(&made, "AccessKeyId");
    ok(
        &harness,
        &format!("Action=DeleteAccessKey&UserName=alice&AccessKeyId={id}"),
    )
    .await;
    ok(&harness, delete).await;
}

#[tokio::test]
async fn accounts_do_not_see_each_other() {
    let harness = harness().await;
    harness.root_of("444455556666", "stranger");
    ok(&harness, "Action=CreateUser&UserName=alice").await;
    ok(
        &harness,
        &put_policy("alice", "p", &policy("Allow", "*", "*")),
    )
    .await;
    let id = one(
        &ok(&harness, "Action=CreateAccessKey&UserName=alice").await,
        "AccessKeyId",
    );
    let users = harness.query("stranger", "iam", "Action=ListUsers").await;
    assert_eq!((users.status, xml(&users.text, "UserName").len()), (200, 0));

    let forms = [
        "Action=GetUser&UserName=alice".to_owned(),
        "Action=DeleteUser&UserName=alice".to_owned(),
        "Action=GetUserPolicy&UserName=alice&PolicyName=p".to_owned(),
        "Action=DeleteUserPolicy&UserName=alice&PolicyName=p".to_owned(),
        "Action=CreateAccessKey&UserName=alice".to_owned(),
        put_policy("alice", "q", &policy("Allow", "*", "*")),
        format!("Action=DeleteAccessKey&UserName=alice&AccessKeyId={id}"),
        format!("Action=DeleteAccessKey&AccessKeyId={id}"),
        format!("Action=UpdateAccessKey&AccessKeyId={id}&Status=Inactive"),
    ];
    for form in forms {
        let answer = harness.query("stranger", "iam", &form).await;
        assert_eq!(
            answer.code.as_deref(),
            Some("NoSuchEntity"),
            "{form}: {}",
            answer.text
        );
    }
    // The same name in another account is another user.
    let form = "Action=CreateUser&UserName=alice";
    let theirs = harness.query("stranger", "iam", form).await;
    assert_eq!(
        one(&theirs.text, "Arn"),
        "arn:aws:iam::444455556666:user/alice"
    );
    let delete = harness
        .query("stranger", "iam", "Action=DeleteUser&UserName=alice")
        .await;
    assert_eq!(delete.status, 200);
    let keys = ok(&harness, "Action=ListAccessKeys&UserName=alice").await;
    assert_eq!(xml(&keys, "AccessKeyId"), [id]);
}
