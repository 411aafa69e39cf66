//! What a journal holds when it is opened again, and cutting a tail that a crash tore.

use std::path::Path;

use crypto::Keyring;

use super::beginning::Beginning;
use super::files::{numbers, path};
use super::format::HEADER_LEN;
use super::segment::{Segment, Unreadable};
use super::{Damage, Head};
use crate::directory;
use crate::error::OpenError;

/// The end of an existing journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Recovered {
    pub(crate) head: Head,
    pub(crate) last_commit: u64,
    /// Number of the segment to create next.
    pub(crate) next_segment: u64,
}

/// Reads the last segment, cuts its torn tail, and removes it if it holds nothing.
///
/// Only what no event vouches for is cut: an unreadable event after which there is an authentic
/// one of a later write was durable once, and is damage.
pub(crate) fn recover(dir: &Path, keyring: &Keyring) -> Result<Recovered, OpenError> {
    let beginning = Beginning::read(dir, keyring).map_err(|error| unreadable(dir, error))?;
    let mut numbers = numbers(dir).map_err(OpenError::io(dir))?;
    // What is before was about to be deleted.
    numbers.retain(|number| *number >= beginning.number);
    let Some(last) = numbers.last().copied() else {
        return match beginning.number {
            0 => Ok(Recovered::default()),
            segment => Err(missing(segment).into()),
        };
    };
    if let Some(gap) = (beginning.number..)
        .zip(&numbers)
        .find(|(is, has)| is != *has)
    {
        return Err(missing(gap.0).into());
    }
    let opened = match Segment::open(dir, last, keyring) {
        // Its creation was torn: without a header it never held an event.
        Err(Unreadable::Damaged(_)) if is_unbegun(&path(dir, last))? => None,
        other => Some(other.map_err(|error| unreadable(dir, error))?.chained()),
    };
    let Some(mut segment) = opened else {
        remove(dir, last)?;
        return recover(dir, keyring);
    };
    check_first(dir, keyring, &beginning)?;
    let (last_commit, next_segment) = (read_to_end(&mut segment, dir)?, last + 1);
    if segment.packed_end().is_none() {
        cut(&segment, dir)?;
    }
    let recovered = Recovered {
        head: segment.last,
        last_commit,
        next_segment,
    };
    if segment.offset == HEADER_LEN as u64 && numbers.len() > 1 {
        remove(dir, last)?;
        return Ok(Recovered {
            next_segment: last,
            ..recovered
        });
    }
    Ok(recovered)
}

/// Whether the journal holds exactly this event, or held it before its oldest segments were deleted.
pub(crate) fn contains(dir: &Path, keyring: &Keyring, head: Head) -> Result<bool, OpenError> {
    let beginning = Beginning::read(dir, keyring).map_err(|error| unreadable(dir, error))?;
    if head.seq == 0 || beginning.is_after(head) {
        return Ok(true);
    }
    for number in numbers(dir).map_err(OpenError::io(dir))?.into_iter().rev() {
        let segment = Segment::open(dir, number, keyring);
        let mut segment = segment.map_err(|error| unreadable(dir, error))?.chained();
        if segment.last.seq > head.seq {
            continue;
        }
        while segment.last.seq < head.seq {
            if segment
                .next()
                .map_err(|error| unreadable(dir, error))?
                .is_none()
            {
                return Ok(false);
            }
        }
        return Ok(segment.last == head);
    }
    Ok(false)
}

/// How many events of a commit the journal holds, which is among the last ones. They may lie in
/// several segments, where the write of the first ones was torn.
pub(crate) fn recorded(dir: &Path, keyring: &Keyring, commit_seq: u64) -> Result<usize, OpenError> {
    let mut count = 0;
    for number in numbers(dir).map_err(OpenError::io(dir))?.into_iter().rev() {
        let segment = Segment::open(dir, number, keyring);
        let mut segment = segment.map_err(|error| unreadable(dir, error))?;
        while let Some(entry) = segment.next().map_err(|error| unreadable(dir, error))? {
            count += usize::from(entry.commit_seq == commit_seq);
        }
        if segment.header.last_commit < commit_seq {
            break;
        }
    }
    Ok(count)
}

/// The journal has to begin where it should: at its first event, or where it was cut.
fn check_first(dir: &Path, keyring: &Keyring, beginning: &Beginning) -> Result<(), OpenError> {
    let first = Segment::open(dir, beginning.number, keyring);
    let checked = first.and_then(|first| beginning.check(&first));
    checked.map_err(|error| unreadable(dir, error))
}

fn missing(segment: u64) -> Damage {
    Damage {
        segment,
        offset: 0,
        what: "the segment is missing",
    }
}

/// Reads all events; returns the last commit seen. Leaves the segment at its end or at a torn tail.
fn read_to_end(segment: &mut Segment, dir: &Path) -> Result<u64, OpenError> {
    let mut last_commit = segment.header.last_commit;
    let damage = loop {
        match segment.next() {
            Ok(Some(entry)) => last_commit = last_commit.max(entry.commit_seq),
            Ok(None)
                if segment
                    .is_blank_from_here()
                    .map_err(|it| unreadable(dir, it))? =>
            {
                return Ok(last_commit);
            }
            Ok(None) => break segment.damage("there is no event where one should begin"),
            Err(Unreadable::Io(error)) => return Err(OpenError::io(dir)(error)),
            Err(damage) => break damage,
        }
    };
    if segment.proves_damage().map_err(|it| unreadable(dir, it))? {
        return Err(unreadable(dir, damage));
    }
    Ok(last_commit)
}

/// Ends the file after its last event, durably.
fn cut(segment: &Segment, dir: &Path) -> Result<(), OpenError> {
    let path = path(dir, segment.header.number);
    let cut = || {
        let file = directory::create(&path, std::fs::OpenOptions::new().write(true))?;
        file.set_len(segment.offset)?;
        file.sync_all()
    };
    cut().map_err(OpenError::io(&path))
}

fn remove(dir: &Path, number: u64) -> Result<(), OpenError> {
    let path = path(dir, number);
    std::fs::remove_file(&path)
        .and_then(|()| directory::sync(dir))
        .map_err(OpenError::io(&path))
}

/// Whether a written segment has no whole header.
fn is_unbegun(path: &Path) -> Result<bool, OpenError> {
    match path.metadata() {
        Ok(file) => Ok(file.len() <= HEADER_LEN as u64 || is_blank(path)?),
        // It is packed.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(OpenError::io(path)(error)),
    }
}

fn is_blank(path: &Path) -> Result<bool, OpenError> {
    use std::io::Read;
    let mut file = directory::read(path).map_err(OpenError::io(path))?;
    let mut buffer = vec![0; 64 << 10];
    loop {
        let count = file.read(&mut buffer).map_err(OpenError::io(path))?;
        if count == 0 {
            return Ok(true);
        }
        if buffer.iter().take(count).any(|byte| *byte != 0) {
            return Ok(false);
        }
    }
}

fn unreadable(dir: &Path, error: Unreadable) -> OpenError {
    match error {
        Unreadable::Io(error) => OpenError::io(dir)(error),
        Unreadable::Damaged(damage) => OpenError::JournalDamaged(damage),
    }
}
