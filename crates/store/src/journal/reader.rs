//! Reading events in order, from any one on.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crypto::Keyring;

use super::files::numbers;
use super::segment::{Segment, Unreadable};
use super::{Damage, Entry, MemoryJournal, Status};

/// A cursor over the journal.
pub struct Reader {
    source: Source,
    /// Of a journal that is being written: what is not durable is not read.
    status: Option<Arc<Status>>,
    /// The last event of it that is known to be durable.
    durable: u64,
    next_seq: u64,
}

pub(crate) enum Source {
    Memory(Arc<MemoryJournal>),
    Files {
        dir: PathBuf,
        keyring: Arc<Keyring>,
        segment: Option<Box<Segment>>,
    },
}

impl Reader {
    /// Reads a journal from event `seq` on (events count from 1), or from the oldest one that is
    /// there.
    ///
    /// Where another process writes it, [`next`](Self::next) may come upon an event that is half
    /// written and report damage; then it can be asked again.
    pub fn offline(directory: &Path, keyring: Arc<Keyring>, seq: u64) -> Self {
        let source = Source::Files {
            dir: directory.join("journal"),
            keyring,
            segment: None,
        };
        Self {
            source,
            status: None,
            durable: 0,
            next_seq: seq.max(1),
        }
    }

    pub(crate) fn live(source: Source, status: Arc<Status>, seq: u64) -> Self {
        Self {
            source,
            status: Some(status),
            durable: 0,
            next_seq: seq.max(1),
        }
    }

    /// Where the event lies that [`next`](Self::next) returned last, for a [`Picker`].
    pub fn place(&self) -> Place {
        let (segment, offset) = match &self.source {
            Source::Memory(_) | Source::Files { segment: None, .. } => (0, 0),
            Source::Files {
                segment: Some(segment),
                ..
            } => (segment.header.number, segment.began),
        };
        Place {
            seq: self.next_seq.saturating_sub(1),
            segment,
            offset,
        }
    }

    /// The number of the event that [`next`](Self::next) returns next.
    pub fn position(&self) -> u64 {
        self.next_seq
    }

    /// The next event, or `None` if it is not there yet.
    ///
    /// It reads files: off the async threads, or for a few events at a time.
    #[expect(
        clippy::should_implement_trait,
        reason = "`None` is not the end: there may be more"
    )]
    pub fn next(&mut self) -> Result<Option<Entry>, Damage> {
        if !self.is_durable() {
            self.forget();
            return Ok(None);
        }
        let entry = match &mut self.source {
            Source::Memory(journal) => journal.get(self.next_seq),
            Source::Files {
                dir,
                keyring,
                segment,
            } => {
                let read = next_of_files(dir, keyring, segment, self.next_seq);
                match (read, segment.as_mut()) {
                    // The event is durable, so it is there now. What was read of the file before
                    // may be from a time when it was not, or not whole. The file is read on from
                    // here: to look for the event from the segment's beginning takes the longer
                    // the longer the segment is.
                    (Err(_) | Ok(None), Some(open)) if self.status.is_some() => {
                        open.forget();
                        match next_of_files(dir, keyring, segment, self.next_seq)? {
                            // Or the segments that follow were deleted, since they were too old.
                            None => {
                                *segment = None;
                                next_of_files(dir, keyring, segment, self.next_seq)?
                            }
                            read => read,
                        }
                    }
                    // Somebody may be writing it just now: it is read anew the next time.
                    (Err(error), Some(open)) => {
                        open.forget();
                        return Err(error);
                    }
                    (read, _) => read?,
                }
            }
        };
        if let Some(entry) = &entry {
            self.next_seq = entry.seq + 1;
        } else if self.status.is_some() {
            // The journal of a development server may have begun anew.
            self.durable = 0;
            if !self.is_durable() {
                return Ok(None);
            }
            let what = "an event that was durable is missing";
            return Err(Damage {
                segment: 0,
                offset: 0,
                what,
            });
        }
        Ok(entry)
    }

    /// Whether the next event may be read. A long read asks seldom: it must not hold up who writes.
    fn is_durable(&mut self) -> bool {
        let Some(status) = &self.status else {
            return true;
        };
        if self.next_seq > self.durable {
            self.durable = status.head().seq;
        }
        self.next_seq <= self.durable
    }

    /// What was read ahead of a live journal is from before the next event was durable.
    fn forget(&mut self) {
        if let Source::Files {
            segment: Some(segment),
            ..
        } = &mut self.source
        {
            segment.forget();
        }
    }

    /// Waits until there is an event to read. Returns at once for an offline journal.
    pub async fn wait(&mut self) {
        if let Some(status) = &self.status {
            let mut head = status.head.subscribe();
            // The sender lives in the status that this holds, so that waiting cannot fail.
            let _ = head.wait_for(|head| head.seq >= self.next_seq).await;
        }
    }
}

