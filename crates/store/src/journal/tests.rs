mod calls;
mod keeping;
mod marking;
mod picking;
mod reading;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use super::*;
use crate::backend::testing::{Note, block_on, event, key, keyring, note, on_disk, open, try_open};
use crate::{CommitError, Config, OpenError, Store};

fn small(path: &Path) -> Config {
    Config {
        segment_bytes: 1000,
        ..on_disk(path)
    }
}

async fn append_all(store: &Store, range: std::ops::RangeInclusive<u64>) {
    for n in range {
        assert_eq!(store.append(event(&format!("event {n}"))).await, Ok(n));
    }
}

fn payloads(path: &Path, from: u64) -> Vec<String> {
    let mut reader = Reader::offline(path, keyring(), from);
    let mut all = Vec::new();
    while let Some(entry) = reader.next().unwrap() {
        assert_eq!(entry.seq, from + all.len() as u64);
        all.push(String::from_utf8(entry.payload).unwrap());
    }
    all
}

/// The files of all segments.
fn segments(path: &Path) -> Vec<PathBuf> {
    let dir = path.join("journal");
    let written = files::numbers_of(&dir, &["log"]).unwrap().into_iter();
    let written: Vec<_> = written.map(|number| files::path(&dir, number)).collect();
    let packed = files::numbers_of(&dir, &["pack"]).unwrap().into_iter();
    let mut all: Vec<_> = packed
        .map(|number| files::packed_path(&dir, number))
        .chain(written)
        .collect();
    all.sort();
    all
}

/// A copy of a directory as a crash would leave it.
fn crashed(path: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    std::fs::create_dir(copy.path().join("journal")).unwrap();
    for file in segments(path) {
        std::fs::copy(
            &file,
            copy.path().join("journal").join(file.file_name().unwrap()),
        )
        .unwrap();
    }
    for name in ["store.db", "store.db-wal"] {
        if path.join(name).exists() {
            std::fs::copy(path.join(name), copy.path().join(name)).unwrap();
        }
    }
    copy
}

#[test]
fn segments_follow_each_other_and_verify() {
    let dir = tempfile::tempdir().unwrap();
    block_on(async {
        let store = open(small(dir.path())).await;
        append_all(&store, 1..=60).await;
        assert!(segments(dir.path()).len() > 3);
        // The live reader crosses segments while they are written.
        let mut reader = store.journal_reader(1);
        for n in 1..=60 {
            assert_eq!(reader.next().unwrap().unwrap().seq, n);
        }
        assert!(reader.next().unwrap().is_none());
        append_all(&store, 61..=80).await;
        for n in 61..=80 {
            reader.wait().await;
            assert_eq!(reader.next().unwrap().unwrap().seq, n);
        }
        store.close().await.unwrap();
        let head = store.journal_head();
        drop(store);
        let summary = verify(dir.path(), &keyring()).unwrap();
        assert_eq!(
            (summary.records, summary.head, summary.last_commit),
            (80, head, 0)
        );
        assert_eq!(summary.segments, segments(dir.path()).len() as u64);
        assert_eq!(
            payloads(dir.path(), 33),
            (33..=80).map(|n| format!("event {n}")).collect::<Vec<_>>()
        );
    });
}

#[test]
fn reopening_continues_and_leaves_no_empty_segments() {
    let dir = tempfile::tempdir().unwrap();
    for round in 0..4 {
        block_on(async {
            let store = open(on_disk(dir.path())).await;
            append_all(&store, round * 3 + 1..=round * 3 + 3).await;
            store.close().await.unwrap();
            drop(store);
            open(on_disk(dir.path())).await.close().await.unwrap();
        });
    }
    assert_eq!(segments(dir.path()).len(), 4);
    assert_eq!(payloads(dir.path(), 1).len(), 12);
    assert_eq!(verify(dir.path(), &keyring()).unwrap().head.seq, 12);
}

