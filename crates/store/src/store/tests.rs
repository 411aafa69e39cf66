//! Damage, rollback, crashes, modes and cost of a store on disk.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use super::*;
use crate::backend::testing::{Note, block_on, event, key, note, on_disk, open, try_open};
use crate::{Config, Key, Place};

const FILES: [&str; 2] = ["store.db", "store.db-wal"];

async fn fill(store: &Store, count: usize) {
    for n in 0..count {
        let mut txn = store.begin();
        txn.put(key(&n.to_string()), note(format!("text {n}")));
        store
            .commit(txn, Some(event(&format!("put {n}"))))
            .await
            .unwrap();
    }
}

/// Whether every record reads as it was written, or which error comes instead.
async fn check(store: &Store, count: usize) -> Result<(), StoreError> {
    for n in 0..count {
        let found = store.begin().get::<Note>(&key(&n.to_string())).await?;
        let Some(found) = found else {
            return store.verify().await.map(|_| panic!("{n} is gone"));
        };
        assert_eq!(found.text, format!("text {n}"), "never a wrong record");
    }
    let all = Key::new("111122223333", "eu-central-1", [""; 0]);
    let page = store.begin().scan::<Note>(&all, None, count + 1).await?;
    for (key, note) in &page.rows {
        assert_eq!(note.text, format!("text {}", key.parts().next().unwrap()));
    }
    assert!(page.rows.len() == count || store.verify().await.is_err());
    store.verify().await.map(|_| ())
}

fn copy(from: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    std::fs::create_dir(copy.path().join("journal")).unwrap();
    for name in FILES {
        if from.join(name).exists() {
            std::fs::copy(from.join(name), copy.path().join(name)).unwrap();
        }
    }
    for file in std::fs::read_dir(from.join("journal")).unwrap() {
        let file = file.unwrap();
        std::fs::copy(
            file.path(),
            copy.path().join("journal").join(file.file_name()),
        )
        .unwrap();
    }
    copy
}

/// Exchanges the content of all pairs of rows, with and without their versions.
#[test]
fn exchanged_records_never_open() {
    const COUNT: usize = 40;
    let dir = tempfile::tempdir().unwrap();
    let columns: [&[&str]; 4] = [
        &["bytes"],
        &["version"],
        &["bytes", "version"],
        &["bytes", "version", "mac"],
    ];
    block_on(async {
        let store = open(on_disk(dir.path())).await;
        fill(&store, COUNT).await;
        let database = rusqlite::Connection::open(dir.path().join("store.db")).unwrap();
        database.pragma_update(None, "synchronous", "off").unwrap();
        let pairs = (0..COUNT).flat_map(|one| (0..one).map(move |two| (one, two)));
        for (turn, (one, two)) in pairs.enumerate() {
            exchange(&database, columns[turn % 4], one, two);
            store.0.parts.cache.clear();
            let mut refused = 0;
            for n in 0..COUNT {
                match store.begin().get::<Note>(&key(&n.to_string())).await {
                    Ok(found) => assert_eq!(found.unwrap().text, format!("text {n}")),
                    Err(error) => {
                        assert_eq!(
                            error,
                            StoreError::Integrity {
                                table: "test.notes"
                            }
                        );
                        refused += 1;
                    }
                }
            }
            assert_eq!(refused, 2, "{one} and {two}");
            assert!(store.verify().await.is_err());
            exchange(&database, columns[turn % 4], one, two);
        }
        store.0.parts.cache.clear();
        assert_eq!(check(&store, COUNT).await, Ok(()));
    });
}

