//! The journal on disk. An input is a list of changes to a genuine segment, written or packed: what
//! was changed must be noticed, or change nothing that is read.
#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use crypto::{Keyring, Random, RandomFailure};
use libfuzzer_sys::fuzz_target;
use store::journal::{Reader, verify};
use store::{Config, Event, Place, Store};
use tempfile::TempDir;

const EVENTS: usize = 4;
/// Three events fill a segment, so that the fourth closes it.
const SEGMENT_BYTES: u64 = 350;

struct Sevens;

impl Random for Sevens {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomFailure> {
        out.fill(7);
        Ok(())
    }
}

/// A data directory that was closed in order, and the bytes of its first segment.
struct Genuine {
    directory: TempDir,
    segment: PathBuf,
    bytes: Vec<u8>,
    keyring: Arc<Keyring>,
    is_packed: bool,
}

static WRITTEN: LazyLock<Genuine> = LazyLock::new(|| made(false));
static PACKED: LazyLock<Genuine> = LazyLock::new(|| made(true));

fn made(is_packed: bool) -> Genuine {
    let directory = tempfile::tempdir().expect("a directory");
    let keyring = Arc::new(Keyring::generate(&Sevens).unwrap_or_else(|_| panic!("no keyring")));
    let place = directory.path().join("data");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    runtime.block_on(write(place.clone(), keyring.clone(), is_packed));
    let ending = if is_packed { "pack" } else { "log" };
    let segment = place.join(format!("journal/{:020}.{ending}", 0));
    let bytes = without_end(fs::read(&segment).expect("the segment"), is_packed);
    Genuine {
        directory,
        segment,
        bytes,
        keyring,
        is_packed,
    }
}

async fn write(place: PathBuf, keyring: Arc<Keyring>, is_packed: bool) {
    let mut config = Config::new(Place::Directory(place));
    config.segment_bytes = SEGMENT_BYTES;
    let store = Store::open(config, keyring, Arc::new(Sevens))
        .await
        .expect("a store");
    for now_millis in 0..EVENTS as u64 {
        let payload = format!("event {now_millis}").into_bytes();
        store
            .append(Event {
                now_millis,
                payload,
                is_marked: false,
            })
            .await
            .expect("an event");
    }
    if is_packed {
        let keeper = store.journal_keeper().expect("files");
        keeper.pack(0, &mut |_, _| {}).expect("a closed segment");
    }
    store.close().await.expect("an orderly end");
}

fuzz_target!(|input: &[u8]| {
    for genuine in [&*WRITTEN, &*PACKED] {
        assert_eq!(read(genuine, &genuine.bytes), Some(EVENTS));
        let changed = changed(&genuine.bytes, input);
        if without_end(changed.clone(), genuine.is_packed) != genuine.bytes {
            let events = read(genuine, &changed);
            assert!(
                events.is_none_or(|events| events < EVENTS),
                "a change was not noticed"
            );
        }
    }
});

/// The bytes without the zeros that end a segment that was written; a packed one has none.
fn without_end(mut bytes: Vec<u8>, is_packed: bool) -> Vec<u8> {
    if is_packed {
        return bytes;
    }
    let used = bytes
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |last| last + 1);
    bytes.truncate(used);
    bytes
}

/// How many events a segment with these bytes yields; none if damage is noticed.
fn read(genuine: &Genuine, bytes: &[u8]) -> Option<usize> {
    fs::write(&genuine.segment, bytes).expect("the segment is written");
    let place = genuine.directory.path().join("data");
    let summary = verify(&place, &genuine.keyring).ok()?;
    let mut reader = Reader::offline(&place, genuine.keyring.clone(), 1);
    let mut events = 0;
    while let Some(entry) = reader.next().expect("what verifies can be read") {
        assert_eq!(entry.payload, format!("event {events}").into_bytes());
        events += 1;
    }
    assert_eq!(summary.records, events as u64);
    Some(events)
}

/// Changes of three bytes each: a place (two bytes) and a difference. A rest of one byte cuts off
/// as many bytes at the end, a rest of two appends the second as often as the first says.
fn changed(bytes: &[u8], input: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let (changes, rest) = input.as_chunks::<3>();
    for [high, low, difference] in changes {
        let place = usize::from(u16::from_be_bytes([*high, *low])) % bytes.len();
        bytes[place] ^= difference;
    }
    match rest {
        [cut] => bytes.truncate(bytes.len().saturating_sub(usize::from(*cut))),
        [count, byte] => bytes.extend(std::iter::repeat_n(*byte, usize::from(*count))),
        _ => {}
    }
    bytes
}
