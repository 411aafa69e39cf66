//! Packing, indexing and deleting closed segments.

use super::*;

/// A journal of sixty events in several segments, the first of them packed.
async fn kept(path: &Path) -> (Store, Keeper) {
    let store = open(small(path)).await;
    let mut txn = store.begin();
    txn.put(key("a"), note("x"));
    let events = [event("event 1"), event("event 2")];
    store.commit(txn, events).await.unwrap();
    append_all(&store, 3..=60).await;
    let keeper = store.journal_keeper().unwrap();
    (store, keeper)
}

fn pack_all(keeper: &Keeper) -> Vec<u64> {
    let closed = keeper.closed().unwrap();
    assert!(closed.len() > 3);
    for number in &closed {
        keeper.pack(*number, &mut |_, _| {}).unwrap();
    }
    closed
}

fn sixty() -> Vec<String> {
    (1..=60).map(|n| format!("event {n}")).collect()
}

#[test]
fn packed_segments_hold_the_same_events_and_the_same_chain() {
    let dir = tempfile::tempdir().unwrap();
    block_on(async {
        let (store, keeper) = kept(dir.path()).await;
        let before = verify(dir.path(), &keyring()).unwrap();
        // This one has a segment open that is packed and removed meanwhile.
        let mut reader = store.journal_reader(1);
        assert_eq!(reader.next().unwrap().unwrap().commit_seq, 1);
        let closed = pack_all(&keeper);
        let after = verify(dir.path(), &keyring()).unwrap();
        assert_eq!(after.packed, closed.len() as u64);
        assert_eq!(Summary { packed: 0, ..after }, before);
        for n in 2..=60 {
            let entry = reader.next().unwrap().unwrap();
            assert_eq!((entry.seq, entry.commit_seq), (n, u64::from(n == 2)));
            assert_eq!(entry.now_millis, event("").now_millis);
        }
        for from in [1, 2, 17, 60] {
            assert_eq!(payloads(dir.path(), from as u64), sixty()[from - 1..]);
        }
        append_all(&store, 61..=80).await;
        store.close().await.unwrap();
    });
    // And a store opens over it, whatever is the last segment.
    block_on(async {
        let store = open(small(dir.path())).await;
        append_all(&store, 81..=82).await;
        assert!(
            store
                .journal_keeper()
                .unwrap()
                .pack(0, &mut |_, _| {})
                .is_ok()
        );
    });
    assert_eq!(verify(dir.path(), &keyring()).unwrap().records, 82);
}

#[test]
fn single_events_are_picked_from_packed_segments() {
    let dir = tempfile::tempdir().unwrap();
    block_on(async {
        let (store, keeper) = kept(dir.path()).await;
        let mut reader = store.journal_reader(1);
        let mut places = Vec::new();
        while reader.next().unwrap().is_some() {
            places.push(reader.place());
        }
        pack_all(&keeper);
        let mut picker = store.journal_picker();
        for place in places.iter().rev().chain(&places) {
            let entry = picker.pick(*place, place.seq).unwrap().unwrap();
            assert_eq!(entry.payload, format!("event {}", place.seq).into_bytes());
        }
        assert!(picker.pick(places[0], 59).is_err());
    });
}

/// Events that are alike take a fraction of the room, and large ones are whole again.
#[test]
fn packing_makes_room() {
    let dir = tempfile::tempdir().unwrap();
    block_on(async {
        let config = Config {
            segment_bytes: 300_000,
            ..on_disk(dir.path())
        };
        let store = open(config).await;
        let member = r#"{"eventVersion":"1.11","eventName":"Decrypt"}"#;
        for n in 0..900 {
            let large = if n == 70 { 70_000 } else { 10 };
            let text = format!("{n} {}", member.repeat(large).split_off(n % 7));
            store.append(event(&text)).await.unwrap();
        }
        // Of the closed ones: the newest is filled with zeros ahead.
        let size = || -> u64 {
            let files = segments(dir.path());
            let closed = files.iter().rev().skip(1);
            closed.map(|it| it.metadata().unwrap().len()).sum()
        };
        let (before, head) = (size(), verify(dir.path(), &keyring()).unwrap().head);
        let keeper = store.journal_keeper().unwrap();
        for number in keeper.closed().unwrap() {
            keeper.pack(number, &mut |_, _| {}).unwrap();
        }
        assert!(size() < before / 5, "{before} {}", size());
        assert_eq!(verify(dir.path(), &keyring()).unwrap().head, head);
        assert!(payloads(dir.path(), 71)[0].len() > 3_000_000);
    });
}

