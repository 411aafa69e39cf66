//! The rows of the index of one stretch of the journal: columns of small numbers, one row an event.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};
use store::journal::{Entry, Place};

use super::HistoryKey;
use super::event::Attributes;
use super::filter::{Filter, Mark, Scope, short};

/// So many events share one place, from which the journal is read on.
const BLOCK: usize = 64;
/// The class of events for whose own there is no number left: they have to be read.
const ANY_CLASS: u16 = u16::MAX;
/// The class of what is no event that can be looked up.
const NO_CLASS: u16 = u16::MAX - 1;
/// Of the encoding, and of what is in it; another one is made again.
const FORMAT: u8 = 2;

/// What kind of call an event is of, and whose it is. There are few of them.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Class {
    pub(super) account: String,
    pub(super) region: String,
    pub(super) name: String,
    pub(super) source: String,
    read_only: bool,
    types: Vec<String>,
}

/// What a row says of an event, beside its id and its user.
#[derive(Clone, Copy)]
pub(super) struct Row {
    pub(super) class: u16,
    pub(super) key: u16,
    /// Of the first resource.
    pub(super) name: u16,
}

impl Row {
    /// Whether it is of no event that can be looked up; nothing else is known of it.
    pub(super) fn is_unread(self) -> bool {
        self.class == NO_CLASS
    }

    /// Whether there was no number left for the event's class.
    pub(super) fn is_unnumbered(self) -> bool {
        self.class == ANY_CLASS
    }
}

/// What is asked for.
pub(super) struct Wanted<'a> {
    pub(super) account: &'a str,
    pub(super) region: &'a str,
    pub(super) attribute: Option<(HistoryKey, &'a str)>,
}

/// What is kept in memory of a stretch of the journal.
#[derive(Clone)]
pub(super) struct Summary {
    pub(super) first_seq: u64,
    pub(super) last_seq: u64,
    pub(super) oldest_millis: i64,
    pub(super) youngest_millis: i64,
    pub(super) filter: Filter,
}

/// The rows, in the order of the journal, and where they lie.
#[derive(Clone, Default)]
pub(super) struct Rows {
    head: Head,
    classes: Vec<u16>,
    users: Vec<u16>,
    keys: Vec<u16>,
    ids: Vec<u16>,
    /// Of the first resource.
    names: Vec<u16>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
struct Head {
    segment: u64,
    first_seq: u64,
    count: u32,
    classes: Vec<Class>,
    /// Positions of rows with hashes of their further resources.
    more_names: Vec<(u32, u16)>,
    blocks: Vec<Block>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
struct Block {
    offset: u64,
    first_millis: i64,
    last_millis: i64,
}

/// Rows that are being made.
#[derive(Default)]
pub(super) struct Builder {
    rows: Rows,
    known: HashMap<Class, u16>,
    /// What the class before last was, and the last one: most events are of either.
    recent: [Option<(u16, Scope)>; 2],
    marks: HashSet<Mark>,
    times: Option<(i64, i64)>,
}

impl Class {
    fn of(event: &Attributes<'_>, types: &[Cow<'_, str>]) -> Self {
        Self {
            account: event.account.to_string(),
            region: event.region.to_string(),
            name: event.name.to_string(),
            source: event.source.to_string(),
            read_only: event.read_only,
            types: types.iter().map(Cow::to_string).collect(),
        }
    }

    /// Whether an event, with the types of its resources, is of this class.
    fn has(&self, event: &Attributes<'_>, types: &[Cow<'_, str>]) -> bool {
        self.account == event.account
            && self.name == event.name
            && self.source == event.source
            && self.region == event.region
            && self.read_only == event.read_only
            && self.types.iter().eq(types)
    }

    /// Whether events of the class may be wanted, as far as the class tells.
    fn may_be(&self, wanted: &Wanted<'_>) -> bool {
        if self.account != wanted.account || self.region != wanted.region {
            return false;
        }
        let Some((key, value)) = wanted.attribute else {
            return true;
        };
        match key {
            HistoryKey::EventName => self.name == value,
            HistoryKey::ReadOnly => value == read_only(self.read_only),
            HistoryKey::ResourceType => self.types.iter().any(|kind| kind == value),
            HistoryKey::EventSource => self.source == value,
            HistoryKey::EventId
            | HistoryKey::Username
            | HistoryKey::ResourceName
            | HistoryKey::AccessKeyId => true,
        }
    }
}

