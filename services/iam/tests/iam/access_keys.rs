//! What the operations on access keys answer, and that accounts are apart.

use crate::house::{harness, ok, one, policy, put_policy, refused, xml};

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