/// Whatever packing was at when the process was killed, nothing is lost and it can go on.
#[test]
fn packing_can_be_cut_off_at_any_point() {
    let dir = tempfile::tempdir().unwrap();
    let packed = tempfile::tempdir().unwrap();
    block_on(async {
        let (_store, keeper) = kept(dir.path()).await;
        let before = crashed(dir.path());
        pack_all(&keeper);
        for file in segments(dir.path()) {
            std::fs::copy(&file, packed.path().join(file.file_name().unwrap())).unwrap();
        }
        let pack = files::packed_path(packed.path(), 1);
        let bytes = std::fs::read(&pack).unwrap();
        let names = files::packed_path(&before.path().join("journal"), 1);
        // While it is written: some of it under the name of what is not whole.
        for cut in [0, 10, bytes.len() / 2, bytes.len()] {
            let crash = crashed(before.path());
            let dir = crash.path().join("journal");
            let target = files::packed_path(&dir, 1);
            std::fs::write(files::fresh(&target), &bytes[..cut]).unwrap();
            goes_on(crash.path()).await;
        }
        // It has its name, and what was written is still there.
        std::fs::write(&names, &bytes).unwrap();
        goes_on(before.path()).await;
    });
}

async fn goes_on(path: &Path) {
    assert_eq!(payloads(path, 1), sixty());
    verify(path, &keyring()).unwrap();
    let store = open(small(path)).await;
    let keeper = store.journal_keeper().unwrap();
    let closed = pack_all(&keeper);
    keeper.delete_before(0, 0).unwrap();
    assert_eq!(
        verify(path, &keyring()).unwrap().packed,
        closed.len() as u64
    );
    assert_eq!(payloads(path, 1), sixty());
    let dir = std::fs::read_dir(path.join("journal")).unwrap();
    let names: Vec<_> = dir.map(|it| it.unwrap().file_name()).collect();
    assert_eq!(names.len(), closed.len(), "{names:?}");
}

#[test]
fn every_flip_and_cut_in_a_packed_segment_is_found() {
    let dir = tempfile::tempdir().unwrap();
    block_on(async {
        let (store, keeper) = kept(dir.path()).await;
        pack_all(&keeper);
        store.close().await.unwrap();
    });
    let file = files::packed_path(&dir.path().join("journal"), 1);
    let content = std::fs::read(&file).unwrap();
    for at in 0..content.len() {
        let mut changed = content.clone();
        changed[at] ^= 1 << (at % 8);
        std::fs::write(&file, changed).unwrap();
        assert!(verify(dir.path(), &keyring()).is_err(), "byte {at}");
        std::fs::write(&file, &content[..at]).unwrap();
        assert!(verify(dir.path(), &keyring()).is_err(), "cut at {at}");
    }
    std::fs::write(&file, [&content[..], &[0]].concat()).unwrap();
    assert!(verify(dir.path(), &keyring()).is_err());
    // The place of another segment is not this one's.
    let other = files::packed_path(&dir.path().join("journal"), 2);
    std::fs::copy(other, &file).unwrap();
    assert!(verify(dir.path(), &keyring()).is_err());
    std::fs::write(&file, &content).unwrap();
    verify(dir.path(), &keyring()).unwrap();
}

