//! What all of these tests need: Secrets Manager and KMS.

use platform::testing::{ACCOUNT, Answer, Harness};
use serde_json::{Value, json};

/// A second account.
pub(crate) const OTHER: &str = "444455556666";
/// The first account.
pub(crate) const OWN: &str = ACCOUNT;

/// Secrets Manager and KMS, and the root users of two accounts: `root` and `other`.
pub(crate) async fn house() -> Harness {
    let harness = Harness::new(vec![secretsmanager::service(), kms::service()]).await;
    harness.root_of(OTHER, "other");
    harness
}

/// Calls an operation.
pub(crate) async fn call(harness: &Harness, who: &str, operation: &str, input: Value) -> Answer {
    let target = format!("secretsmanager.{operation}");
    harness.json(who, &target, input).await
}

/// Calls an operation that succeeds.
pub(crate) async fn done(harness: &Harness, who: &str, operation: &str, input: Value) -> Value {
    let answer = call(harness, who, operation, input).await;
    assert_eq!(answer.status, 200, "{operation}: {}", answer.text);
    answer.body
}

/// Calls an operation that fails, and gives code and text.
pub(crate) async fn refused(
    harness: &Harness,
    who: &str,
    operation: &str,
    input: Value,
) -> (String, String) {
    let answer = call(harness, who, operation, input).await;
    assert_ne!(answer.status, 200, "{operation}: {}", answer.text);
    let message = answer.message().to_owned();
    (answer.code.unwrap_or_default(), message)
}

/// The code of the error of a call that fails.
pub(crate) async fn code(harness: &Harness, who: &str, operation: &str, input: Value) -> String {
    refused(harness, who, operation, input).await.0
}

/// The id of a version.
pub(crate) fn token(number: u32) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

/// Makes a secret with a value, whose version is `token(0)`, and gives its ARN.
pub(crate) async fn make(harness: &Harness, name: &str, value: &str) -> String {
    let input = json!({ "Name": name, "SecretString": value, "ClientRequestToken": token(0) });
    let made = done(harness, "root", "CreateSecret", input).await;
    made["ARN"].as_str().expect("an ARN").to_owned()
}

/// Makes a version of a secret.
pub(crate) async fn put(harness: &Harness, id: &str, number: u32, value: &str) -> Value {
    let token = token(number);
    let input = json!({ "SecretId": id, "SecretString": value, "ClientRequestToken": token });
    done(harness, "root", "PutSecretValue", input).await
}

/// What a secret says.
pub(crate) async fn get(harness: &Harness, who: &str, id: &str) -> Value {
    let mut got = done(harness, who, "GetSecretValue", json!({ "SecretId": id })).await;
    got["SecretString"].take()
}

/// Calls an operation of KMS.
pub(crate) async fn kms(harness: &Harness, operation: &str, input: Value) -> Value {
    let target = format!("TrentService.{operation}");
    let answer = harness.json("root", &target, input).await;
    assert_eq!(answer.status, 200, "{operation}: {}", answer.text);
    answer.body
}

/// Makes a KMS key and gives its ARN.
pub(crate) async fn key(harness: &Harness, more: Value) -> String {
    let made = kms(harness, "CreateKey", more).await;
    let arn = made["KeyMetadata"]["Arn"].as_str();
    arn.expect("an ARN").to_owned()
}

/// A policy that allows `actions` on `resource`.
pub(crate) fn allowing(actions: &[&str], resource: &str) -> String {
    json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Action": actions, "Resource": resource }],
    })
    .to_string()
}
