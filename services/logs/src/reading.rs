//! Reads a page of events, in the order of their times, from any number of batches whose times may
//! overlap. Memory is bounded by the page and one batch, whatever is stored.

use std::collections::BTreeMap;

use platform::{Ctx, Result};

use crate::access::Group;
use crate::batch::{self, DataKeys, Entry, Event, IndexRecord};
use crate::filter::Filter;
use crate::position::{Direction, Position};
use crate::stream::StreamRecord;

/// The most events of a page (GetLogEvents, FilterLogEvents).
pub(crate) const MOST_EVENTS: usize = 10_000;
/// The most bytes of a page (GetLogEvents, FilterLogEvents).
const MOST_BYTES: usize = 1024 * 1024;
/// A page ends, though it be not full, when so many bytes have been searched for it.
const MOST_SEARCHED: u64 = 16 * 1024 * 1024;

/// What is looked for.
pub(crate) struct Wanted<'a> {
    pub(crate) direction: Direction,
    /// Where the page begins: the gap in front of its first event in a forward read, behind its
    /// first (which is its latest) in a backward one.
    pub(crate) from: Position,
    /// The first millisecond.
    pub(crate) start_millis: i64,
    /// The first millisecond that is too late.
    pub(crate) end_millis: i64,
    pub(crate) limit: usize,
    pub(crate) filter: &'a Filter,
}

/// An event with all that readers see of it.
pub(crate) struct Read {
    pub(crate) event: Event,
    pub(crate) ingested_millis: i64,
}

/// A page of events.
pub(crate) struct Page {
    /// In the order that was asked for.
    pub(crate) events: Vec<(Position, Read)>,
    /// Where the next page begins; none where nothing is left.
    pub(crate) next: Option<Position>,
}

/// Reads a page of the events of `streams`.
pub(crate) async fn page(
    ctx: &Ctx,
    group: &Group,
    streams: &[StreamRecord],
    wanted: &Wanted<'_>,
) -> Result<Page> {
    let start = first_rank(wanted);
    let mut sources = sources(ctx, group, streams, wanted).await?;
    sources.sort_by_key(|source| source.first);
    let mut found = Found::new(wanted.limit);
    let mut keys = DataKeys::default();
    let (mut searched, mut frontier) = (0, None);
    for source in sources {
        if found.is_cut && found.last().is_some_and(|last| source.first > last) {
            break;
        }
        // What began before the page has to be searched anyhow; so a page always gets on.
        if searched >= MOST_SEARCHED && source.first > start {
            frontier = Some(source.first);
            break;
        }
        let place = (source.stream, source.batch);
        let (ingested_millis, events) = batch::open(ctx, group, place, &mut keys).await?;
        searched += u64::from(source.bytes);
        for (nth, event) in (1..).zip(events) {
            let position = Position {
                millis: event.millis,
                stream: source.stream,
                batch: source.batch,
                nth,
            };
            let rank = position.ranked(wanted.direction);
            let is_inside = (wanted.start_millis..wanted.end_millis).contains(&event.millis);
            if rank >= start && is_inside && wanted.filter.matches(&event.message) {
                let read = Read {
                    event,
                    ingested_millis,
                };
                found.add(rank, read);
            }
        }
    }
    Ok(found.page(frontier, wanted.direction))
}

/// A batch that may hold something.
struct Source {
    stream: u64,
    batch: u64,
    bytes: u32,
    /// The rank of the event that comes first.
    first: Position,
}

fn first_rank(wanted: &Wanted<'_>) -> Position {
    let rank = wanted.from.ranked(wanted.direction);
    match wanted.direction {
        Direction::Forward => rank,
        // The gap in front of an event is behind it when read backward.
        Direction::Backward => rank.next(),
    }
}

async fn sources(
    ctx: &Ctx,
    group: &Group,
    streams: &[StreamRecord],
    wanted: &Wanted<'_>,
) -> Result<Vec<Source>> {
    let start = first_rank(wanted);
    let mut sources = Vec::new();
    for stream in streams {
        for first in batch::pages(stream) {
            let place = batch::page_place(&group.account, &group.region, stream.serial, first);
            let page = ctx.get::<IndexRecord>(&place).await?;
            let entries = page.iter().flat_map(|page| &page.entries);
            let alive = entries.filter(|entry| entry.batch >= stream.gone);
            sources.extend(alive.filter_map(|entry| source(stream, entry, start, wanted)));
        }
    }
    Ok(sources)
}

fn source(
    stream: &StreamRecord,
    entry: &Entry,
    start: Position,
    wanted: &Wanted<'_>,
) -> Option<Source> {
    let is_inside =
        entry.last_millis >= wanted.start_millis && entry.first_millis < wanted.end_millis;
    let (first, last) = (entry.first(stream.serial), entry.last(stream.serial));
    let (first, last) = match wanted.direction {
        Direction::Forward => (first, last),
        Direction::Backward => (last, first),
    };
    let is_ahead = last.ranked(wanted.direction) >= start;
    (is_inside && is_ahead).then(|| Source {
        stream: stream.serial,
        batch: entry.batch,
        bytes: entry.bytes,
        first: first.ranked(wanted.direction),
    })
}

/// The events that come first, no more than a page.
struct Found {
    events: BTreeMap<Position, Read>,
    bytes: usize,
    limit: usize,
    /// Whether something was found that the page has no room for.
    is_cut: bool,
}

impl Found {
    fn new(limit: usize) -> Self {
        Self {
            events: BTreeMap::new(),
            bytes: 0,
            limit: limit.clamp(1, MOST_EVENTS),
            is_cut: false,
        }
    }

    fn last(&self) -> Option<Position> {
        self.events.last_key_value().map(|(rank, _)| *rank)
    }

    fn add(&mut self, rank: Position, read: Read) {
        if self.is_cut && self.last().is_some_and(|last| rank > last) {
            return;
        }
        self.bytes += read.event.size();
        self.events.insert(rank, read);
        while self.events.len() > self.limit || (self.bytes > MOST_BYTES && self.events.len() > 1) {
            let Some((_, dropped)) = self.events.pop_last() else {
                return;
            };
            self.bytes -= dropped.event.size();
            self.is_cut = true;
        }
    }

    /// The page. What lies behind `frontier` was not searched, so nothing behind it is shown.
    fn page(mut self, frontier: Option<Position>, direction: Direction) -> Page {
        if let Some(frontier) = frontier {
            let beyond = self.events.split_off(&frontier);
            self.is_cut &= beyond.is_empty();
        }
        let behind_last = self.last().map(Position::next);
        let next = match self.is_cut {
            true => behind_last,
            false => frontier,
        };
        let plain = |(rank, read): (Position, Read)| (rank.ranked(direction), read);
        Page {
            events: self.events.into_iter().map(plain).collect(),
            next: next.map(|rank| gap(rank, direction)),
        }
    }
}

/// The gap from which a read of this direction begins at `rank`.
fn gap(rank: Position, direction: Direction) -> Position {
    match direction {
        Direction::Forward => rank,
        Direction::Backward => rank.ranked(direction).next(),
    }
}
