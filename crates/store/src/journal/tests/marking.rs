//! Following the marked events alone.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

fn marked(text: &str) -> Event {
    Event {
        is_marked: true,
        ..event(text)
    }
}

/// Follows marked events as EventBridge's sources do, and keeps the numbers of those it was told of
/// or read.
struct Follower {
    next: u64,
    picker: Picker,
    found: BTreeSet<u64>,
}

impl Follower {
    fn new(store: &Store, next: u64) -> Self {
        let (picker, found) = (store.journal_picker(), BTreeSet::new());
        Self {
            next,
            picker,
            found,
        }
    }

    /// One step; the number of events read for want of marks.
    fn step(&mut self, store: &Store, at_most: usize) -> u64 {
        match store.journal_marked(self.next, at_most) {
            Marked::Known { places, behind } => {
                for place in places {
                    let entry = self.picker.pick(place, place.seq).unwrap().unwrap();
                    assert!(entry.payload.starts_with(b"marked"), "{}", entry.seq);
                    assert!(self.found.insert(entry.seq), "{} twice", entry.seq);
                }
                assert!(behind >= self.next, "nobody is sent back");
                assert!(behind <= store.journal_head().seq + 1);
                self.next = behind;
                0
            }
            Marked::Unknown { known_from } => {
                let mut reader = store.journal_reader(self.next);
                let mut read = 0;
                while self.next < known_from {
                    let entry = reader.next().unwrap().unwrap();
                    if entry.payload.starts_with(b"marked") {
                        assert!(self.found.insert(entry.seq), "{} twice", entry.seq);
                    }
                    (self.next, read) = (entry.seq + 1, read + 1);
                }
                read
            }
        }
    }

    fn catch_up(&mut self, store: &Store, at_most: usize) -> u64 {
        let mut read = 0;
        while self.next <= store.journal_head().seq {
            read += self.step(store, at_most);
        }
        read
    }
}

/// Writes events in writes of `sizes`, each event marked or not; the numbers of those that are.
async fn write(store: &Store, marks: &[bool], sizes: &[usize]) -> BTreeSet<u64> {
    let mut expected = BTreeSet::new();
    let (mut rest, mut sizes) = (marks, sizes.iter().cycle());
    while !rest.is_empty() {
        let (now, later) = rest.split_at((*sizes.next().unwrap()).min(rest.len()));
        rest = later;
        let one = |is_marked: &bool| {
            if *is_marked {
                marked("marked")
            } else {
                event("other")
            }
        };
        let last = store
            .append_all(now.iter().map(one).collect())
            .await
            .unwrap();
        let first = last + 1 - now.len() as u64;
        let numbered = (first..).zip(now).filter(|(_, is_marked)| **is_marked);
        expected.extend(numbered.map(|(seq, _)| seq));
    }
    expected
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// No marked event is missed, whoever writes while the follower follows, and whatever segment it
    /// lies in; and none that is not marked is read.
    #[test]
    fn a_follower_is_told_of_all_marked_events_and_of_no_others(
        marks in prop::collection::vec(prop::bool::weighted(0.3), 1..150),
        sizes in prop::collection::vec(1..9_usize, 1..5),
        at_most in 1..6_usize,
        writers in 1..4_usize,
        on_disk in any::<bool>(),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let config = match on_disk {
            true => small(dir.path()),
            false => Config::new(crate::Place::Memory),
        };
        block_on(async {
            let store = open(config).await;
            let mut follower = Follower::new(&store, 1);
            let following = {
                let store = store.clone();
                let all = (marks.len() * writers) as u64;
                tokio::task::spawn_blocking(move || {
                    while follower.next <= all {
                        assert_eq!(follower.step(&store, at_most), 0);
                    }
                    follower.found
                })
            };
            let writing = (0..writers).map(|_| {
                let (store, marks, sizes) = (store.clone(), marks.clone(), sizes.clone());
                tokio::spawn(async move { write(&store, &marks, &sizes).await })
            });
            let mut expected = BTreeSet::new();
            for writer in writing.collect::<Vec<_>>() {
                expected.extend(writer.await.unwrap());
            }
            assert_eq!(following.await.unwrap(), expected);
        });
    }
}

