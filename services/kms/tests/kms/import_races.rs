//! Imports at once, and imports beside other changes of a key.

use std::sync::Arc;

use crate::house::{Kms, Value, json};
use crate::import::import_input;

/// Calls at once; the code of each, none where it succeeded.
async fn at_once(kms: &Arc<Kms>, calls: Vec<(&'static str, Value)>) -> Vec<Option<String>> {
    let spawned: Vec<_> = calls
        .into_iter()
        .map(|(operation, input)| {
            let kms = Arc::clone(kms);
            tokio::spawn(async move { kms.call("root", operation, input).await.code })
        })
        .collect();
    let mut codes = Vec::new();
    for call in spawned {
        codes.push(call.await.expect("an answer"));
    }
    codes
}

/// Of two different materials at once, one is the key's, and the other is not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_i15_of_two_imports_at_once_one_comes_first() {
    for _ in 0..20 {
        let kms = Arc::new(Kms::new().await);
        let key = kms.empty_key().await;
        let parameters = kms.parameters(&key).await;
        let import = |byte: u8| {
            let input = import_input(&key, &parameters, &[byte; 32], &json!({}));
            ("ImportKeyMaterial", input)
        };
        let codes = at_once(&kms, vec![import(1), import(2)]).await;
        let refused = Some("IncorrectKeyMaterialException".to_owned());
        let first = codes
            .iter()
            .position(Option::is_none)
            .expect("one succeeds");
        assert_eq!(codes[1 - first], refused);
        assert_eq!(kms.listed(&key, "ALL_KEY_MATERIAL").await.len(), 1);
        let again = import(if first == 0 { 1 } else { 2 });
        kms.ok("root", again.0, again.1).await;
    }
}

/// The same material at once is imported once, whatever the order.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_i15_the_same_import_many_times_is_one() {
    let kms = Arc::new(Kms::new().await);
    let key = kms.empty_key().await;
    let parameters = kms.parameters(&key).await;
    let input = import_input(&key, &parameters, &[1; 32], &json!({}));
    let codes = at_once(&kms, vec![("ImportKeyMaterial", input); 8]).await;
    assert_eq!(codes, vec![None; 8]);
    assert_eq!(kms.listed(&key, "ALL_KEY_MATERIAL").await.len(), 1);
}

/// An import never takes a key out of its deletion.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_i15_an_import_does_not_undo_a_scheduled_deletion() {
    for _ in 0..20 {
        let kms = Arc::new(Kms::new().await);
        let key = kms.empty_key().await;
        let parameters = kms.parameters(&key).await;
        let import = import_input(&key, &parameters, &[1; 32], &json!({}));
        let calls = vec![
            ("ImportKeyMaterial", import),
            ("ScheduleKeyDeletion", json!({ "KeyId": key })),
        ];
        let codes = at_once(&kms, calls).await;
        assert_eq!(codes[1], None);
        assert!(matches!(
            codes[0].as_deref(),
            None | Some("KMSInvalidStateException")
        ));
        assert_eq!(kms.state(&key).await, "PendingDeletion");
        let known = kms.listed(&key, "ALL_KEY_MATERIAL").await.len();
        assert_eq!(known, usize::from(codes[0].is_none()));
    }
}
