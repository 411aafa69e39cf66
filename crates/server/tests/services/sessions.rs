//! IAM, STS and KMS together, as the program assembles them, in memory and without sockets: roles
//! that IAM keeps are assumed through STS, and KMS decides about their sessions.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "this is all test code: a surprise fails the test"
)]

mod explanations;
mod house;
#[path = "../../../../services/sts/tests/sts/identity_provider.rs"]
mod identity_provider;
mod providers;
mod saml;
mod second_factors;

use house::{House, Login, encode};
use serde_json::{Value, json};

const ALLOW_ALL: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;

/// Makes a role that trusts `principal`, with an inline policy.
async fn role(house: &House, root: &Login, name: &str, principal: &Value, policy: &str) -> String {
    let trust = json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": principal,
        "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
    }});
    let form = format!(
        "Action=CreateRole&RoleName={name}&Path=/app/&AssumeRolePolicyDocument={}",
        encode(&trust.to_string())
    );
    let made = house.ok(root, "iam", &form).await;
    let form = format!(
        "Action=PutRolePolicy&RoleName={name}&PolicyName=p&PolicyDocument={}",
        encode(policy)
    );
    house.ok(root, "iam", &form).await;
    made.element("Arn")
}

/// Makes a user with an inline policy and an access key.
pub(crate) async fn user(house: &House, root: &Login, name: &str, policy: &str) -> (String, Login) {
    let made = house
        .ok(root, "iam", &format!("Action=CreateUser&UserName={name}"))
        .await;
    let form = format!(
        "Action=PutUserPolicy&UserName={name}&PolicyName=p&PolicyDocument={}",
        encode(policy)
    );
    house.ok(root, "iam", &form).await;
    let key = house
        .ok(
            root,
            "iam",
            &format!("Action=CreateAccessKey&UserName={name}"),
        )
        .await;
    (made.element("Arn"), key.login())
}

fn assume(role: &str, more: &str) -> String {
    format!("Action=AssumeRole&RoleArn={role}&RoleSessionName=s1{more}")
}

fn allow(action: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"{action}","Resource":"*"}}}}"#
    )
}

#[tokio::test]
async fn a_session_uses_keys_as_its_role_may_until_its_end() {
    let (house, root) = House::new().await;
    let (arn, alice) = user(&house, &root, "alice", &allow("sts:AssumeRole")).await;
    let role = role(
        &house,
        &root,
        "reader",
        &json!({ "AWS": arn }),
        &allow("kms:*"),
    )
    .await;
    let key = house.kms(&root, "CreateKey", json!({})).await;
    let key = key.json()["KeyMetadata"]["Arn"]
        .as_str()
        .expect("a key")
        .to_owned();
    let encrypt = json!({ "KeyId": key, "Plaintext": "eA==" });
    assert_eq!(
        house.kms(&alice, "Encrypt", encrypt.clone()).await.status,
        400
    );

    let session = house.ok(&alice, "sts", &assume(&role, "")).await.login();
    let blob = house.kms(&session, "Encrypt", encrypt.clone()).await;
    assert_eq!(blob.status, 200, "{}", blob.text);
    let decrypt = json!({ "CiphertextBlob": blob.json()["CiphertextBlob"] });
    assert_eq!(
        house.kms(&session, "Decrypt", decrypt).await.json()["Plaintext"],
        "eA=="
    );

    let limited = format!("&Policy={}", encode(&allow("kms:ListKeys")));
    let limited = house
        .ok(&alice, "sts", &assume(&role, &limited))
        .await
        .login();
    assert_eq!(house.kms(&limited, "ListKeys", json!({})).await.status, 200);
    assert_eq!(
        house.kms(&limited, "Encrypt", encrypt.clone()).await.status,
        400
    );

    house.clock.advance(3600);
    let ended = house.kms(&session, "Encrypt", encrypt).await;
    assert!(ended.text.contains("ExpiredToken"), "{}", ended.text);
}

#[tokio::test]
async fn a_changed_role_counts_for_sessions_at_once() {
    let (house, root) = House::new().await;
    let (arn, alice) = user(&house, &root, "alice", &allow("sts:AssumeRole")).await;
    let role = role(
        &house,
        &root,
        "reader",
        &json!({ "AWS": arn }),
        &allow("kms:*"),
    )
    .await;
    let session = house.ok(&alice, "sts", &assume(&role, "")).await.login();
    assert_eq!(house.kms(&session, "ListKeys", json!({})).await.status, 200);
    house
        .ok(
            &root,
            "iam",
            "Action=DeleteRolePolicy&RoleName=reader&PolicyName=p",
        )
        .await;
    assert_eq!(house.kms(&session, "ListKeys", json!({})).await.status, 400);
}

