//! Rotation without a function: passwords of databases, by one user or two in turns.

use platform::databases::Failure;
use platform::testing::Harness;
use serde_json::{Value, json};

use crate::secrets::house::{allowing, call, done, house, key, make, put, refused, token};
use crate::secrets::rotating::{describe, events, told};

const HOST: &str = "db.example.com";

fn login(username: &str, password: &str) -> Value {
    json!({
        "engine": "postgres",
        "host": HOST,
        "username": username,
        "password": password,
        "dbname": "app",
        "port": 5432,
        "note": "kept",
    })
}

/// A house with a database, and the secret of one of its users.
async fn with_database() -> Harness {
    let harness = house().await;
    harness.databases.add_user(HOST, "app", "old");
    make(&harness, "s", &login("app", "old").to_string()).await;
    harness
}

fn rotate(number: u32) -> Value {
    json!({
        "SecretId": "s",
        "ClientRequestToken": token(number),
        "RotationRules": { "AutomaticallyAfterDays": 7 },
    })
}

async fn said(harness: &Harness, id: &str) -> Value {
    let got = done(harness, "root", "GetSecretValue", json!({ "SecretId": id })).await;
    serde_json::from_str(got["SecretString"].as_str().expect("text")).expect("JSON")
}

#[tokio::test]
async fn the_password_changes_in_the_database_and_in_the_secret() {
    let harness = with_database().await;
    done(&harness, "root", "RotateSecret", rotate(1)).await;
    assert!(harness.databases.calls().is_empty());
    harness.run_deliveries().await;
    assert_eq!(
        told(&harness).await,
        ["RotationStarted", "RotationSucceeded"]
    );
    assert_eq!(harness.databases.calls(), ["set app", "test app"]);
    let now = said(&harness, "s").await;
    let password = now["password"].as_str().expect("a password");
    assert_eq!(password.len(), 32);
    assert!(
        !password.contains([':', '/', '@', '"', '\'', '\\']),
        "{password}"
    );
    assert!(harness.databases.accepts(HOST, "app", password));
    let mut expected = login("app", "old");
    expected["password"] = now["password"].clone();
    assert_eq!(now, expected);
    let shown = describe(&harness).await;
    let stages = json!({ token(0): ["AWSPREVIOUS"], token(1): ["AWSCURRENT"] });
    assert_eq!(shown["VersionIdsToStages"], stages);
    assert_eq!(shown.get("RotationLambdaARN"), None);
    done(&harness, "root", "RotateSecret", rotate(2)).await;
    harness.run_deliveries().await;
    let next = said(&harness, "s").await;
    assert_ne!(next["password"], now["password"]);
    let accepts = |of: &Value| {
        let password = of["password"].as_str().expect("a password");
        harness.databases.accepts(HOST, "app", password)
    };
    assert!(accepts(&next) && !accepts(&now));
}

#[tokio::test]
async fn two_users_take_turns_under_a_superuser() {
    let harness = with_database().await;
    harness.databases.add_user(HOST, "postgres", "root");
    let master = make(&harness, "master", &login("postgres", "root").to_string()).await;
    let mut value = login("app", "old");
    value["masterarn"] = json!(master);
    put(&harness, "s", 5, &value.to_string()).await;
    done(&harness, "root", "RotateSecret", rotate(1)).await;
    harness.run_deliveries().await;
    let now = said(&harness, "s").await;
    assert_eq!(now["username"], "app_clone");
    assert!(
        harness.databases.accepts(HOST, "app", "old"),
        "the other user goes on"
    );
    assert!(
        harness
            .databases
            .accepts(HOST, "app_clone", now["password"].as_str().expect("one"))
    );
    // Whoever writes the secret chooses no other superuser.
    let other = make(&harness, "other", &login("boss", "x").to_string()).await;
    let mut value = now;
    value["masterarn"] = json!(other);
    put(&harness, "s", 6, &value.to_string()).await;
    let again = json!({ "SecretId": "s", "ClientRequestToken": token(7) });
    harness.user(
        "rotator",
        &[&allowing(&["secretsmanager:RotateSecret", "kms:*"], "*")],
    );
    let refusal = call(&harness, "rotator", "RotateSecret", again).await;
    assert_eq!(refusal.code.as_deref(), Some("AccessDeniedException"));
    harness.clock.advance(8 * 24 * 60 * 60);
    let upkeep = harness.pipeline.upkeep();
    let due = secretsmanager::rotate_due(&upkeep, platform::Clock::now(&*harness.clock)).await;
    assert_eq!(due.ok(), Some(1));
    harness.run_deliveries().await;
    let last = events(&harness).await.pop().expect("an event");
    assert_eq!(last["eventName"], "RotationFailed");
    let text = last["errorMessage"].as_str().expect("a text");
    assert!(
        text.ends_with("masterarn has changed since rotation was turned on"),
        "{text}"
    );
}