/// The types of an event's resources, and of those that the history lists, each once and in order.
fn types<'a>(event: &Attributes<'a>, listed: &[(Cow<'a, str>, Cow<'a, str>)]) -> Vec<Cow<'a, str>> {
    let touched = event.resources.iter().map(|it| it.kind.clone());
    let mut types: Vec<_> = touched
        .chain(listed.iter().map(|(kind, _)| kind.clone()))
        .collect();
    types.retain(|kind| !kind.is_empty());
    types.sort_unstable();
    types.dedup();
    types
}

/// As it is asked for.
pub(super) fn read_only(is: bool) -> &'static str {
    if is { "true" } else { "false" }
}

impl Builder {
    /// Whether the next event of a segment belongs to the rows; the first one decides.
    pub(super) fn fits(&self, segment: u64, limit: usize) -> bool {
        let count = self.rows.classes.len();
        count == 0 || self.rows.head.segment == segment && count < limit
    }

    /// Whether there is no row yet.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.classes.is_empty()
    }

    /// Notes an event.
    pub(super) fn push(&mut self, entry: &Entry, place: Place) {
        let millis = i64::try_from(entry.now_millis).unwrap_or(i64::MAX);
        let rows = &mut self.rows;
        let position = rows.classes.len();
        if position == 0 {
            (rows.head.segment, rows.head.first_seq) = (place.segment(), entry.seq);
        }
        rows.note_time(position, place.offset(), millis);
        let (oldest, youngest) = self.times.unwrap_or((millis, millis));
        self.times = Some((oldest.min(millis), youngest.max(millis)));
        // Events that other parts of the program write may look otherwise.
        match Attributes::read(&entry.payload) {
            Some(known) => self.note(position, &known),
            None => self.rows.push(NO_CLASS, [0; 4]),
        }
    }

    fn note(&mut self, position: usize, event: &Attributes<'_>) {
        let listed = event.names();
        let (class, scope) = self.class(event, &types(event, &listed));
        let mut names: Vec<&str> = event.resources.iter().map(|it| &*it.arn).collect();
        for (_, name) in &listed {
            if !names.contains(&&**name) {
                names.push(name);
            }
        }
        let mut names = names.into_iter();
        let own = [
            (HistoryKey::EventId, Some(&*event.id)),
            (HistoryKey::Username, event.user_name()),
            (HistoryKey::AccessKeyId, event.access_key_id()),
        ];
        let own = own
            .into_iter()
            .filter_map(|(key, value)| Some((key, value?)));
        let own = own.chain(names.clone().map(|name| (HistoryKey::ResourceName, name)));
        self.marks
            .extend(own.map(|attribute| scope.mark(Some(attribute))));
        let columns = [
            event.user_name(),
            event.access_key_id(),
            Some(&*event.id),
            names.next(),
        ];
        self.rows.push(class, columns.map(short));
        let position = u32::try_from(position).unwrap_or(u32::MAX);
        let more = names.map(|name| (position, short(Some(name))));
        self.rows.head.more_names.extend(more);
    }

    /// The number of the event's class, whose marks are there, and its scope.
    fn class(&mut self, event: &Attributes<'_>, types: &[Cow<'_, str>]) -> (u16, Scope) {
        let classes = &self.rows.head.classes;
        let is_it = |(number, _): &(u16, Scope)| {
            let class = classes.get(usize::from(*number));
            class.is_some_and(|class| class.has(event, types))
        };
        let known = self.recent.into_iter().flatten().find(is_it);
        known.unwrap_or_else(|| {
            let found = self.number(Class::of(event, types));
            self.recent = [self.recent[1], Some(found)];
            found
        })
    }

    /// The number of a class, which it gets if it has none.
    fn number(&mut self, class: Class) -> (u16, Scope) {
        let scope = Scope::new(&class.account, &class.region);
        if let Some(number) = self.known.get(&class) {
            return (*number, scope);
        }
        self.mark(&class, scope);
        let next = u16::try_from(self.known.len()).unwrap_or(NO_CLASS);
        if next >= NO_CLASS {
            return (ANY_CLASS, scope);
        }
        self.rows.head.classes.push(class.clone());
        self.known.insert(class, next);
        (next, scope)
    }

    /// Notes what all events of a class have.
    fn mark(&mut self, class: &Class, scope: Scope) {
        let single = [
            (HistoryKey::EventName, class.name.as_str()),
            (HistoryKey::ReadOnly, read_only(class.read_only)),
            (HistoryKey::EventSource, class.source.as_str()),
        ];
        let types = class.types.iter();
        let types = types.map(|kind| (HistoryKey::ResourceType, kind.as_str()));
        let all = single.into_iter().chain(types).map(Some).chain([None]);
        self.marks
            .extend(all.map(|attribute| scope.mark(attribute)));
    }

    /// What is known of the events, and their rows.
    pub(super) fn finish(&self) -> (Summary, Rows) {
        let (oldest_millis, youngest_millis) = self.times.unwrap_or_default();
        let mut rows = self.rows.clone();
        rows.head.count = u32::try_from(rows.classes.len()).unwrap_or(u32::MAX);
        let first_seq = rows.head.first_seq;
        let summary = Summary {
            first_seq,
            last_seq: first_seq + (rows.classes.len() as u64).saturating_sub(1),
            oldest_millis,
            youngest_millis,
            filter: Filter::of(&self.marks),
        };
        (summary, rows)
    }

    /// The rows so far.
    pub(super) fn rows(&self) -> &Rows {
        &self.rows
    }
}

