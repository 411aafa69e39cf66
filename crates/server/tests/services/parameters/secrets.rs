//! Secure strings: what KMS is asked, by whom, and what it may refuse.

use platform::testing::{Harness, REGION};
use serde_json::{Value, json};

use crate::parameters::house::{OTHER, OWN, allowing, arn, call, done, get, house, make, refused};

async fn kms(harness: &Harness, operation: &str, input: Value) -> Value {
    let target = format!("TrentService.{operation}");
    let answer = harness.json("root", &target, input).await;
    assert_eq!(answer.status, 200, "{operation}: {}", answer.text);
    answer.body
}

async fn key(harness: &Harness) -> String {
    let made = kms(harness, "CreateKey", json!({})).await;
    let arn = made["KeyMetadata"]["Arn"].as_str();
    arn.expect("an ARN").to_owned()
}

#[tokio::test]
async fn secrets_are_encrypted_in_either_tier() {
    let harness = house().await;
    for (name, tier) in [("/s", "Standard"), ("/t", "Advanced")] {
        let more = json!({ "Type": "SecureString", "Value": "secret", "Tier": tier });
        make(&harness, name, more).await;
        assert_eq!(get(&harness, name).await["Value"], "secret");
        let sealed = done(&harness, "root", "GetParameter", json!({ "Name": name })).await;
        let sealed = sealed["Parameter"]["Value"].as_str().expect("a value");
        assert!(sealed.len() > 100 && !sealed.contains("secret"), "{sealed}");
        let history = json!({ "Name": name, "WithDecryption": true });
        let history = done(&harness, "root", "GetParameterHistory", history).await;
        assert_eq!(history["Parameters"][0]["Value"], "secret");
        assert_eq!(history["Parameters"][0]["KeyId"], "alias/aws/ssm");
    }
    let described = kms(&harness, "DescribeKey", json!({ "KeyId": "alias/aws/ssm" })).await;
    assert_eq!(described["KeyMetadata"]["KeyManager"], "AWS");
}

#[tokio::test]
async fn the_ciphertext_of_a_standard_secret_is_bound_to_the_parameter() {
    let harness = house().await;
    let key = key(&harness).await;
    make(
        &harness,
        "/s",
        json!({ "Type": "SecureString", "KeyId": key }),
    )
    .await;
    let shown = done(&harness, "root", "GetParameter", json!({ "Name": "/s" })).await;
    let blob = &shown["Parameter"]["Value"];
    let context = json!({ "PARAMETER_ARN": arn("/s") });
    let input = json!({ "CiphertextBlob": blob, "EncryptionContext": context });
    assert_eq!(kms(&harness, "Decrypt", input).await["Plaintext"], "dg==");
    let input = json!({ "CiphertextBlob": blob });
    let answer = harness.json("root", "TrentService.Decrypt", input).await;
    assert_eq!(answer.code.as_deref(), Some("InvalidCiphertextException"));
}

#[tokio::test]
async fn whoever_may_not_decrypt_reads_no_secret() {
    let harness = house().await;
    let key = key(&harness).await;
    let read = allowing(&["ssm:GetParameter*"], "*");
    harness.user("reader", &[&read]);
    harness.user("opener", &[&read, &allowing(&["kms:Decrypt"], &key)]);
    make(
        &harness,
        "/s",
        json!({ "Type": "SecureString", "KeyId": key }),
    )
    .await;
    make(&harness, "/plain", json!({})).await;
    let input = json!({ "Name": "/s", "WithDecryption": true });
    let (code, text) = refused(&harness, "reader", "GetParameter", input.clone()).await;
    assert_eq!(code, "AccessDeniedException");
    assert!(text.contains("kms:Decrypt"), "{text}");
    let opened = done(&harness, "opener", "GetParameter", input).await;
    assert_eq!(opened["Parameter"]["Value"], "v");
    let plain = json!({ "Name": "/plain", "WithDecryption": true });
    done(&harness, "reader", "GetParameter", plain).await;
    for (operation, input) in [
        (
            "GetParameters",
            json!({ "Names": ["/s"], "WithDecryption": true }),
        ),
        (
            "GetParametersByPath",
            json!({ "Path": "/", "WithDecryption": true }),
        ),
        (
            "GetParameterHistory",
            json!({ "Name": "/s", "WithDecryption": true }),
        ),
    ] {
        let (code, _) = refused(&harness, "reader", operation, input).await;
        assert_eq!(code, "AccessDeniedException", "{operation}");
    }
    // Through the service alone.
    let via = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow", "Action": "kms:Decrypt", "Resource": key,
            "Condition": { "StringEquals": {
                "kms:ViaService": format!("ssm.{REGION}.amazonaws.com"),
                "kms:EncryptionContext:PARAMETER_ARN": arn("/s"),
            } },
        }],
    });
    harness.user("via", &[&read, &via.to_string()]);
    let input = json!({ "Name": "/s", "WithDecryption": true });
    done(&harness, "via", "GetParameter", input).await;
}

