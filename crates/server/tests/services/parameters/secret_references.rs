//! Secrets of Secrets Manager, read as parameters.

use platform::testing::{ACCOUNT, Harness, REGION};
use serde_json::{Value, json};

use crate::parameters::house::{OTHER, allowing, call, code, done, refused};

const BEFORE: &str = "11111111-2222-4333-8444-555555555555";
const NOW: &str = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";
const PATH: &str = "/aws/reference/secretsmanager";

/// Parameter Store, Secrets Manager and KMS, with a secret in two versions; gives its ARN.
async fn house() -> (Harness, String) {
    let services = vec![ssm::service(), secretsmanager::service(), kms::service()];
    let harness = Harness::new(services).await;
    harness.root_of(OTHER, "other");
    let first =
        json!({ "Name": "app/db", "SecretString": "old \"1\"", "ClientRequestToken": BEFORE });
    let made = secrets(&harness, "CreateSecret", first).await;
    let second = json!({ "SecretId": "app/db", "SecretString": "new", "ClientRequestToken": NOW });
    secrets(&harness, "PutSecretValue", second).await;
    let arn = made["ARN"].as_str().expect("an ARN").to_owned();
    (harness, arn)
}

async fn secrets(harness: &Harness, operation: &str, input: Value) -> Value {
    let target = format!("secretsmanager.{operation}");
    let answer = harness.json("root", &target, input).await;
    assert_eq!(answer.status, 200, "{operation}: {}", answer.text);
    answer.body
}

async fn parameter(harness: &Harness, name: &str) -> Value {
    let input = json!({ "Name": name, "WithDecryption": true });
    done(harness, "root", "GetParameter", input).await["Parameter"].take()
}

#[tokio::test]
async fn a_secret_is_a_parameter_with_its_source() {
    let (harness, arn) = house().await;
    let found = parameter(&harness, &format!("{PATH}/app/db")).await;
    let source: Value = serde_json::from_str(found["SourceResult"].as_str().expect("a source"))
        .expect("the source is JSON");
    assert_eq!(found["Name"], json!(format!("{PATH}/app/db")));
    assert_eq!(found["Type"], "SecureString");
    assert_eq!(found["Value"], "new");
    assert_eq!(found["Version"], 0);
    assert_eq!(found["ARN"], json!(arn));
    assert_eq!(found.get("Selector"), None);
    assert_eq!(found["LastModifiedDate"], source["CreatedDate"]);
    assert_eq!(source["SecretString"], "new");
    assert_eq!(source["VersionId"], NOW);
    assert_eq!(source["VersionStages"], json!(["AWSCURRENT"]));
    assert_eq!(source["ARN"], json!(arn));
    assert_eq!(source["Name"], "app/db");
    let by_arn = format!("arn:aws:ssm:{REGION}:{ACCOUNT}:parameter{PATH}/app/db");
    assert_eq!(parameter(&harness, &by_arn).await["Value"], "new");
}

#[tokio::test]
async fn selectors_are_labels_or_ids_of_versions() {
    let (harness, _) = house().await;
    let name = |selector: &str| format!("{PATH}/app/db:{selector}");
    for (selector, value) in [
        ("AWSCURRENT", "new"),
        ("AWSPREVIOUS", "old \"1\""),
        (BEFORE, "old \"1\""),
        (NOW, "new"),
    ] {
        let found = parameter(&harness, &name(selector)).await;
        assert_eq!(found["Value"], value, "{selector}");
        assert_eq!(found["Selector"], json!(format!(":{selector}")));
        assert_eq!(found["Name"], json!(format!("{PATH}/app/db")));
    }
    // A long label is tried before an id that is no UUID.
    let (label, id) = ("L".repeat(40), "0123456789012345678901234567890123456789");
    let input = json!({
        "SecretId": "app/db", "SecretString": "third", "ClientRequestToken": id,
        "VersionStages": [label],
    });
    secrets(&harness, "PutSecretValue", input).await;
    for selector in [label.as_str(), id] {
        let found = parameter(&harness, &name(selector)).await;
        assert_eq!(found["Value"], "third", "{selector}");
    }
    for selector in ["AWSPENDING", "00000000-0000-4000-8000-000000000000"] {
        let input = json!({ "Name": name(selector), "WithDecryption": true });
        let (code, text) = refused(&harness, "root", "GetParameter", input).await;
        assert_eq!(code, "ParameterNotFound");
        let said = format!("Secret {PATH}/app/db:{selector} not found.");
        assert!(text.ends_with(&said), "{text}");
    }
    let input = json!({ "Name": name("a:b"), "WithDecryption": true });
    let (code, text) = refused(&harness, "root", "GetParameter", input).await;
    assert_eq!(code, "ValidationException");
    assert!(text.starts_with("Invalid parameter name."), "{text}");
}

