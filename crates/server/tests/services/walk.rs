//! Every operation that is built, as callers that may not call it. Operations and inputs come
//! from the tables, so that a new operation is walked without a line here.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "this is all test code: a surprise fails the test"
)]

mod events;
mod golden;
mod input;
mod matrix;
mod send;

use platform::testing::{ACCOUNT, Harness};
use serde_json::Value;
use wire::{OperationTable, Protocol, ServiceTable};

use input::{Given, all_members, needed_members};
use send::{CANARY, FORGER, send};

/// What AWS answers without asking any policy (STS API reference, GetCallerIdentity and
/// GetSessionToken).
const NEEDS_NO_PERMISSION: &[(&str, &str)] =
    &[("sts", "GetCallerIdentity"), ("sts", "GetSessionToken")];

/// What AWS refuses without a reason, which would tell a role that refuses from one that is not
/// there.
const GIVES_NO_REASON: &[&str] = &["AssumeRole", "AssumeRoot"];

/// All services, a key with a ciphertext, and a user without any policy.
async fn house() -> (Harness, Given) {
    let harness = Harness::new(server::registry::services()).await;
    harness.user("nobody", &[]);
    let everything =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    harness.user("admin", &[everything]);
    let made = harness
        .json("root", "TrentService.CreateKey", serde_json::json!({}))
        .await;
    let key = made.body["KeyMetadata"]["Arn"]
        .as_str()
        .expect("a key")
        .to_owned();
    let input = serde_json::json!({ "KeyId": key, "Plaintext": "eA==" });
    let encrypted = harness.json("root", "TrentService.Encrypt", input).await;
    let blob = encrypted.body["CiphertextBlob"].as_str().expect("a blob");
    (harness, Given::new(key, blob))
}

/// Every operation in every protocol it is spoken in.
fn operations() -> Vec<(&'static ServiceTable, &'static OperationTable, Protocol)> {
    let mut found = Vec::new();
    for service in server::registry::services() {
        let table = service.table;
        for operation in table.operations {
            found.extend(
                table
                    .protocols
                    .iter()
                    .map(|protocol| (table, *operation, *protocol)),
            );
        }
    }
    found
}

fn is_exempt(service: &ServiceTable, operation: &OperationTable) -> bool {
    NEEDS_NO_PERMISSION.contains(&(service.name, operation.name))
}

#[test]
fn the_walk_covers_what_is_built() {
    let mut names: Vec<_> = operations()
        .iter()
        .map(|(service, operation, _)| (service.name, operation.name))
        .collect();
    names.dedup();
    assert!(names.len() > 30, "{} operations", names.len());
    for exempt in NEEDS_NO_PERMISSION {
        assert!(names.contains(exempt), "{exempt:?} is not built");
    }
}

#[tokio::test]
async fn sec_s3_nobody_calls_any_operation_without_credentials() {
    let (harness, given) = house().await;
    let before = harness.pipeline.store().journal_head().seq;
    for (service, operation, protocol) in operations() {
        // What carries no signature is refused for the proof in its parameters.
        if operation.unsigned {
            continue;
        }
        let input = needed_members(operation, &given);
        let answer = send(&harness, "anonymous", service, operation, protocol, &input).await;
        let code = match protocol {
            Protocol::Query => (403, "MissingAuthenticationToken"),
            Protocol::RestJson => (403, "MissingAuthenticationTokenException"),
            _ => (400, "MissingAuthenticationTokenException"),
        };
        let found = (answer.status, answer.code.as_deref().unwrap_or_default());
        assert_eq!(
            found, code,
            "{} {protocol:?}: {}",
            operation.name, answer.text
        );
    }
    assert_eq!(harness.pipeline.store().journal_head().seq, before);
}

