//! One suite, run over every backend.

mod transactions;

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::strategy::ValueTree;

use super::testing::{Note, block_on, event, key, note, on_disk, open};
use crate::{CommitError, Config, Key, Place, Record, Store, StoreError};

macro_rules! suite {
    ($($name:ident),* $(,)?) => {
        mod memory {
            $(#[test]
            fn $name() {
                super::block_on(async {
                    super::$name(super::open(super::Config::new(super::Place::Memory)).await).await;
                });
            })*
        }
        mod sqlite {
            $(#[test]
            fn $name() {
                let dir = tempfile::tempdir().unwrap();
                super::block_on(async {
                    super::$name(super::open(super::on_disk(dir.path())).await).await;
                });
            })*
        }
    };
}

use transactions::*;

suite![
    writes_are_read_back,
    a_transaction_sees_its_own_writes,
    a_changed_read_is_a_conflict,
    an_appeared_record_is_a_conflict,
    a_changed_scan_is_a_conflict,
    counts_are_of_a_prefix_and_a_table,
    unrelated_commits_do_not_conflict,
    scans_page_through_a_prefix_alone,
    scans_agree_with_a_model,
    cached_scans_follow_commits,
    concurrent_increments_all_count,
    readers_never_go_back,
    nothing_readable_and_names_are_opaque,
    events_follow_commits_in_order,
    a_commit_has_all_of_its_events,
    what_is_staged_can_be_taken_back,
    a_lent_transaction_is_not_committed,
    records_are_read_by_the_page,
    tables_are_apart,
    a_record_under_another_key_is_refused,
    after_failure_nothing_is_accepted,
    after_close_nothing_works,
    oversized_events_are_refused,
];

#[derive(serde::Serialize, serde::Deserialize)]
struct Other(u64);

impl Record for Other {
    const TABLE: &'static str = "test.others";
    const SERVICE: &'static str = "test";
}

async fn put(store: &Store, part: &str, text: &str) {
    let mut txn = store.begin();
    txn.put(key(part), note(text));
    store.commit(txn, None).await.unwrap();
}

async fn read(store: &Store, part: &str) -> Option<String> {
    let found = store.begin().get::<Note>(&key(part)).await.unwrap();
    found.map(|note| note.text.clone())
}

async fn all(store: &Store, prefix: &Key) -> Vec<String> {
    let page = store
        .begin()
        .scan::<Note>(prefix, None, 1000)
        .await
        .unwrap();
    assert!(page.next.is_none());
    let mut texts: Vec<_> = page
        .rows
        .iter()
        .map(|(_, note)| note.text.clone())
        .collect();
    texts.sort();
    texts
}

fn here() -> Key {
    Key::new("111122223333", "eu-central-1", [""; 0])
}

async fn writes_are_read_back(store: Store) {
    assert_eq!(read(&store, "a").await, None);
    put(&store, "a", "one").await;
    assert_eq!(read(&store, "a").await.as_deref(), Some("one"));
    assert_eq!(read(&store, "a").await.as_deref(), Some("one"));
    put(&store, "a", "two").await;
    assert_eq!(read(&store, "a").await.as_deref(), Some("two"));
    assert_eq!(store.verify().await, Ok(1));
    let mut txn = store.begin();
    txn.delete::<Note>(&key("a"));
    txn.delete::<Note>(&key("never there"));
    assert!(txn.has_writes());
    store.commit(txn, None).await.unwrap();
    assert_eq!(read(&store, "a").await, None);
    assert_eq!(store.verify().await, Ok(0));
}

async fn counts_are_of_a_prefix_and_a_table(store: Store) {
    for part in ["a", "b", "c"] {
        put(&store, part, "one").await;
    }
    let elsewhere = Key::new("111122223333", "eu-west-1", ["a"]);
    let mut txn = store.begin();
    txn.put(elsewhere, note("there"));
    txn.put(key("a"), Other(1));
    txn.delete::<Note>(&key("b"));
    assert_eq!(store.count::<Note>(&here()).await, Ok(3));
    store.commit(txn, None).await.unwrap();
    assert_eq!(store.count::<Note>(&here()).await, Ok(2));
    assert_eq!(store.count::<Other>(&here()).await, Ok(1));
    assert_eq!(store.count::<Note>(&key("a")).await, Ok(1));
    assert_eq!(store.count::<Note>(&key("b")).await, Ok(0));
}

