//! Encryption contexts are one only if they are equal: no order, no joining of texts, no member
//! that is there twice makes two of them the same.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use crate::house::{Kms, REGION, json};

const PAIRS: usize = 3000;

/// Contexts that are likely to look alike: few letters, and those that separate in JSON.
fn contexts() -> impl Strategy<Value = BTreeMap<String, String>> {
    prop::collection::btree_map("[ab,:=]{1,3}", "[ab,:={]{0,3}", 0..4)
}

#[tokio::test]
async fn sec_i12_random_contexts_open_what_equal_ones_sealed() {
    let kms = Kms::new().await;
    let key = kms.key().await;
    let mut runner = TestRunner::deterministic();
    let mut equal = 0;
    for round in 0..PAIRS {
        let mut draw = || contexts().new_tree(&mut runner).expect("a map").current();
        let sealed = draw();
        let tried = if round.is_multiple_of(4) {
            sealed.clone()
        } else {
            draw()
        };
        let blob = kms.encrypt(&key, b"x", json!(sealed)).await;
        let input = json!({ "CiphertextBlob": blob, "EncryptionContext": tried });
        let code = kms.call("root", "Decrypt", input).await.code;
        let expected = (sealed != tried).then_some("InvalidCiphertextException");
        assert_eq!(code.as_deref(), expected, "{sealed:?} {tried:?}");
        equal += usize::from(sealed == tried);
    }
    assert!((PAIRS / 4..PAIRS).contains(&equal));
}

/// Sends a body as it stands; the error's code.
async fn raw(kms: &Kms, operation: &str, body: &str) -> Option<String> {
    let request = http::Request::post("/")
        .header("host", "localhost")
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", format!("TrentService.{operation}"));
    let body = body.as_bytes().to_vec();
    kms.harness.send(REGION, "root", request, body).await.code
}

#[tokio::test]
async fn sec_i12_a_context_names_nothing_twice() {
    let kms = Kms::new().await;
    let key = kms.key().await;
    for context in [
        r#"{"a":"1","a":"1"}"#,
        r#"{"a":"1","a":"2"}"#,
        r#"{"a":"1","\u0061":"2"}"#,
    ] {
        let body =
            format!(r#"{{"KeyId":"{key}","Plaintext":"eA==","EncryptionContext":{context}}}"#);
        let code = raw(&kms, "Encrypt", &body).await;
        assert_eq!(code.as_deref(), Some("SerializationException"), "{context}");
    }
    let one = r#"{"A":"1","a":"2"}"#;
    let body = format!(r#"{{"KeyId":"{key}","Plaintext":"eA==","EncryptionContext":{one}}}"#);
    assert_eq!(raw(&kms, "Encrypt", &body).await, None);
}