#[tokio::test]
async fn a_database_that_fails_leaves_the_current_password() {
    let harness = with_database().await;
    harness.databases.fail(Failure::Unreachable);
    done(&harness, "root", "RotateSecret", rotate(1)).await;
    harness.run_deliveries().await;
    assert_eq!(told(&harness).await, ["RotationStarted", "RotationFailed"]);
    let error = events(&harness).await[1]["errorMessage"].clone();
    assert_eq!(
        error,
        "Managed rotation failed during setSecret step: the database cannot be reached"
    );
    assert_eq!(said(&harness, "s").await, login("app", "old"));
    // The change is made and its answer lost: the same password is found to work.
    harness.databases.interrupt(Failure::TimedOut);
    harness.clock.advance(20 * 60);
    harness.run_deliveries().await;
    assert_eq!(said(&harness, "s").await, login("app", "old"));
    harness.clock.advance(20 * 60);
    harness.run_deliveries().await;
    let password = said(&harness, "s").await["password"].clone();
    assert!(
        harness
            .databases
            .accepts(HOST, "app", password.as_str().expect("one"))
    );
    assert_eq!(
        told(&harness).await.last().map(String::as_str),
        Some("RotationSucceeded")
    );
}

#[tokio::test]
async fn a_test_logs_in_with_the_current_password() {
    let harness = with_database().await;
    let mut input = rotate(1);
    input["RotateImmediately"] = json!(false);
    done(&harness, "root", "RotateSecret", input).await;
    harness.run_deliveries().await;
    assert_eq!(harness.databases.calls(), ["test app"]);
    assert_eq!(
        told(&harness).await,
        ["TestRotationStarted", "TestRotationSucceeded"]
    );
    assert_eq!(said(&harness, "s").await, login("app", "old"));
}

#[tokio::test]
async fn the_key_is_granted_and_given_back() {
    let harness = house().await;
    harness.databases.add_user(HOST, "app", "old");
    let key = key(&harness, json!({})).await;
    let input = json!({
        "Name": "s",
        "KmsKeyId": key,
        "SecretString": login("app", "old").to_string(),
        "ClientRequestToken": token(0),
    });
    done(&harness, "root", "CreateSecret", input).await;
    done(&harness, "root", "RotateSecret", rotate(1)).await;
    let grants = || async {
        let id = json!({ "KeyId": key });
        let listed = crate::secrets::house::kms(&harness, "ListGrants", id).await;
        listed["Grants"].as_array().expect("grants").clone()
    };
    assert_eq!(grants().await.len(), 1);
    harness.run_deliveries().await;
    assert_eq!(
        told(&harness).await,
        ["RotationStarted", "RotationSucceeded"]
    );
    done(&harness, "root", "RotateSecret", rotate(2)).await;
    assert_eq!(grants().await.len(), 1);
    harness.run_deliveries().await;
    done(
        &harness,
        "root",
        "CancelRotateSecret",
        json!({ "SecretId": "s" }),
    )
    .await;
    assert_eq!(grants().await.len(), 0);
}

#[tokio::test]
async fn what_tells_no_database_needs_a_function() {
    let harness = house().await;
    let none = "No Lambda rotation function ARN is associated with this secret.";
    for (number, value) in ["text", "{}", r#"{"engine":"oracle"}"#, r#"{"engine":7}"#]
        .iter()
        .enumerate()
    {
        let name = format!("s{number}");
        make(&harness, &name, value).await;
        let mut input = rotate(1);
        input["SecretId"] = json!(name);
        let refusal = refused(&harness, "root", "RotateSecret", input).await;
        assert_eq!(
            refusal,
            ("InvalidRequestException".to_owned(), none.to_owned()),
            "{value}"
        );
    }
    make(
        &harness,
        "s",
        r#"{"engine":"mysql","username":"app","password":"x"}"#,
    )
    .await;
    let (_, text) = refused(&harness, "root", "RotateSecret", rotate(1)).await;
    assert_eq!(text, "the `host` is missing from the secret");
}
