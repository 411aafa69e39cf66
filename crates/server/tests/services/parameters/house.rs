//! What all of these tests need: Parameter Store and KMS.

use platform::testing::{ACCOUNT, Answer, Harness, REGION};
use serde_json::{Value, json};

/// A second account.
pub(crate) const OTHER: &str = "444455556666";
/// The first account.
pub(crate) const OWN: &str = ACCOUNT;

/// Parameter Store and KMS, and the root users of two accounts: `root` and `other`.
pub(crate) async fn house() -> Harness {
    let harness = Harness::new(vec![ssm::service(), kms::service()]).await;
    harness.root_of(OTHER, "other");
    harness
}

/// Calls an operation.
pub(crate) async fn call(harness: &Harness, who: &str, operation: &str, input: Value) -> Answer {
    harness
        .json(who, &format!("AmazonSSM.{operation}"), input)
        .await
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

/// The ARN of a parameter of the first account.
pub(crate) fn arn(name: &str) -> String {
    format!("arn:aws:ssm:{REGION}:{OWN}:parameter{name}")
}

/// Makes a parameter with further members of the request.
pub(crate) async fn make(harness: &Harness, name: &str, more: Value) -> Value {
    let mut input = json!({ "Name": name, "Value": "v", "Type": "String" });
    merge(&mut input, more);
    done(harness, "root", "PutParameter", input).await
}

/// Sets members of an object.
pub(crate) fn merge(into: &mut Value, more: Value) {
    let (Some(into), Value::Object(more)) = (into.as_object_mut(), more) else {
        panic!("two objects");
    };
    into.extend(more);
}

/// The parameter of this name.
pub(crate) async fn get(harness: &Harness, name: &str) -> Value {
    let input = json!({ "Name": name, "WithDecryption": true });
    let mut got = done(harness, "root", "GetParameter", input).await;
    got["Parameter"].take()
}

/// The names of parameters, sorted.
pub(crate) fn names(answer: &Value) -> Vec<&str> {
    let parameters = answer["Parameters"].as_array().expect("parameters");
    let mut names: Vec<&str> = parameters
        .iter()
        .filter_map(|it| it["Name"].as_str())
        .collect();
    names.sort_unstable();
    names
}

/// The names on all pages of a list.
pub(crate) async fn all_names(harness: &Harness, operation: &str, input: Value) -> Vec<String> {
    let (mut all, mut input) = (Vec::new(), input);
    loop {
        let page = done(harness, "root", operation, input.clone()).await;
        all.extend(names(&page).into_iter().map(str::to_owned));
        match page["NextToken"].as_str() {
            Some(token) => input["NextToken"] = json!(token),
            None => break,
        }
    }
    all.sort_unstable();
    all
}

/// A policy that allows `actions` on `resource`.
pub(crate) fn allowing(actions: &[&str], resource: &str) -> String {
    json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Action": actions, "Resource": resource }],
    })
    .to_string()
}