fn exchange(database: &rusqlite::Connection, columns: &[&str], one: usize, two: usize) {
    let sql = "SELECT key FROM records ORDER BY key LIMIT 1 OFFSET ?1";
    let key = |n: usize| {
        database
            .query_row(sql, [n.cast_signed() as i64], |row| {
                row.get::<_, Vec<u8>>(0)
            })
            .unwrap()
    };
    let (one, two) = (key(one), key(two));
    for column in columns {
        let cell = |key: &[u8]| {
            let sql = format!("SELECT {column} FROM records WHERE key = ?1");
            database
                .query_row(&sql, [key], |row| row.get::<_, rusqlite::types::Value>(0))
                .unwrap()
        };
        let (left, right) = (cell(&one), cell(&two));
        let update = format!("UPDATE records SET {column} = ?1 WHERE key = ?2");
        database
            .execute(&update, rusqlite::params![right, one])
            .unwrap();
        database
            .execute(&update, rusqlite::params![left, two])
            .unwrap();
    }
}

#[test]
fn removed_and_restored_old_rows_are_found() {
    let dir = tempfile::tempdir().unwrap();
    block_on(async {
        let store = open(on_disk(dir.path())).await;
        fill(&store, 3).await;
        store.close().await.unwrap();
    });
    let path = dir.path().join("store.db");
    let database = rusqlite::Connection::open(&path).unwrap();
    database
        .execute_batch("ATTACH ':memory:' AS old; CREATE TABLE old.r AS SELECT * FROM records")
        .unwrap();
    block_on(async {
        let store = open(on_disk(dir.path())).await;
        fill(&store, 3).await;
        assert_eq!(store.verify().await, Ok(3));
        store.close().await.unwrap();
    });
    database
        .execute_batch("REPLACE INTO records SELECT * FROM old.r LIMIT 1")
        .unwrap();
    block_on(async {
        let store = open(on_disk(dir.path())).await;
        assert!(store.verify().await.is_err());
        store.close().await.unwrap();
    });
    database
        .execute_batch("DELETE FROM records WHERE version < 4")
        .unwrap();
    block_on(async {
        let store = open(on_disk(dir.path())).await;
        assert!(store.verify().await.is_err());
    });
}

/// Flips a bit at many places of every file: an error, or no effect; never a wrong record.
#[test]
fn every_flipped_bit_is_found_or_harmless() {
    const COUNT: usize = 40;
    let dir = tempfile::tempdir().unwrap();
    block_on(async {
        let store = open(on_disk(dir.path())).await;
        fill(&store, COUNT).await;
        store.close().await.unwrap();
    });
    let original = std::fs::read(dir.path().join("store.db")).unwrap();
    let (mut found, mut harmless) = (0, 0);
    for at in (0..original.len()).step_by(127) {
        let copy = copy(dir.path());
        let mut changed = original.clone();
        changed[at] ^= 1 << (at % 8);
        std::fs::write(copy.path().join("store.db"), changed).unwrap();
        let outcome = block_on(async {
            match try_open(on_disk(copy.path())).await {
                Ok(store) => check(&store, COUNT).await.is_ok(),
                Err(_) => false,
            }
        });
        if outcome { harmless += 1 } else { found += 1 }
    }
    println!("{found} flips found, {harmless} without effect");
    assert!(found > 40);
}

/// SQLite ends its log at the first bad frame without a word; the journal knows better.
#[test]
fn a_truncated_or_damaged_write_ahead_log_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let crashed = block_on(async {
        let store = open(on_disk(dir.path())).await;
        fill(&store, 10).await;
        copy(dir.path())
    });
    let log = std::fs::read(crashed.path().join("store.db-wal")).unwrap();
    for at in (0..log.len()).step_by(log.len() / 23) {
        for damaged in [log[..at].to_vec(), {
            let mut changed = log.clone();
            changed[at] ^= 1;
            changed
        }] {
            let copy = copy(crashed.path());
            std::fs::write(copy.path().join("store.db-wal"), damaged).unwrap();
            let outcome = block_on(try_open(on_disk(copy.path())));
            match outcome {
                Ok(store) => assert_eq!(block_on(check(&store, 10)), Ok(())),
                Err(OpenError::StoreBehindJournal { store, journal }) => {
                    assert!(store < journal && journal == 10);
                }
                Err(OpenError::Database(_) | OpenError::DatabaseDamaged) => {}
                Err(other) => panic!("{other}"),
            }
        }
    }
    std::fs::remove_file(crashed.path().join("store.db-wal")).unwrap();
    let outcome = block_on(try_open(on_disk(crashed.path()))).err().unwrap();
    assert!(matches!(outcome, OpenError::StoreBehindJournal { .. }));
    assert!(outcome.to_string().contains("older copy"));
}

