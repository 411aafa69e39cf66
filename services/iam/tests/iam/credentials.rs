//! Access keys and policies as the pipeline sees them: what changes counts at once.

use std::sync::Arc;

use crate::house::{ACCOUNT, House, Login, policy, put_policy};
use platform::Policies;
use service_iam::IdentityDirectory;

fn denied(action: &str, resource: &str) -> String {
    format!(
        "User: arn:aws:iam::{ACCOUNT}:user/alice is not authorized to perform: {action} on \
         resource: {resource} because no identity-based policy allows the {action} action"
    )
}

const UNKNOWN_KEY: (u16, &str, &str) = (
    403,
    "InvalidClientTokenId",
    "The security token included in the request is invalid.",
);

#[tokio::test]
async fn a_policy_counts_from_its_commit_to_its_deletion() {
    let (house, root) = House::new().await;
    let alice = house.user(&root, "alice").await;
    let listed = format!("arn:aws:iam::{ACCOUNT}:user/");
    let refusal = denied("iam:ListUsers", &listed);
    let list = "Action=ListUsers";
    house
        .iam(&alice, list)
        .await
        .refused(403, "AccessDenied", &refusal);

    house
        .ok(
            &root,
            &put_policy("alice", "list", &policy("Allow", "iam:List*", "*")),
        )
        .await;
    assert_eq!(house.ok(&alice, list).await.xml("UserName"), "alice");

    house
        .ok(
            &root,
            &put_policy("alice", "no", &policy("Deny", "iam:ListUsers", "*")),
        )
        .await;
    let explicit = house.iam(&alice, list).await;
    assert_eq!(
        (explicit.status, explicit.code),
        (403, Some("AccessDenied"))
    );
    assert!(
        explicit
            .text
            .contains("with an explicit deny in an identity-based policy")
    );

    house
        .ok(
            &root,
            "Action=DeleteUserPolicy&UserName=alice&PolicyName=no",
        )
        .await;
    house.ok(&alice, list).await;
    house
        .ok(
            &root,
            "Action=DeleteUserPolicy&UserName=alice&PolicyName=list",
        )
        .await;
    house
        .iam(&alice, list)
        .await
        .refused(403, "AccessDenied", &refusal);
}

#[tokio::test]
async fn a_key_counts_while_it_is_active() {
    let (house, root) = House::new().await;
    let alice = house.user(&root, "alice").await;
    let (status, code, message) = UNKNOWN_KEY;
    let update = |state| {
        format!(
            "Action=UpdateAccessKey&UserName=alice&AccessKeyId={}&Status={state}",
            alice.id
        )
    };
    assert_eq!(house.whoami(&alice).await.status, 200);
    house.ok(&root, &update("Inactive")).await;
    house.whoami(&alice).await.refused(status, code, message);
    house.ok(&root, &update("Active")).await;
    assert_eq!(house.whoami(&alice).await.status, 200);
    let delete = format!(
        "Action=DeleteAccessKey&UserName=alice&AccessKeyId={}",
        alice.id
    );
    house.ok(&root, &delete).await;
    house.whoami(&alice).await.refused(status, code, message);
}

#[tokio::test]
async fn an_unknown_key_and_a_wrong_secret_do_not_get_in() {
    let (house, root) = House::new().await;
    let (status, code, message) = UNKNOWN_KEY;
    for id in [
        "AKIAAAAAAAAAAAAAAAAA",
        &root.id.to_lowercase(),
        "home",
        "account",
        &"A".repeat(200),
    ] {
        let stranger = Login {
            id: id.to_owned(),
            secret: root.secret.clone(),
        };
        house.whoami(&stranger).await.refused(status, code, message);
    }
    let guess = Login {
        id: root.id.clone(),
        secret: "x".repeat(40),
    };
    assert_eq!(
        house.whoami(&guess).await.code,
        Some("SignatureDoesNotMatch")
    );
}

#[tokio::test]
async fn a_user_made_again_inherits_nothing() {
    let (house, root) = House::new().await;
    let first = house.user(&root, "alice").await;
    let old = house.whoami(&first).await.xml("UserId");
    house
        .ok(
            &root,
            &put_policy("alice", "all", &policy("Allow", "*", "*")),
        )
        .await;
    house
        .ok(
            &root,
            "Action=DeleteUserPolicy&UserName=alice&PolicyName=all",
        )
        .await;
    let delete = format!(
        "Action=DeleteAccessKey&UserName=alice&AccessKeyId={}",
        first.id
    );
    house.ok(&root, &delete).await;
    house.ok(&root, "Action=DeleteUser&UserName=alice").await;

    let second = house.user(&root, "Alice").await;
    assert_ne!(house.whoami(&second).await.xml("UserId"), old);
    assert_eq!(house.whoami(&first).await.status, 403);
    assert_eq!(house.iam(&second, "Action=ListUsers").await.status, 403);
}

