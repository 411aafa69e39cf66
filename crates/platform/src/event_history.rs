//! The events of an account and Region, newest first (CloudTrail, "Event history"): an index over
//! the journal.
//!
//! It lives in memory, keeps its place in the journal, and is made again from it after a start. Of
//! an event it holds 14 bytes: its number, what kind of call it is, and 16 bits of a hash of
//! whatever else can be asked for. What these let through is read from the journal and compared, so
//! that an answer never rests on a hash.

mod event;
mod rows;

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use store::Store;
use store::journal::{Picker, Place, Reader};
use wire::Timestamp;

use crate::fault::{Error, Result};

use event::Attributes;
use rows::{Class, Classes, Row, Rows};

/// How long events can be looked up (LookupEvents).
pub const HISTORY_MILLIS: i64 = 90 * 24 * 60 * 60 * 1000;

/// So many events share one place, from which the journal is read on.
const BLOCK: u64 = 64;

/// An attribute that events can be looked up by.
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
    /// A resource's ARN.
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
    /// Types and ARNs.
    pub resources: Vec<(String, String)>,
    /// All of it, as JSON.
    pub json: String,
}

impl HistoryQuery {
    fn wants(&self, event: &HistoryEvent) -> bool {
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
}

/// The index with its place in the journal.
pub(crate) struct EventHistory {
    store: Store,
    state: Arc<RwLock<State>>,
}

#[derive(Default)]
struct State {
    reader: Option<Reader>,
    blocks: Blocks,
    classes: Classes,
    /// By account and Region.
    rows: BTreeMap<(String, String), Rows>,
}

impl EventHistory {
    pub(crate) fn new(store: Store) -> Self {
        Self {
            store,
            state: Arc::default(),
        }
    }

    /// Reads what is new in the journal, and looks up. Blocks on files: it runs off the threads
    /// that serve.
    pub(crate) async fn look_up(&self, query: HistoryQuery, now: Timestamp) -> Result<HistoryPage> {
        let (store, state) = (self.store.clone(), Arc::clone(&self.state));
        let looking = tokio::task::spawn_blocking(move || {
            catch_up(&state, &store, now)?;
            let state = state.read().unwrap_or_else(PoisonError::into_inner);
            state.look_up(&query, &mut store.journal_picker())
        });
        looking.await.map_err(Error::internal)?
    }

    /// Reads what is new in the journal, so that nobody has to wait for it later; not before
    /// somebody has looked something up, since reading an event costs as much as writing it.
    pub(crate) async fn catch_up(&self, now: Timestamp) -> Result<()> {
        let is_in_use = {
            let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
            state.reader.is_some()
        };
        if !is_in_use {
            return Ok(());
        }
        let (store, state) = (self.store.clone(), Arc::clone(&self.state));
        let reading = tokio::task::spawn_blocking(move || catch_up(&state, &store, now));
        reading.await.map_err(Error::internal)?
    }
}

/// Notes what is new, and forgets what is too old.
fn catch_up(state: &RwLock<State>, store: &Store, now: Timestamp) -> Result<()> {
    let mut state = state.write().unwrap_or_else(PoisonError::into_inner);
    let behind = store.journal_head().seq + 1;
    let reader = state.reader.as_ref();
    if reader.is_some_and(|reader| reader.position() > behind) {
        // A development server was reset: its journal began anew.
        *state = State::default();
    }
    let State {
        reader,
        blocks,
        classes,
        rows,
    } = &mut *state;
    let reader = reader.get_or_insert_with(|| store.journal_reader(1));
    while let Some(entry) = reader.next().map_err(Error::internal)? {
        let millis = i64::try_from(entry.now_millis).unwrap_or(i64::MAX);
        blocks.note(reader.place(), millis);
        // Events that other parts of the program write may look otherwise.
        let Some(known) = Attributes::read(&entry.payload) else {
            continue;
        };
        let scope = (known.account.to_string(), known.region.to_string());
        let row = Row {
            seq: entry.seq,
            class: classes.of(Class::of(&known)),
            user: rows::hash(known.user_name()),
            key: rows::hash(known.access_key_id()),
            id: rows::hash(Some(&known.id)),
        };
        let names = known.resources.iter().map(|resource| &*resource.arn);
        rows.entry(scope).or_default().push(row, names);
    }
    let oldest = blocks.forget(now.millis - HISTORY_MILLIS);
    rows.retain(|_, rows| rows.forget(oldest));
    Ok(())
}

impl State {
    fn look_up(&self, query: &HistoryQuery, picker: &mut Picker) -> Result<HistoryPage> {
        let mut page = HistoryPage {
            events: Vec::new(),
            next: None,
        };
        let scope = (query.account.clone(), query.region.clone());
        let Some(rows) = self.rows.get(&scope) else {
            return Ok(page);
        };
        let times = (query.from.millis, query.to.millis);
        let test = rows::Test::new(&self.classes, query.attribute.as_ref());
        let mut last = None;
        for seq in rows.newest_first(query.before.unwrap_or(u64::MAX), &test) {
            match self.blocks.overlap(seq, times) {
                Overlap::Older => break,
                Overlap::None => continue,
                Overlap::Some => {}
            }
            let event = self.read(picker, seq)?;
            let Some(event) = event.filter(|event| query.wants(event)) else {
                continue;
            };
            if page.events.len() == query.limit {
                page.next = last;
                break;
            }
            page.events.push(event);
            last = Some(seq);
        }
        Ok(page)
    }

