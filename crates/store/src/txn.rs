//! A transaction: reads that are remembered, writes that are staged.

use std::collections::BTreeMap;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::backend::{Batch, Row, Write};
use crate::cache::{Cached, Kind, Ticket, Value};
use crate::error::{CommitError, Contested, StoreError};
use crate::journal::Event;
use crate::key::{Key, RowId};
use crate::reads::Reads;
use crate::record::{self, DecodeError, Record};
use crate::scan::{self, Cursor, Page};
use crate::sealing::Place;
use crate::store::{Handle, Inner};

/// A transaction over a [`Store`](crate::Store).
///
/// Reads see what the transaction itself has staged, and otherwise what was last committed. The
/// commit succeeds only if everything that was read still holds; a transaction that writes nothing
/// is not checked.
pub struct Txn {
    pub(crate) inner: Arc<Handle>,
    pub(crate) reads: Reads,
    pub(crate) staged: BTreeMap<Vec<u8>, Staged>,
    /// The table of a record that could not be encoded.
    broken: Option<&'static str>,
    /// How often something was staged.
    stagings: u64,
}

/// What a transaction had staged at some time.
pub struct Savepoint {
    staged: BTreeMap<Vec<u8>, Staged>,
    broken: Option<&'static str>,
    stagings: u64,
}

/// A staged write, or deletion.
#[derive(Clone)]
pub(crate) struct Staged {
    pub(crate) row: Arc<RowId>,
    pub(crate) value: Option<Value>,
    plaintext: Option<Zeroizing<Vec<u8>>>,
}

impl Txn {
    pub(crate) fn new(inner: Arc<Handle>) -> Self {
        let (reads, staged) = (Reads::default(), BTreeMap::new());
        Self {
            inner,
            reads,
            staged,
            broken: None,
            stagings: 0,
        }
    }

    /// Moves the transaction out. What stays behind cannot be committed, so that a transaction that
    /// is never put back is not mistaken for one that wrote nothing.
    pub fn lend(&mut self) -> Self {
        let mut empty = Self::new(self.inner.clone());
        empty.broken = Some("(lent)");
        std::mem::replace(self, empty)
    }

    /// What is staged now, to go back to.
    pub fn savepoint(&self) -> Savepoint {
        Savepoint {
            staged: self.staged.clone(),
            broken: self.broken,
            stagings: self.stagings,
        }
    }

    /// Drops what was staged since. What was read still has to hold.
    pub fn roll_back(&mut self, to: Savepoint) {
        (self.staged, self.broken) = (to.staged, to.broken);
    }

    /// Whether anything was staged since.
    pub fn has_staged_since(&self, savepoint: &Savepoint) -> bool {
        self.stagings != savepoint.stagings
    }

    /// The record with this key.
    pub async fn get<R: Record>(&mut self, key: &Key) -> Result<Option<Arc<R>>, StoreError> {
        self.inner.check_open(StoreError::Closed)?;
        match self.at_hand(key)? {
            AtHand::Known(known) => Ok(known),
            // In a box of its own: most records are at hand, and else every future in which one is
            // read would have room for what it takes to fetch it, and be moved with it.
            AtHand::Unknown(ticket) => Box::pin(self.fetch(key, ticket)).await,
        }
    }

    /// The record with this key, which is not at hand.
    async fn fetch<R: Record>(
        &mut self,
        key: &Key,
        ticket: Ticket,
    ) -> Result<Option<Arc<R>>, StoreError> {
        let row = Arc::new(self.row::<R>(key.clone()));
        let found = self.inner.backend.get(&row.index).await?;
        let Some((cached, record)) = self.opened::<R>(row, found)? else {
            return Ok(None);
        };
        if R::CACHED {
            self.inner.parts.cache.insert(&ticket, cached);
        }
        Ok(Some(record))
    }

    /// The records with these keys, in their order: those of a page, not of a table.
    ///
    /// What is not at hand is read in one go. It is the first to leave the cache again, so that who
    /// walks through many records does not drive out those that all calls need.
    pub async fn get_all<R: Record>(
        &mut self,
        keys: &[Key],
    ) -> Result<Vec<Option<Arc<R>>>, StoreError> {
        self.inner.check_open(StoreError::Closed)?;
        let (mut records, mut missing) = (Vec::with_capacity(keys.len()), Vec::new());
        for (position, key) in keys.iter().enumerate() {
            match self.at_hand(key)? {
                AtHand::Known(known) => records.push(known),
                AtHand::Unknown(ticket) => {
                    records.push(None);
                    let row = Arc::new(self.row::<R>(key.clone()));
                    missing.push((position, row, ticket));
                }
            }
        }
        if missing.is_empty() {
            return Ok(records);
        }
        // Neighbours on disk share pages.
        missing.sort_unstable_by(|(_, a, _), (_, b, _)| a.index.cmp(&b.index));
        let indexes = missing.iter().map(|(_, row, _)| row.index.clone());
        let found = self.inner.backend.get_all(indexes.collect()).await?;
        for ((position, row, ticket), found) in missing.into_iter().zip(found) {
            let Some((cached, record)) = self.opened::<R>(row, found)? else {
                continue;
            };
            if R::CACHED {
                self.inner.parts.cache.insert_behind(&ticket, cached);
            }
            if let Some(place) = records.get_mut(position) {
                *place = Some(record);
            }
        }
        Ok(records)
    }

