//! SQLite in WAL mode: one thread that commits whatever waits as one transaction, and two that
//! read, each with its own connection.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};

use crypto::SealFailure;
use rusqlite::ErrorCode;
use tokio::sync::oneshot;

use super::{Backend, Batch, BoxFuture, Database, Parts, Range, Row};
use crate::apply::{self, Rejected, State};
use crate::error::{CommitError, JournalError, OpenError, StoreError};
use crate::journal::Pending;

const READERS: usize = 2;
/// At most so many commits share a transaction.
const MAX_GROUP: usize = 256;

const LOG_IN_USE: &str = "the write-ahead log is being read and keeps what was deleted";

type Answer<T, E> = oneshot::Sender<Result<T, E>>;
/// The answer to a commit: where the journal's answer will come, if there is an event.
type Committed = Option<oneshot::Receiver<Result<u64, JournalError>>>;

enum Task {
    Commit(Batch, Answer<Committed, CommitError>),
    Verify(Answer<u64, StoreError>),
    Checkpoint(Answer<(), StoreError>),
    Erase(Answer<(), StoreError>),
    Close(Answer<(), StoreError>),
}

enum Query {
    Get(Vec<u8>, Answer<Option<Row>, StoreError>),
    GetAll(Vec<Vec<u8>>, Answer<Vec<Option<Row>>, StoreError>),
    Scan(Range, usize, Answer<Vec<Row>, StoreError>),
    Count(Range, Answer<u64, StoreError>),
}

pub(crate) struct SqliteBackend {
    writer: Mutex<Option<Sender<Task>>>,
    readers: Mutex<Vec<Sender<Query>>>,
    turn: AtomicUsize,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl SqliteBackend {
    /// Starts the threads over an opened database.
    pub(crate) fn start(
        database: Database,
        path: &Path,
        state: State,
        parts: Parts,
    ) -> Result<Self, OpenError> {
        let failed = |error: io::Error| OpenError::Io {
            path: path.to_owned(),
            source: error,
        };
        let (writer, tasks) = channel();
        let mut committer = Committer {
            database,
            state,
            parts,
        };
        let run = move || committer.run(&tasks);
        let mut threads = vec![spawn("store-writer", run).map_err(failed)?];
        let mut readers = Vec::new();
        for _ in 0..READERS {
            let database = Database::open_reader(path)?;
            let (reader, queries) = channel();
            let run = move || read(&database, &queries);
            threads.push(spawn("store-reader", run).map_err(failed)?);
            readers.push(reader);
        }
        Ok(Self {
            writer: Mutex::new(Some(writer)),
            readers: Mutex::new(readers),
            turn: AtomicUsize::new(0),
            threads: Mutex::new(threads),
        })
    }

    fn ask<T: Send + 'static, E: Send + 'static>(
        &self,
        task: impl FnOnce(Answer<T, E>) -> Task,
        closed: E,
    ) -> BoxFuture<'_, Result<T, E>> {
        let (answer, receiver) = oneshot::channel();
        if let Some(writer) = &*self.writer.lock().unwrap_or_else(PoisonError::into_inner) {
            // A thread that ended drops the answer, which the receiver notices.
            let _ = writer.send(task(answer));
        }
        Box::pin(async { receiver.await.unwrap_or(Err(closed)) })
    }

    fn query<T: Send + 'static>(
        &self,
        query: impl FnOnce(Answer<T, StoreError>) -> Query,
    ) -> BoxFuture<'_, Result<T, StoreError>> {
        let (answer, receiver) = oneshot::channel();
        let turn = self.turn.fetch_add(1, Ordering::Relaxed) % READERS;
        let readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(reader) = readers.get(turn) {
            let _ = reader.send(query(answer));
        }
        Box::pin(async { receiver.await.unwrap_or(Err(StoreError::Closed)) })
    }
}

