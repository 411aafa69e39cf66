//! What is kept of rows until all have been seen: no more than the command behind them needs.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::aggregate::State;
use crate::expression::Row;
use crate::fault::Exceeded;
use crate::plan::{End, Stage, Stats};
use crate::value::Value;

/// Where a row stands among all: the latest comes first where nothing else is asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank {
    pub(crate) millis: i64,
    pub(crate) log: Arc<str>,
    pub(crate) place: [u64; 4],
}

/// A row that is kept.
pub(crate) struct Kept {
    pub(crate) slots: Vec<Value<'static>>,
    pub(crate) rank: Rank,
    /// Its place among the rows of the stage before, where there is one.
    nth: usize,
}

impl Kept {
    fn size(&self) -> usize {
        let values: usize = self.slots.iter().map(Value::size).sum();
        values + self.slots.len() * size_of::<Value<'_>>() + size_of::<Self>()
    }
}

/// The rows of a stage, or what is made of them.
pub(crate) struct Collector {
    kept: What,
    bytes: usize,
    most_bytes: usize,
}

enum What {
    /// The rows that come first; none is asked for beyond so many.
    First(Vec<Kept>, usize),
    /// The first row of each combination of values, and those in which one is absent.
    Distinct(BTreeMap<Vec<u8>, Kept>, Vec<Kept>),
    Groups(BTreeMap<Vec<u8>, Group>),
}

struct Group {
    /// Its latest row.
    rank: Rank,
    by: Vec<Value<'static>>,
    states: Vec<State>,
}

/// What a collector is told of a row.
pub(crate) struct Seen<'r, 'e> {
    pub(crate) row: Row<'r, 'e>,
    pub(crate) rank: Rank,
    /// Its place among the rows of the stage before; 0 for all where there is none.
    pub(crate) nth: usize,
}

impl Collector {
    /// For the rows of `stage`, of which the result shows `most_rows`.
    pub(crate) fn new(stage: &Stage, most_rows: usize, most_bytes: usize) -> Self {
        let kept = match &stage.end {
            End::Finish => What::First(Vec::new(), most_rows),
            End::Limit(limit) => What::First(Vec::new(), *limit),
            End::Dedup(_) => What::Distinct(BTreeMap::new(), Vec::new()),
            End::Stats(_) => What::Groups(BTreeMap::new()),
        };
        Self {
            kept,
            bytes: 0,
            most_bytes,
        }
    }

    pub(crate) fn add(&mut self, stage: &Stage, seen: Seen<'_, '_>) -> Result<(), Exceeded> {
        match (&mut self.kept, &stage.end) {
            (What::Groups(groups), End::Stats(stats)) => self.bytes += grouped(groups, stats, seen),
            (What::Distinct(best, absent), End::Dedup(slots)) => {
                self.bytes += deduplicated((best, absent), stage, slots, &seen);
            }
            (What::First(rows, most), _) => {
                let row = kept(&seen);
                self.bytes += row.size();
                rows.push(row);
                // Sorted now and then: every row is looked at so many times at most.
                if rows.len() >= most.saturating_mul(2).saturating_add(1024) {
                    rows.sort_by(|one, two| order(stage, one, two));
                    rows.truncate(*most);
                    self.bytes = rows.iter().map(Kept::size).sum();
                }
            }
            _ => {}
        }
        match self.bytes > self.most_bytes {
            true => Err(Exceeded(self.most_bytes)),
            false => Ok(()),
        }
    }

    /// The rows in their order, with so many slots as the next stage has.
    pub(crate) fn finish(self, stage: &Stage, slots: usize) -> Vec<Kept> {
        match self.kept {
            What::First(mut rows, most) => {
                rows.sort_by(|one, two| order(stage, one, two));
                rows.truncate(most);
                rows
            }
            What::Distinct(best, absent) => {
                let mut rows: Vec<_> = best.into_values().chain(absent).collect();
                rows.sort_by(|one, two| order(stage, one, two));
                rows
            }
            What::Groups(groups) => aggregated(groups, stage, slots),
        }
    }
}