#[tokio::test]
async fn callers_without_a_name_mean_themselves() {
    let (house, root) = House::new().await;
    let alice = house.user(&root, "alice").await;
    let own = format!("arn:aws:iam::{ACCOUNT}:user/${{aws:username}}");
    house
        .ok(
            &root,
            &put_policy("alice", "own", &policy("Allow", "iam:*", &own)),
        )
        .await;
    assert_eq!(
        house.ok(&alice, "Action=GetUser").await.xml("UserName"),
        "alice"
    );
    assert_eq!(
        house
            .ok(&alice, "Action=ListAccessKeys")
            .await
            .xml("AccessKeyId"),
        alice.id
    );
    let second = house.ok(&alice, "Action=CreateAccessKey").await;
    assert_eq!(second.xml("UserName"), "alice");
    let off = format!(
        "Action=UpdateAccessKey&Status=Inactive&AccessKeyId={}",
        alice.id
    );
    house.ok(&alice, &off).await;
    assert_eq!(
        house.whoami(&alice).await.code,
        Some("InvalidClientTokenId")
    );
    let second = Login {
        id: second.xml("AccessKeyId"),
        secret: second.xml("SecretAccessKey"),
    };
    house
        .ok(
            &second,
            &format!("Action=DeleteAccessKey&AccessKeyId={}", alice.id),
        )
        .await;

    // The root user has neither name nor path, and two access keys like everybody.
    let shown = house.ok(&root, "Action=GetUser").await;
    assert_eq!(shown.xml("Arn"), format!("arn:aws:iam::{ACCOUNT}:root"));
    assert_eq!(shown.xml("UserId"), ACCOUNT);
    assert!(!shown.text.contains("UserName"));
    let other = house.ok(&root, "Action=CreateAccessKey").await;
    let other = Login {
        id: other.xml("AccessKeyId"),
        secret: other.xml("SecretAccessKey"),
    };
    assert_eq!(
        house.whoami(&other).await.xml("Arn"),
        format!("arn:aws:iam::{ACCOUNT}:root")
    );
    let third = house.iam(&root, "Action=CreateAccessKey").await;
    third.refused(
        409,
        "LimitExceeded",
        "Cannot exceed quota for AccessKeysPerUser: 2",
    );
    house
        .ok(
            &other,
            &format!("Action=DeleteAccessKey&AccessKeyId={}", root.id),
        )
        .await;
    assert_eq!(house.whoami(&root).await.status, 403);
    let keys = house.ok(&other, "Action=ListAccessKeys").await;
    assert_eq!(crate::house::xml(&keys.text, "AccessKeyId"), [other.id]);
}

#[tokio::test]
async fn nobody_touches_a_key_through_another_user() {
    let (house, root) = House::new().await;
    let alice = house.user(&root, "alice").await;
    house.ok(&root, "Action=CreateUser&UserName=bob").await;
    for id in [&alice.id, &root.id] {
        for operation in ["DeleteAccessKey", "UpdateAccessKey"] {
            let form = format!("Action={operation}&UserName=bob&AccessKeyId={id}&Status=Inactive");
            let message = format!("The Access Key with id {id} cannot be found.");
            house
                .iam(&root, &form)
                .await
                .refused(404, "NoSuchEntity", &message);
        }
    }
    assert_eq!(house.whoami(&alice).await.status, 200);
    assert_eq!(house.whoami(&root).await.status, 200);
}

#[tokio::test]
async fn two_calls_at_once_do_not_get_past_a_quota() {
    let (house, root) = House::new().await;
    house.ok(&root, "Action=CreateUser&UserName=alice").await;
    let create = "Action=CreateAccessKey&UserName=alice";
    let (one, two, three) = tokio::join!(
        house.iam(&root, create),
        house.iam(&root, create),
        house.iam(&root, create)
    );
    let mut codes = [one.code, two.code, three.code];
    codes.sort_unstable();
    assert_eq!(codes, [None, None, Some("LimitExceeded")]);
}

#[tokio::test]
async fn a_principal_exists_by_its_whole_arn() {
    let (house, root) = House::new().await;
    house
        .ok(&root, "Action=CreateUser&UserName=bob&Path=/sales/")
        .await;
    let directory = IdentityDirectory::new(Arc::clone(&house.keyring));
    let arn = |resource: &str| format!("arn:aws:iam::{ACCOUNT}:{resource}");
    for (principal, exists) in [
        (arn("user/sales/bob"), true),
        (arn("root"), true),
        (arn("user/bob"), false),
        (arn("user/sales/BOB"), false),
        (arn("user/sales/eve"), false),
        (arn("role/bob"), false),
        (arn("bob"), false),
        ("arn:aws:iam::444455556666:user/sales/bob".to_owned(), false),
        ("arn:aws:iam::444455556666:root".to_owned(), false),
        ("bob".to_owned(), false),
    ] {
        let mut txn = house.store.begin();
        let found = directory.unique_id(&mut txn, &principal).await;
        assert!(
            matches!(found, Ok(found) if found.is_some() == exists),
            "{principal}"
        );
    }
}
