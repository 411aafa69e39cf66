//! The stretches that the journal is indexed in: one for each segment.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use lru::LruCache;
use store::Store;
use store::journal::{KeepError, Keeper, Reader};

use super::filter::Mark;
use super::rows::{Builder, Rows, Summary, Wanted};
use crate::fault::{Error, Result};

/// So many stretches are kept whole in memory, each of 140 KB for a segment of common size.
const CACHED: usize = 64;
/// A journal in memory has no segments: so many events make a stretch.
const MEMORY_ROWS: usize = 16_384;

/// The rows that were read last, by segment.
pub(super) struct Cache(Mutex<LruCache<u64, Arc<Rows>>>);

impl Default for Cache {
    fn default() -> Self {
        let size = NonZeroUsize::new(CACHED).unwrap_or(NonZeroUsize::MIN);
        Self(Mutex::new(LruCache::new(size)))
    }
}

/// All stretches, as far as the journal has been read.
#[derive(Default)]
pub(super) struct Parts {
    reader: Option<Reader>,
    /// By the number of their first event.
    closed: BTreeMap<u64, Part>,
    tail: Builder,
}

/// A stretch that no event is added to.
pub(super) struct Part {
    segment: u64,
    summary: Summary,
    /// Where they are not on disk.
    rows: Option<Arc<Rows>>,
}

impl Parts {
    /// Whether anything has been read.
    pub(super) fn is_in_use(&self) -> bool {
        self.reader.is_some()
    }

    #[cfg(test)]
    pub(super) fn closed_count(&self) -> usize {
        self.closed.len()
    }

    /// The rows of the newest stretch, to which events are added.
    pub(super) fn tail(&self) -> Option<&Rows> {
        (!self.tail.is_empty()).then(|| self.tail.rows())
    }

    /// The stretches before the tail that may have what is wanted, the newest first.
    pub(super) fn newest_first(
        &self,
        wanted: &Wanted<'_>,
        before: u64,
        (from, to): (i64, i64),
    ) -> impl Iterator<Item = &Part> {
        let mark = Mark::new(wanted.account, wanted.region, wanted.attribute);
        let parts = self.closed.range(..before).rev().map(|(_, part)| part);
        parts.filter(move |Part { summary, .. }| {
            let has_time = summary.youngest_millis >= from && summary.oldest_millis <= to;
            has_time && summary.filter.may_have(mark)
        })
    }

    /// Notes what is new, and forgets what is older than `oldest_millis`.
    pub(super) fn catch_up(&mut self, store: &Store, oldest_millis: i64) -> Result<()> {
        let behind = store.journal_head().seq + 1;
        let reader = self.reader.as_ref();
        if reader.is_some_and(|reader| reader.position() > behind) {
            // A development server was reset: its journal began anew.
            *self = Self::default();
        }
        let keeper = store.journal_keeper();
        let mut reader = match self.reader.take() {
            Some(reader) => reader,
            None => {
                let next = match &keeper {
                    Some(keeper) => self.load(keeper, oldest_millis)?,
                    None => 1,
                };
                store.journal_reader(next)
            }
        };
        let read = self.read(&mut reader, keeper.as_ref());
        match read {
            Ok(()) => self.reader = Some(reader),
            // What was read of the tail may be no whole number of events.
            Err(_) => *self = Self::default(),
        }
        self.closed
            .retain(|_, part| part.summary.youngest_millis >= oldest_millis);
        read
    }

    fn read(&mut self, reader: &mut Reader, keeper: Option<&Keeper>) -> Result<()> {
        let limit = if keeper.is_some() {
            usize::MAX
        } else {
            MEMORY_ROWS
        };
        while let Some(entry) = reader.next().map_err(Error::internal)? {
            let place = reader.place();
            if !self.tail.fits(place.segment(), limit) {
                self.close_tail(keeper);
            }
            self.tail.push(&entry, place);
        }
        Ok(())
    }

    fn close_tail(&mut self, keeper: Option<&Keeper>) {
        let (summary, rows) = std::mem::take(&mut self.tail).finish();
        let segment = rows.segment();
        // What cannot be written stays in memory; whoever keeps the journal tries it again.
        let is_kept = keeper.is_some_and(|keeper| put(keeper, segment, &summary, &rows).is_ok());
        let part = Part {
            segment,
            rows: (!is_kept).then(|| Arc::new(rows)),
            summary,
        };
        self.closed.insert(part.summary.first_seq, part);
    }

