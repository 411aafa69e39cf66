//! What operators ask: why decisions fall as they do, and which accounts there are.

use crate::house::{ACCOUNT, House, Login, encoded, policy, put_policy};
use serde_json::{Value, json};

async fn explain(
    house: &House,
    who: &Login,
    principal: &str,
    (action, resource): (&str, &str),
) -> (u16, Value) {
    let input = json!({ "Principal": principal, "Action": action, "Resource": resource });
    let answer = house
        .operate(who, "ExplainDecision", &input.to_string())
        .await;
    (
        answer.status,
        serde_json::from_str(&answer.text).unwrap_or(Value::Null),
    )
}

#[tokio::test]
async fn an_explanation_names_the_statement_that_decided_and_every_policy() {
    let (house, root) = House::new().await;
    house.ok(&root, "Action=CreateUser&UserName=alice").await;
    let arn = format!("arn:aws:iam::{ACCOUNT}:user/alice");
    let (status, answer) = explain(&house, &root, &arn, ("s3:GetObject", "*")).await;
    assert_eq!(status, 200);
    assert_eq!(answer["Decision"], "implicitDeny");
    assert_eq!(answer["Reason"], "no identity-based policy allows it");

    let document = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Reads","Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::${aws:username}/*"},
        {"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}"#;
    house.ok(&root, &put_policy("alice", "own", document)).await;
    let (_, answer) = explain(
        &house,
        &root,
        &arn,
        ("s3:GetObject", "arn:aws:s3:::alice/x"),
    )
    .await;
    assert_eq!(answer["Decision"], "allowed");
    assert_eq!(
        answer["Reason"],
        "statement 1 (Reads) of the identity-based policy own allows it"
    );
    assert_eq!(answer["Policies"][0]["Says"], "statement 1 (Reads) allows");
    assert_eq!(answer["MissingKeys"], json!(["aws:securetransport"]));

    let input = json!({ "Principal": arn, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::alice/x",
        "Context": [{ "Name": "aws:SecureTransport", "Values": ["false"] }] });
    let answer = house
        .operate(&root, "ExplainDecision", &input.to_string())
        .await;
    let answer: Value = serde_json::from_str(&answer.text).unwrap();
    assert_eq!(answer["Decision"], "explicitDeny");
    assert_eq!(
        answer["Reason"],
        "statement 2 of the identity-based policy own denies it"
    );
}

#[tokio::test]
async fn a_trust_policy_takes_part_where_a_role_is_assumed() {
    let (house, root) = House::new().await;
    house.ok(&root, "Action=CreateUser&UserName=alice").await;
    let user = format!("arn:aws:iam::{ACCOUNT}:user/alice");
    let role = format!("arn:aws:iam::{ACCOUNT}:role/runner");
    let trust = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"AWS":"{user}"}},"Action":"sts:AssumeRole"}}}}"#
    );
    let form = format!(
        "Action=CreateRole&RoleName=runner&AssumeRolePolicyDocument={}",
        encoded(&trust)
    );
    house.ok(&root, &form).await;
    let (_, answer) = explain(&house, &root, &user, ("sts:AssumeRole", &role)).await;
    assert_eq!(answer["Policies"][0]["Policy"], role.as_str(), "{answer}");
    let (_, answer) = explain(&house, &root, &user, ("iam:GetRole", &role)).await;
    assert_eq!(answer["Policies"], json!([]), "{answer}");
}

#[tokio::test]
async fn explanations_take_both_permissions_and_show_nothing_of_others() {
    let (house, root) = House::new().await;
    let alice = house.user(&root, "alice").await;
    let own = format!("arn:aws:iam::{ACCOUNT}:user/alice");
    for allowed in [
        None,
        Some("iam:SimulatePrincipalPolicy"),
        Some("strongroom:ExplainDecision"),
    ] {
        if let Some(action) = allowed {
            house
                .ok(
                    &root,
                    &put_policy("alice", "p", &policy("Allow", action, "*")),
                )
                .await;
        }
        assert_eq!(
            explain(&house, &alice, &own, ("s3:GetObject", "*")).await.0,
            400,
            "{allowed:?}"
        );
    }
    let both = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["iam:SimulatePrincipalPolicy","strongroom:ExplainDecision"],"Resource":"*"}}"#;
    house.ok(&root, &put_policy("alice", "p", both)).await;
    assert_eq!(
        explain(&house, &alice, &own, ("s3:GetObject", "*")).await.0,
        200
    );
    let foreign = "arn:aws:kms:us-east-1:444455556666:key/k";
    assert_eq!(
        explain(&house, &root, &own, ("kms:Decrypt", foreign))
            .await
            .0,
        400
    );
    assert_eq!(
        explain(
            &house,
            &root,
            "arn:aws:iam::444455556666:user/x",
            ("s3:GetObject", "*")
        )
        .await
        .0,
        400
    );
}

#[tokio::test]
async fn the_root_user_of_the_home_account_makes_and_sees_accounts() {
    let (house, root) = House::new().await;
    let input = r#"{"Name":"second","Email":"second@example.com"}"#;
    let made = house.operate(&root, "CreateAccount", input).await;
    assert_eq!(made.status, 200, "{}", made.text);
    let made: Value = serde_json::from_str(&made.text).unwrap();
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    let second = Login {
        id: text("AccessKeyId"),
        secret: text("SecretAccessKey"),
    };
    let who = house.whoami(&second).await;
    assert_eq!(
        who.xml("Arn"),
        format!("arn:aws:iam::{}:root", text("AccountId"))
    );
    house.ok(&second, "Action=CreateUser&UserName=bob").await;

    let listed = house.operate(&root, "ListAccounts", "{}").await;
    let listed: Value = serde_json::from_str(&listed.text).unwrap();
    let accounts = listed["Accounts"].as_array().unwrap();
    assert_eq!(accounts.len(), 2);
    let new = accounts
        .iter()
        .find(|one| one["AccountId"] == text("AccountId"))
        .unwrap();
    assert_eq!(
        (&new["Name"], &new["Status"]),
        (&json!("second"), &json!("ACTIVE"))
    );

    let again = house.operate(&root, "CreateAccount", input).await;
    assert_eq!(again.status, 400);
    assert!(
        again
            .text
            .contains("another account has the e-mail address"),
        "{}",
        again.text
    );

    // Neither another account's root user nor an administrator of the home account.
    let alice = house.user(&root, "alice").await;
    house
        .ok(&root, &put_policy("alice", "p", &policy("Allow", "*", "*")))
        .await;
    for login in [&second, &alice] {
        for (name, input) in [("ListAccounts", "{}"), ("CreateAccount", "{}")] {
            let refused = house.operate(login, name, input).await;
            assert_eq!(
                (refused.status, refused.code),
                (400, Some("AccessDeniedException")),
                "{name}"
            );
        }
    }
}

#[tokio::test]
async fn the_root_user_is_explained_like_everybody() {
    let (house, root) = House::new().await;
    let alice = house.user(&root, "alice").await;
    let arn = format!("arn:aws:iam::{ACCOUNT}:root");
    let (status, answer) = explain(&house, &root, &arn, ("s3:GetObject", "*")).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["Decision"], "allowed");
    assert_eq!(answer["Reason"], "the root user needs no policy");
    assert_eq!(answer["EncodedMessage"], Value::Null);
    let explains = policy("Allow", "strongroom:ExplainDecision", "*");
    house.ok(&root, &put_policy("alice", "p", &explains)).await;
    let (status, _) = explain(&house, &alice, &arn, ("s3:GetObject", "*")).await;
    assert_eq!(status, 400);
    let both = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["strongroom:ExplainDecision","iam:SimulatePrincipalPolicy"],"Resource":"*"}}"#;
    house.ok(&root, &put_policy("alice", "p", both)).await;
    let (status, _) = explain(&house, &alice, &arn, ("s3:GetObject", "*")).await;
    assert_eq!(status, 200);
    let other = "arn:aws:iam::444455556666:root";
    let (status, _) = explain(&house, &root, other, ("s3:GetObject", "*")).await;
    assert_eq!(status, 400);
}
