//! What the operations on users answer: AWS's codes, texts and limits.

use crate::house::{encoded, harness, ok, one, policy, put_policy, refused, xml};
use platform::testing::ACCOUNT;

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
async fn names_with_other_characters_are_refused_in_iam_s_own_words() {
    let harness = harness().await;
    let other = (
        400,
        "ValidationError",
        "The specified value for userName is invalid. It must contain only alphanumeric \
         characters and/or the following: +=,.@_-",
    );
    for name in ["a%20b", "a%2Fb", "al%C3%AFce", ""] {
        refused(
            &harness,
            &format!("Action=CreateUser&UserName={name}"),
            other,
        )
        .await;
    }
    let long = format!("Action=CreateUser&UserName={}", "a".repeat(65));
    let text = "1 validation error detected: Value at 'userName' failed to satisfy constraint: \
                Member must have length less than or equal to 64";
    refused(&harness, &long, (400, "ValidationError", text)).await;
    let version = "Action=SetSecurityTokenServicePreferences&GlobalEndpointTokenVersion=v3Token";
    let text = "1 validation error detected: Value at 'globalEndpointTokenVersion' failed to \
                satisfy constraint: Member must satisfy enum value set: [v2Token, v1Token]";
    refused(&harness, version, (400, "ValidationError", text)).await;
    let text = "1 validation error detected: Value at 'groupName' failed to satisfy constraint: \
                Member must not be null";
    refused(&harness, "Action=GetGroup", (400, "ValidationError", text)).await;
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
    for (operation, rest) in crate::house::OPERATIONS {
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
        "arn:aws:iam::aws:policy/NoSuchAccess",
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
async fn an_account_has_up_to_5000_users() {
    let harness = harness().await;
    for number in 0..5000 {
        ok(
            &harness,
            &format!("Action=CreateUser&UserName=user-{number:04}"),
        )
        .await;
    }
    let full = (
        409,
        "LimitExceeded",
        "Cannot exceed quota for UsersPerAccount: 5000",
    );
    refused(&harness, "Action=CreateUser&UserName=another", full).await;
    let list = "Action=ListUsers&MaxItems=1000&Marker=user-3999";
    let last = xml(&ok(&harness, list).await, "UserName");
    assert_eq!(
        (last.len(), last.first().map(String::as_str)),
        (1000, Some("user-4000"))
    );
    ok(&harness, "Action=DeleteUser&UserName=user-0000").await;
    ok(&harness, "Action=CreateUser&UserName=another").await;
}
