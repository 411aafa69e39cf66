//! Reading a journal while it is written.

use super::*;

#[test]
fn a_reader_that_caught_up_reads_on() {
    let dir = tempfile::tempdir().unwrap();
    block_on(async {
        let store = open(small(dir.path())).await;
        let mut reader = store.journal_reader(1);
        for n in 1..=60 {
            append_all(&store, n..=n).await;
            assert_eq!(reader.next().unwrap().unwrap().seq, n);
            assert!(reader.next().unwrap().is_none());
        }
    });
}

/// Whoever read a segment again from its beginning would come upon what is spoilt there.
#[test]
fn a_reader_that_keeps_up_reads_nothing_twice() {
    let dir = tempfile::tempdir().unwrap();
    block_on(async {
        let store = open(on_disk(dir.path())).await;
        append_all(&store, 1..=3).await;
        // One asks once for each event, the other until there are no more.
        let mut once = store.journal_reader(1);
        let mut to_the_end = store.journal_reader(1);
        for n in 1..=3 {
            assert_eq!(once.next().unwrap().unwrap().seq, n);
            assert_eq!(to_the_end.next().unwrap().unwrap().seq, n);
        }
        assert!(to_the_end.next().unwrap().is_none());
        let [file] = &segments(dir.path())[..] else {
            panic!("more than a segment")
        };
        let file = std::fs::File::options().write(true).open(file).unwrap();
        std::os::unix::fs::FileExt::write_all_at(&file, &[1; 300], 0).unwrap();
        for n in 4..=40 {
            append_all(&store, n..=n).await;
            assert_eq!(once.next().unwrap().unwrap().seq, n);
            assert_eq!(to_the_end.next().unwrap().unwrap().seq, n);
            assert!(to_the_end.next().unwrap().is_none());
        }
        assert!(store.journal_reader(4).next().is_err(), "nothing is spoilt");
    });
}

#[test]
fn a_segment_whose_header_is_being_written_is_not_in_the_way() {
    let dir = tempfile::tempdir().unwrap();
    block_on(async {
        let store = open(small(dir.path())).await;
        append_all(&store, 1..=40).await;
        let files = segments(dir.path());
        let next = dir
            .path()
            .join(format!("journal/{:020}.log", files.len() + 1));
        for begun in [&[][..], &[0; 4096], b"half a header"] {
            std::fs::write(&next, begun).unwrap();
            for seq in [1, 20, 40] {
                let entry = store.journal_reader(seq).next().unwrap().unwrap();
                assert_eq!(entry.seq, seq);
            }
        }
    });
}

#[test]
fn concurrent_appends_are_all_there_once() {
    let dir = tempfile::tempdir().unwrap();
    block_on(async {
        let store = open(small(dir.path())).await;
        let tasks: Vec<_> = (0..200)
            .map(|n| {
                let store = store.clone();
                tokio::spawn(async move { store.append(event(&n.to_string())).await.unwrap() })
            })
            .collect();
        for (n, task) in tasks.into_iter().enumerate() {
            let seq = task.await.unwrap();
            let entry = store.journal_reader(seq).next().unwrap().unwrap();
            assert_eq!(entry.payload, n.to_string().into_bytes());
        }
        assert_eq!(store.journal_head().seq, 200);
    });
    assert_eq!(verify(dir.path(), &keyring()).unwrap().records, 200);
}