/// No acknowledged event is lost, whatever the crash does to the write that was under way.
#[test]
fn a_torn_tail_is_cut_wherever_it_tears() {
    let dir = tempfile::tempdir().unwrap();
    let (copy, acknowledged) = block_on(async {
        let store = open(on_disk(dir.path())).await;
        append_all(&store, 1..=3).await;
        (crashed(dir.path()), store.journal_head())
    });
    let file = &segments(copy.path())[0];
    let content = std::fs::read(file).unwrap();
    let length = content.iter().rposition(|byte| *byte != 0).unwrap() + 1;
    let frame = 40 + 7 + 16 + 32;
    // A fourth event, of the same write as the third, of which any number of bytes arrived.
    let third = length - frame;
    for cut in third..length {
        for tail in [&b""[..], &[0; 100], &[0xf5; 100]] {
            std::fs::write(file, [&content[..cut], tail].concat()).unwrap();
            let recovered = recover(&copy.path().join("journal"), &keyring()).unwrap();
            assert_eq!(recovered.head.seq, 2, "cut at {cut}");
            assert_eq!(std::fs::metadata(file).unwrap().len(), third as u64);
        }
    }
    std::fs::write(file, &content).unwrap();
    let recovered = recover(&copy.path().join("journal"), &keyring()).unwrap();
    assert_eq!(recovered.head, acknowledged);
}

/// A write of several events may arrive with its later pages and without its earlier ones.
#[test]
fn a_write_torn_in_its_middle_is_cut() {
    let dir = tempfile::tempdir().unwrap();
    let (config, faults) = faulty(dir.path());
    let copy = block_on(async {
        let store = open(config).await;
        append_all(&store, 1..=1).await;
        let write = faults.room.lock().unwrap();
        faults.writing.store(false, Ordering::SeqCst);
        let append = |n: u64| {
            let (done, answer) = oneshot::channel();
            let event = event(&format!("event {n}"));
            let pending = Pending {
                events: vec![event].into(),
                commit_seq: 0,
                done: Some(done),
            };
            store.0.parts.journal.append(pending);
            answer
        };
        let second = append(2);
        while !faults.writing.load(Ordering::SeqCst) {
            std::thread::yield_now();
        }
        // These wait together while the second event is being written.
        let together = [append(3), append(4), append(5)];
        drop(write);
        assert_eq!(second.await.unwrap(), Ok(2));
        for (seq, answer) in (3..).zip(together) {
            assert_eq!(answer.await.unwrap(), Ok(seq));
        }
        crashed(dir.path())
    });
    let file = &segments(copy.path())[0];
    let frame = 40 + 7 + 16 + 32;
    let start = |n: usize| 113 + (n - 1) * frame;
    let mut content = std::fs::read(file).unwrap();
    content[start(4)..start(5)].fill(0);
    std::fs::write(file, &content).unwrap();
    let recovered = recover(&copy.path().join("journal"), &keyring()).unwrap();
    assert_eq!(recovered.head.seq, 3);
    // The same hole in an earlier write is damage: later writes began when it was durable.
    let mut content = std::fs::read(&segments(dir.path())[0]).unwrap();
    content[start(2)..start(3)].fill(0);
    std::fs::write(file, &content).unwrap();
    let refused = recover(&copy.path().join("journal"), &keyring());
    assert!(matches!(refused, Err(OpenError::JournalDamaged(_))));
}

#[test]
fn damage_before_an_authentic_event_is_not_cut() {
    let dir = tempfile::tempdir().unwrap();
    let copy = block_on(async {
        let store = open(on_disk(dir.path())).await;
        append_all(&store, 1..=5).await;
        crashed(dir.path())
    });
    let file = &segments(copy.path())[0];
    let content = std::fs::read(file).unwrap();
    let length = content.iter().rposition(|byte| *byte != 0).unwrap() + 1;
    let frame = 40 + 7 + 16 + 32;
    for at in (0..length - frame).step_by(3) {
        let mut changed = content.clone();
        changed[at] ^= 4;
        std::fs::write(file, &changed).unwrap();
        let opened = block_on(try_open(on_disk(copy.path())));
        assert!(
            matches!(opened, Err(OpenError::JournalDamaged(_))),
            "byte {at}"
        );
        assert!(verify(copy.path(), &keyring()).is_err(), "byte {at}");
        assert_eq!(std::fs::read(file).unwrap(), changed, "evidence is kept");
    }
}