/// A start writes to a segment of its own, so that the last one before it is closed at once.
#[test]
fn what_was_written_before_the_start_is_closed() {
    let dir = tempfile::tempdir().unwrap();
    for round in 0..3 {
        block_on(async {
            let store = open(on_disk(dir.path())).await;
            let keeper = store.journal_keeper().unwrap();
            assert_eq!(keeper.closed().unwrap(), (0..round).collect::<Vec<_>>());
            assert_eq!(
                keeper.unfinished().unwrap().last(),
                round.checked_sub(1).as_ref()
            );
            for number in keeper.closed().unwrap() {
                keeper.pack(number, &mut |_, _| {}).unwrap();
                assert!(!files::path(&dir.path().join("journal"), number).exists());
            }
            // The newest of all stays, however old it is.
            assert_eq!(keeper.delete_before(0, u64::MAX).unwrap(), 0);
            append_all(&store, round * 4 + 1..=round * 4 + 4).await;
            let closed = keeper.closed().unwrap();
            assert!(!closed.contains(&round), "it is being written");
        });
        assert_eq!(payloads(dir.path(), 1).len() as u64, round * 4 + 4);
    }
    assert_eq!(verify(dir.path(), &keyring()).unwrap().packed, 2);
}

/// The head of a packed segment authenticates whatever it says: that its events lead where it says
/// is for the chain to tell.
#[test]
fn a_packed_segment_that_ends_elsewhere_is_found_out() {
    let dir = tempfile::tempdir().unwrap();
    block_on(async {
        let (store, keeper) = kept(dir.path()).await;
        let closed = pack_all(&keeper);
        let journal = dir.path().join("journal");
        for number in [closed[1], closed[closed.len() - 1]] {
            let file = files::packed_path(&journal, number);
            let whole = std::fs::read(&file).unwrap();
            std::fs::write(&file, repacked(&store, &journal, number, [0; 32])).unwrap();
            verify(dir.path(), &keyring()).unwrap();
            let other = repacked(&store, &journal, number, [1; 32]);
            std::fs::write(&file, other).unwrap();
            let damage = verify(dir.path(), &keyring()).unwrap_err();
            assert_eq!(damage.segment, number);
            assert_eq!(damage.what, "the chain does not end as it did");
            std::fs::write(&file, whole).unwrap();
        }
        store.close().await.unwrap();
        // Where nothing follows, nobody else would notice.
        let last = closed[closed.len() - 1];
        let file = files::packed_path(&journal, last);
        let other = repacked(&store, &journal, last, [1; 32]);
        std::fs::write(&file, other).unwrap();
        drop((store, keeper));
        for file in segments(dir.path()) {
            if file.extension().unwrap() == "log" {
                std::fs::remove_file(file).unwrap();
            }
        }
        let damage = recover(&journal, &keyring()).unwrap_err();
        assert!(matches!(damage, OpenError::JournalDamaged(it)
            if it.what == "the chain does not end as it did"));
    });
}

/// A packed segment, packed again; the hash at its end differs by `difference`.
fn repacked(store: &Store, dir: &Path, number: u64, difference: [u8; 32]) -> Vec<u8> {
    let mut segment = segment::Segment::open(dir, number, &keyring())
        .unwrap()
        .chained();
    let fresh = store.sealer().new_segment().unwrap();
    let mut packer = packed::Packer::new(&segment.header, fresh);
    let end = segment.packed_end().unwrap();
    while let Some(event) = segment.next_framed().unwrap() {
        let mut hash = segment.last.hash;
        if segment.last == end {
            hash.iter_mut()
                .zip(difference)
                .for_each(|(byte, change)| *byte ^= change);
        }
        packer.push(&event, hash).unwrap();
    }
    packer.finish().unwrap().concat()
}

/// What is damaged is evidence: it is neither packed nor removed.
#[test]
fn a_damaged_segment_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    block_on(async {
        let (_store, keeper) = kept(dir.path()).await;
        let file = files::path(&dir.path().join("journal"), 1);
        let mut content = std::fs::read(&file).unwrap();
        content[300] ^= 1;
        std::fs::write(&file, &content).unwrap();
        assert!(matches!(
            keeper.pack(1, &mut |_, _| {}),
            Err(KeepError::Damaged(_))
        ));
        assert_eq!(std::fs::read(&file).unwrap(), content);
        assert!(!files::packed_path(&dir.path().join("journal"), 1).exists());
    });
}

