//! Opening a store: what has to agree before anything is served.

use std::path::Path;
use std::sync::Arc;

use crypto::{Keyring, Random};
use tokio::sync::oneshot;

use crate::apply::{self, State};
use crate::backend::{Database, Journal, MemoryBackend, Parts, SqliteBackend};
use crate::cache::Cache;
use crate::config::{Config, Place};
use crate::directory::Directory;
use crate::error::{JournalError, OpenError};
use crate::journal::{
    DiskFiles, Head, JournalThread, MemoryJournal, Pending, Recovered, Start, Status, contains,
    recorded, recover,
};
use crate::sealing::Sealer;
use crate::store::{Disk, Inner, Store};

pub(crate) async fn open(
    config: Config,
    keyring: Arc<Keyring>,
    random: Arc<dyn Random>,
) -> Result<Store, OpenError> {
    let sealer = Arc::new(Sealer::new(keyring, random));
    let cache = Arc::new(Cache::new(config.cached_records));
    match config.place.clone() {
        Place::Memory => Ok(open_memory(sealer, cache)),
        Place::Directory(path) => open_directory(&config, &path, sealer, cache).await,
    }
}

fn open_memory(sealer: Arc<Sealer>, cache: Arc<Cache>) -> Store {
    let status = Arc::new(Status::new(Head::default(), 0));
    let journal = Journal::Memory(Arc::new(MemoryJournal::new(status.clone())));
    let parts = Parts {
        sealer,
        cache,
        journal,
        status,
        watches: Arc::default(),
    };
    Inner::start(Box::new(MemoryBackend::new(parts.clone())), parts, None)
}

async fn open_directory(
    config: &Config,
    path: &Path,
    sealer: Arc<Sealer>,
    cache: Arc<Cache>,
) -> Result<Store, OpenError> {
    let directory = Directory::open(path)?;
    let database = Database::open(&directory.database())?;
    let state = read_state(&database, &sealer)?;
    let dir = directory.journal();
    let recovered = recover(&dir, sealer.keyring())?;
    check(&state, &recovered, &dir, sealer.keyring())?;

    let status = Arc::new(Status::new(recovered.head, recovered.last_commit));
    let thread = start_journal(config, &dir, &sealer, &status, recovered)?;
    let journal = Journal::Files(thread.sender.clone());
    replay(&database, &sealer, (&journal, &dir), recovered.last_commit).await?;
    database
        .put_state(&state.seal(&sealer)?)
        .map_err(|error| crate::backend::failed(&error))?;

    let parts = Parts {
        sealer,
        cache,
        journal,
        status,
        watches: Arc::default(),
    };
    let file = directory.database();
    let backend = SqliteBackend::start(database, &file, state, parts.clone())?;
    let disk = Disk {
        _journal: thread,
        _directory: directory,
        journal_dir: dir,
        first_segment: recovered.next_segment,
    };
    Ok(Inner::start(Box::new(backend), parts, Some(disk)))
}

fn start_journal(
    config: &Config,
    dir: &Path,
    sealer: &Arc<Sealer>,
    status: &Arc<Status>,
    recovered: Recovered,
) -> Result<JournalThread, OpenError> {
    let files = config.journal_files.clone();
    let start = Start {
        files: files.unwrap_or_else(|| Arc::new(DiskFiles(dir.to_owned()))),
        sealer: sealer.clone(),
        status: status.clone(),
        recovered,
        segment_bytes: config.segment_bytes,
    };
    JournalThread::spawn(start).map_err(OpenError::io(dir))
}

fn read_state(database: &Database, sealer: &Sealer) -> Result<State, OpenError> {
    match database
        .state()
        .map_err(|error| crate::backend::failed(&error))?
    {
        (Some(sealed), _) => State::open(sealer, &sealed).map_err(|_| OpenError::DatabaseDamaged),
        (None, true) => Err(OpenError::DatabaseDamaged),
        (None, false) => Ok(State::default()),
    }
}

/// Database and journal each remember how far the other was: neither may be older than that.
fn check(
    state: &State,
    recovered: &Recovered,
    dir: &Path,
    keyring: &Keyring,
) -> Result<(), OpenError> {
    let (store, journal) = (state.commit_seq, recovered.last_commit);
    if journal > store {
        return Err(OpenError::StoreBehindJournal { store, journal });
    }
    let seen = state.journal_head();
    if seen.seq > recovered.head.seq || !contains(dir, keyring, seen)? {
        let (seen, journal) = (seen.seq, recovered.head.seq);
        return Err(OpenError::JournalBehindStore { seen, journal });
    }
    Ok(())
}

/// Appends the events of commits that the journal has not got. Of the last commit that it knows it
/// may have the first ones alone.
async fn replay(
    database: &Database,
    sealer: &Sealer,
    (journal, dir): (&Journal, &Path),
    last_commit: u64,
) -> Result<(), OpenError> {
    let outbox = database.outbox_from(last_commit);
    for (commit_seq, sealed) in outbox.map_err(|error| crate::backend::failed(&error))? {
        let mut events = apply::open_events(sealer, commit_seq, &sealed)
            .map_err(|_| OpenError::DatabaseDamaged)?;
        if commit_seq == last_commit {
            let known = match events.len() {
                1 => 1,
                _ => recorded(dir, sealer.keyring(), commit_seq)?,
            };
            events.drain(..known.min(events.len()));
        }
        if events.is_empty() {
            continue;
        }
        let (done, answer) = oneshot::channel();
        journal.append(Pending {
            events: events.into(),
            commit_seq,
            done: Some(done),
        });
        answer.await.unwrap_or(Err(JournalError::Failed))?;
    }
    Ok(())
}
