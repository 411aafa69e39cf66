//! What is left on disk of rows that are gone.

use std::collections::HashSet;
use std::path::Path;

use super::*;
use crate::backend::testing::{Note, block_on, event, key, note, on_disk, open};

/// A part of a sealed row long enough not to appear by chance.
const PIECE: usize = 16;
const ROUNDS: usize = 150;
/// Rows that a round touches.
const ROWS: usize = 6;

type Pieces = HashSet<[u8; PIECE]>;

/// The pieces of the rows of the database, as another program reads them.
fn pieces(database: &rusqlite::Connection) -> Pieces {
    let mut select = database
        .prepare_cached("SELECT bytes FROM records")
        .unwrap();
    let rows = select
        .query_map([], |row| row.get::<_, Vec<u8>>(0))
        .unwrap();
    rows.flat_map(|row| row.unwrap().as_chunks().0.to_vec())
        .collect()
}

/// How many pieces there are in the files of a directory.
fn found(dir: &Path, pieces: &Pieces) -> usize {
    let one = |entry: std::io::Result<std::fs::DirEntry>| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return found(&path, pieces);
        }
        let content = std::fs::read(path).unwrap();
        let windows = content.windows(PIECE);
        windows.filter(|piece| pieces.contains(*piece)).count()
    };
    std::fs::read_dir(dir).unwrap().map(one).sum()
}

/// Puts, replaces and deletes rows of all sizes in no order, so that pages split and merge.
async fn churn(store: &Store, round: usize) {
    let mut txn = store.begin();
    for row in round * ROWS..(round + 1) * ROWS {
        let scattered = row.wrapping_mul(0x9e37_79b9) >> 7;
        let name = key(&(scattered % 499).to_string());
        if scattered.is_multiple_of(5) {
            txn.delete::<Note>(&name);
        } else {
            txn.put(name, note("x".repeat(100 + scattered % 1500)));
        }
    }
    store.commit(txn, Some(event("churn"))).await.unwrap();
}

#[test]
fn sec_i14_nothing_of_a_deleted_or_replaced_row_is_left_on_disk() {
    let dir = tempfile::tempdir().unwrap();
    block_on(async {
        let store = open(on_disk(dir.path())).await;
        let database = rusqlite::Connection::open(dir.path().join("store.db")).unwrap();
        let mut gone = Pieces::new();
        for round in 0..ROUNDS {
            churn(&store, round).await;
            gone.extend(pieces(&database));
        }
        let kept = pieces(&database);
        gone.retain(|piece| !kept.contains(piece));
        assert!(found(dir.path(), &gone) > 0, "what is searched is found");
        assert!(found(dir.path(), &kept) > 1000);

        for _ in 0..2 {
            store.erase().await.unwrap();
            assert_eq!(found(dir.path(), &gone), 0);
            let before = pieces(&database);
            assert_eq!(before, kept, "nothing else is lost");
            store.verify().await.unwrap();
        }
        for round in 0..20 {
            churn(&store, round).await;
        }
        let rows = store.verify().await.unwrap();
        let mut read = 0;
        for name in 0..499 {
            let found = store.begin().get::<Note>(&key(&name.to_string())).await;
            read += u64::from(found.unwrap().is_some());
        }
        assert_eq!(read, rows, "who reads notices nothing");
        store.close().await.unwrap();
        drop(store);
        let again = open(on_disk(dir.path())).await;
        assert_eq!(again.verify().await, Ok(rows));
    });
}

/// A copy taken while the log is being read may hold what was deleted: that has to be said.
#[test]
fn an_erasure_that_cannot_empty_the_log_fails_and_can_be_tried_again() {
    let dir = tempfile::tempdir().unwrap();
    block_on(async {
        let store = open(on_disk(dir.path())).await;
        churn(&store, 1).await;
        let database = rusqlite::Connection::open(dir.path().join("store.db")).unwrap();
        database
            .execute_batch("BEGIN; SELECT count(*) FROM records")
            .unwrap();
        assert!(matches!(store.erase().await, Err(StoreError::Database(_))));
        churn(&store, 2).await;
        database.execute_batch("COMMIT").unwrap();
        store.erase().await.unwrap();
    });
}