#[test]
fn every_flip_in_a_closed_journal_is_found() {
    let dir = tempfile::tempdir().unwrap();
    block_on(async {
        let store = open(small(dir.path())).await;
        append_all(&store, 1..=40).await;
        store.close().await.unwrap();
    });
    for file in segments(dir.path()) {
        let content = std::fs::read(&file).unwrap();
        for at in (0..content.len()).step_by(7) {
            let mut changed = content.clone();
            changed[at] ^= 1 << (at % 8);
            std::fs::write(&file, changed).unwrap();
            assert!(
                verify(dir.path(), &keyring()).is_err(),
                "{file:?} byte {at}"
            );
        }
        std::fs::write(&file, &content).unwrap();
    }
    verify(dir.path(), &keyring()).unwrap();
}

#[test]
fn missing_cut_and_exchanged_segments_are_found() {
    let dir = tempfile::tempdir().unwrap();
    block_on(async {
        let store = open(small(dir.path())).await;
        append_all(&store, 1..=60).await;
        store.close().await.unwrap();
    });
    let files = segments(dir.path());
    let contents: Vec<_> = files
        .iter()
        .map(|file| std::fs::read(file).unwrap())
        .collect();
    let broken = || {
        let opened = block_on(try_open(small(dir.path())));
        let verified = verify(dir.path(), &keyring());
        (opened.err(), verified.err())
    };
    let restore = || {
        for (file, content) in files.iter().zip(&contents) {
            std::fs::write(file, content).unwrap();
        }
    };
    std::fs::remove_file(&files[1]).unwrap();
    let (opened, verified) = broken();
    assert!(matches!(opened, Some(OpenError::JournalDamaged(_))) && verified.is_some());
    restore();
    std::fs::write(&files[0], &contents[1]).unwrap();
    assert!(broken().1.is_some());
    restore();
    // The last segment gone, or its last event: the store knows the head.
    std::fs::remove_file(files.last().unwrap()).unwrap();
    assert!(matches!(
        broken().0,
        Some(OpenError::JournalBehindStore { seen: 60, .. })
    ));
    restore();
    let last = contents.last().unwrap();
    std::fs::write(
        files.last().unwrap(),
        &last[..last.len() - (40 + 8 + 16 + 32)],
    )
    .unwrap();
    assert!(matches!(
        broken().0,
        Some(OpenError::JournalBehindStore {
            seen: 60,
            journal: 59
        })
    ));
    restore();
    block_on(try_open(small(dir.path()))).unwrap();
}

#[test]
fn another_keyring_reads_nothing() {
    let dir = tempfile::tempdir().unwrap();
    block_on(async {
        let store = open(on_disk(dir.path())).await;
        append_all(&store, 1..=2).await;
    });
    let random = crate::backend::testing::Seeded::new(77);
    let other = crypto::Keyring::generate(&random).unwrap();
    assert!(verify(dir.path(), &other).is_err());
    assert!(
        Reader::offline(dir.path(), Arc::new(other), 1)
            .next()
            .is_err()
    );
}

/// Journal files that fail when told to.
struct Faulty {
    disk: DiskFiles,
    faults: Arc<Faults>,
}

#[derive(Default)]
struct Faults {
    fail_sync: AtomicBool,
    /// A write has begun; it goes on when `room` can be locked.
    writing: AtomicBool,
    syncs: AtomicU64,
    /// How many bytes still fit; `None`: all.
    room: Mutex<Option<usize>>,
}

struct FaultyFile {
    file: Box<dyn SegmentFile>,
    faults: Arc<Faults>,
}

impl JournalFiles for Faulty {
    fn create(&self, number: u64) -> io::Result<Box<dyn SegmentFile>> {
        let faults = self.faults.clone();
        Ok(Box::new(FaultyFile {
            file: self.disk.create(number)?,
            faults,
        }))
    }
}