/// Which row comes first.
fn order(stage: &Stage, one: &Kept, two: &Kept) -> Ordering {
    for (slot, is_descending) in &stage.sort {
        let values = one.slots.get(*slot).zip(two.slots.get(*slot));
        let order = values.map_or(Ordering::Equal, |(one, two)| one.sorted(two));
        let order = if *is_descending {
            order.reverse()
        } else {
            order
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    one.nth.cmp(&two.nth).then_with(|| two.rank.cmp(&one.rank))
}

fn kept(seen: &Seen<'_, '_>) -> Kept {
    let slots = seen.row.slots.iter().cloned().map(Value::into_owned);
    Kept {
        slots: slots.collect(),
        rank: seen.rank.clone(),
        nth: seen.nth,
    }
}

/// Texts of values, told apart from each other and from what is absent.
fn key<'v>(values: impl Iterator<Item = &'v Value<'v>>) -> Vec<u8> {
    let mut key = Vec::with_capacity(64);
    for value in values {
        match value.text() {
            None => key.push(0),
            Some(text) => {
                key.push(1);
                key.extend(text.len().to_be_bytes());
                key.extend(text.as_bytes());
            }
        }
    }
    key
}

fn grouped(groups: &mut BTreeMap<Vec<u8>, Group>, stats: &Stats, seen: Seen<'_, '_>) -> usize {
    let by: Vec<_> = stats.by.iter().map(|expr| expr.of(&seen.row)).collect();
    let key = key(by.iter());
    let mut bytes = 0;
    let group = groups.entry(key).or_insert_with_key(|key| {
        let states = stats
            .aggregates
            .iter()
            .map(|(_, kind, _)| State::new(*kind));
        bytes += 2 * key.len() + 256 + 64 * (by.len() + stats.aggregates.len());
        Group {
            rank: seen.rank.clone(),
            by: by.into_iter().map(Value::into_owned).collect(),
            states: states.collect(),
        }
    });
    for (state, (_, _, expr)) in group.states.iter_mut().zip(&stats.aggregates) {
        bytes += state.add(&expr.of(&seen.row), &seen.rank);
    }
    if seen.rank > group.rank {
        group.rank = seen.rank;
    }
    bytes
}

/// Keeps the row if it comes before the one that is known of its kind. Returns how many bytes that
/// takes more.
fn deduplicated(
    (best, absent): (&mut BTreeMap<Vec<u8>, Kept>, &mut Vec<Kept>),
    stage: &Stage,
    slots: &[usize],
    seen: &Seen<'_, '_>,
) -> usize {
    let values = || slots.iter().filter_map(|slot| seen.row.slots.get(*slot));
    let row = kept(seen);
    let size = row.size();
    if values().any(Value::is_absent) {
        absent.push(row);
        return size;
    }
    let key = key(values());
    match best.get_mut(&key) {
        None => {
            let size = size + key.len();
            best.insert(key, row);
            size
        }
        Some(known) => {
            if order(stage, &row, known).is_lt() {
                *known = row;
            }
            0
        }
    }
}

/// The groups as rows, that of the latest row first.
fn aggregated(groups: BTreeMap<Vec<u8>, Group>, stage: &Stage, slots: usize) -> Vec<Kept> {
    let End::Stats(stats) = &stage.end else {
        return Vec::new();
    };
    let mut groups: Vec<_> = groups.into_values().collect();
    groups.sort_by(|one, two| two.rank.cmp(&one.rank));
    let rows = groups.into_iter().enumerate().map(|(nth, group)| {
        let mut values = group.by;
        values.resize(slots, Value::Absent);
        for (state, (slot, _, _)) in group.states.into_iter().zip(&stats.aggregates) {
            if let Some(value) = values.get_mut(*slot) {
                *value = state.result();
            }
        }
        Kept {
            slots: values,
            rank: group.rank,
            nth,
        }
    });
    rows.collect()
}
