//! Rows in a sorted map, for tests and development. They are sealed all the same.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use super::{Backend, Batch, BoxFuture, Journal, Parts, Range, Row};
use crate::apply::{self, Rejected, Rows, Stamp, State};
use crate::error::{CommitError, JournalError, StoreError};
use crate::journal::Pending;

pub(crate) struct MemoryBackend {
    parts: Parts,
    content: Mutex<Content>,
}

#[derive(Default)]
struct Content {
    rows: MemoryRows,
    state: State,
    closed: bool,
}

#[derive(Default)]
struct MemoryRows(BTreeMap<Vec<u8>, (Stamp, Vec<u8>)>);

impl MemoryBackend {
    pub(crate) fn new(parts: Parts) -> Self {
        Self {
            parts,
            content: Mutex::default(),
        }
    }

    fn content(&self) -> MutexGuard<'_, Content> {
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open_content(&self) -> Result<MutexGuard<'_, Content>, StoreError> {
        let content = self.content();
        if content.closed {
            Err(StoreError::Closed)
        } else {
            Ok(content)
        }
    }

    /// Applies the batch and hands over its events, both under the lock: events keep the order of
    /// commits.
    fn apply(
        &self,
        mut batch: Batch,
    ) -> Result<Option<oneshot::Receiver<Result<u64, JournalError>>>, CommitError> {
        let mut content = self.open_content().map_err(|_| CommitError::Closed)?;
        if !batch.events.is_empty() && self.parts.status.has_failed() {
            return Err(JournalError::Failed.into());
        }
        let Content { rows, state, .. } = &mut *content;
        apply::apply(&batch, rows, state, &self.parts.sealer).map_err(|why| match why {
            Rejected::Conflict(over) => CommitError::Conflict(over),
            Rejected::Seal(failure) => failure.into(),
            Rejected::Backend(never) => match never {},
        })?;
        self.parts.invalidate(&batch);
        let events = std::mem::take(&mut batch.events);
        if events.is_empty() {
            return Ok(None);
        }
        let (done, answer) = oneshot::channel();
        let commit_seq = state.commit_seq;
        self.parts.journal.append(Pending {
            events: events.into(),
            commit_seq,
            done: Some(done),
        });
        Ok(Some(answer))
    }

    fn check(&self) -> Result<u64, StoreError> {
        let content = self.open_content()?;
        let fingerprint = |(index, (stamp, sealed)): (&Vec<u8>, &(Stamp, Vec<u8>))| {
            self.parts.sealer.fingerprint(index, stamp.version, sealed)
        };
        let digest = content
            .rows
            .0
            .iter()
            .map(fingerprint)
            .fold(0, |all, one| all ^ one);
        let rows = content.rows.0.len() as u64;
        if (digest, rows) == (content.state.digest, content.state.rows) {
            Ok(rows)
        } else {
            Err(StoreError::Database(
                "rows are missing or were put back".to_owned(),
            ))
        }
    }
}

impl Backend for MemoryBackend {
    fn get(&self, index: &[u8]) -> BoxFuture<'_, Result<Option<Row>, StoreError>> {
        let found = self.open_content().map(|content| content.rows.row(index));
        Box::pin(async { found })
    }

    fn get_all(
        &self,
        indexes: Vec<Vec<u8>>,
    ) -> BoxFuture<'_, Result<Vec<Option<Row>>, StoreError>> {
        let found = self.open_content().map(|content| {
            let rows = indexes.iter().map(|index| content.rows.row(index));
            rows.collect()
        });
        Box::pin(async { found })
    }

    fn scan(&self, range: Range, limit: usize) -> BoxFuture<'_, Result<Vec<Row>, StoreError>> {
        let found = self.open_content().map(|content| {
            let rows = content.rows.range(&range).take(limit);
            let row = |(index, (stamp, sealed)): (&Vec<u8>, &(Stamp, Vec<u8>))| Row {
                index: index.clone(),
                version: stamp.version,
                sealed: sealed.clone(),
            };
            rows.map(row).collect()
        });
        Box::pin(async { found })
    }

    fn count(&self, range: Range) -> BoxFuture<'_, Result<u64, StoreError>> {
        let found = self.open_content();
        let found = found.map(|content| content.rows.range(&range).count() as u64);
        Box::pin(async { found })
    }

    fn commit(&self, batch: Batch) -> BoxFuture<'_, Result<(), CommitError>> {
        Box::pin(async {
            if let Some(answer) = self.apply(batch)? {
                answer.await.unwrap_or(Err(JournalError::Failed))?;
            }
            Ok(())
        })
    }

    fn verify(&self) -> BoxFuture<'_, Result<u64, StoreError>> {
        let checked = self.check();
        Box::pin(async { checked })
    }

    fn checkpoint(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async { Ok(()) })
    }

    fn erase(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async { Ok(()) })
    }

    fn close(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.content().closed = true;
        Box::pin(async { Ok(()) })
    }

    fn reset(&self) -> bool {
        let mut content = self.content();
        content.rows.0.clear();
        // The commit sequence goes on, so that no version is ever used twice.
        content.state = content.state.emptied();
        self.parts.cache.clear();
        if let Journal::Memory(journal) = &self.parts.journal {
            journal.clear();
        }
        true
    }
}

impl MemoryRows {
    fn row(&self, index: &[u8]) -> Option<Row> {
        let row = self.0.get_key_value(index);
        row.map(|(index, (stamp, sealed))| Row {
            index: index.clone(),
            version: stamp.version,
            sealed: sealed.clone(),
        })
    }

    fn range(&self, range: &Range) -> impl Iterator<Item = (&Vec<u8>, &(Stamp, Vec<u8>))> {
        self.0.range((range.from.clone(), range.to.clone()))
    }
}

impl Rows for MemoryRows {
    type Error = Infallible;

    fn stamp(&mut self, index: &[u8]) -> Result<Stamp, Infallible> {
        Ok(self
            .0
            .get(index)
            .map_or(Stamp::default(), |(stamp, _)| *stamp))
    }

    fn extent(&mut self, range: &Range) -> Result<(u64, u64), Infallible> {
        let extent = |(count, last): (u64, u64), version: u64| (count + 1, last.max(version));
        Ok(self
            .range(range)
            .map(|(_, (stamp, _))| stamp.version)
            .fold((0, 0), extent))
    }

    fn put(&mut self, index: &[u8], stamp: Stamp, sealed: &[u8]) -> Result<(), Infallible> {
        self.0.insert(index.to_vec(), (stamp, sealed.to_vec()));
        Ok(())
    }

    fn delete(&mut self, index: &[u8]) -> Result<(), Infallible> {
        self.0.remove(index);
        Ok(())
    }
}