#[test]
fn an_old_copy_of_the_database_or_journal_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let old = block_on(async {
        let store = open(on_disk(dir.path())).await;
        fill(&store, 3).await;
        store.close().await.unwrap();
        drop(store);
        let old = copy(dir.path());
        let store = open(on_disk(dir.path())).await;
        fill(&store, 2).await;
        store.close().await.unwrap();
        old
    });
    let mixed = copy(dir.path());
    std::fs::copy(old.path().join("store.db"), mixed.path().join("store.db")).unwrap();
    let outcome = block_on(try_open(on_disk(mixed.path())));
    assert!(matches!(
        outcome,
        Err(OpenError::StoreBehindJournal {
            store: 3,
            journal: 5
        })
    ));
    std::fs::copy(dir.path().join("store.db"), old.path().join("store.db")).unwrap();
    let outcome = block_on(try_open(on_disk(old.path())));
    assert!(matches!(
        outcome,
        Err(OpenError::JournalBehindStore {
            seen: 5,
            journal: 3
        })
    ));
}

/// A copy of the files between two calls is what the death of the process leaves.
#[test]
fn a_crash_loses_nothing_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    block_on(async {
        let store = open(on_disk(dir.path())).await;
        for round in 1..=8usize {
            fill(&store, round).await;
            let head = store.journal_head();
            let crashed = copy(dir.path());
            let again = open(on_disk(crashed.path())).await;
            assert_eq!(again.journal_head(), head);
            assert_eq!(check(&again, round).await, Ok(()));
            drop(again);
            let summary =
                crate::journal::verify(crashed.path(), &crate::backend::testing::keyring());
            assert_eq!(
                summary.unwrap().last_commit,
                (round * (round + 1) / 2) as u64
            );
        }
    });
}

const CHILD: &str = "STORE_TEST_DIRECTORY";

/// Not a test of its own: what `kill_at_any_time` starts and kills.
#[test]
fn child_that_is_killed() {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test starting itself as a child"
    )]
    let Ok(directory) = std::env::var(CHILD) else {
        return;
    };
    block_on(async {
        let config = Config {
            segment_bytes: 3000,
            ..on_disk(Path::new(&directory))
        };
        let store = open(config).await;
        let counter = store.begin().get::<Note>(&key("count")).await.unwrap();
        let first = counter.map_or(0, |note| note.text.parse::<u64>().unwrap());
        for n in first + 1.. {
            let mut txn = store.begin();
            txn.put(key("count"), note(n.to_string()));
            store
                .commit(txn, Some(event(&format!("commit {n}"))))
                .await
                .unwrap();
            store.append(event(&format!("call {n}"))).await.unwrap();
            println!("acknowledged {n}");
        }
    });
}

