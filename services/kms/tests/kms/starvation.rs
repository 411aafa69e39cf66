//! Calls that keep a processor busy do not keep others from being answered.

use std::sync::Arc;

use crate::house::{Kms, Value, json};

const BESIDE: usize = 8;

/// On one thread: a call that did its work there would have ended before another is answered.
#[tokio::test]
async fn encrypt_goes_on_while_signatures_wait_for_their_turn() {
    for (spec, algorithm) in [
        ("RSA_2048", "RSASSA_PKCS1_V1_5_SHA_256"),
        ("RSA_4096", "RSASSA_PSS_SHA_512"),
        ("ML_DSA_87", "ML_DSA_SHAKE_256"),
    ] {
        let kms = Arc::new(Kms::new().await);
        let key = kms.key_of(spec, "SIGN_VERIFY").await;
        let input = json!({ "KeyId": key, "Message": "eA==", "SigningAlgorithm": algorithm });
        goes_on_beside(kms, "Sign", input).await;
    }
}

#[tokio::test]
async fn encrypt_goes_on_while_keys_wait_to_be_made() {
    let kms = Arc::new(Kms::new().await);
    let input = json!({ "KeySpec": "RSA_4096", "KeyUsage": "SIGN_VERIFY" });
    goes_on_beside(Arc::clone(&kms), "CreateKey", input).await;
    let input = json!({ "KeyId": kms.key().await, "KeyPairSpec": "RSA_4096" });
    goes_on_beside(kms, "GenerateDataKeyPair", input).await;
}

/// Encrypt is answered while a call waits until a worker is free.
async fn goes_on_beside(kms: Arc<Kms>, operation: &'static str, input: Value) {
    let key = kms.key().await;
    let occupied = kms.harness.occupy_workers();
    let busy = Arc::clone(&kms);
    let call = tokio::spawn(async move { busy.ok("root", operation, input).await });
    while occupied.waiting() == 0 {
        assert!(!call.is_finished(), "{operation} was done by its caller");
        kms.encrypt(&key, b"x", json!({})).await;
    }
    for _ in 0..BESIDE {
        kms.encrypt(&key, b"x", json!({})).await;
    }
    assert!(!call.is_finished(), "{operation} waits");
    drop(occupied);
    call.await.expect("a call that waited is answered");
}