impl Backend for SqliteBackend {
    fn get(&self, index: &[u8]) -> BoxFuture<'_, Result<Option<Row>, StoreError>> {
        self.query(|answer| Query::Get(index.to_vec(), answer))
    }

    fn get_all(
        &self,
        indexes: Vec<Vec<u8>>,
    ) -> BoxFuture<'_, Result<Vec<Option<Row>>, StoreError>> {
        self.query(|answer| Query::GetAll(indexes, answer))
    }

    fn scan(&self, range: Range, limit: usize) -> BoxFuture<'_, Result<Vec<Row>, StoreError>> {
        self.query(|answer| Query::Scan(range, limit, answer))
    }

    fn count(&self, range: Range) -> BoxFuture<'_, Result<u64, StoreError>> {
        self.query(|answer| Query::Count(range, answer))
    }

    fn commit(&self, batch: Batch) -> BoxFuture<'_, Result<(), CommitError>> {
        let committed = self.ask(|answer| Task::Commit(batch, answer), CommitError::Closed);
        Box::pin(async {
            if let Some(journal) = committed.await? {
                journal.await.unwrap_or(Err(JournalError::Failed))?;
            }
            Ok(())
        })
    }

    fn verify(&self) -> BoxFuture<'_, Result<u64, StoreError>> {
        self.ask(Task::Verify, StoreError::Closed)
    }

    fn checkpoint(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.ask(Task::Checkpoint, StoreError::Closed)
    }

    fn erase(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.ask(Task::Erase, StoreError::Closed)
    }

    fn close(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        // The readers go first: the last connection to close removes the write-ahead log.
        self.readers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
        let closed = self.ask(Task::Close, StoreError::Closed);
        self.writer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        closed
    }

    fn reset(&self) -> bool {
        false
    }
}

impl Drop for SqliteBackend {
    fn drop(&mut self) {
        self.readers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
        self.writer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        for thread in self
            .threads
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .drain(..)
        {
            let _ = thread.join();
        }
    }
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    Builder::new().name(name.to_owned()).spawn(run)
}

fn read(database: &Database, queries: &Receiver<Query>) {
    let failed = |error: rusqlite::Error| StoreError::Database(error.to_string());
    // Nobody waiting for an answer any more is fine.
    while let Ok(query) = queries.recv() {
        match query {
            Query::Get(index, answer) => {
                let _ = answer.send(database.get(&index).map_err(failed));
            }
            Query::GetAll(indexes, answer) => {
                let _ = answer.send(database.get_all(&indexes).map_err(failed));
            }
            Query::Scan(range, limit, answer) => {
                let _ = answer.send(database.scan(&range, limit).map_err(failed));
            }
            Query::Count(range, answer) => {
                let _ = answer.send(database.count(&range).map_err(failed));
            }
        }
    }
}

/// The thread that writes.
struct Committer {
    database: Database,
    state: State,
    parts: Parts,
}

type Waiting = (Batch, Answer<Committed, CommitError>);
type Outcome = Result<u64, CommitError>;

impl Committer {
    fn run(&mut self, tasks: &Receiver<Task>) {
        while let Ok(task) = tasks.recv() {
            let mut next = Some(task);
            let mut group = Vec::new();
            while let Some(Task::Commit(batch, answer)) = next {
                group.push((batch, answer));
                next = if group.len() < MAX_GROUP {
                    tasks.try_recv().ok()
                } else {
                    None
                };
            }
            if !group.is_empty() {
                self.commit(group);
            }
            match next {
                Some(Task::Verify(answer)) => {
                    let _ = answer.send(self.database.verify(&self.state, &self.parts.sealer));
                }
                Some(Task::Checkpoint(answer)) => {
                    let _ = answer.send(self.checkpoint());
                }
                Some(Task::Erase(answer)) => {
                    let _ = answer.send(self.erase());
                }
                Some(Task::Close(answer)) => {
                    let _ = answer.send(self.close());
                    return;
                }
                Some(Task::Commit(..)) | None => {}
            }
        }
    }

    /// Commits a group as one transaction and answers everybody in it.
    fn commit(&mut self, mut group: Vec<Waiting>) {
        if self.parts.status.backlog.load(Ordering::Acquire) != 0 {
            self.parts.journal.drain();
        }
        let before = self.state;
        match self.transact(&group) {
            Ok(outcomes) => {
                for (waiting, outcome) in group.drain(..).zip(outcomes) {
                    self.answer(waiting, outcome);
                }
            }
            Err(error) => {
                self.database.roll_back();
                self.state = before;
                let error = self.judge(&error);
                for (_, answer) in group {
                    let _ = answer.send(Err(error.clone()));
                }
            }
        }
    }

    fn transact(&mut self, group: &[Waiting]) -> Result<Vec<Outcome>, Broken> {
        self.database.begin()?;
        let mut outcomes = Vec::with_capacity(group.len());
        for (batch, _) in group {
            outcomes.push(self.apply(batch)?);
        }
        if !outcomes.iter().any(Result::is_ok) {
            self.database.roll_back();
            return Ok(outcomes);
        }
        self.database
            .clear_outbox(self.parts.status.last_commit())?;
        self.put_state()?;
        self.database.commit()?;
        Ok(outcomes)
    }