/// Kills a process that commits as fast as it can; nothing acknowledged may be missing, and every
/// commit has its event.
#[test]
fn kill_at_any_time() {
    use std::io::{BufRead, BufReader};
    let dir = tempfile::tempdir().unwrap();
    let (mut acknowledged, mut rounds) = (0, 0);
    for cycle in 0..15 {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "store::tests::child_that_is_killed",
                "--nocapture",
            ])
            .env(CHILD, dir.path())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let numbers = lines.map_while(Result::ok).filter_map(|line| {
            let (_, number) = line.split_once("acknowledged ")?;
            number.parse::<u64>().ok()
        });
        for (round, number) in numbers.enumerate() {
            (acknowledged, rounds) = (number, rounds + 1);
            if round == 5 + 3 * cycle {
                child.kill().unwrap();
            }
        }
        child.wait().unwrap();
        block_on(async {
            let store = open(on_disk(dir.path())).await;
            let counter = store
                .begin()
                .get::<Note>(&key("count"))
                .await
                .unwrap()
                .unwrap();
            let counter: u64 = counter.text.parse().unwrap();
            assert!(
                (acknowledged..=acknowledged + 1).contains(&counter),
                "cycle {cycle}"
            );
            let (mut commits, mut calls) = (0, 0);
            let mut reader = store.journal_reader(1);
            while let Some(entry) = reader.next().unwrap() {
                if entry.commit_seq == 0 {
                    calls += 1;
                } else {
                    commits += 1;
                    assert_eq!(entry.commit_seq, commits);
                    assert_eq!(entry.payload, format!("commit {commits}").into_bytes());
                }
            }
            assert_eq!(commits, counter);
            assert!(calls >= rounds, "cycle {cycle}: {calls} calls of {rounds}");
            assert_eq!(store.verify().await, Ok(1));
        });
    }
    assert!(rounds > 300, "only {rounds} commits in all");
}

#[test]
fn another_keyring_does_not_open_it() {
    let dir = tempfile::tempdir().unwrap();
    block_on(async {
        open(on_disk(dir.path())).await.close().await.unwrap();
        let random = Arc::new(crate::backend::testing::Seeded::new(9));
        let other = Arc::new(Keyring::generate(&*random).unwrap());
        let outcome = Store::open(on_disk(dir.path()), other, random).await;
        assert!(matches!(outcome, Err(OpenError::DatabaseDamaged)));
    });
}

#[test]
fn two_stores_cannot_share_a_directory() {
    let dir = tempfile::tempdir().unwrap();
    block_on(async {
        let store = open(on_disk(dir.path())).await;
        let second = try_open(on_disk(dir.path())).await;
        assert!(matches!(second, Err(OpenError::InUse(path)) if path == dir.path()));
        drop(store);
        open(on_disk(dir.path())).await;
    });
}

#[test]
fn nothing_is_readable_by_others_or_in_clear() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("data");
    block_on(async {
        let store = open(on_disk(&path)).await;
        let mut txn = store.begin();
        txn.put(
            Key::new("111122223333", "eu-central-1", ["name-canary"]),
            note("text-canary"),
        );
        store
            .commit(txn, Some(event("event-canary")))
            .await
            .unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(&path.join("journal"))), (0o700, 0o700));
        let mut files = 0;
        for dir in [path.clone(), path.join("journal")] {
            for entry in std::fs::read_dir(dir).unwrap() {
                let file = entry.unwrap().path();
                if file.is_dir() {
                    continue;
                }
                assert_eq!(mode(&file), 0o600, "{file:?}");
                let content = std::fs::read(&file).unwrap();
                for word in ["canary", "111122223333", "eu-central-1", "test.notes"] {
                    let found = content.windows(word.len()).any(|it| it == word.as_bytes());
                    assert!(!found, "`{word}` in {file:?}");
                }
                files += 1;
            }
        }
        assert!(files >= 4, "database, log, lock and a segment");
    });
}

#[test]
fn links_are_not_followed() {
    let dir = tempfile::tempdir().unwrap();
    let victim = dir.path().join("victim");
    std::fs::write(&victim, "untouched").unwrap();
    for name in ["store.db", "lock", "journal/00000000000000000000.log"] {
        let path = dir.path().join(name.replace('/', "-"));
        std::fs::create_dir_all(path.join("journal")).unwrap();
        std::os::unix::fs::symlink(&victim, path.join(name)).unwrap();
        let outcome = block_on(async {
            let store = try_open(on_disk(&path)).await.map_err(|_| ())?;
            store.append(event("x")).await.map_err(|_| ())
        });
        assert!(outcome.is_err(), "{name}");
        assert_eq!(std::fs::read(&victim).unwrap(), b"untouched");
    }
}

