//! What KMS is asked, by whom, and what follows if it refuses.

use serde_json::{Value, json};

use crate::secrets::house::{allowing, call, done, get, house, key, kms, make, refused, token};

fn with_key(key: &str) -> Value {
    json!({
        "Name": "s", "SecretString": "v0", "KmsKeyId": key, "ClientRequestToken": token(0),
    })
}

#[tokio::test]
async fn a_key_that_is_disabled_keeps_everybody_out() {
    let harness = house().await;
    let key = key(&harness, json!({})).await;
    done(&harness, "root", "CreateSecret", with_key(&key)).await;
    assert_eq!(get(&harness, "root", "s").await, "v0");
    kms(&harness, "DisableKey", json!({ "KeyId": key })).await;
    let read = json!({ "SecretId": "s" });
    let (code, text) = refused(&harness, "root", "GetSecretValue", read.clone()).await;
    assert_eq!(code, "DecryptionFailure");
    assert!(text.starts_with("Secrets Manager can't decrypt"), "{text}");
    let write = json!({ "SecretId": "s", "SecretString": "w", "ClientRequestToken": token(1) });
    let (code, _) = refused(&harness, "root", "PutSecretValue", write).await;
    assert_eq!(code, "EncryptionFailure");
    kms(&harness, "EnableKey", json!({ "KeyId": key })).await;
    assert_eq!(get(&harness, "root", "s").await, "v0");
    let schedule = json!({ "KeyId": key, "PendingWindowInDays": 7 });
    kms(&harness, "ScheduleKeyDeletion", schedule).await;
    let (code, _) = refused(&harness, "root", "GetSecretValue", read).await;
    assert_eq!(code, "DecryptionFailure");
}

#[tokio::test]
async fn the_default_key_is_made_when_it_is_needed() {
    let harness = house().await;
    make(&harness, "s", "v0").await;
    let described = json!({ "KeyId": "alias/aws/secretsmanager" });
    let described = kms(&harness, "DescribeKey", described).await;
    assert_eq!(described["KeyMetadata"]["KeyManager"], "AWS");
    let secret = done(
        &harness,
        "root",
        "DescribeSecret",
        json!({ "SecretId": "s" }),
    )
    .await;
    assert!(secret.get("KmsKeyId").is_none(), "{secret}");
}

#[tokio::test]
async fn whoever_may_not_use_the_key_reads_and_writes_nothing() {
    let harness = house().await;
    let key = key(&harness, json!({})).await;
    let made = done(&harness, "root", "CreateSecret", with_key(&key)).await;
    let all = allowing(&["secretsmanager:*"], "*");
    harness.user("without", &[&all]);
    let read = json!({ "SecretId": "s" });
    let write = json!({ "SecretId": "s", "SecretString": "w", "ClientRequestToken": token(1) });
    for (operation, input) in [
        ("GetSecretValue", read),
        ("PutSecretValue", write),
        ("CreateSecret", json!({ "Name": "t", "KmsKeyId": key })),
    ] {
        let (code, text) = refused(&harness, "without", operation, input).await;
        let expected = ("AccessDeniedException", "Access to KMS is not allowed");
        assert_eq!((&*code, &*text), expected, "{operation}");
    }
    // With the very secret and version as encryption context, and through the service alone.
    let bound = |version: &str| {
        json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow", "Action": "kms:Decrypt", "Resource": key,
                "Condition": { "StringEquals": {
                    "kms:ViaService": "secretsmanager.eu-west-2.amazonaws.com",
                    "kms:EncryptionContext:SecretARN": made["ARN"],
                    "kms:EncryptionContext:SecretVersionId": version,
                } },
            }],
        })
        .to_string()
    };
    harness.user("bound", &[&all, &bound(&token(0))]);
    harness.user("elsewhere", &[&all, &bound(&token(1))]);
    assert_eq!(get(&harness, "bound", "s").await, "v0");
    let answer = call(
        &harness,
        "elsewhere",
        "GetSecretValue",
        json!({ "SecretId": "s" }),
    )
    .await;
    assert_eq!(answer.code.as_deref(), Some("AccessDeniedException"));
}

#[tokio::test]
async fn another_key_encrypts_the_versions_that_count_again() {
    let harness = house().await;
    let (old, new) = (
        key(&harness, json!({})).await,
        key(&harness, json!({})).await,
    );
    done(&harness, "root", "CreateSecret", with_key(&old)).await;
    for number in [1, 2] {
        crate::secrets::house::put(&harness, "s", number, &format!("v{number}")).await;
    }
    let input = json!({ "SecretId": "s", "KmsKeyId": new });
    done(&harness, "root", "UpdateSecret", input).await;
    kms(&harness, "DisableKey", json!({ "KeyId": old })).await;
    assert_eq!(get(&harness, "root", "s").await, "v2");
    let previous = json!({ "SecretId": "s", "VersionStage": "AWSPREVIOUS" });
    let previous = done(&harness, "root", "GetSecretValue", previous).await;
    assert_eq!(previous["SecretString"], "v1");
    let first = json!({ "SecretId": "s", "VersionId": token(0) });
    let (code, _) = refused(&harness, "root", "GetSecretValue", first).await;
    assert_eq!(code, "DecryptionFailure");
    let described = done(
        &harness,
        "root",
        "DescribeSecret",
        json!({ "SecretId": "s" }),
    )
    .await;
    assert_eq!(described["KmsKeyId"], new);
}

#[tokio::test]
async fn without_permission_to_encrypt_old_versions_keep_their_key() {
    let harness = house().await;
    let (old, new) = (
        key(&harness, json!({})).await,
        key(&harness, json!({})).await,
    );
    done(&harness, "root", "CreateSecret", with_key(&old)).await;
    let all = allowing(
        &["secretsmanager:*", "kms:Decrypt", "kms:GenerateDataKey"],
        "*",
    );
    harness.user("half", &[&all]);
    let input = json!({
        "SecretId": "s", "KmsKeyId": new, "SecretString": "v1", "ClientRequestToken": token(1),
    });
    done(&harness, "half", "UpdateSecret", input).await;
    let input = json!({ "SecretId": "s" });
    let listed = done(&harness, "root", "ListSecretVersionIds", input).await;
    assert_eq!(listed["Versions"][0]["KmsKeyIds"], json!([old]));
    assert_eq!(listed["Versions"][1]["KmsKeyIds"], json!([new]));
    assert_eq!(get(&harness, "root", "s").await, "v1");
}
