//! Where a journal begins whose oldest segments were deleted because their time was over.
//!
//! The note of it is sealed, and written before anything is deleted: segments that are missing
//! without it, or before it says so, are damage. An older note only asks for more segments.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crypto::Keyring;

use super::files::replace;
use super::format::{BEGINNING, HEADER_LEN, Hash, Header};
use super::segment::{Segment, Unreadable};
use super::{Damage, Head};
use crate::sealing::Sealer;

/// The first segment that is kept, and what came before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Beginning {
    pub(crate) number: u64,
    /// Its first event.
    pub(crate) first_seq: u64,
    previous: Hash,
    last_commit: u64,
}

impl Beginning {
    /// The beginning of a journal of which nothing was deleted.
    const FIRST: Self = Self {
        number: 0,
        first_seq: 1,
        previous: [0; 32],
        last_commit: 0,
    };

    /// The beginning at a segment.
    pub(crate) fn at(header: &Header) -> Self {
        Self {
            number: header.number,
            first_seq: header.first_seq,
            previous: header.previous,
            last_commit: header.last_commit,
        }
    }

    /// Where the journal in `dir` has to begin.
    pub(crate) fn read(dir: &Path, keyring: &Keyring) -> Result<Self, Unreadable> {
        let mut bytes = Vec::new();
        match crate::directory::read(&path(dir)) {
            Ok(file) => {
                use std::io::Read as _;
                file.take(HEADER_LEN as u64 + 1).read_to_end(&mut bytes)?
            }
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::FIRST),
            Err(error) => return Err(error.into()),
        };
        let header = Header::parse(BEGINNING, &bytes, keyring);
        match header.filter(|_| bytes.len() == HEADER_LEN) {
            Some((header, _)) => Ok(Self::at(&header)),
            None => Err(Unreadable::Damaged(Damage {
                segment: 0,
                offset: 0,
                what: "the note of where the journal begins does not authenticate",
            })),
        }
    }

    /// Notes it, durably.
    pub(crate) fn write(&self, dir: &Path, sealer: &Sealer) -> std::io::Result<()> {
        let (salt, key) = sealer.new_segment().map_err(std::io::Error::other)?;
        let header = Header {
            salt,
            number: self.number,
            previous: self.previous,
            first_seq: self.first_seq,
            last_commit: self.last_commit,
        };
        let bytes = header.to_bytes(BEGINNING, &key);
        replace(&path(dir), &[&bytes.map_err(std::io::Error::other)?])
    }

    /// Whether the segment is the one that the journal begins with.
    pub(crate) fn check(&self, segment: &Segment) -> Result<(), Unreadable> {
        if Self::at(&segment.header) == *self {
            return Ok(());
        }
        Err(segment.damage("the journal does not begin where it should"))
    }

    /// Whether the event lies before the beginning, so that the beginning vouches for it.
    pub(crate) fn is_after(&self, head: Head) -> bool {
        head.seq + 1 < self.first_seq
            || head.seq + 1 == self.first_seq && head.hash == self.previous
    }
}

fn path(dir: &Path) -> PathBuf {
    dir.join("beginning")
}
