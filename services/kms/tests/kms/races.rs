//! Calls that use a key while another changes its state.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use crate::house::{Kms, json};
use platform::Clock as _;
use service_kms::rotate_due;

/// What a state change did once it was acknowledged, and what calls saw of it.
#[derive(Default)]
struct Seen {
    acknowledged: AtomicBool,
    /// Calls that succeeded.
    before: AtomicU32,
    /// Calls that began after the acknowledgement.
    after: AtomicU32,
}

/// Encrypts until some calls have begun after the change; none of these may succeed.
async fn encrypt_on(kms: Arc<Kms>, key: String, seen: Arc<Seen>, refusal: &'static str) {
    let input = json!({ "KeyId": key, "Plaintext": "eA==" });
    while seen.after.load(Ordering::SeqCst) < 100 {
        let acknowledged = seen.acknowledged.load(Ordering::SeqCst);
        let answer = kms.call("root", "Encrypt", input.clone()).await;
        let code = answer.code.as_deref();
        if acknowledged {
            seen.after.fetch_add(1, Ordering::SeqCst);
            assert_eq!(code, Some(refusal), "{}", answer.text);
        } else {
            assert!(code.is_none() || code == Some(refusal), "{}", answer.text);
            seen.before
                .fetch_add(u32::from(code.is_none()), Ordering::SeqCst);
        }
        tokio::task::yield_now().await;
    }
}

async fn no_call_begins_after(operation: &str, refusal: &'static str) {
    let kms = Arc::new(Kms::new().await);
    let key = kms.key().await;
    let seen = Arc::new(Seen::default());
    let calls: Vec<_> = (0..4)
        .map(|_| {
            let (kms, seen) = (Arc::clone(&kms), Arc::clone(&seen));
            tokio::spawn(encrypt_on(kms, key.clone(), seen, refusal))
        })
        .collect();
    while seen.before.load(Ordering::SeqCst) < 20 {
        tokio::task::yield_now().await;
    }
    kms.ok("root", operation, json!({ "KeyId": key })).await;
    seen.acknowledged.store(true, Ordering::SeqCst);
    for call in calls {
        call.await.expect("no call that should have been refused");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_i15_no_encrypt_that_begins_after_a_disable_succeeds() {
    no_call_begins_after("DisableKey", "DisabledException").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_i15_no_encrypt_that_begins_after_a_scheduled_deletion_succeeds() {
    no_call_begins_after("ScheduleKeyDeletion", "KMSInvalidStateException").await;
}

/// Of changes at once, one comes first and the others see it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_i15_changes_at_once_leave_one_state() {
    for _ in 0..20 {
        let kms = Arc::new(Kms::new().await);
        let key = kms.key().await;
        let input = json!({ "KeyId": key });
        let calls = [
            "DisableKey",
            "ScheduleKeyDeletion",
            "ScheduleKeyDeletion",
            "EnableKey",
        ];
        let calls = calls.map(|operation| {
            let (kms, input) = (Arc::clone(&kms), input.clone());
            tokio::spawn(async move { kms.call("root", operation, input).await.status })
        });
        let mut statuses = Vec::new();
        for call in calls {
            statuses.push(call.await.expect("a call"));
        }
        let scheduled = statuses[1..3]
            .iter()
            .filter(|status| **status == 200)
            .count();
        assert_eq!(scheduled, 1, "{statuses:?}");
        let key = &kms.ok("root", "DescribeKey", input).await["KeyMetadata"];
        assert_eq!(key["KeyState"], "PendingDeletion");
        assert_eq!(key["Enabled"], false);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kms_30_calls_and_the_job_at_once_rotate_a_key_once() {
    let kms = Arc::new(Kms::new().await);
    let key = kms.key().await;
    let input = json!({ "KeyId": key, "RotationPeriodInDays": 90 });
    kms.ok("root", "EnableKeyRotation", input).await;
    for _ in 0..8 {
        kms.harness.clock.advance(90 * 86_400);
        let calls: Vec<_> = (0..8)
            .map(|index| {
                let (kms, key) = (Arc::clone(&kms), key.clone());
                tokio::spawn(use_or_look_after(kms, key, index))
            })
            .collect();
        for call in calls {
            call.await.expect("no call that should have succeeded");
        }
    }
    let input = json!({ "KeyId": key });
    let listed = kms.ok("root", "ListKeyRotations", input).await;
    assert_eq!(listed["Rotations"].as_array().map(Vec::len), Some(8));
}

/// Reads, writes or runs the job, each a third of the time.
async fn use_or_look_after(kms: Arc<Kms>, key: String, index: u32) {
    match index % 3 {
        0 => {
            let input = json!({ "KeyId": key, "KeySpec": "AES_256" });
            let made = kms.ok("root", "GenerateDataKey", input).await;
            let input = json!({ "CiphertextBlob": made["CiphertextBlob"] });
            let opened = kms.ok("root", "Decrypt", input).await;
            assert_eq!(opened["Plaintext"], made["Plaintext"]);
        }
        1 => {
            let input = json!({ "KeyId": key, "Description": index.to_string() });
            kms.ok("root", "UpdateKeyDescription", input).await;
        }
        _ => {
            let now = kms.harness.clock.now();
            let rotated = rotate_due(&kms.harness.pipeline.upkeep(), now).await;
            assert!(rotated.is_ok_and(|rotated| rotated <= 1));
        }
    }
}

/// Whatever material a ciphertext was made with, it is moved and opened while the key rotates.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_i15_ciphertexts_move_while_their_key_rotates() {
    let kms = Arc::new(Kms::new().await);
    let key = kms.key().await;
    let rotated = Arc::new(AtomicBool::new(false));
    let moving: Vec<_> = (0..4)
        .map(|_| {
            let (kms, key, rotated) = (Arc::clone(&kms), key.clone(), Arc::clone(&rotated));
            tokio::spawn(async move {
                let mut blob = kms.encrypt(&key, b"x", json!({})).await;
                let mut materials = std::collections::BTreeSet::new();
                while !rotated.load(Ordering::SeqCst) {
                    let input = json!({ "CiphertextBlob": blob, "DestinationKeyId": key });
                    let moved = kms.ok("root", "ReEncrypt", input).await;
                    blob = crate::house::text(&moved["CiphertextBlob"]);
                    let input = json!({ "CiphertextBlob": blob });
                    let opened = kms.ok("root", "Decrypt", input).await;
                    assert_eq!(opened["Plaintext"], "eA==");
                    assert_eq!(opened["KeyMaterialId"], moved["DestinationKeyMaterialId"]);
                    materials.insert(opened["KeyMaterialId"].to_string());
                    tokio::task::yield_now().await;
                }
                materials
            })
        })
        .collect();
    let input = json!({ "KeyId": key });
    for _ in 0..10 {
        kms.ok("root", "RotateKeyOnDemand", input.clone()).await;
        for _ in 0..20 {
            kms.ok("root", "DescribeKey", input.clone()).await;
            tokio::task::yield_now().await;
        }
    }
    rotated.store(true, Ordering::SeqCst);
    for moved in moving {
        let materials = moved.await.expect("no call that should have succeeded");
        assert!(materials.len() > 1, "{materials:?}");
    }
}
