//! Environment variables, and the keys that they are encrypted under.

use platform::testing::{ACCOUNT, Harness};
use serde_json::{Value, json};

use crate::lambda::house::{arn, call, done, house, refused, with};

fn variables(of: Value) -> Value {
    let mut more = json!({ "Environment": {} });
    more["Environment"]["Variables"] = of;
    more
}

async fn key(harness: &Harness) -> String {
    let made = harness
        .json("root", "TrentService.CreateKey", json!({}))
        .await;
    made.body["KeyMetadata"]["Arn"]
        .as_str()
        .expect("a key")
        .to_owned()
}

async fn kms(harness: &Harness, operation: &str, key: &str) {
    let answer = harness
        .json(
            "root",
            &format!("TrentService.{operation}"),
            json!({ "KeyId": key }),
        )
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[tokio::test]
async fn variables_are_shown_to_whoever_may_decrypt() {
    let harness = house().await;
    let set = json!({ "SECRET": "hunter2", "EMPTY": "" });
    let made = done(
        &harness,
        "CreateFunction",
        with("f", variables(set.clone())),
    )
    .await;
    assert_eq!(made["Environment"], json!({ "Variables": set }));
    assert!(made.get("KMSKeyArn").is_none());
    let of = json!({ "FunctionName": "f" });
    assert_eq!(
        done(&harness, "GetFunctionConfiguration", of.clone()).await["Environment"]["Variables"],
        set
    );
    assert_eq!(
        done(&harness, "ListFunctions", json!({})).await["Functions"][0]["Environment"]["Variables"],
        set
    );
    // What nobody speaks of stays.
    let input = json!({ "FunctionName": "f", "Timeout": 4 });
    assert_eq!(
        done(&harness, "UpdateFunctionConfiguration", input).await["Environment"]["Variables"],
        set
    );
    let published = done(&harness, "PublishVersion", of.clone()).await;
    assert_eq!(published["Environment"]["Variables"], set);
    let input = json!({ "FunctionName": "f", "Environment": {} });
    assert!(
        done(&harness, "UpdateFunctionConfiguration", input)
            .await
            .get("Environment")
            .is_none()
    );
    assert!(
        done(&harness, "GetFunctionConfiguration", of)
            .await
            .get("Environment")
            .is_none()
    );
    let old = json!({ "FunctionName": "f:1" });
    assert_eq!(
        done(&harness, "GetFunctionConfiguration", old).await["Environment"]["Variables"],
        set
    );
}

#[tokio::test]
async fn a_key_that_is_disabled_shuts_the_environment() {
    let harness = house().await;
    let key = key(&harness).await;
    let mut more = variables(json!({ "SECRET": "hunter2" }));
    more["KMSKeyArn"] = json!(key);
    let made = done(&harness, "CreateFunction", with("f", more)).await;
    assert_eq!(made["KMSKeyArn"], key);
    kms(&harness, "DisableKey", &key).await;
    let of = json!({ "FunctionName": "f" });
    let shown = done(&harness, "GetFunctionConfiguration", of.clone()).await;
    assert_eq!(
        shown["Environment"]["Error"]["ErrorCode"],
        "DisabledException"
    );
    let text = shown["Environment"]["Error"]["Message"]
        .as_str()
        .expect("a text");
    assert!(
        text.starts_with("Lambda was unable to decrypt your environment variables"),
        "{text}"
    );
    assert!(!shown.to_string().contains("hunter2"));
    let input = json!({ "FunctionName": "f", "KMSKeyArn": "" });
    let still = call(
        &harness,
        "root",
        "UpdateFunctionConfiguration",
        input.clone(),
    )
    .await;
    assert!(still.status >= 400, "{}", still.text);
    kms(&harness, "EnableKey", &key).await;
    let moved = done(&harness, "UpdateFunctionConfiguration", input).await;
    assert!(moved.get("KMSKeyArn").is_none());
    kms(&harness, "DisableKey", &key).await;
    let shown = done(&harness, "GetFunctionConfiguration", of).await;
    assert_eq!(shown["Environment"]["Variables"]["SECRET"], "hunter2");
}

#[tokio::test]
async fn the_callers_permissions_count() {
    let harness = house().await;
    let key = key(&harness).await;
    let mut more = variables(json!({ "SECRET": "hunter2" }));
    more["KMSKeyArn"] = json!(key);
    harness.user("maker", &[r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["lambda:*","iam:PassRole"],"Resource":"*"}}"#]);
    let answer = call(&harness, "maker", "CreateFunction", with("f", more.clone())).await;
    assert_eq!(
        answer.code.as_deref(),
        Some("InvalidParameterValueException")
    );
    let text = answer.message();
    assert!(
        text.contains("KMS key is invalid for Encrypt") && text.contains("AccessDeniedException"),
        "{text}"
    );
    done(&harness, "CreateFunction", with("f", more)).await;
    let shown = call(
        &harness,
        "maker",
        "GetFunctionConfiguration",
        json!({ "FunctionName": "f" }),
    )
    .await;
    assert_eq!(
        shown.body["Environment"]["Error"]["ErrorCode"],
        "AccessDeniedException"
    );
    // Under the key of the service everybody of the account may, through the service.
    let more = variables(json!({ "SECRET": "hunter2" }));
    let made = call(&harness, "maker", "CreateFunction", with("g", more)).await;
    assert_eq!(made.status, 201, "{}", made.text);
}

#[tokio::test]
async fn the_role_may_decrypt_with_the_customers_key() {
    let harness = house().await;
    let key = key(&harness).await;
    let mut more = variables(json!({ "SECRET": "hunter2" }));
    more["KMSKeyArn"] = json!(key);
    done(&harness, "CreateFunction", with("f", more)).await;
    let grants = harness
        .json("root", "TrentService.ListGrants", json!({ "KeyId": key }))
        .await;
    let grant = &grants.body["Grants"][0];
    assert_eq!(
        grant["GranteePrincipal"],
        format!("arn:aws:iam::{ACCOUNT}:role/worker")
    );
    assert_eq!(grant["Operations"], json!(["Decrypt"]));
    let context = json!({ "EncryptionContextEquals": { "aws:lambda:FunctionArn": arn("f") } });
    assert_eq!(grant["Constraints"], context);
}

#[tokio::test]
async fn names_and_sizes_are_checked() {
    let harness = house().await;
    let more = variables(json!({ "AWS_REGION": "x", "OK": "y" }));
    let (code, text) = refused(&harness, "CreateFunction", with("f", more)).await;
    assert_eq!(code, "InvalidParameterValueException");
    assert!(
        text.ends_with("Reserved keys used in this request: AWS_REGION"),
        "{text}"
    );
    let large = |bytes: usize| variables(json!({ "VAR": "x".repeat(bytes) }));
    // {"VAR":"..."} has ten bytes around the value.
    done(&harness, "CreateFunction", with("f", large(4096 - 10))).await;
    let (code, text) = refused(&harness, "CreateFunction", with("g", large(4097 - 10))).await;
    assert_eq!(code, "InvalidParameterValueException");
    assert!(
        text.contains("exceeded the 4KB limit. String measured: {\"VAR\":\"xxx"),
        "{}",
        &text[..200]
    );
    let (code, text) = refused(
        &harness,
        "CreateFunction",
        with("g", variables(json!({ "1X": "hunter2" }))),
    )
    .await;
    assert_eq!(code, "ValidationException");
    assert!(!text.contains("hunter2"), "{text}");
    let mut reader = harness.pipeline.store().journal_reader(1);
    while let Some(entry) = reader.next().expect("a journal in memory") {
        let text = String::from_utf8(entry.payload).expect("text");
        assert!(
            !text.contains("xxxxxxxx") && !text.contains("hunter2"),
            "{text}"
        );
    }
}
