//! When access keys were last used.

use crate::house::{ACCOUNT, House, policy, put_policy};

#[tokio::test]
async fn a_use_is_seen_at_once_and_survives_in_the_store() {
    let (house, root) = House::new().await;
    let alice = house.user(&root, "alice").await;
    let form = format!("Action=GetAccessKeyLastUsed&AccessKeyId={}", alice.id);
    let never = house.ok(&root, &form).await;
    assert_eq!(never.xml("UserName"), "alice");
    assert_eq!(
        (
            never.xml("ServiceName"),
            never.xml("Region"),
            never.xml("LastUsedDate")
        ),
        ("N/A".into(), "N/A".into(), String::new())
    );

    house.whoami(&alice).await;
    let writer = house.pipeline.usage_writer();
    for flushed in [false, true] {
        if flushed {
            assert!(writer.flush().await.is_ok());
        }
        let used = house.ok(&root, &form).await;
        assert_eq!(
            (
                used.xml("ServiceName"),
                used.xml("Region"),
                used.xml("LastUsedDate")
            ),
            (
                "sts".into(),
                "us-east-1".into(),
                "2026-01-01T00:00:00Z".into()
            ),
            "{flushed}"
        );
    }
    // Root's own calls come and go; alice's use is on disk and no longer in memory.
    assert!(writer.flush().await.is_ok());
    assert!(matches!(writer.flush().await, Ok(0)));
    house.clock.advance(60);
    house.iam(&alice, "Action=GetUser").await;
    let used = house.ok(&root, &form).await;
    assert_eq!(
        (used.xml("ServiceName"), used.xml("LastUsedDate")),
        ("iam".into(), "2026-01-01T00:01:00Z".into()),
        "a refused call is a use"
    );
}

#[tokio::test]
async fn a_wrong_signature_is_no_use() {
    let (house, root) = House::new().await;
    let alice = house.user(&root, "alice").await;
    let mut thief = alice.clone();
    thief.secret = "x".repeat(40);
    assert_eq!(house.whoami(&thief).await.status, 403);
    let form = format!("Action=GetAccessKeyLastUsed&AccessKeyId={}", alice.id);
    assert_eq!(house.ok(&root, &form).await.xml("ServiceName"), "N/A");
}

#[tokio::test]
async fn a_deleted_key_leaves_nothing_and_an_unknown_one_is_refused_like_a_forbidden_one() {
    let (house, root) = House::new().await;
    let (alice, bob) = (
        house.user(&root, "alice").await,
        house.user(&root, "bob").await,
    );
    house.whoami(&alice).await;
    let delete = format!(
        "Action=DeleteAccessKey&UserName=alice&AccessKeyId={}",
        alice.id
    );
    house.ok(&root, &delete).await;
    assert!(house.pipeline.usage_writer().flush().await.is_ok());
    let form = |id: &str| format!("Action=GetAccessKeyLastUsed&AccessKeyId={id}");
    let of_users = policy(
        "Allow",
        "iam:GetAccessKeyLastUsed",
        "arn:aws:iam::111122223333:user/bob",
    );
    house.ok(&root, &put_policy("bob", "p", &of_users)).await;
    assert_eq!(house.ok(&bob, &form(&bob.id)).await.xml("UserName"), "bob");
    for who in [&root, &bob] {
        let gone = house.iam(who, &form(&alice.id)).await;
        let unknown = house.iam(who, &form("AKIAAAAAAAAAAAAAAAAA")).await;
        assert_eq!((gone.status, gone.code), (403, Some("AccessDenied")));
        let same = gone.text.replace(&alice.id, "AKIAAAAAAAAAAAAAAAAA");
        let message = |text: &str| crate::house::one(text, "Message");
        assert_eq!(message(&same), message(&unknown.text));
    }
    let unknown = house.iam(&root, &form("AKIAAAAAAAAAAAAAAAAA")).await;
    let message = format!(
        "User: arn:aws:iam::{ACCOUNT}:root is not authorized to perform \
         iam:GetAccessKeyLastUsed on resource: access key AKIAAAAAAAAAAAAAAAAA"
    );
    unknown.refused(403, "AccessDenied", &message);
}