    /// Reads what is known of the closed segments, from the newest one to those that are too old;
    /// returns the first event that is not in them.
    fn load(&mut self, keeper: &Keeper, oldest_millis: i64) -> Result<u64> {
        let mut next = None;
        for segment in keeper.closed().map_err(Error::internal)?.into_iter().rev() {
            let Some(summary) = summary(keeper, segment)? else {
                break;
            };
            if summary.is_empty() {
                // Its first write failed, for want of room.
                continue;
            }
            next = next.or(Some(summary.last_seq + 1));
            if summary.youngest_millis < oldest_millis {
                break;
            }
            let part = Part {
                segment,
                rows: None,
                summary,
            };
            self.closed.insert(part.summary.first_seq, part);
        }
        Ok(next.unwrap_or(1))
    }
}

impl Part {
    /// The rows; `None` where the segment is gone.
    pub(super) fn rows(&self, store: &Store, cache: &Cache) -> Result<Option<Arc<Rows>>> {
        if let Some(rows) = &self.rows {
            return Ok(Some(Arc::clone(rows)));
        }
        let known = |cache: &Cache| {
            let mut cache = cache.0.lock().unwrap_or_else(PoisonError::into_inner);
            cache.get(&self.segment).map(Arc::clone)
        };
        if let Some(rows) = known(cache) {
            return Ok(Some(rows));
        }
        let Some(keeper) = store.journal_keeper() else {
            return Ok(None);
        };
        let read = || -> std::result::Result<Option<Rows>, KeepError> {
            let index = keeper.index(self.segment)?;
            let rows = index.map(|index| index.rows()).transpose()?.flatten();
            let rows = rows.and_then(|rows| Rows::from_bytes(&rows));
            match rows {
                Some(rows) => Ok(Some(rows)),
                None => Ok(Some(make(&keeper, self.segment)?.1)),
            }
        };
        let rows = unless_gone(read())?.map(Arc::new);
        if let Some(rows) = &rows {
            let mut cache = cache.0.lock().unwrap_or_else(PoisonError::into_inner);
            cache.put(self.segment, Arc::clone(rows));
        }
        Ok(rows)
    }
}

/// Packs a closed segment, and makes its index.
pub(crate) fn finish(keeper: &Keeper, segment: u64) -> std::result::Result<(), KeepError> {
    let mut builder = Builder::default();
    let is_read = keeper.pack(segment, &mut |entry, place| builder.push(entry, place))?;
    if keeper.index(segment)?.is_none() {
        let (summary, rows) = match is_read {
            true => builder.finish(),
            false => built(keeper, segment)?,
        };
        put(keeper, segment, &summary, &rows)?;
    }
    Ok(())
}

/// What is known of a segment, read or made; `None` where it is gone.
fn summary(keeper: &Keeper, segment: u64) -> Result<Option<Summary>> {
    let read = || -> std::result::Result<Option<Summary>, KeepError> {
        let index = keeper.index(segment)?;
        let known = index.map(|index| index.summary()).transpose()?.flatten();
        let known = known.and_then(|known| Summary::from_bytes(&known));
        match known {
            Some(known) => Ok(Some(known)),
            None => Ok(Some(make(keeper, segment)?.0)),
        }
    };
    unless_gone(read())
}

/// Makes the index of a segment from its events, and keeps it if there is room.
fn make(keeper: &Keeper, segment: u64) -> std::result::Result<(Summary, Rows), KeepError> {
    let (summary, rows) = built(keeper, segment)?;
    // Without it the answer is the same, and only comes later.
    let _ = put(keeper, segment, &summary, &rows);
    Ok((summary, rows))
}

fn built(keeper: &Keeper, segment: u64) -> std::result::Result<(Summary, Rows), KeepError> {
    let mut builder = Builder::default();
    keeper.read(segment, &mut |entry, place| builder.push(&entry, place))?;
    Ok(builder.finish())
}

fn put(
    keeper: &Keeper,
    segment: u64,
    summary: &Summary,
    rows: &Rows,
) -> std::result::Result<(), KeepError> {
    keeper.put_index(segment, &summary.to_bytes(), &rows.to_bytes())
}

fn unless_gone<T>(read: std::result::Result<Option<T>, KeepError>) -> Result<Option<T>> {
    match read {
        Err(KeepError::Io(error)) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        read => read.map_err(Error::internal),
    }
}