#[test]
fn old_segments_are_deleted_and_the_journal_begins_later() {
    let dir = tempfile::tempdir().unwrap();
    let first = block_on(async {
        let (store, keeper) = kept(dir.path()).await;
        let (all, now) = (u64::MAX, event("").now_millis);
        // What is not packed stays.
        assert_eq!(keeper.delete_before(all, now + 1).unwrap(), 0);
        let closed = pack_all(&keeper);
        // Too young, or not read yet.
        assert_eq!(keeper.delete_before(all, now).unwrap(), 0);
        assert_eq!(keeper.delete_before(3, now + 1).unwrap(), 0);
        let mut ends = Vec::new();
        keeper
            .read(closed[1], &mut |entry, _| ends.push(entry.seq))
            .unwrap();
        let end = *ends.last().unwrap();
        // A reader that has just read the second segment lets it go, and stays where it is.
        let (mut reader, mut early) = (store.journal_reader(end), store.journal_reader(1));
        assert_eq!(reader.next().unwrap().unwrap().seq, end);
        assert_eq!(early.next().unwrap().unwrap().seq, 1);
        assert_eq!(keeper.delete_before(end + 1, now + 1).unwrap(), 2);
        assert_eq!(reader.next().unwrap().unwrap().seq, end + 1);
        // One that had not goes on where there is something.
        let left = std::iter::from_fn(|| early.next().unwrap());
        let seqs: Vec<_> = left.map(|entry| entry.seq).collect();
        let of_first = seqs.iter().take_while(|seq| **seq <= end).count();
        assert!((of_first as u64) < end, "{seqs:?}");
        assert_eq!(seqs[of_first..], (end + 1..=60).collect::<Vec<_>>());
        store.close().await.unwrap();
        end + 1
    });
    let summary = verify(dir.path(), &keyring()).unwrap();
    assert_eq!((summary.first_seq, summary.records), (first, 61 - first));
    assert_eq!(payloads_from(dir.path(), first).len() as u64, 61 - first);
    block_on(async {
        let store = open(small(dir.path())).await;
        append_all(&store, 61..=70).await;
    });
    beginnings_are_found_out(dir.path());
}

/// Two journals under one keyring: the note of one authenticates beside the other.
#[test]
fn the_beginning_of_another_journal_is_none() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for (dir, shift) in [(&one, 0), (&other, 60)] {
        block_on(async {
            let (store, keeper) = kept(dir.path()).await;
            append_all(&store, 61..=60 + shift).await;
            pack_all(&keeper);
            let now = event("").now_millis;
            assert!(keeper.delete_before(30, now + 1).unwrap() > 0);
            store.close().await.unwrap();
        });
    }
    let note = |dir: &tempfile::TempDir| dir.path().join("journal/beginning");
    let begin = |dir: &tempfile::TempDir| {
        beginning::Beginning::read(&dir.path().join("journal"), &keyring()).unwrap()
    };
    // They are alike in all but the chain.
    let (ours, theirs) = (begin(&one), begin(&other));
    assert_eq!(
        (ours.number, ours.first_seq),
        (theirs.number, theirs.first_seq)
    );
    std::fs::copy(note(&other), note(&one)).unwrap();
    let damage = verify(one.path(), &keyring()).unwrap_err();
    assert_eq!(damage.what, "the journal does not begin where it should");
    let opened = block_on(try_open(small(one.path())));
    assert!(matches!(opened, Err(OpenError::JournalDamaged(it)) if it == damage));
}

/// Reads from the first event on, which is there no more.
fn payloads_from(path: &Path, first: u64) -> Vec<u64> {
    let mut reader = Reader::offline(path, keyring(), 1);
    let seqs: Vec<_> = std::iter::from_fn(|| reader.next().unwrap())
        .map(|entry| entry.seq)
        .collect();
    assert_eq!(seqs[0], first);
    seqs
}