async fn a_transaction_sees_its_own_writes(store: Store) {
    put(&store, "a", "old").await;
    put(&store, "b", "old").await;
    let mut txn = store.begin();
    assert!(!txn.has_writes());
    txn.put(key("a"), note("new"));
    txn.put(key("c"), note("new"));
    txn.delete::<Note>(&key("b"));
    assert_eq!(
        txn.get::<Note>(&key("a")).await.unwrap().unwrap().text,
        "new"
    );
    assert!(txn.get::<Note>(&key("b")).await.unwrap().is_none());
    let page = txn.scan::<Note>(&here(), None, 10).await.unwrap();
    let mut parts: Vec<_> = page
        .rows
        .iter()
        .map(|(key, _)| key.parts().next().unwrap().to_owned())
        .collect();
    parts.sort();
    assert_eq!(parts, ["a", "c"]);
    assert!(page.rows.iter().all(|(_, note)| note.text == "new"));
    drop(txn);
    assert_eq!(all(&store, &here()).await, ["old", "old"]);
}

fn over(store: &Store, name: &str) -> CommitError {
    CommitError::Conflict(store.begin().contested::<Note>(&key(name)))
}

async fn a_changed_read_is_a_conflict(store: Store) {
    put(&store, "a", "one").await;
    let mut txn = store.begin();
    txn.get::<Note>(&key("a")).await.unwrap();
    put(&store, "a", "two").await;
    txn.put(key("b"), note("made from one"));
    assert_eq!(store.commit(txn, None).await, Err(over(&store, "a")));
    assert_eq!(read(&store, "b").await, None);
    assert_eq!(read(&store, "a").await.as_deref(), Some("two"));
}

async fn an_appeared_record_is_a_conflict(store: Store) {
    let mut txn = store.begin();
    assert!(txn.get::<Note>(&key("a")).await.unwrap().is_none());
    put(&store, "a", "one").await;
    txn.put(key("a"), note("mine"));
    assert_eq!(store.commit(txn, None).await, Err(over(&store, "a")));
    assert_eq!(read(&store, "a").await.as_deref(), Some("one"));
}

async fn a_changed_scan_is_a_conflict(store: Store) {
    put(&store, "a", "one").await;
    put(&store, "b", "one").await;
    for change in ["insert", "update", "delete", "replace"] {
        let mut txn = store.begin();
        txn.scan::<Note>(&here(), None, 10).await.unwrap();
        let mut other = store.begin();
        match change {
            "insert" => other.put(key("c"), note("new")),
            "update" => other.put(key("a"), note("two")),
            "delete" => other.delete::<Note>(&key("c")),
            _ => {
                other.delete::<Note>(&key("b"));
                other.put(key("d"), note("instead"));
            }
        }
        store.commit(other, None).await.unwrap();
        txn.put(key("result"), note("stale"));
        let outcome = store.commit(txn, None).await;
        assert!(matches!(outcome, Err(CommitError::Conflict(_))), "{change}");
    }
}

async fn unrelated_commits_do_not_conflict(store: Store) {
    put(&store, "a", "one").await;
    let elsewhere = Key::new("444455556666", "eu-central-1", ["a"]);
    let mut txn = store.begin();
    txn.get::<Note>(&key("a")).await.unwrap();
    txn.scan::<Note>(&key("x"), None, 10).await.unwrap();
    let mut other = store.begin();
    other.put(elsewhere.clone(), note("theirs"));
    other.put(key("y"), note("theirs"));
    store.commit(other, None).await.unwrap();
    txn.put(key("b"), note("mine"));
    assert_eq!(store.commit(txn, None).await, Ok(()));
    assert!(
        store
            .begin()
            .get::<Note>(&elsewhere)
            .await
            .unwrap()
            .is_some()
    );
}