impl Summary {
    /// Whether there was no event: they count from 1.
    pub(super) fn is_empty(&self) -> bool {
        self.first_seq == 0
    }

    /// What is kept on disk.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let seqs = (self.first_seq, self.last_seq);
        let head = (FORMAT, seqs, (self.oldest_millis, self.youngest_millis));
        let mut bytes = postcard::to_stdvec(&head).unwrap_or_default();
        bytes.extend_from_slice(self.filter.bytes());
        bytes
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        type Fields = (u8, (u64, u64), (i64, i64));
        let (fields, filter) = postcard::take_from_bytes::<Fields>(bytes).ok()?;
        let (format, (first_seq, last_seq), (oldest_millis, youngest_millis)) = fields;
        (format == FORMAT).then(|| Self {
            first_seq,
            last_seq,
            oldest_millis,
            youngest_millis,
            filter: Filter::from_bytes(filter),
        })
    }
}

impl Rows {
    /// What is kept on disk.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = postcard::to_stdvec(&(FORMAT, &self.head)).unwrap_or_default();
        for column in [
            &self.classes,
            &self.users,
            &self.keys,
            &self.ids,
            &self.names,
        ] {
            bytes.extend(column.iter().flat_map(|value| value.to_le_bytes()));
        }
        bytes
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let ((format, head), rest) = postcard::take_from_bytes::<(u8, Head)>(bytes).ok()?;
        let length = 2 * head.count as usize;
        if format != FORMAT || rest.len() != 5 * length {
            return None;
        }
        let mut columns = rest.chunks_exact(length.max(1)).map(|column| {
            let (values, _) = column.as_chunks::<2>();
            values.iter().map(|it| u16::from_le_bytes(*it)).collect()
        });
        let mut next = || columns.next().unwrap_or_default();
        Some(Self {
            classes: next(),
            users: next(),
            keys: next(),
            ids: next(),
            names: next(),
            head,
        })
    }

    /// The numbers of the events before `before` that may be wanted and have a neighbour in the time
    /// range, the newest first.
    pub(super) fn newest_first(
        &self,
        wanted: &Wanted<'_>,
        before: u64,
        times: (i64, i64),
    ) -> Vec<u64> {
        let fits: Vec<bool> = self
            .head
            .classes
            .iter()
            .map(|class| class.may_be(wanted))
            .collect();
        let class_fits = |class: u16| {
            class == ANY_CLASS || fits.get(usize::from(class)).copied().unwrap_or(false)
        };
        let hash = short(wanted.attribute.map(|(_, value)| value));
        let column = match wanted.attribute.map(|(key, _)| key) {
            Some(HistoryKey::EventId) => Some(&self.ids),
            Some(HistoryKey::Username) => Some(&self.users),
            Some(HistoryKey::AccessKeyId) => Some(&self.keys),
            Some(HistoryKey::ResourceName) => Some(&self.names),
            _ => None,
        };
        let is_name = matches!(wanted.attribute, Some((HistoryKey::ResourceName, _)));
        let mut found: Vec<usize> = match column {
            None => (0..self.classes.len()).collect(),
            Some(column) => {
                let rows = column.iter().enumerate();
                rows.filter(|(_, value)| **value == hash)
                    .map(|(position, _)| position)
                    .collect()
            }
        };
        if is_name {
            let more = self.head.more_names.iter();
            let more = more.filter(|(_, value)| *value == hash);
            found.extend(more.map(|(position, _)| *position as usize));
            found.sort_unstable();
            found.dedup();
        }
        found.retain(|position| {
            self.classes
                .get(*position)
                .is_some_and(|it| class_fits(*it))
                && self.is_near(*position, times)
        });
        let seqs = found.iter().rev();
        let seqs = seqs.map(|position| self.head.first_seq + *position as u64);
        seqs.filter(|seq| *seq < before).collect()
    }

    /// The numbers of the events.
    pub(super) fn seqs(&self) -> std::ops::Range<u64> {
        let first = self.head.first_seq;
        first..first + self.classes.len() as u64
    }

    /// The numbers of the classes that fit.
    pub(super) fn classes(&self, fits: impl Fn(&Class) -> bool) -> impl Iterator<Item = u16> {
        let classes = (0..).zip(&self.head.classes);
        let fitting = classes.filter(move |(_, class)| fits(class));
        fitting.map(|(number, _)| number)
    }

    /// The positions of events that have, behind the first, a resource whose name has this hash.
    pub(super) fn further_names(&self, hash: u16) -> HashSet<usize> {
        let more = self.head.more_names.iter();
        let more = more.filter(|(_, value)| *value == hash);
        more.map(|(position, _)| *position as usize).collect()
    }

    /// The numbers of the events that fit and have a neighbour in the time range, ascending.
    pub(super) fn seqs_where(
        &self,
        times: (i64, i64),
        fits: impl Fn(usize, Row) -> bool,
    ) -> Vec<u64> {
        let columns = self.classes.iter().zip(&self.keys).zip(&self.names);
        let rows = columns.map(|((class, key), name)| Row {
            class: *class,
            key: *key,
            name: *name,
        });
        let found = rows
            .enumerate()
            .filter(|(position, row)| self.is_near(*position, times) && fits(*position, *row));
        let first = self.head.first_seq;
        found.map(|(position, _)| first + position as u64).collect()
    }

    /// The segment that the events lie in.
    pub(super) fn segment(&self) -> u64 {
        self.head.segment
    }

    /// A place from which event `seq` can be read.
    pub(super) fn near(&self, seq: u64) -> Option<Place> {
        let first = self.head.first_seq;
        let position = usize::try_from(seq.checked_sub(first)?).ok()?;
        let block = self.head.blocks.get(position / BLOCK)?;
        let seq = first + (position / BLOCK * BLOCK) as u64;
        Some(Place::new(seq, self.head.segment, block.offset))
    }

    fn push(&mut self, class: u16, [user, key, id, name]: [u16; 4]) {
        self.classes.push(class);
        self.users.push(user);
        self.keys.push(key);
        self.ids.push(id);
        self.names.push(name);
    }

    fn note_time(&mut self, position: usize, offset: u64, millis: i64) {
        let last = self.head.blocks.last_mut();
        match last.filter(|_| !position.is_multiple_of(BLOCK)) {
            Some(last) => {
                last.first_millis = last.first_millis.min(millis);
                last.last_millis = last.last_millis.max(millis);
            }
            None => self.head.blocks.push(Block {
                offset,
                first_millis: millis,
                last_millis: millis,
            }),
        }
    }

    /// Whether the event or one beside it lies in a time range.
    fn is_near(&self, position: usize, (from, to): (i64, i64)) -> bool {
        let block = self.head.blocks.get(position / BLOCK);
        block.is_some_and(|block| block.last_millis >= from && block.first_millis <= to)
    }
}