/// More was cut off, the note of the beginning is gone or changed, or a segment's header is put in
/// its place.
fn beginnings_are_found_out(path: &Path) {
    let (note, files) = (path.join("journal/beginning"), segments(path));
    let kept = std::fs::read(&note).unwrap();
    let broken = |what: &str| {
        assert!(verify(path, &keyring()).is_err(), "{what}");
        let opened = block_on(try_open(small(path)));
        assert!(
            matches!(opened, Err(OpenError::JournalDamaged(_))),
            "{what}"
        );
    };
    for at in 0..kept.len() {
        let mut changed = kept.clone();
        changed[at] ^= 1;
        std::fs::write(&note, changed).unwrap();
        assert!(verify(path, &keyring()).is_err(), "byte {at}");
    }
    std::fs::remove_file(&note).unwrap();
    broken("without the note");
    let written = files.iter().find(|it| it.extension().unwrap() == "log");
    let header = std::fs::read(written.unwrap()).unwrap()[..format::HEADER_LEN].to_vec();
    std::fs::write(&note, header).unwrap();
    broken("a header as the note");
    std::fs::write(&note, &kept).unwrap();
    let moved = path.join("moved");
    std::fs::rename(&files[0], &moved).unwrap();
    broken("without its first segment");
    std::fs::rename(&moved, &files[0]).unwrap();
    verify(path, &keyring()).unwrap();
}

/// The note is written first: a crash before the segments are gone leaves no damage.
#[test]
fn deleting_can_be_cut_off_at_any_point() {
    let dir = tempfile::tempdir().unwrap();
    block_on(async {
        let (_store, keeper) = kept(dir.path()).await;
        pack_all(&keeper);
        let before = crashed(dir.path());
        let deleted = keeper.delete_before(u64::MAX, u64::MAX).unwrap();
        assert!(deleted > 2);
        std::fs::copy(
            dir.path().join("journal/beginning"),
            before.path().join("journal/beginning"),
        )
        .unwrap();
        for left in (0..deleted).rev() {
            let crash = crashed(before.path());
            std::fs::copy(
                before.path().join("journal/beginning"),
                crash.path().join("journal/beginning"),
            )
            .unwrap();
            for file in &segments(before.path())[..deleted - left] {
                let gone = crash.path().join("journal").join(file.file_name().unwrap());
                std::fs::remove_file(gone).unwrap();
            }
            verify(crash.path(), &keyring()).unwrap();
            let store = open(small(crash.path())).await;
            let keeper = store.journal_keeper().unwrap();
            assert_eq!(keeper.delete_before(0, 0).unwrap(), left);
            verify(crash.path(), &keyring()).unwrap();
        }
    });
}

#[test]
fn an_index_is_kept_with_its_segment_and_believed_only_whole() {
    let dir = tempfile::tempdir().unwrap();
    block_on(async {
        let (_store, keeper) = kept(dir.path()).await;
        assert!(keeper.index(1).unwrap().is_none());
        keeper.put_index(1, b"summary", b"rows").unwrap();
        let check = |keeper: &Keeper| {
            let index = keeper.index(1).unwrap()?;
            Some((index.summary().unwrap()?, index.rows().unwrap()?))
        };
        let whole = Some((b"summary".to_vec(), b"rows".to_vec()));
        assert_eq!(check(&keeper), whole);
        pack_all(&keeper);
        assert_eq!(
            check(&keeper),
            whole,
            "packing does not change what is indexed"
        );
        let file = files::index_path(&dir.path().join("journal"), 1);
        let content = std::fs::read(&file).unwrap();
        for at in 0..content.len() {
            let mut changed = content.clone();
            changed[at] ^= 1 << (at % 8);
            std::fs::write(&file, changed).unwrap();
            assert_eq!(check(&keeper), None, "byte {at}");
            std::fs::write(&file, &content[..at]).unwrap();
            assert_eq!(check(&keeper), None, "cut at {at}");
        }
        std::fs::write(&file, &content).unwrap();
        let other = files::index_path(&dir.path().join("journal"), 2);
        std::fs::copy(&file, other).unwrap();
        assert!(keeper.index(2).unwrap().is_none());
        assert!(!keeper.unfinished().unwrap().contains(&1));
        assert!(keeper.unfinished().unwrap().contains(&3));
    });
}