    /// Up to `limit` records whose keys begin with `prefix` (account and Region must match), after
    /// the cursor of an earlier page.
    ///
    /// The order is fixed and arbitrary: it is that of the opaque keys on disk.
    pub async fn scan<R: Record>(
        &mut self,
        prefix: &Key,
        after: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<R>, StoreError> {
        self.inner.check_open(StoreError::Closed)?;
        scan::scan(self, prefix, after, limit.max(1)).await
    }

    /// Stages a record: created or replaced at commit.
    pub fn put<R: Record>(&mut self, key: Key, record: R) {
        match record::encode(&key, &record) {
            Ok(plaintext) => self.stage::<R>(key, Some((Arc::new(record), plaintext))),
            Err(_) => self.broken = Some(R::TABLE),
        }
    }

    /// Stages a deletion. Deleting what is absent is fine.
    pub fn delete<R: Record>(&mut self, key: &Key) {
        self.stage::<R>(key.clone(), None);
    }

    /// What transactions that read and write this record get in each other's way over.
    pub fn contested<R: Record>(&self, key: &Key) -> Contested {
        Contested(self.inner.parts.sealer.index(R::TABLE, key))
    }

    /// Whether anything is staged.
    pub fn has_writes(&self) -> bool {
        !self.staged.is_empty() || self.broken.is_some()
    }

    pub(crate) fn into_batch(self, events: Vec<Event>) -> Result<Batch, CommitError> {
        if let Some(table) = self.broken {
            return Err(CommitError::Encode { table });
        }
        let write = |Staged { row, plaintext, .. }| Write { row, plaintext };
        let (reads, ranges) = self.reads.all(&self.inner.parts);
        let writes = self.staged.into_values().map(write).collect();
        Ok(Batch {
            reads,
            ranges,
            writes,
            events,
        })
    }

    fn stage<R: Record>(&mut self, key: Key, content: Option<(Value, Zeroizing<Vec<u8>>)>) {
        self.stagings += 1;
        let (value, plaintext) = content.unzip();
        let row = Arc::new(self.row::<R>(key));
        self.staged.insert(
            row.index.clone(),
            Staged {
                row,
                value,
                plaintext,
            },
        );
    }

    pub(crate) fn row<R: Record>(&self, key: Key) -> RowId {
        let index = self.inner.parts.sealer.index(R::TABLE, &key);
        RowId {
            table: R::TABLE,
            service: R::SERVICE,
            key,
            index,
        }
    }

    /// The record as it is staged or cached.
    fn at_hand<R: Record>(&mut self, key: &Key) -> Result<AtHand<R>, StoreError> {
        if !self.staged.is_empty() {
            let index = self.inner.parts.sealer.index(R::TABLE, key);
            if let Some(staged) = self.staged.get(&index) {
                let known = staged.value.clone().map(typed::<R>);
                return known.transpose().map(AtHand::Known);
            }
        }
        let place = (Kind::Record, R::TABLE, key);
        let held = |cached: &Cached| (cached.version, cached.value.clone());
        match self.inner.parts.cache.get(place, held) {
            Ok((version, value)) => {
                self.reads
                    .note_cached::<R>((Kind::Record, key), (1, version));
                Ok(AtHand::Known(Some(typed(value)?)))
            }
            Err(ticket) => Ok(AtHand::Unknown(ticket)),
        }
    }

    /// Remembers what was read, and opens it; none where there is no such row.
    fn opened<R: Record>(
        &mut self,
        row: Arc<RowId>,
        found: Option<Row>,
    ) -> Result<Option<(Cached, Arc<R>)>, StoreError> {
        let Some(found) = found else {
            self.reads.note(row, 0);
            return Ok(None);
        };
        let (opened, record) = open::<R>(&self.inner, &row.place(), &found)?;
        if opened != row.key {
            return Err(StoreError::Integrity { table: R::TABLE });
        }
        let (version, record) = (found.version, Arc::new(record));
        self.reads.note(row.clone(), version);
        let cached = Cached {
            kind: Kind::Record,
            row,
            version,
            value: record.clone(),
        };
        Ok(Some((cached, record)))
    }
}

/// What is known of a record before it is read.
enum AtHand<R> {
    /// The record, or that it is being deleted.
    Known(Option<Arc<R>>),
    Unknown(Ticket),
}

/// Opens and decodes a row.
pub(crate) fn open<R: Record>(
    inner: &Inner,
    place: &Place<'_>,
    row: &Row,
) -> Result<(Key, R), StoreError> {
    let opened = inner.parts.sealer.open_row(place, row.version, &row.sealed);
    let plaintext = opened.map_err(|_| StoreError::Integrity { table: R::TABLE })?;
    record::decode(&plaintext).map_err(|source| StoreError::Decode {
        table: R::TABLE,
        source,
    })
}

/// The record itself. Fails only if two types name one table.
pub(crate) fn typed<R: Record>(value: Value) -> Result<Arc<R>, StoreError> {
    let source = DecodeError::Malformed;
    value.downcast().map_err(|_| StoreError::Decode {
        table: R::TABLE,
        source,
    })
}