#[tokio::test]
async fn sec_s3_nobody_calls_any_operation_with_a_wrong_signature() {
    let (harness, given) = house().await;
    let before = harness.pipeline.store().journal_head().seq;
    for (service, operation, protocol) in operations() {
        let input = needed_members(operation, &given);
        let answer = send(&harness, FORGER, service, operation, protocol, &input).await;
        let code = match protocol {
            Protocol::Query => (403, "SignatureDoesNotMatch"),
            Protocol::RestJson => (403, "InvalidSignatureException"),
            _ => (400, "InvalidSignatureException"),
        };
        let found = (answer.status, answer.code.as_deref().unwrap_or_default());
        assert_eq!(
            found, code,
            "{} {protocol:?}: {}",
            operation.name, answer.text
        );
    }
    assert_eq!(harness.pipeline.store().journal_head().seq, before);
}

#[tokio::test]
async fn sec_i6_nobody_calls_any_operation_without_permission() {
    let (harness, given) = house().await;
    for (service, operation, protocol) in operations() {
        let input = needed_members(operation, &given);
        let answer = send(&harness, "nobody", service, operation, protocol, &input).await;
        if is_exempt(service, operation) {
            assert_eq!(answer.status, 200, "{}: {}", operation.name, answer.text);
            continue;
        }
        // Of Amazon SNS, what may come without a signature needs permission with one.
        if operation.unsigned && service.name != "sns" {
            let code = answer.code.as_deref();
            assert_eq!(code, Some("InvalidIdentityToken"), "{}", answer.text);
            continue;
        }
        let code = match protocol {
            Protocol::Query if service.name == "sns" => (403, "AuthorizationError"),
            Protocol::Query => (403, "AccessDenied"),
            Protocol::RestJson => (403, "AccessDeniedException"),
            _ => (400, "AccessDeniedException"),
        };
        let found = (answer.status, answer.code.as_deref().unwrap_or_default());
        assert_eq!(
            found, code,
            "{} {protocol:?}: {}",
            operation.name, answer.text
        );
        // ReEncrypt asks for kms:ReEncryptFrom first, batches of messages for what each entry is,
        // and a layer by its ARN is a layer.
        let action = match service.name {
            "sns" | "sqs" => operation.name.trim_end_matches("Batch"),
            "lambda" => operation.name.trim_end_matches("ByArn"),
            _ => operation.name,
        };
        let prefix = match service.name {
            "sns" => "SNS",
            _ => service.signing_name,
        };
        let sentence = format!(
            "User: arn:aws:iam::{ACCOUNT}:user/nobody is not authorized to perform: {prefix}:{action}"
        );
        assert!(answer.text.contains(&sentence), "{}", answer.text);
        let reason = "because no identity-based policy allows the";
        let is_silent = GIVES_NO_REASON.contains(&operation.name);
        assert_ne!(answer.text.contains(reason), is_silent, "{}", answer.text);
    }
}

/// Root may, so that every handler runs, with every member set and secrets in the hidden ones.
#[tokio::test]
async fn sec_c8_no_operation_puts_a_hidden_member_on_record() {
    let (harness, given) = house().await;
    let first = harness.pipeline.store().journal_head().seq + 1;
    let mut sent = 0;
    for (service, operation, protocol) in operations() {
        let input = all_members(operation, &given);
        let answer = send(&harness, "root", service, operation, protocol, &input).await;
        assert_ne!(
            answer.code.as_deref(),
            Some("InternalFailure"),
            "{}",
            operation.name
        );
        sent += 1;
    }
    let events = events_from(&harness, first);
    let (mut calls, mut with_parameters) = (0, 0);
    for text in &events {
        for shown in CANARY {
            assert!(!text.contains(shown), "{text}");
        }
        let event: Value = serde_json::from_str(text).expect("JSON");
        calls += usize::from(event["eventType"] == "AwsApiCall");
        with_parameters += usize::from(!event["requestParameters"].is_null());
    }
    assert_eq!(calls, sent);
    // Otherwise validation refused nearly everything and nothing was shown.
    assert!(
        with_parameters > 30,
        "{with_parameters} of {sent} calls have parameters on record"
    );
}

fn events_from(harness: &Harness, first: u64) -> Vec<String> {
    let mut reader = harness.pipeline.store().journal_reader(first);
    let mut events = Vec::new();
    while let Some(entry) = reader.next().expect("a journal in memory") {
        let told = platform::told(&entry.payload).into_owned();
        events.push(String::from_utf8(told).expect("text"));
    }
    events
}
