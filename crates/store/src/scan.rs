//! Reading all records under a prefix, page by page.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Bound;
use std::str::FromStr;
use std::sync::Arc;

use crate::backend::{Range, Row, Scanned};
use crate::cache::{Cached, Kind};
use crate::error::StoreError;
use crate::key::{Key, SEGMENT_LEN};
use crate::record::Record;
use crate::sealing::Place;
use crate::store::Inner;
use crate::txn::{self, Txn};

/// Complete scans of up to so many records are kept.
const MAX_CACHED: usize = 128;

/// One page of a scan.
pub struct Page<R> {
    /// The records with their keys.
    pub rows: Vec<(Key, Arc<R>)>,
    /// Where the next page begins, if there is more.
    pub next: Option<Cursor>,
}

/// A position in a scan, as opaque text for markers and tokens of paged calls.
///
/// It is tied to its table and prefix: any other scan refuses it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(Vec<u8>);

/// Text that is no cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a cursor")]
pub struct NotACursor;

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for Cursor {
    type Err = NotACursor;

    fn from_str(text: &str) -> Result<Self, NotACursor> {
        let digits: Option<Vec<u8>> = text.bytes().map(digit).collect();
        let digits = digits.filter(|it| !it.is_empty() && it.len() % (2 * SEGMENT_LEN) == 0);
        let (pairs, _) = digits.as_deref().ok_or(NotACursor)?.as_chunks();
        Ok(Self(
            pairs.iter().map(|[high, low]| high << 4 | low).collect(),
        ))
    }
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}

/// A complete scan, as it is cached.
struct Complete<R> {
    rows: Vec<(Key, Arc<R>)>,
}

