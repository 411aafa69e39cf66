//! The events of an account and Region, newest first (CloudTrail, "Event history"): an index over
//! the journal.
//!
//! Each segment of the journal that is closed has an index of its own, a file beside it, sealed as
//! the journal is. In memory there is only what tells which values the events of a segment have;
//! the rows, ten bytes an event and a few more for each further name of what it is about, are read
//! when they are needed. Of the newest segment everything is
//! in memory. What the rows let through is read from the journal and compared, so that an answer
//! never rests on a hash. An index that is missing or damaged is made again from the journal.

mod event;
mod filter;
mod naming;
mod parts;
mod rows;
mod search;

use std::sync::{Arc, PoisonError, RwLock};

use store::Store;
use store::journal::Picker;
use wire::Timestamp;

use crate::fault::{Error, Result};

use parts::{Cache, Parts};
use rows::{Rows, Wanted};

pub use search::HistorySearch;

pub(crate) use parts::finish;

/// How long events can be looked up (LookupEvents).
pub const HISTORY_MILLIS: i64 = 90 * 24 * 60 * 60 * 1000;

/// An attribute that events can be looked up by.
// The order is on disk, in indexes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HistoryKey {
    /// `eventID`
    EventId,
    /// `eventName`
    EventName,
    /// `readOnly`, as `true` or `false`.
    ReadOnly,
    /// The name of the user, the session or the federated user; `root` of the root user.
    Username,
    /// The type of a resource: `AWS::KMS::Key`.
    ResourceType,
    /// A resource's name: one of those that an event is listed with, or its ARN.
    ResourceName,
    /// `eventSource`: `kms.amazonaws.com`.
    EventSource,
    /// The access key that signed.
    AccessKeyId,
}

/// Which events are wanted.
pub struct HistoryQuery {
    /// Whose.
    pub account: String,
    /// Of which Region.
    pub region: String,
    /// Those with this attribute.
    pub attribute: Option<(HistoryKey, String)>,
    /// Not before.
    pub from: Timestamp,
    /// Not after.
    pub to: Timestamp,
    /// Only those that lie in the journal before this one, where a page before ended.
    pub before: Option<u64>,
    /// No more than these.
    pub limit: usize,
}

/// An event of the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryEvent {
    /// `eventID`
    pub id: String,
    /// `recipientAccountId`
    pub account: String,
    /// `awsRegion`
    pub region: String,
    /// When the call arrived, to the millisecond.
    pub at: Timestamp,
    /// `eventName`
    pub name: String,
    /// `eventSource`
    pub source: String,
    /// `readOnly`
    pub read_only: bool,
    /// As [`HistoryKey::Username`] has it.
    pub user_name: Option<String>,
    /// The access key that signed.
    pub access_key_id: Option<String>,
    /// Types, where the history says them, and names.
    pub resources: Vec<(String, String)>,
    /// The ARNs of what the call touched.
    touched: Vec<String>,
    /// All of it, as JSON.
    pub json: String,
}

impl HistoryQuery {
    fn wants(&self, event: &HistoryEvent) -> bool {
        if (&self.account, &self.region) != (&event.account, &event.region) {
            return false;
        }
        let attribute = self.attribute.as_ref();
        let has = attribute.is_none_or(|(key, value)| event.has(*key, value));
        has && event.at >= self.from && event.at <= self.to
    }
}

/// One page of a history.
pub struct HistoryPage {
    /// Newest first.
    pub events: Vec<HistoryEvent>,
    /// Where the next page begins, if there is one.
    pub next: Option<u64>,
    /// Where the last of the events lies.
    last: Option<u64>,
}

/// The index with its place in the journal.
pub struct EventHistory {
    store: Store,
    parts: Arc<RwLock<Parts>>,
    cache: Arc<Cache>,
}

impl EventHistory {
    /// The history of a store; nothing is read before it is asked.
    pub fn new(store: Store) -> Self {
        Self {
            store,
            parts: Arc::default(),
            cache: Arc::default(),
        }
    }

    /// Reads what is new in the journal, and looks up. Blocks on files: it runs off the threads
    /// that serve.
    pub async fn look_up(&self, query: HistoryQuery, now: Timestamp) -> Result<HistoryPage> {
        let (store, parts) = (self.store.clone(), Arc::clone(&self.parts));
        let cache = Arc::clone(&self.cache);
        let looking = tokio::task::spawn_blocking(move || {
            let oldest = now.millis - HISTORY_MILLIS;
            let mut reading = parts.write().unwrap_or_else(PoisonError::into_inner);
            reading.catch_up(&store, oldest)?;
            drop(reading);
            let parts = parts.read().unwrap_or_else(PoisonError::into_inner);
            let mut search = Search {
                parts: &parts,
                cache: &cache,
                store: &store,
                picker: store.journal_picker(),
            };
            search.page(&query)
        });
        looking.await.map_err(Error::internal)?
    }

    /// Reads what is new in the journal, so that nobody has to wait for it later; not before
    /// somebody has looked something up, since reading an event costs as much as writing it.
    pub(crate) async fn catch_up(&self, now: Timestamp) -> Result<()> {
        let is_in_use = {
            let parts = self.parts.read().unwrap_or_else(PoisonError::into_inner);
            parts.is_in_use()
        };
        if !is_in_use {
            return Ok(());
        }
        let (store, parts) = (self.store.clone(), Arc::clone(&self.parts));
        let reading = tokio::task::spawn_blocking(move || {
            let mut parts = parts.write().unwrap_or_else(PoisonError::into_inner);
            parts.catch_up(&store, now.millis - HISTORY_MILLIS)
        });
        reading.await.map_err(Error::internal)?
    }
}

struct Search<'a> {
    parts: &'a Parts,
    cache: &'a Cache,
    store: &'a Store,
    picker: Picker,
}

impl Search<'_> {
    fn page(&mut self, query: &HistoryQuery) -> Result<HistoryPage> {
        let wanted = Wanted {
            account: &query.account,
            region: &query.region,
            attribute: query
                .attribute
                .as_ref()
                .map(|(key, value)| (*key, value.as_str())),
        };
        let mut page = HistoryPage {
            events: Vec::new(),
            next: None,
            last: None,
        };
        let (before, times) = (
            query.before.unwrap_or(u64::MAX),
            (query.from.millis, query.to.millis),
        );
        if let Some(rows) = self.parts.tail() {
            self.add(
                query,
                &rows.newest_first(&wanted, before, times),
                (rows, &mut page),
            )?;
        }
        for part in self.parts.newest_first(&wanted, before, times) {
            if page.next.is_some() {
                break;
            }
            let Some(rows) = part.rows(self.store, self.cache)? else {
                continue;
            };
            self.add(
                query,
                &rows.newest_first(&wanted, before, times),
                (&rows, &mut page),
            )?;
        }
        Ok(page)
    }

    /// Adds those of these events that are wanted, until there is one more than a page has.
    fn add(
        &mut self,
        query: &HistoryQuery,
        seqs: &[u64],
        (rows, page): (&Rows, &mut HistoryPage),
    ) -> Result<()> {
        for seq in seqs {
            if page.next.is_some() {
                break;
            }
            let Some(near) = rows.near(*seq) else {
                continue;
            };
            let entry = self.picker.pick(near, *seq).map_err(Error::internal)?;
            let event = entry.as_ref().and_then(HistoryEvent::of);
            let Some(event) = event.filter(|event| query.wants(event)) else {
                continue;
            };
            if page.events.len() == query.limit {
                page.next = page.last;
                break;
            }
            page.events.push(event);
            page.last = Some(*seq);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