/// Where an event lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Place {
    /// The event.
    pub seq: u64,
    segment: u64,
    offset: u64,
}

impl Place {
    /// An event of a segment, which begins `offset` bytes behind the beginning of what was written.
    pub fn new(seq: u64, segment: u64, offset: u64) -> Self {
        Self {
            seq,
            segment,
            offset,
        }
    }

    /// The number of the segment; 0 in memory.
    pub fn segment(&self) -> u64 {
        self.segment
    }

    /// Where in the segment as it was written; of no meaning once it is packed.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Whether what lies at `later` can be read from here on.
    pub fn is_near(&self, later: Self) -> bool {
        self.segment == later.segment && self.seq <= later.seq
    }
}

/// Reads single events, in any order, from places that a [`Reader`] told.
pub struct Picker {
    source: Source,
}

impl Picker {
    pub(crate) fn new(source: Source) -> Self {
        Self { source }
    }

    /// Reads a journal beside the process that writes it.
    pub fn offline(directory: &Path, keyring: Arc<Keyring>) -> Self {
        Self::new(Source::Files {
            dir: directory.join("journal"),
            keyring,
            segment: None,
        })
    }

    /// Event `seq`, which lies in the segment of `near` and not before it. None where the segment is
    /// gone. It reads files: off the async threads.
    pub fn pick(&mut self, near: Place, seq: u64) -> Result<Option<Entry>, Damage> {
        let (dir, keyring, open) = match &mut self.source {
            Source::Memory(journal) => return Ok(journal.get(seq)),
            Source::Files {
                dir,
                keyring,
                segment,
            } => (dir, keyring, segment),
        };
        let known = open
            .take()
            .filter(|segment| segment.header.number == near.segment);
        let segment = match known {
            Some(segment) => open.insert(segment),
            None => match Segment::open(dir, near.segment, keyring) {
                Ok(segment) => open.insert(Box::new(segment)),
                Err(Unreadable::Io(error)) if error.kind() == ErrorKind::NotFound => {
                    return Ok(None);
                }
                Err(error) => return Err(damage(error)),
            },
        };
        let picked = match segment.pick(near.offset, seq) {
            // What was read of the file before may be from a time when the event was not there.
            Err(_) => {
                segment.forget();
                segment.pick(near.offset, seq)
            }
            picked => picked,
        };
        picked.map(Some).map_err(damage)
    }
}

/// The number of the last event in `directory`, 0 if there is none. Reads the last segment only.
pub fn last_seq(directory: &Path, keyring: &Keyring) -> Result<u64, Damage> {
    let Some(mut segment) = find(&directory.join("journal"), keyring, u64::MAX)? else {
        return Ok(0);
    };
    let mut last = segment.header.first_seq.saturating_sub(1);
    while let Some(entry) = segment.next().map_err(damage)? {
        last = entry.seq;
    }
    Ok(last)
}

/// The first event of the oldest segment that may hold events at or after `millis` (since 1970).
pub fn first_since(directory: &Path, keyring: &Keyring, millis: u64) -> Result<u64, Damage> {
    let dir = directory.join("journal");
    let numbers = numbers(&dir).map_err(|error| damage(error.into()))?;
    for number in numbers {
        match Segment::open(&dir, number, keyring) {
            Ok(segment) if segment.packed_youngest().is_some_and(|it| it < millis) => {}
            Ok(segment) => return Ok(segment.header.first_seq),
            // It was too old just now, or is not quite begun.
            Err(Unreadable::Io(error)) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(damage(error)),
        }
    }
    Ok(1)
}