pub(crate) async fn scan<R: Record>(
    txn: &mut Txn,
    prefix: &Key,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<R>, StoreError> {
    if after.is_some() || !txn.staged.is_empty() {
        return Ok(Box::pin(read(txn, prefix, after, limit)).await?.0);
    }
    let wanted = (Kind::Scan, R::TABLE, prefix);
    let held = txn
        .inner
        .parts
        .cache
        .get(wanted, |cached| from_cache(cached, limit));
    let ticket = match held {
        Ok(held) => match held? {
            Some((page, last_version)) => {
                let (at, count) = ((Kind::Scan, prefix), page.rows.len());
                txn.reads.note_cached::<R>(at, (count, last_version));
                return Ok(page);
            }
            None => return Ok(Box::pin(read(txn, prefix, after, limit)).await?.0),
        },
        Err(ticket) => ticket,
    };
    let (page, last_version) = Box::pin(read::<R>(txn, prefix, after, limit)).await?;
    if R::CACHED && page.next.is_none() && page.rows.len() <= MAX_CACHED {
        let rows = page.rows.clone();
        let cached = Cached {
            kind: Kind::Scan,
            row: Arc::new(txn.row::<R>(prefix.clone())),
            version: last_version,
            value: Arc::new(Complete { rows }),
        };
        txn.inner.parts.cache.insert(&ticket, cached);
    }
    Ok(page)
}

/// The page with the last version in it; none where it is not all of the scan.
type Held<R> = Result<Option<(Page<R>, u64)>, StoreError>;

fn from_cache<R: Record>(cached: &Cached, limit: usize) -> Held<R> {
    let Some(complete) = cached.value.downcast_ref::<Complete<R>>() else {
        return Err(StoreError::Integrity { table: R::TABLE });
    };
    if complete.rows.len() > limit {
        return Ok(None);
    }
    let page = Page {
        rows: complete.rows.clone(),
        next: None,
    };
    Ok(Some((page, cached.version)))
}

/// A row of the page: stored, or staged by the transaction itself.
enum Found<'a, R> {
    Stored(&'a Row),
    Staged(Key, Arc<R>),
}

/// The page, with the last version of all that was read for it. Who waits for it keeps it in a box:
/// most scans are in the cache, and futures need no room for what others take.
async fn read<R: Record>(
    txn: &mut Txn,
    prefix: &Key,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<(Page<R>, u64), StoreError> {
    let range = range(&txn.inner.parts.sealer.index(R::TABLE, prefix), after)?;
    let staged = txn.staged.range((range.from.clone(), range.to.clone()));
    let hidden = staged.clone().count();
    // One more than the page, and one more for each row that a staged write may hide: so a page
    // that is cut off is always filled, and it is known whether there is another.
    let wanted = limit + hidden + 1;
    let rows = txn.inner.backend.scan(range.clone(), wanted).await?;
    let mut found = BTreeMap::new();
    for row in &rows {
        found.insert(&row.index, Found::Stored(row));
    }
    for (index, staged) in staged {
        found.remove(index);
        if let Some(value) = staged.value.clone() {
            found.insert(
                index,
                Found::Staged(staged.row.key.clone(), txn::typed::<R>(value)?),
            );
        }
    }
    let more = found.len() > limit;
    let mut page = Page {
        rows: Vec::with_capacity(found.len().min(limit)),
        next: None,
    };
    for (index, found) in found.into_iter().take(limit) {
        page.rows.push(match found {
            Found::Stored(row) => open::<R>(&txn.inner, prefix, row)?,
            Found::Staged(key, record) => (key, record),
        });
        page.next = more.then(|| Cursor(index.clone()));
    }
    let scanned = scanned(range, &rows, rows.len() < wanted);
    let last_version = scanned.last_version;
    txn.reads.note_range(scanned);
    Ok((page, last_version))
}

/// What was read: up to the end of the range, or to the last row if there may be more.
fn scanned(range: Range, rows: &[Row], complete: bool) -> Scanned {
    let last_version = rows.iter().map(|row| row.version).max().unwrap_or_default();
    let to = match rows.last() {
        Some(row) if !complete => Bound::Included(row.index.clone()),
        _ => range.to,
    };
    Scanned {
        range: Range {
            from: range.from,
            to,
        },
        count: rows.len() as u64,
        last_version,
    }
}

/// Opens a row found by its place and checks that its own key belongs there.
fn open<R: Record>(inner: &Inner, prefix: &Key, row: &Row) -> Result<(Key, Arc<R>), StoreError> {
    let place = Place {
        table: R::TABLE,
        service: R::SERVICE,
        account: prefix.account(),
        index: &row.index,
    };
    let (key, record) = txn::open::<R>(inner, &place, row)?;
    if inner.parts.sealer.index(R::TABLE, &key) != row.index {
        return Err(StoreError::Integrity { table: R::TABLE });
    }
    Ok((key, Arc::new(record)))
}

pub(crate) fn range(prefix: &[u8], after: Option<&Cursor>) -> Result<Range, StoreError> {
    let mut range = whole(prefix);
    match after {
        Some(Cursor(index)) if index.starts_with(prefix) => {
            range.from = Bound::Excluded(index.clone());
        }
        Some(_) => return Err(StoreError::BadCursor),
        None => {}
    }
    Ok(range)
}

/// All that begins with `prefix`.
pub(crate) fn whole(prefix: &[u8]) -> Range {
    Range {
        from: Bound::Included(prefix.to_vec()),
        to: successor(prefix),
    }
}

/// The end of all keys that begin with `prefix`.
fn successor(prefix: &[u8]) -> Bound<Vec<u8>> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if let Some(next) = last.checked_add(1) {
            end.push(next);
            return Bound::Excluded(end);
        }
    }
    Bound::Unbounded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_round_trip_as_text() {
        let cursor = Cursor((0..48).collect());
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for text in ["", "0", "00", "zz", &"0".repeat(31), &"G".repeat(32)] {
            assert_eq!(text.parse::<Cursor>(), Err(NotACursor), "{text}");
        }
    }

    #[test]
    fn successors_bound_prefixes() {
        assert_eq!(successor(&[1, 2]), Bound::Excluded(vec![1, 3]));
        assert_eq!(successor(&[1, 255]), Bound::Excluded(vec![2]));
        assert_eq!(successor(&[255, 255]), Bound::Unbounded);
    }
}
