//! Calls that keep a processor busy do not keep others from being answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::house::{Kms, json};

/// Enough that an Encrypt could not be done before them by chance.
const SIGNATURES: usize = 64;

/// On one thread: were a signature made on it, all of them would be made before the Encrypt that
/// was called last.
#[tokio::test]
async fn encrypt_goes_on_while_signatures_wait_for_their_turn() {
    let kms = Arc::new(Kms::new().await);
    let signing = kms.key_of("RSA_4096", "SIGN_VERIFY").await;
    let key = kms.key().await;
    let signed = Arc::new(AtomicUsize::new(0));
    let calls: Vec<_> = (0..SIGNATURES)
        .map(|_| {
            let (kms, signed) = (Arc::clone(&kms), Arc::clone(&signed));
            let input = json!({
                "KeyId": signing, "Message": "eA==", "SigningAlgorithm": "RSASSA_PSS_SHA_512",
            });
            tokio::spawn(async move {
                kms.ok("root", "Sign", input).await;
                signed.fetch_add(1, Ordering::SeqCst);
            })
        })
        .collect();
    tokio::task::yield_now().await;
    for _ in 0..3 {
        kms.encrypt(&key, b"x", json!({})).await;
    }
    assert!(signed.load(Ordering::SeqCst) < SIGNATURES);
    for call in calls {
        call.await.expect("a signature");
    }
    assert_eq!(signed.load(Ordering::SeqCst), SIGNATURES);
}
