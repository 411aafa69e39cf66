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

pub(super) async fn records_are_read_by_the_page(store: Store) {
    for part in ["a", "b", "c", "d"] {
        put(&store, part, part).await;
    }
    // One of them is at hand, in the cache.
    read(&store, "c").await;
    let mut txn = store.begin();
    txn.put(key("new"), note("staged"));
    txn.put(key("b"), note("changed"));
    txn.delete::<Note>(&key("d"));
    let asked = ["d", "c", "absent", "new", "b", "a", "c"];
    let keys = asked.map(key);
    let texts = |found: Vec<Option<Arc<Note>>>| -> Vec<Option<String>> {
        let text = |note: Option<Arc<Note>>| note.map(|note| note.text.clone());
        found.into_iter().map(text).collect()
    };
    let expected = [
        None,
        Some("c"),
        None,
        Some("staged"),
        Some("changed"),
        Some("a"),
        Some("c"),
    ];
    let expected = expected.map(|text| text.map(str::to_owned));
    assert_eq!(texts(txn.get_all(&keys).await.unwrap()), expected);
    assert_eq!(texts(txn.get_all(&keys).await.unwrap()), expected);
    assert!(txn.get_all::<Note>(&[]).await.unwrap().is_empty());
    // What was read still has to hold: what was there, in the cache or not, and what was absent.
    for changed in ["a", "c", "absent"] {
        let mut txn = store.begin();
        let keys = ["a", "c", "absent"].map(key);
        txn.get_all::<Note>(&keys).await.unwrap();
        put(&store, changed, "another").await;
        txn.put(key("result"), note("stale"));
        assert_eq!(store.commit(txn, None).await, Err(over(&store, changed)));
    }
    let found = store.begin().get_all(&keys).await.unwrap();
    assert_eq!(texts(found)[5].as_deref(), Some("another"));
}