async fn scans_page_through_a_prefix_alone(store: Store) {
    let mut txn = store.begin();
    for n in 0..25 {
        txn.put(
            Key::new("1", "r", ["in".to_owned(), n.to_string()]),
            note(format!("{n:02}")),
        );
        txn.put(
            Key::new("1", "r", ["out".to_owned(), n.to_string()]),
            note("out"),
        );
        txn.put(
            Key::new("2", "r", ["in".to_owned(), n.to_string()]),
            note("out"),
        );
    }
    store.commit(txn, None).await.unwrap();
    let prefix = Key::new("1", "r", ["in"]);
    let (mut texts, mut cursor, mut pages) = (Vec::new(), None, 0);
    let mut txn = store.begin();
    loop {
        let page = txn
            .scan::<Note>(&prefix, cursor.as_ref(), 10)
            .await
            .unwrap();
        assert!(page.rows.len() == 10 || page.next.is_none());
        texts.extend(page.rows.iter().map(|(_, note)| note.text.clone()));
        pages += 1;
        // The cursor survives as text, as paging markers do.
        cursor = page.next.map(|cursor| cursor.to_string().parse().unwrap());
        if cursor.is_none() {
            break;
        }
        let elsewhere = Key::new("2", "r", ["in"]);
        let misused = txn
            .scan::<Note>(&elsewhere, cursor.as_ref(), 10)
            .await
            .err();
        assert_eq!(misused, Some(StoreError::BadCursor));
    }
    texts.sort();
    assert_eq!(
        texts,
        (0..25).map(|n| format!("{n:02}")).collect::<Vec<_>>()
    );
    assert_eq!(pages, 3);
    let exact = store.begin().scan::<Note>(&prefix, None, 25).await.unwrap();
    assert!(exact.rows.len() == 25 && exact.next.is_none());
}