impl SegmentFile for FaultyFile {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.faults.writing.store(true, Ordering::SeqCst);
        let mut room = self.faults.room.lock().unwrap();
        let fits = room.unwrap_or(usize::MAX).min(bytes.len());
        self.file.write_at(offset, &bytes[..fits])?;
        if let Some(room) = &mut *room {
            *room -= fits;
        }
        if fits < bytes.len() {
            Err(io::ErrorKind::StorageFull.into())
        } else {
            Ok(())
        }
    }

    fn sync(&mut self) -> io::Result<()> {
        self.faults.syncs.fetch_add(1, Ordering::SeqCst);
        // Once only: a retry would succeed, and be a lie.
        if self.faults.fail_sync.swap(false, Ordering::SeqCst) {
            return Err(io::Error::other("injected"));
        }
        self.file.sync()
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.file.truncate(length)
    }
}

/// A crash may leave the first events of a commit in the journal: the others follow, once each.
#[test]
fn a_commit_whose_events_were_torn_is_completed() {
    let dir = tempfile::tempdir().unwrap();
    let copy = block_on(async {
        let store = open(on_disk(dir.path())).await;
        append_all(&store, 1..=1).await;
        let mut txn = store.begin();
        txn.put(key("a"), note("x"));
        let events = (2..=4).map(|n| event(&format!("event {n}")));
        store.commit(txn, events).await.unwrap();
        crashed(dir.path())
    });
    let frame = 40 + 7 + 16 + 32;
    let start = |n: usize| 113 + (n - 1) * frame;
    for end in (start(2)..=start(5)).step_by(19) {
        let torn = crashed(copy.path());
        let file = &segments(torn.path())[0];
        let mut content = std::fs::read(file).unwrap();
        content[end..].fill(0);
        std::fs::write(file, &content).unwrap();
        // The write that completes the commit may be torn too.
        for cut in [true, false] {
            block_on(async {
                let store = open(on_disk(torn.path())).await;
                let mut reader = store.journal_reader(1);
                for n in 1..=4u64 {
                    let entry = reader.next().unwrap().unwrap();
                    assert_eq!(
                        (entry.seq, entry.commit_seq),
                        (n, u64::from(n > 1)),
                        "{end}"
                    );
                    assert_eq!(entry.payload, format!("event {n}").into_bytes());
                }
                assert!(reader.next().unwrap().is_none(), "{end}");
            });
            let files = segments(torn.path());
            if let (true, [_, file]) = (cut, &files[..]) {
                let mut content = std::fs::read(file).unwrap();
                let first = start(2).min(content.len());
                content[first..].fill(0);
                std::fs::write(file, &content).unwrap();
            }
        }
    }
}

fn faulty(path: &Path) -> (Config, Arc<Faults>) {
    let faults = Arc::new(Faults::default());
    let files = Faulty {
        disk: DiskFiles(path.join("journal")),
        faults: faults.clone(),
    };
    (
        Config {
            journal_files: Some(Arc::new(files)),
            ..on_disk(path)
        },
        faults,
    )
}

#[test]
fn a_failed_sync_is_never_retried_and_stops_everything() {
    let dir = tempfile::tempdir().unwrap();
    let (config, faults) = faulty(dir.path());
    block_on(async {
        let store = open(config).await;
        append_all(&store, 1..=2).await;
        faults.fail_sync.store(true, Ordering::SeqCst);
        let syncs = faults.syncs.load(Ordering::SeqCst);
        assert_eq!(store.append(event("lost")).await, Err(JournalError::Failed));
        store.failed().await;
        assert_eq!(
            store.append(event("refused")).await,
            Err(JournalError::Failed)
        );
        let mut txn = store.begin();
        txn.put(key("a"), note("refused"));
        assert!(store.commit(txn, None).await.is_err());
        assert_eq!(faults.syncs.load(Ordering::SeqCst), syncs + 1);
        assert_eq!(store.journal_head().seq, 2);
        assert!(store.close().await.is_err());
    });
    // What was acknowledged is there; what was not may be.
    block_on(async {
        let store = open(on_disk(dir.path())).await;
        assert!((2..=3).contains(&store.journal_head().seq));
        assert!(
            store
                .begin()
                .get::<Note>(&key("a"))
                .await
                .unwrap()
                .is_none()
        );
    });
}

