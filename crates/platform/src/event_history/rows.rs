//! The rows of the index: columns of small numbers, in parts that are dropped as they get old.

use std::collections::{BTreeMap, VecDeque};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use super::HistoryKey;
use super::event::Attributes;

/// So many rows are kept, and dropped, together.
const PART: usize = 1024;
/// The class of events for whose own there is no number left: they have to be read.
const ANY_CLASS: u16 = u16::MAX;

/// What kind of call an event is of. There are few of them.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Class {
    name: String,
    source: String,
    read_only: bool,
    types: Vec<String>,
}

impl Class {
    pub(super) fn of(event: &Attributes<'_>) -> Self {
        let types = event.resources.iter();
        let mut types: Vec<_> = types.map(|resource| resource.kind.to_string()).collect();
        types.sort_unstable();
        types.dedup();
        Self {
            name: event.name.to_string(),
            source: event.source.to_string(),
            read_only: event.read_only,
            types,
        }
    }

    /// Whether events of the class may have the attribute, as far as the class tells.
    fn may_have(&self, key: HistoryKey, value: &str) -> bool {
        match key {
            HistoryKey::EventName => self.name == value,
            HistoryKey::ReadOnly => value == if self.read_only { "true" } else { "false" },
            HistoryKey::ResourceType => self.types.iter().any(|kind| kind == value),
            HistoryKey::EventSource => self.source == value,
            HistoryKey::EventId
            | HistoryKey::Username
            | HistoryKey::ResourceName
            | HistoryKey::AccessKeyId => true,
        }
    }
}

/// The numbers of classes.
#[derive(Default)]
pub(super) struct Classes {
    known: BTreeMap<Class, u16>,
}

impl Classes {
    /// The number of a class, a new one where it has none.
    pub(super) fn of(&mut self, class: Class) -> u16 {
        let next = u16::try_from(self.known.len()).unwrap_or(ANY_CLASS);
        if next == ANY_CLASS {
            return self.known.get(&class).copied().unwrap_or(ANY_CLASS);
        }
        *self.known.entry(class).or_insert(next)
    }
}

/// 16 bits of a hash; 0 stands for nothing alone.
pub(super) fn hash(text: Option<&str>) -> u16 {
    let Some(text) = text else {
        return 0;
    };
    let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(text);
    u16::try_from(hash & 0xFFFF).unwrap_or_default().max(1)
}

/// An event.
#[derive(Clone, Copy)]
pub(super) struct Row {
    pub(super) seq: u64,
    pub(super) class: u16,
    pub(super) user: u16,
    pub(super) key: u16,
    pub(super) id: u16,
}

/// The events of one account and Region, in the order of the journal.
#[derive(Default)]
pub(super) struct Rows {
    parts: VecDeque<Part>,
}

#[derive(Default)]
struct Part {
    first_seq: u64,
    /// Behind `first_seq`.
    seqs: Vec<u32>,
    classes: Vec<u16>,
    users: Vec<u16>,
    keys: Vec<u16>,
    ids: Vec<u16>,
    /// Of the first resource.
    names: Vec<u16>,
    /// Positions of rows with hashes of their further resources.
    more_names: Vec<(u16, u16)>,
}

/// What lets rows through.
pub(super) struct Test {
    /// By class.
    classes: Vec<bool>,
    column: Column,
    wanted: u16,
}

enum Column {
    Class,
    User,
    Key,
    Id,
    Name,
}

impl Test {
    pub(super) fn new(classes: &Classes, attribute: Option<&(HistoryKey, String)>) -> Self {
        let mut fits = vec![true; classes.known.len()];
        if let Some((key, value)) = attribute {
            for (class, number) in &classes.known {
                if let Some(fits) = fits.get_mut(usize::from(*number)) {
                    *fits = class.may_have(*key, value);
                }
            }
        }
        let column = match attribute.map(|(key, _)| key) {
            Some(HistoryKey::EventId) => Column::Id,
            Some(HistoryKey::Username) => Column::User,
            Some(HistoryKey::AccessKeyId) => Column::Key,
            Some(HistoryKey::ResourceName) => Column::Name,
            _ => Column::Class,
        };
        let wanted = attribute.map(|(_, value)| value.as_str());
        Self {
            classes: fits,
            column,
            wanted: hash(wanted),
        }
    }
}

impl Rows {
    pub(super) fn push<'n>(&mut self, row: Row, mut names: impl Iterator<Item = &'n str>) {
        let fits = |part: &&mut Part| {
            part.seqs.len() < PART && u32::try_from(row.seq - part.first_seq).is_ok()
        };
        if self.parts.back_mut().filter(fits).is_none() {
            self.parts.push_back(Part {
                first_seq: row.seq,
                ..Part::default()
            });
        }
        let Some(part) = self.parts.back_mut() else {
            return;
        };
        let position = u16::try_from(part.seqs.len()).unwrap_or(u16::MAX);
        let behind = u32::try_from(row.seq - part.first_seq);
        part.seqs.push(behind.unwrap_or(u32::MAX));
        part.classes.push(row.class);
        part.users.push(row.user);
        part.keys.push(row.key);
        part.ids.push(row.id);
        part.names.push(hash(names.next()));
        let more = names.map(|name| (position, hash(Some(name))));
        part.more_names.extend(more);
    }

    /// The numbers of the events before `before` that `test` lets through.
    pub(super) fn newest_first<'a>(
        &'a self,
        before: u64,
        test: &'a Test,
    ) -> impl Iterator<Item = u64> + 'a {
        let parts = self.parts.iter().rev();
        let parts = parts.skip_while(move |part| part.first_seq >= before);
        let seqs = parts.flat_map(|part| part.fitting(test).into_iter().rev());
        seqs.skip_while(move |seq| *seq >= before)
    }

    /// Drops what is before `oldest`, as far as whole parts are; false if nothing is left.
    pub(super) fn forget(&mut self, oldest: u64) -> bool {
        while self.parts.front().is_some_and(|part| part.last() < oldest) {
            self.parts.pop_front();
        }
        !self.parts.is_empty()
    }
}

impl Part {
    fn last(&self) -> u64 {
        let behind = self.seqs.last().copied().unwrap_or_default();
        self.first_seq + u64::from(behind)
    }

    fn fitting(&self, test: &Test) -> Vec<u64> {
        let seq = |behind: &u32| self.first_seq + u64::from(*behind);
        let column = match test.column {
            Column::Class => {
                let rows = self.classes.iter().zip(&self.seqs);
                let fits = |class: u16| test.classes.get(usize::from(class)) != Some(&false);
                let rows = rows.filter(|(class, _)| fits(**class));
                return rows.map(|(_, behind)| seq(behind)).collect();
            }
            Column::User => &self.users,
            Column::Key => &self.keys,
            Column::Id => &self.ids,
            Column::Name => &self.names,
        };
        let rows = column.iter().zip(&self.seqs);
        let rows = rows.filter(|(hash, _)| **hash == test.wanted);
        let mut found: Vec<_> = rows.map(|(_, behind)| seq(behind)).collect();
        if matches!(test.column, Column::Name) {
            let more = self.more_names.iter();
            let more = more.filter(|(_, hash)| *hash == test.wanted);
            let more = more.filter_map(|(position, _)| self.seqs.get(usize::from(*position)));
            found.extend(more.map(seq));
            found.sort_unstable();
            found.dedup();
        }
        found
    }
}
