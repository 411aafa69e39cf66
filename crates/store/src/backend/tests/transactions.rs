//! Transactions as calls within calls use them, and commits with several events.

use super::*;

pub(super) async fn a_commit_has_all_of_its_events(store: Store) {
    let three = ["one", "two", "three"].map(event);
    let mut txn = store.begin();
    txn.put(key("a"), note("x"));
    store.commit(txn, three.clone()).await.unwrap();
    store.commit(store.begin(), three.clone()).await.unwrap();
    assert_eq!(store.append_all(three.to_vec()).await, Ok(9));
    assert_eq!(store.append(event("last")).await, Ok(10));
    let mut reader = store.journal_reader(1);
    for seq in 1..=9 {
        let entry = reader.next().unwrap().unwrap();
        let commit = u64::from(seq <= 3);
        assert_eq!((entry.seq, entry.commit_seq), (seq, commit));
        let text = ["three", "one", "two"][usize::try_from(seq).unwrap() % 3];
        assert_eq!(entry.payload, text.as_bytes());
    }
    assert_eq!(reader.next().unwrap().unwrap().payload, b"last");
}

pub(super) async fn what_is_staged_can_be_taken_back(store: Store) {
    put(&store, "kept", "old").await;
    let mut txn = store.begin();
    txn.put(key("a"), note("first"));
    let savepoint = txn.savepoint();
    assert!(!txn.has_staged_since(&savepoint));
    txn.put(key("a"), note("second"));
    txn.put(key("b"), note("second"));
    txn.delete::<Note>(&key("kept"));
    assert!(txn.has_staged_since(&savepoint));
    txn.roll_back(savepoint);
    let seen = txn.get::<Note>(&key("a")).await.unwrap().unwrap();
    assert_eq!(seen.text, "first");
    store.commit(txn, None).await.unwrap();
    assert_eq!(read(&store, "a").await.as_deref(), Some("first"));
    assert_eq!(read(&store, "b").await, None);
    assert_eq!(read(&store, "kept").await.as_deref(), Some("old"));
}

pub(super) async fn a_lent_transaction_is_not_committed(store: Store) {
    let mut txn = store.begin();
    txn.put(key("a"), note("x"));
    let lent = txn.lend();
    assert!(matches!(
        store.commit(txn, None).await,
        Err(CommitError::Encode { .. })
    ));
    assert_eq!(read(&store, "a").await, None);
    store.commit(lent, None).await.unwrap();
    assert_eq!(read(&store, "a").await.as_deref(), Some("x"));
}