#[test]
fn after_a_start_what_was_written_before_is_read() {
    let dir = tempfile::tempdir().unwrap();
    block_on(async {
        let store = open(small(dir.path())).await;
        let mut expected = write(&store, &[false, true, false, true], &[2]).await;
        let mut follower = Follower::new(&store, 1);
        assert_eq!(follower.step(&store, 1), 0);
        store.close().await.unwrap();
        drop(store);

        let store = open(small(dir.path())).await;
        assert_eq!(
            store.journal_marked(follower.next, 1),
            Marked::Unknown { known_from: 5 }
        );
        expected.extend(write(&store, &[true, false, true], &[1]).await);
        follower.picker = store.journal_picker();
        assert_eq!(follower.catch_up(&store, 9), 2, "events 3 and 4");
        assert_eq!(follower.found, expected);
    });
}

/// The event of a commit that the journal had not got when the program was killed.
#[test]
fn what_a_crash_left_in_the_outbox_is_not_missed() {
    let dir = tempfile::tempdir().unwrap();
    let copy = block_on(async {
        let store = open(on_disk(dir.path())).await;
        let before = crashed(dir.path());
        let mut txn = store.begin();
        txn.put(key("a"), note("x"));
        store.commit(txn, Some(marked("marked"))).await.unwrap();
        let after = crashed(dir.path());
        // The database of after the commit, the journal of before it.
        let _ = std::fs::remove_dir_all(after.path().join("journal"));
        std::fs::rename(before.path().join("journal"), after.path().join("journal")).unwrap();
        after
    });
    block_on(async {
        let store = open(on_disk(copy.path())).await;
        assert_eq!(store.journal_head().seq, 1);
        let mut follower = Follower::new(&store, 1);
        follower.catch_up(&store, 9);
        assert_eq!(follower.found, BTreeSet::from([1]));
    });
}

/// A picker that has read the file's zeros finds what was written in their place since, and what lies
/// in a segment that was packed since.
#[test]
fn marked_events_are_read_while_the_journal_grows_and_is_packed() {
    let dir = tempfile::tempdir().unwrap();
    block_on(async {
        let store = open(small(dir.path())).await;
        let mut follower = Follower::new(&store, 1);
        let mut expected = BTreeSet::new();
        for _ in 0..60 {
            expected.extend(write(&store, &[true, false], &[2]).await);
            assert_eq!(follower.catch_up(&store, 1), 0);
        }
        assert_eq!(follower.found, expected);
        let keeper = store.journal_keeper().unwrap();
        for number in keeper.closed().unwrap() {
            keeper.pack(number, &mut |_, _| {}).unwrap();
        }
        let mut late = Follower::new(&store, 1);
        assert_eq!(late.catch_up(&store, 7), 0);
        assert_eq!(late.found, expected);
    });
}

#[test]
fn what_is_not_durable_is_not_told() {
    let status = Status::new(Head::default(), 0);
    status.marks().note([Place::new(1, 1, 0)]);
    assert_eq!(
        status.marked(1, 9),
        Marked::Known {
            places: Vec::new(),
            behind: 1
        },
        "it is not durable"
    );
}

#[test]
fn a_journal_that_begins_anew_has_no_marks_of_the_one_before() {
    block_on(async {
        let store = open(Config::new(crate::Place::Memory)).await;
        write(&store, &[false, true, true], &[3]).await;
        assert!(store.reset());
        write(&store, &[true, false], &[2]).await;
        let mut follower = Follower::new(&store, 1);
        assert_eq!(follower.catch_up(&store, 9), 0);
        assert_eq!(follower.found, BTreeSet::from([1]));
    });
}
