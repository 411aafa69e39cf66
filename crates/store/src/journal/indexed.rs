//! The indexes of packed segments, for who reads a journal beside the process that writes it.

use std::path::Path;

use crypto::Keyring;

use super::index_file::{self, SegmentIndex};
use super::reader::find;
use super::{Damage, Place};

/// A packed segment that has an index.
pub struct Indexed {
    /// Its first event, for a [`Picker`](super::Picker).
    pub first: Place,
    /// Number of its last event.
    pub last_seq: u64,
    /// What was noted of its events; to be believed as far as it authenticates.
    pub index: SegmentIndex,
}

/// The segment that holds event `seq` of the store in `directory`; `None` where it is not packed, or
/// has no index that was made for it.
pub fn indexed(directory: &Path, keyring: &Keyring, seq: u64) -> Result<Option<Indexed>, Damage> {
    let dir = directory.join("journal");
    let Some(segment) = find(&dir, keyring, seq)? else {
        return Ok(None);
    };
    let header = &segment.header;
    let end = segment.packed_end();
    let Some(end) = end.filter(|end| header.first_seq <= seq && seq <= end.seq) else {
        return Ok(None);
    };
    // An index that cannot be read is as good as none: the events are there.
    let index = index_file::open(&dir, header, keyring).ok().flatten();
    Ok(index.map(|index| Indexed {
        first: Place::new(header.first_seq, header.number, 0),
        last_seq: end.seq,
        index,
    }))
}
