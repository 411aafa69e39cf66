//! Reading single events again.

use super::*;

/// The places of all events.
fn places(store: &Store) -> Vec<Place> {
    let mut reader = store.journal_reader(1);
    let mut places = Vec::new();
    while let Some(entry) = reader.next().unwrap() {
        assert_eq!(reader.place().seq, entry.seq);
        places.push(reader.place());
    }
    places
}

#[test]
fn single_events_are_read_again_in_any_order() {
    let dir = tempfile::tempdir().unwrap();
    block_on(async {
        let store = open(small(dir.path())).await;
        append_all(&store, 1..=60).await;
        let all = places(&store);
        let mut picker = store.journal_picker();
        for place in all.iter().rev().chain(&all) {
            let entry = picker.pick(*place, place.seq).unwrap().unwrap();
            assert_eq!(entry.payload, format!("event {}", place.seq).into_bytes());
            assert_eq!(entry.seq, place.seq);
        }
        // From an earlier event of the segment on, never from a later one.
        let second = all[1];
        assert_eq!(picker.pick(all[0], 2).unwrap().unwrap().seq, 2);
        assert!(picker.pick(second, 1).is_err());
        // Whatever is behind the end of the segment is not there.
        assert!(picker.pick(all[0], 61).is_err());

        let first = segments(dir.path()).remove(0);
        let mut bytes = std::fs::read(&first).unwrap();
        bytes[format::HEADER_LEN + format::FRAME_FIELDS_LEN] ^= 1;
        std::fs::write(&first, bytes).unwrap();
        let mut picker = store.journal_picker();
        assert!(picker.pick(all[0], 1).is_err());
        assert!(picker.pick(all[0], 2).unwrap().is_some());
        std::fs::remove_file(&first).unwrap();
        let mut picker = store.journal_picker();
        assert!(picker.pick(all[0], 1).unwrap().is_none());
    });
}

#[test]
fn events_in_memory_are_read_again() {
    block_on(async {
        let store = open(Config::new(crate::Place::Memory)).await;
        append_all(&store, 1..=3).await;
        let places = places(&store);
        let mut picker = store.journal_picker();
        let entry = picker.pick(places[2], 3).unwrap().unwrap();
        assert_eq!(entry.payload, b"event 3");
        assert!(picker.pick(places[2], 4).unwrap().is_none());
    });
}