/// Random histories of commits and half-staged transactions, paged with every page size.
async fn scans_agree_with_a_model(store: Store) {
    let mut model: BTreeMap<String, String> = BTreeMap::new();
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let step = prop::collection::vec(("[a-f]", prop::option::of("[xyz]")), 0..5);
    for _ in 0..60 {
        let steps = (step.clone(), step.clone(), 1usize..5)
            .new_tree(&mut runner)
            .unwrap();
        let (committed, staged, limit) = steps.current();
        let mut txn = store.begin();
        stage(&mut txn, &mut model, &committed);
        store.commit(txn, None).await.unwrap();
        let mut seen_by_txn = model.clone();
        let mut txn = store.begin();
        stage(&mut txn, &mut seen_by_txn, &staged);
        let (mut seen, mut cursor) = (BTreeMap::new(), None);
        loop {
            let page = txn
                .scan::<Note>(&here(), cursor.as_ref(), limit)
                .await
                .unwrap();
            assert!(page.rows.len() == limit || page.next.is_none());
            for (key, note) in page.rows {
                assert!(
                    seen.insert(key.parts().next().unwrap().to_owned(), note.text.clone())
                        .is_none()
                );
            }
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(seen, seen_by_txn);
    }
    assert_eq!(store.verify().await, Ok(model.len() as u64));
}

fn stage(
    txn: &mut crate::Txn,
    model: &mut BTreeMap<String, String>,
    steps: &[(String, Option<String>)],
) {
    for (part, text) in steps {
        match text {
            Some(text) => {
                txn.put(key(part), note(text.as_str()));
                model.insert(part.clone(), text.clone());
            }
            None => {
                txn.delete::<Note>(&key(part));
                model.remove(part);
            }
        }
    }
}

async fn cached_scans_follow_commits(store: Store) {
    assert!(all(&store, &here()).await.is_empty());
    assert!(all(&store, &key("a")).await.is_empty());
    put(&store, "a", "one").await;
    for _ in 0..2 {
        assert_eq!(all(&store, &here()).await, ["one"]);
        assert_eq!(all(&store, &key("a")).await, ["one"]);
    }
    put(&store, "b", "two").await;
    assert_eq!(all(&store, &here()).await, ["one", "two"]);
    let first = store.begin().scan::<Note>(&here(), None, 1).await.unwrap();
    assert!(first.rows.len() == 1 && first.next.is_some());
    let mut txn = store.begin();
    txn.delete::<Note>(&key("a"));
    store.commit(txn, None).await.unwrap();
    assert_eq!(all(&store, &here()).await, ["two"]);
    assert!(all(&store, &key("a")).await.is_empty());
}

async fn concurrent_increments_all_count(store: Store) {
    let mut tasks = Vec::new();
    for _ in 0..8 {
        let store = store.clone();
        tasks.push(tokio::spawn(async move {
            let mut conflicts = 0;
            for _ in 0..20 {
                loop {
                    let mut txn = store.begin();
                    let old = txn.get::<Other>(&key("counter")).await.unwrap();
                    txn.put(key("counter"), Other(old.map_or(0, |it| it.0) + 1));
                    match store.commit(txn, Some(event("increment"))).await {
                        Ok(()) => break,
                        Err(CommitError::Conflict(_)) => conflicts += 1,
                        Err(other) => panic!("{other}"),
                    }
                }
            }
            conflicts
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let counter = store
        .begin()
        .get::<Other>(&key("counter"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(counter.0, 160);
    assert_eq!(store.journal_head().seq, 160);
}

/// After a commit is acknowledged, no read that starts later sees anything older, whatever other
/// readers put into the cache meanwhile.
async fn readers_never_go_back(store: Store) {
    put(&store, "a", "0").await;
    let acknowledged = Arc::new(std::sync::atomic::AtomicU64::new(0));
    let mut tasks = Vec::new();
    for _ in 0..3 {
        let (store, acknowledged) = (store.clone(), acknowledged.clone());
        tasks.push(tokio::spawn(async move {
            loop {
                let floor = acknowledged.load(std::sync::atomic::Ordering::SeqCst);
                let seen: u64 = read(&store, "a").await.unwrap().parse().unwrap();
                assert!(seen >= floor, "read {seen} after {floor} was acknowledged");
                let scanned: u64 = all(&store, &here()).await[0].parse().unwrap();
                assert!(
                    scanned >= floor,
                    "scanned {scanned} after {floor} was acknowledged"
                );
                if floor == 150 {
                    return;
                }
                tokio::task::yield_now().await;
            }
        }));
    }
    for n in 1..=150u64 {
        put(&store, "a", &n.to_string()).await;
        acknowledged.store(n, std::sync::atomic::Ordering::SeqCst);
    }
    for task in tasks {
        task.await.unwrap();
    }
}

async fn nothing_readable_and_names_are_opaque(store: Store) {
    put(&store, "part-canary", "text-canary").await;
    let index = store.0.parts.sealer.index(Note::TABLE, &key("part-canary"));
    let row = store.0.backend.get(&index).await.unwrap().unwrap();
    for bytes in [&row.index, &row.sealed] {
        for canary in ["canary", "111122223333", "eu-central-1", "test.notes"] {
            assert!(
                !bytes
                    .windows(canary.len())
                    .any(|window| window == canary.as_bytes())
            );
        }
    }
}

async fn events_follow_commits_in_order(store: Store) {
    let mut reader = store.journal_reader(1);
    assert!(reader.next().unwrap().is_none());
    for n in 1..=5u8 {
        let mut txn = store.begin();
        txn.put(key("a"), note(n.to_string()));
        store
            .commit(txn, Some(event(&format!("commit {n}"))))
            .await
            .unwrap();
        assert_eq!(
            store.append(event(&format!("call {n}"))).await,
            Ok(u64::from(n) * 2)
        );
    }
    store
        .commit(store.begin(), Some(event("read only")))
        .await
        .unwrap();
    store.commit(store.begin(), None).await.unwrap();
    reader.wait().await;
    for n in 1..=5u64 {
        let commit = reader.next().unwrap().unwrap();
        assert_eq!((commit.seq, commit.commit_seq), (n * 2 - 1, n));
        assert_eq!(commit.payload, format!("commit {n}").into_bytes());
        let call = reader.next().unwrap().unwrap();
        assert_eq!(
            (call.seq, call.commit_seq, call.now_millis),
            (n * 2, 0, 1_700_000_000_000)
        );
    }
    assert_eq!(reader.next().unwrap().unwrap().payload, b"read only");
    assert!(reader.next().unwrap().is_none());
    assert_eq!(reader.position(), 12);
    assert_eq!(store.journal_reader(7).next().unwrap().unwrap().seq, 7);
}

async fn tables_are_apart(store: Store) {
    put(&store, "a", "note").await;
    assert!(
        store
            .begin()
            .get::<Other>(&key("a"))
            .await
            .unwrap()
            .is_none()
    );
    let page = store
        .begin()
        .scan::<Other>(&here(), None, 10)
        .await
        .unwrap();
    assert!(page.rows.is_empty());
}

/// The seal binds the opaque key; that the clear key inside belongs to it is checked on its own.
async fn a_record_under_another_key_is_refused(store: Store) {
    let row = Arc::new(store.begin().row::<Note>(key("a")));
    let plaintext = crate::record::encode(&key("b"), &note("of b")).unwrap();
    let writes = vec![super::Write {
        row,
        plaintext: Some(plaintext),
    }];
    store
        .0
        .backend
        .commit(super::Batch {
            writes,
            ..Default::default()
        })
        .await
        .unwrap();
    let refused = StoreError::Integrity { table: Note::TABLE };
    assert_eq!(
        store.begin().get::<Note>(&key("a")).await,
        Err(refused.clone())
    );
    assert_eq!(
        store.begin().scan::<Note>(&here(), None, 10).await.err(),
        Some(refused)
    );
}

async fn after_failure_nothing_is_accepted(store: Store) {
    put(&store, "a", "one").await;
    assert!(!store.has_failed());
    store.fail();
    store.failed().await;
    assert_eq!(
        store.append(event("x")).await,
        Err(crate::JournalError::Failed)
    );
    let mut txn = store.begin();
    txn.put(key("a"), note("two"));
    let refused = store.commit(txn, Some(event("x"))).await;
    assert_eq!(
        refused,
        Err(CommitError::Journal(crate::JournalError::Failed))
    );
    assert_eq!(read(&store, "a").await.as_deref(), Some("one"));
}

async fn after_close_nothing_works(store: Store) {
    put(&store, "a", "one").await;
    assert_eq!(read(&store, "a").await.as_deref(), Some("one"));
    let mut txn = store.begin();
    txn.put(key("b"), note("late"));
    store.close().await.unwrap();
    store.close().await.unwrap();
    assert_eq!(store.commit(txn, None).await, Err(CommitError::Closed));
    assert_eq!(
        store.append(event("x")).await,
        Err(crate::JournalError::Closed)
    );
    assert_eq!(
        store.begin().get::<Note>(&key("a")).await,
        Err(StoreError::Closed)
    );
    assert!(store.begin().scan::<Note>(&here(), None, 1).await.is_err());
}

async fn oversized_events_are_refused(store: Store) {
    let event = crate::Event {
        now_millis: 0,
        payload: vec![0; crate::journal::MAX_PAYLOAD + 1],
        is_marked: false,
    };
    assert_eq!(
        store.append(event.clone()).await,
        Err(crate::JournalError::TooLarge)
    );
    let mut txn = store.begin();
    txn.put(key("a"), note("x"));
    let refused = store.commit(txn, Some(event)).await;
    assert_eq!(
        refused,
        Err(CommitError::Journal(crate::JournalError::TooLarge))
    );
    assert_eq!(read(&store, "a").await, None);
}

#[test]
fn only_memory_resets() {
    block_on(async {
        let store = open(Config::new(Place::Memory)).await;
        put(&store, "a", "one").await;
        store.append(event("x")).await.unwrap();
        assert!(store.reset());
        assert_eq!(read(&store, "a").await, None);
        assert_eq!((store.verify().await, store.journal_head().seq), (Ok(0), 0));
        let dir = tempfile::tempdir().unwrap();
        let store = open(on_disk(dir.path())).await;
        put(&store, "a", "one").await;
        assert!(!store.reset());
        assert_eq!(read(&store, "a").await.as_deref(), Some("one"));
    });
}
