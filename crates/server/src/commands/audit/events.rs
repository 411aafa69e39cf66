//! The events of a data directory, whether a server is writing there or not.

use std::sync::Arc;
use std::time::Duration;

use platform::{Clock as _, SystemClock};
use store::journal::{self, Entry, Reader};
use tokio::runtime::Runtime;

use super::filter::Filter;
use crate::cli::{EventFilter, UnlockOptions};
use crate::exit::Failure;
use crate::{settings, unlock};

/// How often what cannot be read is read again: a server may be writing it just now.
const PATIENCE: u32 = 20;
/// How long to wait before.
pub(super) const PAUSE: Duration = Duration::from_millis(50);
/// Events are in the order in which calls ended, and have the time when they arrived.
const DISORDER: i64 = 24 * 60 * 60 * 1000;

/// Reads events.
pub(super) struct Events {
    reader: Reader,
    runtime: Runtime,
}

impl Events {
    /// The last `count` events, and those that follow.
    pub(super) fn newest(options: &UnlockOptions, count: usize) -> Result<Self, Failure> {
        let storage = settings::storage(options)?;
        let keyring = Arc::new(unlock::open_existing(&storage)?);
        let runtime = runtime()?;
        let last = patiently(&runtime, || journal::last_seq(&storage.data_dir, &keyring))?;
        let first = last.saturating_sub(count as u64) + 1;
        Ok(Self {
            reader: Reader::offline(&storage.data_dir, keyring, first),
            runtime,
        })
    }

    /// All events, but for whole segments that are older than `from`, in milliseconds since 1970.
    fn since(options: &UnlockOptions, from: Option<i64>) -> Result<Self, Failure> {
        let storage = settings::storage(options)?;
        let keyring = Arc::new(unlock::open_existing(&storage)?);
        let runtime = runtime()?;
        let from = from.and_then(|from| u64::try_from(from).ok()).unwrap_or(0);
        let dir = &storage.data_dir;
        let first = patiently(&runtime, || journal::first_since(dir, &keyring, from))?;
        Ok(Self {
            reader: Reader::offline(dir, keyring, first),
            runtime,
        })
    }

    /// The next event, or `None` if there is none yet.
    pub(super) fn next(&mut self) -> Result<Option<Entry>, Failure> {
        let reader = &mut self.reader;
        patiently(&self.runtime, || reader.next())
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
    let mut events = Events::since(options, filter.from)?;
    while let Some(entry) = events.next()? {
        let millis = i64::try_from(entry.now_millis).unwrap_or(i64::MAX);
        if filter
            .to
            .is_some_and(|to| millis >= to.saturating_add(DISORDER))
        {
            break;
        }
        if filter.has_time(millis) && filter.fits(&entry.payload) && !found(&entry)? {
            break;
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