    fn read(&self, picker: &mut Picker, seq: u64) -> Result<Option<HistoryEvent>> {
        let Some(near) = self.blocks.near(seq) else {
            return Ok(None);
        };
        let entry = picker.pick(near, seq).map_err(Error::internal)?;
        Ok(entry.and_then(HistoryEvent::of))
    }
}

/// Places and times of events, a block of them at a time.
#[derive(Default)]
struct Blocks {
    blocks: std::collections::VecDeque<Block>,
}

struct Block {
    place: Place,
    /// Of the block's events.
    first_millis: i64,
    last_millis: i64,
    /// No event up to the end of the block is younger.
    youngest_millis: i64,
}

/// How the events around one lie to a time range.
enum Overlap {
    /// Some may be in it.
    Some,
    /// None is in it.
    None,
    /// None is in it, and no event before them.
    Older,
}

impl Blocks {
    fn note(&mut self, place: Place, millis: i64) {
        let youngest_millis = self
            .blocks
            .back()
            .map_or(millis, |last| last.youngest_millis);
        let youngest_millis = youngest_millis.max(millis);
        let last = self.blocks.back_mut();
        match last.filter(|last| last.place.is_near(place) && place.seq - last.place.seq < BLOCK) {
            Some(last) => {
                last.first_millis = last.first_millis.min(millis);
                last.last_millis = last.last_millis.max(millis);
                last.youngest_millis = youngest_millis;
            }
            None => self.blocks.push_back(Block {
                place,
                first_millis: millis,
                last_millis: millis,
                youngest_millis,
            }),
        }
    }

    fn of(&self, seq: u64) -> Option<&Block> {
        let behind = self.blocks.partition_point(|block| block.place.seq <= seq);
        self.blocks.get(behind.checked_sub(1)?)
    }

    fn near(&self, seq: u64) -> Option<Place> {
        self.of(seq).map(|block| block.place)
    }

    fn overlap(&self, seq: u64, (from, to): (i64, i64)) -> Overlap {
        match self.of(seq) {
            Some(block) if block.youngest_millis < from => Overlap::Older,
            Some(block) if block.last_millis < from || block.first_millis > to => Overlap::None,
            Some(_) => Overlap::Some,
            None => Overlap::Older,
        }
    }

    /// Forgets blocks whose events are all older; returns the first event that is left.
    fn forget(&mut self, oldest_millis: i64) -> u64 {
        while self
            .blocks
            .front()
            .is_some_and(|block| block.youngest_millis < oldest_millis)
        {
            self.blocks.pop_front();
        }
        self.blocks
            .front()
            .map_or(u64::MAX, |block| block.place.seq)
    }
}

#[cfg(test)]
mod tests;