    /// Applies one batch inside the transaction; a batch that is refused has changed nothing.
    fn apply(&mut self, batch: &Batch) -> Result<Outcome, Broken> {
        if self.parts.status.has_failed() {
            return Ok(Err(JournalError::Failed.into()));
        }
        let sealer = &self.parts.sealer;
        let seq = self.state.commit_seq + 1;
        let events = match batch.events.as_slice() {
            [] => None,
            _ if self.parts.status.backlog.load(Ordering::Acquire) != 0 => {
                return Ok(Err(JournalError::NoSpace.into()));
            }
            events => match apply::seal_events(sealer, seq, events) {
                Ok(sealed) => Some(sealed),
                Err(failure) => return Ok(Err(failure.into())),
            },
        };
        match apply::apply(batch, &mut &self.database, &mut self.state, sealer) {
            Ok(()) => {}
            Err(Rejected::Conflict(over)) => return Ok(Err(CommitError::Conflict(over))),
            Err(Rejected::Seal(failure)) => return Ok(Err(failure.into())),
            Err(Rejected::Backend(error)) => return Err(error.into()),
        }
        if let Some(sealed) = events {
            self.database.put_events(seq, &sealed)?;
        }
        Ok(Ok(seq))
    }

    /// After the commit: the cache forgets, the journal takes the events, the caller is told.
    fn answer(&self, (mut batch, answer): Waiting, outcome: Outcome) {
        let committed = outcome.map(|commit_seq| {
            self.parts.invalidate(&batch);
            let events = std::mem::take(&mut batch.events);
            (!events.is_empty()).then(|| {
                let (done, journal) = oneshot::channel();
                self.parts.journal.append(Pending {
                    events: events.into(),
                    commit_seq,
                    done: Some(done),
                });
                journal
            })
        });
        let _ = answer.send(committed);
    }

    fn put_state(&mut self) -> Result<(), Broken> {
        self.state.set_journal_head(self.parts.head());
        let sealed = self.state.seal(&self.parts.sealer)?;
        Ok(self.database.put_state(&sealed)?)
    }

    /// A full disk passes; after any other failure nobody knows what is durable.
    fn judge(&self, error: &Broken) -> CommitError {
        match error {
            Broken::Seal(failure) => CommitError::Seal(*failure),
            Broken::Sqlite(error) if error.sqlite_error_code() == Some(ErrorCode::DiskFull) => {
                CommitError::NoSpace
            }
            Broken::Sqlite(error) => {
                self.parts.status.fail();
                CommitError::Database(error.to_string())
            }
        }
    }

    fn checkpoint(&self) -> Result<(), StoreError> {
        let emptied = self.database.checkpoint();
        // A log that is in use is read again at the next start.
        emptied
            .map(|_| ())
            .map_err(|error| StoreError::Database(error.to_string()))
    }

    fn erase(&mut self) -> Result<(), StoreError> {
        if self.parts.status.has_failed() {
            return Err(StoreError::Closed);
        }
        if let Err(error) = self.database.rebuild() {
            self.database.roll_back();
            return Err(StoreError::Database(self.judge(&error.into()).to_string()));
        }
        match self.database.checkpoint() {
            Ok(true) => Ok(()),
            Ok(false) => Err(StoreError::Database(LOG_IN_USE.to_owned())),
            Err(error) => Err(StoreError::Database(error.to_string())),
        }
    }

    /// Waits for the journal, notes its head, and leaves nothing in outbox and write-ahead log.
    fn close(&mut self) -> Result<(), StoreError> {
        self.parts.journal.drain();
        if self.parts.status.has_failed() {
            return Err(StoreError::Closed);
        }
        let finish = |committer: &mut Self| -> Result<(), Broken> {
            committer.database.begin()?;
            committer
                .database
                .clear_outbox(committer.parts.status.last_commit())?;
            committer.put_state()?;
            Ok(committer.database.commit()?)
        };
        if let Err(error) = finish(self) {
            self.database.roll_back();
            return Err(StoreError::Database(self.judge(&error).to_string()));
        }
        self.checkpoint()
    }
}

/// Why a transaction was rolled back.
enum Broken {
    Sqlite(rusqlite::Error),
    Seal(SealFailure),
}

impl From<rusqlite::Error> for Broken {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<SealFailure> for Broken {
    fn from(failure: SealFailure) -> Self {
        Self::Seal(failure)
    }
}