fn next_of_files(
    dir: &Path,
    keyring: &Keyring,
    open: &mut Option<Box<Segment>>,
    seq: u64,
) -> Result<Option<Entry>, Damage> {
    loop {
        let segment = match open {
            Some(segment) => segment,
            None => match find(dir, keyring, seq)? {
                Some(segment) => open.insert(Box::new(segment)),
                None => return Ok(None),
            },
        };
        match segment.next().map_err(damage)? {
            Some(entry) if entry.seq >= seq => return Ok(Some(entry)),
            Some(_) => {}
            None => match follow(dir, keyring, segment)? {
                Some(next) => **segment = next,
                None => return Ok(None),
            },
        }
    }
}

/// The segment that holds event `seq`, or will.
///
/// The newest file may be one whose header is being written: it holds no event yet, so the search
/// goes on before it. A header that is damaged for good is found by who reads on to it.
pub(super) fn find(dir: &Path, keyring: &Keyring, seq: u64) -> Result<Option<Segment>, Damage> {
    loop {
        let all = numbers(dir).map_err(|error| damage(error.into()))?;
        match find_among(dir, keyring, seq, &all) {
            // The oldest ones may have been deleted since.
            Err(Unreadable::Io(error)) if error.kind() == ErrorKind::NotFound => {
                let now = numbers(dir).map_err(|error| damage(error.into()))?;
                if now.first() == all.first() {
                    return Err(damage(error.into()));
                }
            }
            found => return found.map_err(damage),
        }
    }
}

/// The last of these segments that begins with event `seq` or before. Where all begin later, the
/// oldest one: what was before is gone.
fn find_among(
    dir: &Path,
    keyring: &Keyring,
    seq: u64,
    numbers: &[u64],
) -> Result<Option<Segment>, Unreadable> {
    let Some((newest, older)) = numbers.split_last() else {
        return Ok(None);
    };
    match Segment::open(dir, *newest, keyring) {
        Ok(segment) if segment.header.first_seq <= seq || older.is_empty() => {
            return Ok(Some(segment));
        }
        Err(Unreadable::Damaged(_)) if !older.is_empty() => {}
        Err(error) => return Err(error),
        Ok(_) => {}
    }
    let (mut from, mut to) = (0, older.len());
    let mut found = None;
    while from < to {
        let middle = from.midpoint(to);
        let Some(number) = older.get(middle) else {
            break;
        };
        let segment = Segment::open(dir, *number, keyring)?;
        if segment.header.first_seq <= seq {
            (from, found) = (middle + 1, Some(segment));
        } else {
            to = middle;
        }
    }
    match (found, older.first()) {
        (None, Some(oldest)) => Segment::open(dir, *oldest, keyring).map(Some),
        (found, _) => Ok(found),
    }
}

/// The segment after `segment`, if there is one, checked to continue it.
pub(crate) fn follow(
    dir: &Path,
    keyring: &Keyring,
    segment: &Segment,
) -> Result<Option<Segment>, Damage> {
    let number = segment.header.number + 1;
    let next = match Segment::open(dir, number, keyring) {
        Ok(next) => next,
        Err(Unreadable::Io(error)) if error.kind() == ErrorKind::NotFound => {
            return Ok(None);
        }
        Err(error) => return Err(damage(error)),
    };
    if next.last != segment.last {
        return Err(damage(
            next.damage("the segment does not continue the one before"),
        ));
    }
    Ok(Some(next))
}

pub(crate) fn damage(error: Unreadable) -> Damage {
    match error {
        Unreadable::Damaged(damage) => damage,
        Unreadable::Io(_) => Damage {
            segment: 0,
            offset: 0,
            what: "a file cannot be read",
        },
    }
}