/// The role of the same name that is made later is another one: neither the sessions of the old one
/// nor what trusted it carry over.
#[tokio::test]
async fn sec_i5_a_role_made_again_has_no_sessions_and_is_not_trusted() {
    let (house, root) = House::new().await;
    let (arn, alice) = user(&house, &root, "alice", &allow("sts:AssumeRole")).await;
    let principal = json!({ "AWS": arn });
    let first = role(&house, &root, "first", &principal, ALLOW_ALL).await;
    let next = role(&house, &root, "next", &json!({ "AWS": first }), ALLOW_ALL).await;
    let session = house.ok(&alice, "sts", &assume(&first, "")).await.login();
    house.ok(&session, "sts", &assume(&next, "")).await;

    house
        .ok(
            &root,
            "iam",
            "Action=DeleteRolePolicy&RoleName=first&PolicyName=p",
        )
        .await;
    house
        .ok(&root, "iam", "Action=DeleteRole&RoleName=first")
        .await;
    let gone = house
        .query(&session, "sts", "Action=GetCallerIdentity")
        .await;
    assert_eq!(gone.code.as_deref(), Some("InvalidClientTokenId"));
    role(&house, &root, "first", &principal, ALLOW_ALL).await;
    let gone = house
        .query(&session, "sts", "Action=GetCallerIdentity")
        .await;
    assert_eq!(gone.code.as_deref(), Some("InvalidClientTokenId"));
    let anew = house.ok(&alice, "sts", &assume(&first, "")).await.login();
    let refused = house.query(&anew, "sts", &assume(&next, "")).await;
    assert_eq!(
        refused.code.as_deref(),
        Some("AccessDenied"),
        "{}",
        refused.text
    );
}

/// A user's temporary credentials end with the user and call IAM only with a second factor.
#[tokio::test]
async fn sec_s7_session_tokens_of_users_do_not_reach_iam() {
    let (house, root) = House::new().await;
    let (_, alice) = user(&house, &root, "alice", ALLOW_ALL).await;
    let session = house
        .ok(&alice, "sts", "Action=GetSessionToken")
        .await
        .login();
    assert_eq!(house.kms(&session, "ListKeys", json!({})).await.status, 200);
    let refused = house.query(&session, "iam", "Action=ListUsers").await;
    assert_eq!(
        refused.code.as_deref(),
        Some("InvalidClientTokenId"),
        "{}",
        refused.text
    );
    let federated = format!(
        "Action=GetFederationToken&Name=bob&Policy={}",
        encode(ALLOW_ALL)
    );
    let federated = house.ok(&alice, "sts", &federated).await.login();
    assert_eq!(
        house.kms(&federated, "ListKeys", json!({})).await.status,
        200
    );
    let refused = house
        .query(&federated, "iam", "Action=CreateUser&UserName=eve")
        .await;
    assert_eq!(
        refused.code.as_deref(),
        Some("InvalidClientTokenId"),
        "{}",
        refused.text
    );

    house
        .ok(
            &root,
            "iam",
            "Action=DeleteUserPolicy&UserName=alice&PolicyName=p",
        )
        .await;
    assert_eq!(
        house.kms(&federated, "ListKeys", json!({})).await.status,
        400
    );
    let form = format!(
        "Action=DeleteAccessKey&UserName=alice&AccessKeyId={}",
        alice.id
    );
    house.ok(&root, "iam", &form).await;
    house
        .ok(&root, "iam", "Action=DeleteUser&UserName=alice")
        .await;
    for session in [session, federated] {
        let gone = house
            .query(&session, "sts", "Action=GetCallerIdentity")
            .await;
        assert_eq!(
            gone.code.as_deref(),
            Some("InvalidClientTokenId"),
            "{}",
            gone.text
        );
    }
}

#[tokio::test]
async fn tags_of_sessions_and_roles_reach_key_policies() {
    let (house, root) = House::new().await;
    let (arn, alice) = user(&house, &root, "alice", &allow("sts:*")).await;
    let policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kms:ListKeys","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"red"}}}}"#;
    let role = role(&house, &root, "tagged", &json!({ "AWS": arn }), policy).await;
    house
        .ok(
            &root,
            "iam",
            "Action=TagRole&RoleName=tagged&Tags.member.1.Key=Team&Tags.member.1.Value=red",
        )
        .await;
    let plain = house.ok(&alice, "sts", &assume(&role, "")).await.login();
    assert_eq!(
        house.kms(&plain, "ListKeys", json!({})).await.status,
        200,
        "the role's tag"
    );
    let blue = "&Tags.member.1.Key=TEAM&Tags.member.1.Value=blue";
    let blue = house.ok(&alice, "sts", &assume(&role, blue)).await.login();
    assert_eq!(
        house.kms(&blue, "ListKeys", json!({})).await.status,
        400,
        "the session's tag"
    );
}
