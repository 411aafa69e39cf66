//! Checking a whole journal.

use std::path::Path;

use crypto::Keyring;

use super::files::numbers;
use super::reader::{damage, follow};
use super::segment::Segment;
use super::{Damage, Head};

/// What a sound journal holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// Number of events.
    pub records: u64,
    /// Number of segments.
    pub segments: u64,
    /// The last event.
    pub head: Head,
    /// The last commit that an event belongs to.
    pub last_commit: u64,
}

/// Reads every event of the store in `directory` and checks every seal, number and hash.
pub fn verify(directory: &Path, keyring: &Keyring) -> Result<Summary, Damage> {
    let dir = directory.join("journal");
    let numbers = numbers(&dir).map_err(|error| damage(error.into()))?;
    let mut summary = Summary::default();
    let Some(first) = numbers.first() else {
        return Ok(summary);
    };
    let mut segment = Segment::open(&dir, *first, keyring).map_err(damage)?;
    summary.last_commit = segment.header.last_commit;
    loop {
        check(&mut segment, &mut summary)?;
        match follow(&dir, keyring, &segment)? {
            Some(next) => segment = next,
            None if summary.segments == numbers.len() as u64 => return Ok(summary),
            None => {
                let what = "the segment is missing";
                let segment = segment.header.number + 1;
                return Err(Damage {
                    segment,
                    offset: 0,
                    what,
                });
            }
        }
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
    summary.head = segment.last;
    Ok(())
}
