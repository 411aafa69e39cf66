//! Checking a whole journal.

use std::path::Path;

use crypto::Keyring;

use super::beginning::Beginning;
use super::files::numbers;
use super::reader::{damage, follow};
use super::segment::Segment;
use super::{Damage, Head};

/// What a sound journal holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// The first event that is kept; 0 in an empty journal.
    pub first_seq: u64,
    /// Number of events.
    pub records: u64,
    /// Number of segments.
    pub segments: u64,
    /// How many of them are packed.
    pub packed: u64,
    /// The last event.
    pub head: Head,
    /// The last commit that an event belongs to.
    pub last_commit: u64,
}

/// Reads every event of the store in `directory` and checks every seal, number and hash, those of
/// packed segments too.
pub fn verify(directory: &Path, keyring: &Keyring) -> Result<Summary, Damage> {
    let dir = directory.join("journal");
    loop {
        let beginning = Beginning::read(&dir, keyring).map_err(damage)?;
        let checked = verify_from(&dir, keyring, &beginning);
        // Another process may have deleted old segments meanwhile.
        if checked.is_ok() || Beginning::read(&dir, keyring).map_err(damage)? == beginning {
            return checked;
        }
    }
}

fn verify_from(dir: &Path, keyring: &Keyring, beginning: &Beginning) -> Result<Summary, Damage> {
    let mut numbers = numbers(dir).map_err(|error| damage(error.into()))?;
    numbers.retain(|number| *number >= beginning.number);
    let mut summary = Summary::default();
    if numbers.is_empty() && beginning.number == 0 {
        return Ok(summary);
    }
    if numbers.first() != Some(&beginning.number) {
        return Err(missing(beginning.number));
    }
    let mut segment = Segment::open(dir, beginning.number, keyring)
        .map_err(damage)?
        .chained();
    beginning.check(&segment).map_err(damage)?;
    summary.first_seq = segment.header.first_seq;
    summary.last_commit = segment.header.last_commit;
    loop {
        check(&mut segment, &mut summary)?;
        match follow(dir, keyring, &segment)? {
            Some(next) => segment = next.chained(),
            None if summary.segments >= numbers.len() as u64 => return Ok(summary),
            None => return Err(missing(segment.header.number + 1)),
        }
    }
}

fn missing(segment: u64) -> Damage {
    Damage {
        segment,
        offset: 0,
        what: "the segment is missing",
    }
}

fn check(segment: &mut Segment, summary: &mut Summary) -> Result<(), Damage> {
    if segment.header.last_commit != summary.last_commit {
        return Err(damage(
            segment.damage("the segment does not follow the last commit"),
        ));
    }
    while let Some(entry) = segment.next().map_err(damage)? {
        // A commit may have several events.
        if entry.commit_seq != 0 && entry.commit_seq < summary.last_commit {
            return Err(damage(segment.damage("commits are out of order")));
        }
        summary.last_commit = summary.last_commit.max(entry.commit_seq);
        summary.records += 1;
    }
    if !segment.is_blank_from_here().map_err(damage)? {
        return Err(damage(
            segment.damage("there is something after the last event"),
        ));
    }
    summary.segments += 1;
    summary.packed += u64::from(segment.packed_end().is_some());
    summary.head = segment.last;
    Ok(())
}
