//! Calls that keep a processor busy do not keep others from being answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::house::{Kms, json};

const SIGNATURES: usize = 64;
/// Calls take turns on the thread: were a signature one of these turns, each would let about one
/// other call pass. A call costs a tenth of a signature.
const BESIDE: usize = 2 * SIGNATURES;

/// On one thread, which has to be free while signatures are made.
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
    let mut encrypted = 0;
    while signed.load(Ordering::SeqCst) < SIGNATURES {
        kms.encrypt(&key, b"x", json!({})).await;
        encrypted += 1;
    }
    assert!(encrypted > BESIDE, "{encrypted}");
    for call in calls {
        call.await.expect("a signature");
    }
}
