//! The events of a data directory, whether a server is writing there or not.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crypto::Keyring;
use platform::{Clock as _, HistorySearch, SystemClock};
use store::journal::{self, Entry, Picker, Place, Reader};
use tokio::runtime::Runtime;

use super::filter::Filter;
use crate::cli::{EventFilter, UnlockOptions};
use crate::exit::Failure;
use crate::{settings, unlock};

/// How often what cannot be read is read again: a server may be writing it just now.
const PATIENCE: u32 = 20;
/// How long to wait before.
pub(super) const PAUSE: Duration = Duration::from_millis(50);

/// Reads events.
pub(super) struct Events {
    reader: Reader,
    runtime: Runtime,
    directory: PathBuf,
    keyring: Arc<Keyring>,
    /// The segment of the event that was read last.
    segment: Option<u64>,
}

impl Events {
    /// The last `count` events, and those that follow.
    pub(super) fn newest(options: &UnlockOptions, count: usize) -> Result<Self, Failure> {
        let storage = settings::storage(options)?;
        let keyring = Arc::new(unlock::open_existing(&storage)?);
        let runtime = runtime()?;
        let last = patiently(&runtime, || journal::last_seq(&storage.data_dir, &keyring))?;
        let first = last.saturating_sub(count as u64) + 1;
        Ok(Self::from(storage.data_dir, keyring, (runtime, first)))
    }

    /// All events, but for whole segments that are older than `from`, in milliseconds since 1970.
    fn since(options: &UnlockOptions, from: Option<i64>) -> Result<Self, Failure> {
        let storage = settings::storage(options)?;
        let keyring = Arc::new(unlock::open_existing(&storage)?);
        let runtime = runtime()?;
        let from = from.and_then(|from| u64::try_from(from).ok()).unwrap_or(0);
        let dir = &storage.data_dir;
        let first = patiently(&runtime, || journal::first_since(dir, &keyring, from))?;
        Ok(Self::from(storage.data_dir, keyring, (runtime, first)))
    }

    fn from(directory: PathBuf, keyring: Arc<Keyring>, (runtime, first): (Runtime, u64)) -> Self {
        Self {
            reader: Reader::offline(&directory, Arc::clone(&keyring), first),
            runtime,
            directory,
            keyring,
            segment: None,
        }
    }

    /// The next event, or `None` if there is none yet.
    pub(super) fn next(&mut self) -> Result<Option<Entry>, Failure> {
        let reader = &mut self.reader;
        patiently(&self.runtime, || reader.next())
    }

    /// Where the event that was read last is the first one of a segment that is indexed: those of
    /// the segment, from this one on, that may fit. What is read next is behind the segment.
    fn of_index(&mut self, search: &HistorySearch) -> Result<Option<(Place, Vec<u64>)>, Failure> {
        let place = self.reader.place();
        let is_known = self.segment.replace(place.segment()) == Some(place.segment());
        if is_known || !search.is_selective() {
            return Ok(None);
        }
        let (directory, keyring) = (&self.directory, &self.keyring);
        let segment = patiently(&self.runtime, || {
            journal::indexed(directory, keyring, place.seq)
        })?;
        let Some(segment) = segment else {
            return Ok(None);
        };
        let Some(mut seqs) = search.candidates(&segment) else {
            return Ok(None);
        };
        seqs.retain(|seq| *seq >= place.seq);
        let next = segment.last_seq + 1;
        self.reader = Reader::offline(directory, Arc::clone(keyring), next);
        Ok(Some((segment.first, seqs)))
    }

    /// Waits for a moment.
    pub(super) fn pause(&self, pause: Duration) {
        self.runtime
            .block_on(async { tokio::time::sleep(pause).await });
    }
}

/// Gives every event that fits to `found`, until that says that it has enough.
pub(super) fn each(
    options: &UnlockOptions,
    filter: &EventFilter,
    found: &mut dyn FnMut(&Entry) -> Result<bool, Failure>,
) -> Result<(), Failure> {
    let filter = Filter::new(filter, SystemClock.now());
    let search = filter.search();
    let mut events = Events::since(options, filter.from)?;
    let mut picker = Picker::offline(&events.directory, Arc::clone(&events.keyring));
    let mut visit = |entry: &Entry| -> Result<bool, Failure> {
        let millis = i64::try_from(entry.now_millis).unwrap_or(i64::MAX);
        let fits = filter.has_time(millis) && filter.fits(&entry.payload);
        Ok(!fits || found(entry)?)
    };
    while let Some(entry) = events.next()? {
        if filter.is_over(&entry) {
            break;
        }
        let Some((near, seqs)) = events.of_index(&search)? else {
            if !visit(&entry)? {
                break;
            }
            continue;
        };
        for seq in seqs {
            // Its segment may have been too old just now.
            let picked = patiently(&events.runtime, || picker.pick(near, seq))?;
            if let Some(entry) = picked
                && !visit(&entry)?
            {
                return Ok(());
            }
        }
    }
    Ok(())
}

fn runtime() -> Result<Runtime, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .map_err(|error| Failure::failed(format!("cannot start the runtime: {error}")))
}

fn patiently<T>(
    runtime: &Runtime,
    mut read: impl FnMut() -> Result<T, journal::Damage>,
) -> Result<T, Failure> {
    let mut tries = 0;
    loop {
        match read() {
            Ok(read) => return Ok(read),
            Err(_) if tries < PATIENCE => {
                tries += 1;
                runtime.block_on(async { tokio::time::sleep(PAUSE).await });
            }
            Err(damage) => {
                return Err(Failure::failed(format!(
                    "the journal cannot be read: {damage}"
                )));
            }
        }
    }
}
