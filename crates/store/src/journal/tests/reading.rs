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
