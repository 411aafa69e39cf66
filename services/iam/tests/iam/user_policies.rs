//! What the operations on inline policies answer: AWS's codes, texts and limits.

use crate::house::{encoded, harness, ok, one, policy, put_policy, refused, xml};

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
async fn an_absent_holder_is_told_before_a_malformed_document() {
    let harness = harness().await;
    let policy = "arn:aws:iam::111122223333:policy/ghost";
    let absent_policy = format!("Policy {policy} was not found.");
    for (form, message) in [
        (
            "PutUserPolicy&UserName=ghost&PolicyName=p".to_owned(),
            "The user with name ghost cannot be found.",
        ),
        (
            "PutRolePolicy&RoleName=ghost&PolicyName=p".to_owned(),
            "The role with name ghost cannot be found.",
        ),
        (
            "PutGroupPolicy&GroupName=ghost&PolicyName=p".to_owned(),
            "The group with name ghost cannot be found.",
        ),
        (
            "UpdateAssumeRolePolicy&RoleName=ghost".to_owned(),
            "The role with name ghost cannot be found.",
        ),
        (
            format!("CreatePolicyVersion&PolicyArn={policy}"),
            &absent_policy,
        ),
    ] {
        let form = format!("Action={form}&PolicyDocument=%7B");
        refused(&harness, &form, (404, "NoSuchEntity", message)).await;
    }
}