#[tokio::test]
async fn errors_are_those_of_parameter_store() {
    let (harness, _) = house().await;
    let name = format!("{PATH}/app/db");
    let plain = json!({ "Name": name });
    let (code, text) = refused(&harness, "root", "GetParameter", plain).await;
    let said = "WithDecryption flag must be True for retrieving a Secret Manager secret.";
    assert_eq!(
        (code.as_str(), text.as_str()),
        ("ValidationException", said)
    );

    let absent = json!({ "Name": format!("{PATH}/none"), "WithDecryption": true });
    let (code, text) = refused(&harness, "root", "GetParameter", absent).await;
    let said = format!(
        "An error occurred (ParameterNotFound) when referencing Secrets Manager: Secret {PATH}/none \
         not found."
    );
    assert_eq!((code.as_str(), text), ("ParameterNotFound", said));

    let names = json!([name, format!("{PATH}/none"), "plain"]);
    let several = json!({ "Names": names, "WithDecryption": true });
    let found = done(&harness, "root", "GetParameters", several).await;
    assert_eq!(found["Parameters"][0]["Value"], "new");
    let invalid = json!([format!("{PATH}/none"), "plain"]);
    assert_eq!(found["InvalidParameters"], invalid);

    secrets(&harness, "DeleteSecret", json!({ "SecretId": "app/db" })).await;
    let marked = json!({ "Name": name, "WithDecryption": true });
    let (code, text) = refused(&harness, "root", "GetParameter", marked).await;
    assert_eq!(code, "ValidationException");
    let said = "An error occurred (InvalidRequestException) when referencing Secrets Manager: You \
                can't perform";
    assert!(text.starts_with(said), "{text}");
}

#[tokio::test]
async fn both_decisions_stand_before_a_secret() {
    let (harness, arn) = house().await;
    let name = format!("{PATH}/app/db");
    let ssm = allowing(
        &["ssm:GetParameter"],
        &format!("arn:aws:ssm:*:*:parameter{PATH}/app/*"),
    );
    let secret = allowing(&["secretsmanager:GetSecretValue"], &arn);
    harness.user("half", &[&ssm]);
    harness.user("other-half", &[&secret]);
    harness.user("whole", &[&ssm, &secret]);
    let input = json!({ "Name": name, "WithDecryption": true });
    let (code, text) = refused(&harness, "half", "GetParameter", input.clone()).await;
    assert_eq!(code, "AccessDeniedException");
    assert!(text.contains("secretsmanager:GetSecretValue"), "{text}");
    let (code, text) = refused(&harness, "other-half", "GetParameter", input.clone()).await;
    assert_eq!(code, "AccessDeniedException");
    assert!(text.contains("ssm:GetParameter"), "{text}");
    let answer = call(&harness, "whole", "GetParameter", input.clone()).await;
    assert_eq!(answer.body["Parameter"]["Value"], "new", "{}", answer.text);
    // Another account has no secret of this name, and by ARN reaches none of this one's.
    let (code, _) = refused(&harness, "other", "GetParameter", input).await;
    assert_eq!(code, "ParameterNotFound");
    let foreign = format!("arn:aws:ssm:{REGION}:{ACCOUNT}:parameter{PATH}/app/db");
    let input = json!({ "Name": foreign, "WithDecryption": true });
    let (code, _) = refused(&harness, "other", "GetParameter", input).await;
    assert_eq!(code, "AccessDeniedException");
}

#[tokio::test]
async fn secrets_are_in_no_list_and_have_no_history() {
    let (harness, _) = house().await;
    let name = format!("{PATH}/app/db");
    let below = json!({ "Path": PATH, "Recursive": true, "WithDecryption": true });
    let listed = done(&harness, "root", "GetParametersByPath", below).await;
    assert_eq!(listed["Parameters"], json!([]));
    let history = json!({ "Name": name, "WithDecryption": true });
    let found = code(&harness, "root", "GetParameterHistory", history).await;
    assert_eq!(found, "ParameterNotFound");
    let put = json!({ "Name": name, "Value": "v", "Type": "String" });
    assert_eq!(
        code(&harness, "root", "PutParameter", put).await,
        "AccessDeniedException"
    );
    let named = json!({ "Name": name });
    let deleted = code(&harness, "root", "DeleteParameter", named).await;
    assert_eq!(deleted, "AccessDeniedException");
}

#[tokio::test]
async fn a_binary_secret_is_shown_in_base64() {
    let (harness, _) = house().await;
    let input = json!({ "Name": "raw", "SecretBinary": "AAEC", "ClientRequestToken": NOW });
    secrets(&harness, "CreateSecret", input).await;
    let found = parameter(&harness, &format!("{PATH}/raw")).await;
    assert_eq!(found["Value"], "AAEC");
    let source = found["SourceResult"].as_str().expect("a source");
    assert!(source.contains("\"SecretBinary\":\"AAEC\""), "{source}");
}