/// Which operation has this request id on record.
fn call_on_record(harness: &Harness, request_id: &str) -> Value {
    let mut reader = harness.pipeline.store().journal_reader(1);
    while let Some(entry) = reader.next().expect("an entry") {
        let event: Value = serde_json::from_slice(&entry.payload).expect("JSON");
        if event["requestID"] == request_id {
            return event["eventName"].clone();
        }
    }
    panic!("{request_id} is not on record")
}

#[tokio::test]
async fn a_key_that_cannot_be_used_fails_put_and_get() {
    let harness = house().await;
    let key = key(&harness).await;
    for (name, tier) in [("/s", "Standard"), ("/t", "Advanced")] {
        let more = json!({ "Type": "SecureString", "KeyId": key, "Tier": tier });
        make(&harness, name, more).await;
    }
    kms(&harness, "DisableKey", json!({ "KeyId": key })).await;
    for name in ["/s", "/t"] {
        let input = json!({ "Name": name, "WithDecryption": true });
        let (code, text) = refused(&harness, "root", "GetParameter", input).await;
        let (said, rest) = text
            .split_once(" (Service: AWSKMS; Status Code: 400; Error Code: DisabledException;")
            .expect("what KMS said");
        assert_eq!(
            (&*code, said),
            ("InvalidKeyId", &*format!("{key} is disabled."))
        );
        let id = rest.strip_prefix(" Request ID: ").expect("an id");
        let id = id.strip_suffix("; Proxy: null)").expect("the end");
        assert_eq!(call_on_record(&harness, id), "Decrypt");
        let input = json!({ "Name": name, "Value": "w", "KeyId": key, "Overwrite": true });
        let (code, _) = refused(&harness, "root", "PutParameter", input).await;
        assert_eq!(code, "InvalidKeyId");
        let input = json!({ "Name": name });
        let sealed = done(&harness, "root", "GetParameter", input).await;
        assert_eq!(sealed["Parameter"]["Version"], 1);
    }
    let input = json!({
        "Name": "/u", "Value": "w", "Type": "SecureString", "KeyId": "alias/nothing",
    });
    let answer = call(&harness, "root", "PutParameter", input).await;
    assert_eq!(
        answer.code.as_deref(),
        Some("InvalidKeyId"),
        "{}",
        answer.text
    );
}

#[tokio::test]
async fn a_shared_secret_needs_its_key_too() {
    let harness = house().await;
    let target = "TrentService.CreateKey";
    let made = harness.json("root", target, json!({})).await.body;
    let key = made["KeyMetadata"]["Arn"]
        .as_str()
        .expect("an ARN")
        .to_owned();
    let more = json!({ "Tier": "Advanced", "Type": "SecureString", "KeyId": key });
    make(&harness, "/shared", more).await;
    let shared = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow", "Principal": { "AWS": OTHER }, "Action": "ssm:GetParameter",
            "Resource": arn("/shared"),
        }],
    });
    let input = json!({ "ResourceArn": arn("/shared"), "Policy": shared.to_string() });
    done(&harness, "root", "PutResourcePolicy", input).await;
    let read = json!({ "Name": arn("/shared"), "WithDecryption": true });
    let (code, text) = refused(&harness, "other", "GetParameter", read.clone()).await;
    assert_eq!(code, "AccessDeniedException");
    assert!(text.contains("you are not allowed to access"), "{text}");
    let statement = |principal: &str, action: &str| {
        json!({
            "Effect": "Allow", "Principal": { "AWS": principal }, "Action": action, "Resource": "*",
        })
    };
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [
            statement(OWN, "kms:*"), statement(OTHER, "kms:Decrypt"),
        ],
    });
    let input = json!({ "KeyId": key, "Policy": policy.to_string() });
    let answer = harness
        .json("root", "TrentService.PutKeyPolicy", input)
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let shown = done(&harness, "other", "GetParameter", read).await;
    assert_eq!(shown["Parameter"]["Value"], "v");
}
