//! `GetFederationToken`.

use platform::testing::ACCOUNT;

use crate::house::{ALLOW_ALL, allow, begin, code, house, probes, sts, user_arn};

const FORM: &str = "Action=GetFederationToken&Name=bob";
/// `kms:ListKeys` for everything, as a form writes it.
const LISTS: &str = "&Policy=%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22kms%3AListKeys%22%2C%22Resource%22%3A%22%2A%22%7D%7D";

#[tokio::test]
async fn the_session_may_do_what_user_and_policies_both_allow() {
    let house = house().await;
    let federates = allow(
        "sts:GetFederationToken",
        &format!("arn:aws:sts::{ACCOUNT}:federated-user/bob"),
    );
    house.user("broker", &[&federates, &allow("kms:*", "*")]);
    house.user("poor", &[&federates]);
    let answer = begin(&house, "broker", "bob", &format!("{FORM}{LISTS}")).await;
    let arn = format!("arn:aws:sts::{ACCOUNT}:federated-user/bob");
    assert_eq!(answer.element("Arn"), arn);
    assert_eq!(answer.element("FederatedUserId"), format!("{ACCOUNT}:bob"));
    assert_eq!(answer.element("Expiration"), "2026-01-01T12:00:00Z");
    assert!(!answer.element("PackedPolicySize").is_empty());
    let identity = sts(&house, "bob", "Action=GetCallerIdentity").await;
    assert_eq!(identity.element("Arn"), arn);
    assert_eq!(identity.element("UserId"), format!("{ACCOUNT}:bob"));
    assert!(probes(&house, "bob").await.is_ok());

    begin(&house, "broker", "empty", FORM).await;
    assert!(
        probes(&house, "empty").await.is_err(),
        "no policies, no permissions"
    );
    begin(&house, "poor", "poor-bob", &format!("{FORM}{LISTS}")).await;
    assert!(
        probes(&house, "poor-bob").await.is_err(),
        "the user itself may not"
    );
}

#[tokio::test]
async fn needs_permission_for_the_name_and_for_tags() {
    let house = house().await;
    house.user("nobody", &[]);
    house.user(
        "broker",
        &[&allow(
            "sts:GetFederationToken",
            &format!("arn:aws:sts::{ACCOUNT}:federated-user/bob"),
        )],
    );
    let refused = sts(&house, "nobody", FORM).await;
    let sentence = format!(
        "User: {} is not authorized to perform: sts:GetFederationToken on resource: arn:aws:sts::{ACCOUNT}:federated-user/bob",
        user_arn("nobody")
    );
    assert!(refused.text.contains(&sentence), "{}", refused.text);
    assert_eq!(code(&house, "broker", FORM).await, None);
    let other = code(&house, "broker", "Action=GetFederationToken&Name=eve").await;
    assert_eq!(other.as_deref(), Some("AccessDenied"));
    let tagged = sts(
        &house,
        "broker",
        &format!("{FORM}&Tags.member.1.Key=a&Tags.member.1.Value=b"),
    )
    .await;
    assert!(tagged.text.contains("sts:TagSession"), "{}", tagged.text);
}

#[tokio::test]
async fn root_users_federate_for_an_hour_within_the_policies() {
    let house = house().await;
    let answer = begin(
        &house,
        "root",
        "bob",
        &format!("{FORM}{LISTS}&DurationSeconds=43200"),
    )
    .await;
    assert_eq!(answer.element("Expiration"), "2026-01-01T01:00:00Z");
    assert!(probes(&house, "bob").await.is_ok());
    begin(&house, "root", "empty", FORM).await;
    assert!(probes(&house, "empty").await.is_err());
}

/// STS API reference, GetFederationToken, "Permissions".
#[tokio::test]
async fn sec_s7_a_federated_user_calls_nothing_of_sts_but_one_operation() {
    let house = house().await;
    house.user("broker", &[ALLOW_ALL]);
    let role = "arn:aws:iam::111122223333:role/app";
    house.identities.role(
        role,
        &crate::house::trust("*", crate::house::ASSUME, ""),
        &[],
    );
    begin(
        &house,
        "broker",
        "bob",
        &format!("{FORM}{}", LISTS.replace("kms%3AListKeys", "%2A")),
    )
    .await;
    assert!(probes(&house, "bob").await.is_ok());
    for operation in [
        "GetSessionToken",
        "GetFederationToken&Name=bob",
        "AssumeRole&RoleArn=arn:aws:iam::111122223333:role/app&RoleSessionName=s1",
        "GetAccessKeyInfo&AccessKeyId=AKIAAAAAAAAAAAAAAAAA",
    ] {
        let refused = code(&house, "bob", &format!("Action={operation}")).await;
        assert_eq!(refused.as_deref(), Some("AccessDenied"), "{operation}");
    }
}
