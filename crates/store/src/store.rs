//! The store: transactions begin and commit here, events are appended here.

use std::ops::Deref;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use crypto::{Keyring, Random};
use tokio::sync::oneshot;

use crate::backend::{Backend, Journal, Parts};
use crate::config::Config;
use crate::directory::Directory;
use crate::error::{CommitError, JournalError, OpenError, StoreError};
use crate::journal::{
    Call, Event, Events, Head, JournalThread, Keeper, MAX_PAYLOAD, Marked, Pending, Picker, Reader,
    Source,
};
use crate::key::Key;
use crate::open;
use crate::per_thread::{Alone, PerThread};
use crate::record::Record;
use crate::scan;
use crate::sealing::Sealer;
use crate::txn::Txn;
use crate::watch::Watch;

/// Events on their way to the disk. They get there whether or not anybody waits.
#[must_use = "events count as recorded only once they are durable"]
pub struct OnTheWay(oneshot::Receiver<Result<u64, JournalError>>);

impl OnTheWay {
    /// Waits until the events are durable; returns the number of the last one.
    pub async fn durable(&mut self) -> Result<u64, JournalError> {
        (&mut self.0).await.unwrap_or(Err(JournalError::Failed))
    }
}

/// A handle to an open store. Clones share it; it ends with the last of them.
#[derive(Clone)]
pub struct Store(pub(crate) Arc<Handles>);

pub(crate) struct Handles {
    inner: Arc<Inner>,
    /// Every transaction takes one, so that none writes to a line that all read.
    own: PerThread<Arc<Handle>>,
}

/// A thread's own reference to the store.
pub(crate) struct Handle(Alone<Arc<Inner>>);

pub(crate) struct Inner {
    // INVARIANT: the order of the fields. Dropping the backend ends the threads that hand events
    // to the journal; only then may the journal end, and after it the directory's lock.
    pub(crate) backend: Box<dyn Backend>,
    pub(crate) parts: Parts,
    disk: Option<Disk>,
    closed: AtomicBool,
    keeping: Mutex<()>,
}

/// What a store on disk holds on to.
pub(crate) struct Disk {
    pub(crate) _journal: JournalThread,
    pub(crate) _directory: Directory,
    pub(crate) journal_dir: PathBuf,
    /// The first segment that is not from before the start.
    pub(crate) first_segment: u64,
}

impl Store {
    /// Opens or creates a store.
    ///
    /// Refuses if database and journal do not fit together or anything it reads does not
    /// authenticate. Blocks on files for some milliseconds.
    pub async fn open(
        config: Config,
        keyring: Arc<Keyring>,
        random: Arc<dyn Random>,
    ) -> Result<Self, OpenError> {
        open::open(config, keyring, random).await
    }

    /// Begins a transaction. It costs nothing until it reads.
    pub fn begin(&self) -> Txn {
        Txn::new(self.0.own.own().clone())
    }

    /// Commits what the transaction staged, together with the events that record it.
    ///
    /// When this returns `Ok`, all of it is durable and no later read sees anything older. Without
    /// writes it is the same as [`append`](Self::append), and nothing at all without an event.
    pub async fn commit(
        &self,
        txn: Txn,
        events: impl IntoIterator<Item = Event>,
    ) -> Result<(), CommitError> {
        self.0.check_open(CommitError::Closed)?;
        let events: Vec<Event> = events.into_iter().collect();
        if !txn.has_writes() {
            if !events.is_empty() {
                self.append_all(events).await?;
            }
            return Ok(());
        }
        if events.iter().any(is_too_large) {
            return Err(JournalError::TooLarge.into());
        }
        if self.0.parts.status.has_failed() {
            return Err(JournalError::Failed.into());
        }
        self.0.backend.commit(txn.into_batch(events)?).await
    }

    /// Records an event and returns its number once it is durable.
    pub async fn append(&self, event: Event) -> Result<u64, JournalError> {
        self.append_all(vec![event]).await
    }

    /// Records events, one after the other and nothing between them, and returns the number of the
    /// last one once they are durable.
    pub async fn append_all(&self, events: Vec<Event>) -> Result<u64, JournalError> {
        self.hand_over(events)?.durable().await
    }

    /// Sends events on their way to the disk, one after the other and nothing between them, without
    /// waiting for them: what the caller still has to do can be done meanwhile.
    pub fn hand_over(&self, events: impl Into<Events>) -> Result<OnTheWay, JournalError> {
        let events = events.into();
        self.0.check_open(JournalError::Closed)?;
        if events.iter().any(is_too_large) {
            return Err(JournalError::TooLarge);
        }
        if self.0.parts.status.has_failed() {
            return Err(JournalError::Failed);
        }
        let (done, answer) = oneshot::channel();
        self.0.parts.journal.append(Pending {
            events,
            commit_seq: 0,
            done: Some(done),
        });
        Ok(OnTheWay(answer))
    }

    /// Says that a call is under way that will append an event or commit, until what is returned is
    /// dropped. It is no more than a hint of how many there are.
    pub fn call(&self) -> Call {
        Call::begin(&self.0.parts.status)
    }

    /// Whether so many calls are under way that work which can wait should.
    pub fn is_busy(&self) -> bool {
        self.0.parts.status.is_busy()
    }

    /// The last durable event.
    pub fn journal_head(&self) -> Head {
        self.0.parts.head()
    }