#[test]
fn a_commit_whose_event_fails_is_recorded_after_the_restart() {
    let dir = tempfile::tempdir().unwrap();
    let (config, faults) = faulty(dir.path());
    block_on(async {
        let store = open(config).await;
        append_all(&store, 1..=1).await;
        faults.room.lock().unwrap().replace(10);
        let mut txn = store.begin();
        txn.put(key("a"), note("committed"));
        let commit = store.commit(txn, Some(event("committed"))).await;
        assert_eq!(commit, Err(CommitError::Journal(JournalError::NoSpace)));
    });
    block_on(async {
        let store = open(on_disk(dir.path())).await;
        assert_eq!(store.journal_head().seq, 2);
        let entry = store.journal_reader(2).next().unwrap().unwrap();
        assert_eq!(
            (entry.commit_seq, entry.payload),
            (1, b"committed".to_vec())
        );
        assert!(
            store
                .begin()
                .get::<Note>(&key("a"))
                .await
                .unwrap()
                .is_some()
        );
        store.close().await.unwrap();
    });
    assert_eq!(verify(dir.path(), &keyring()).unwrap().last_commit, 1);
}

#[test]
fn a_full_disk_is_a_clean_error_and_passes() {
    let dir = tempfile::tempdir().unwrap();
    let (config, faults) = faulty(dir.path());
    block_on(async {
        let store = open(config).await;
        append_all(&store, 1..=2).await;
        let calls: Vec<_> = (0..BUSY).map(|_| store.call()).collect();
        // First within a segment, then while creating the next one or writing its first event.
        for (first, second) in [(0, 0), (1, 1), (91, 112), (50, 113), (0, 204)] {
            let before = store.journal_head();
            for room in [first, second] {
                faults.room.lock().unwrap().replace(room);
                assert_eq!(
                    store.append(event("full")).await,
                    Err(JournalError::NoSpace)
                );
                assert_eq!((store.journal_head(), store.has_failed()), (before, false));
            }
            faults.room.lock().unwrap().take();
            // Packing makes room, and must not wait then.
            assert!(!store.is_busy());
            append_all(&store, before.seq + 1..=before.seq + 2).await;
            assert!(store.is_busy());
        }
        drop(calls);
        assert!(!store.is_busy());
        store.close().await.unwrap();
    });
    assert_eq!(verify(dir.path(), &keyring()).unwrap().records, 12);
    assert_eq!(payloads(dir.path(), 1).len(), 12);
}

#[test]
fn an_event_that_had_no_room_goes_before_all_others() {
    let dir = tempfile::tempdir().unwrap();
    let (config, faults) = faulty(dir.path());
    block_on(async {
        let store = open(config).await;
        faults.room.lock().unwrap().replace(10);
        let commit = |text: &'static str| {
            let (store, mut txn) = (store.clone(), store.begin());
            txn.put(key(text), note(text));
            async move { store.commit(txn, Some(event(text))).await }
        };
        let no_space = Err(CommitError::Journal(JournalError::NoSpace));
        assert_eq!(commit("first").await, no_space);
        // While the first event waits, no commit goes ahead of it: nothing is changed.
        assert_eq!(commit("second").await, no_space);
        assert!(
            store
                .begin()
                .get::<Note>(&key("second"))
                .await
                .unwrap()
                .is_none()
        );
        faults.room.lock().unwrap().take();
        assert_eq!(commit("third").await, Ok(()));
        store.close().await.unwrap();
    });
    assert_eq!(payloads(dir.path(), 1), ["first", "third"]);
    assert_eq!(verify(dir.path(), &keyring()).unwrap().last_commit, 2);
}