#[test]
fn closing_leaves_a_database_without_log_and_outbox() {
    let dir = tempfile::tempdir().unwrap();
    block_on(async {
        let store = open(on_disk(dir.path())).await;
        fill(&store, 5).await;
        store.close().await.unwrap();
    });
    let log = dir.path().join("store.db-wal");
    assert!(!log.exists() || std::fs::metadata(&log).unwrap().len() == 0);
    let database = rusqlite::Connection::open(dir.path().join("store.db")).unwrap();
    let count = |table| {
        let sql = format!("SELECT count(*) FROM {table}");
        database
            .query_row(&sql, [], |row| row.get::<_, i64>(0))
            .unwrap()
    };
    assert_eq!((count("records"), count("outbox")), (5, 0));
}

/// A repeated read gives the very same value, so that what it computes lazily is kept.
#[test]
fn reads_share_the_decoded_record() {
    block_on(async {
        let store = open(Config::new(Place::Memory)).await;
        fill(&store, 1).await;
        let one = store.begin().get::<Note>(&key("0")).await.unwrap().unwrap();
        let two = store.begin().get::<Note>(&key("0")).await.unwrap().unwrap();
        assert!(Arc::ptr_eq(&one, &two));
    });
}

#[test]
fn opening_does_not_read_the_table() {
    let dir = tempfile::tempdir().unwrap();
    block_on(async {
        let store = open(on_disk(dir.path())).await;
        let mut txn = store.begin();
        for n in 0..20_000 {
            txn.put(key(&n.to_string()), note("x".repeat(200)));
        }
        store.commit(txn, Some(event("many"))).await.unwrap();
        store.close().await.unwrap();
        drop(store);
        #[expect(clippy::disallowed_methods, reason = "a measurement")]
        let start = std::time::Instant::now();
        let store = open(on_disk(dir.path())).await;
        let opened = start.elapsed();
        println!("opened 20,000 records in {opened:?}");
        assert!(opened < Duration::from_millis(500));
        assert!(
            store
                .begin()
                .get::<Note>(&key("19999"))
                .await
                .unwrap()
                .is_some()
        );
    });
}

/// Prints what the hot paths cost; the bounds are for unoptimized builds on busy machines.
#[test]
fn cost_of_the_hot_paths() {
    let dir = tempfile::tempdir().unwrap();
    block_on(async {
        for (name, place) in [
            ("memory", Place::Memory),
            ("sqlite", Place::Directory(dir.path().to_owned())),
        ] {
            let store = open(Config::new(place)).await;
            fill(&store, 1).await;
            let key = key("0");
            let read = async || {
                for _ in 0..10_000 {
                    let mut txn = store.begin();
                    assert!(txn.get::<Note>(&key).await.unwrap().is_some());
                }
            };
            let scan = async || {
                for _ in 0..10_000 {
                    store.begin().scan::<Note>(&key, None, 10).await.unwrap();
                }
            };
            let append = async || {
                let all: Vec<_> = (0..10_000)
                    .map(|_| {
                        let store = store.clone();
                        tokio::spawn(async move { store.append(event("x")).await })
                    })
                    .collect();
                for one in all {
                    one.await.unwrap().unwrap();
                }
            };
            let (read, scan, append) = (time(read).await, time(scan).await, time(append).await);
            println!("{name}: get {read:?}, cached scan {scan:?}, append {append:?}");
            assert!(read < Duration::from_micros(50));
        }
    });
}

#[expect(clippy::disallowed_methods, reason = "a measurement")]
async fn time(work: impl AsyncFn()) -> Duration {
    let start = std::time::Instant::now();
    work().await;
    start.elapsed() / 10_000
}