    /// Reads the journal from event `seq` on (events count from 1), as it grows.
    pub fn journal_reader(&self, seq: u64) -> Reader {
        Reader::live(self.journal_source(), self.0.parts.status.clone(), seq)
    }

    /// Where the marked events lie from event `seq` on, `at_most` so many, if that is known of events
    /// so old. It costs nothing beside reading.
    pub fn journal_marked(&self, seq: u64, at_most: usize) -> Marked {
        self.0.parts.status.marked(seq, at_most)
    }

    /// Reads single events of the journal again.
    pub fn journal_picker(&self) -> Picker {
        Picker::new(self.journal_source())
    }

    /// Keeps the journal: packs, indexes and deletes. None for a store in memory.
    pub fn journal_keeper(&self) -> Option<Keeper> {
        let disk = self.0.disk.as_ref()?;
        let place = (&*disk.journal_dir, disk.first_segment);
        Some(Keeper::new(self.clone(), place))
    }

    pub(crate) fn keyring(&self) -> &Keyring {
        self.0.parts.sealer.keyring()
    }

    pub(crate) fn sealer(&self) -> &Sealer {
        &self.0.parts.sealer
    }

    /// Held by whoever makes or removes files of the journal beside its thread.
    pub(crate) fn keeping(&self) -> &Mutex<()> {
        &self.0.keeping
    }

    fn journal_source(&self) -> Source {
        match (&self.0.parts.journal, &self.0.disk) {
            (Journal::Memory(journal), _) => Source::Memory(journal.clone()),
            (Journal::Files(_), disk) => Source::Files {
                dir: disk
                    .as_ref()
                    .map(|disk| disk.journal_dir.clone())
                    .unwrap_or_default(),
                keyring: self.0.parts.sealer.keyring().clone(),
                segment: None,
            },
        }
    }

    /// Whether writing failed for good; see [`failed`](Self::failed).
    pub fn has_failed(&self) -> bool {
        self.0.parts.status.has_failed()
    }

    /// Waits until writing has failed for good. Then every append and commit is refused, and the
    /// program has to end: only opening again tells what is durable.
    pub async fn failed(&self) {
        let mut failed = self.0.parts.status.failed.subscribe();
        let _ = failed.wait_for(|failed| *failed).await;
    }

    /// Refuses all further events and commits, as after a failed fsync.
    pub fn fail(&self) {
        self.0.parts.status.fail();
    }

    /// Compares all rows with what the store knows of them; returns how many there are.
    ///
    /// Reads say whether one record is authentic; this also notices records that were removed or
    /// replaced by older ones. It reads everything.
    pub async fn verify(&self) -> Result<u64, StoreError> {
        self.0.backend.verify().await
    }

    /// How many records of a table stand under `prefix` (account and Region must match), as last
    /// committed. It walks over all of them.
    pub async fn count<R: Record>(&self, prefix: &Key) -> Result<u64, StoreError> {
        self.0.check_open(StoreError::Closed)?;
        let index = self.0.parts.sealer.index(R::TABLE, prefix);
        self.0.backend.count(scan::range(&index, None)?).await
    }

    /// Tells of commits that write or delete records of a table under `prefix`, from now on.
    pub fn watch<R: Record>(&self, prefix: &Key) -> Watch {
        self.0.parts.watches.watch(R::TABLE, prefix)
    }

    /// Moves the write-ahead log into the database.
    pub async fn checkpoint(&self) -> Result<(), StoreError> {
        self.0.backend.checkpoint().await
    }

    /// Leaves nothing on disk of rows that were deleted or replaced before: no remains in pages of
    /// the database, none in the write-ahead log. It rewrites the whole database, and commits wait
    /// meanwhile. What fails can be tried again.
    pub async fn erase(&self) -> Result<(), StoreError> {
        self.0.backend.erase().await
    }

    /// Finishes what is under way, notes the journal's head and empties the write-ahead log.
    /// Later calls fail. A store that is dropped without this recovers when it is opened.
    pub async fn close(&self) -> Result<(), StoreError> {
        if self.0.closed.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        self.0.parts.cache.clear();
        self.0.backend.close().await
    }

    /// Drops all records and events of a store in memory. Returns whether it did: a store on disk
    /// is left alone.
    pub fn reset(&self) -> bool {
        self.0.backend.reset()
    }
}

impl Inner {
    pub(crate) fn start(backend: Box<dyn Backend>, parts: Parts, disk: Option<Disk>) -> Store {
        let inner = Arc::new(Self {
            backend,
            parts,
            disk,
            closed: AtomicBool::new(false),
            keeping: Mutex::new(()),
        });
        let own = PerThread::new(|| Arc::new(Handle(Alone(Arc::clone(&inner)))));
        Store(Arc::new(Handles { inner, own }))
    }

    pub(crate) fn check_open<E>(&self, closed: E) -> Result<(), E> {
        if self.closed.load(Ordering::Acquire) {
            Err(closed)
        } else {
            Ok(())
        }
    }
}

impl Deref for Handles {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.inner
    }
}

impl Deref for Handle {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0.0
    }
}

fn is_too_large(event: &Event) -> bool {
    event.payload.len() > MAX_PAYLOAD
}

#[cfg(test)]
mod counted;
#[cfg(test)]
mod erasure;
#[cfg(test)]
mod tests;
