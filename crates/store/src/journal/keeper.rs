//! Keeping a journal: closed segments are packed and indexed, and deleted when their time is over.
//!
//! Whatever it does can be cut off at any time: a file gets its name when it is whole and durable,
//! and nothing is removed before what takes its place is there.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::{MutexGuard, PoisonError};

use super::beginning::Beginning;
use super::index_file::{self, SegmentIndex};
use super::packed::Packer;
use super::segment::{Segment, Unreadable};
use super::{Damage, Entry, Place, files};
use crate::directory;
use crate::store::Store;

/// Keeps the journal of an open store on disk.
pub struct Keeper {
    store: Store,
    dir: std::path::PathBuf,
    /// Segments before this one are from before the start: nothing is written to them.
    first_segment: u64,
}

/// Why something of a journal could not be kept as it should.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// A segment is not what was written.
    #[error(transparent)]
    Damaged(#[from] Damage),
    /// The file system said no.
    #[error("a file of the journal cannot be used: {0}")]
    Io(#[from] io::Error),
}

impl From<Unreadable> for KeepError {
    fn from(error: Unreadable) -> Self {
        match error {
            Unreadable::Io(error) => Self::Io(error),
            Unreadable::Damaged(damage) => Self::Damaged(damage),
        }
    }
}

impl Keeper {
    pub(crate) fn new(store: Store, (dir, first_segment): (&Path, u64)) -> Self {
        Self {
            store,
            dir: dir.to_owned(),
            first_segment,
        }
    }

    /// The numbers of the segments that nothing is written to any more, ascending.
    pub fn closed(&self) -> Result<Vec<u64>, KeepError> {
        let beginning = Beginning::read(&self.dir, self.store.keyring())?;
        let mut numbers = files::numbers(&self.dir)?;
        let newest = numbers.last().copied();
        let is_closed = |number| number < self.first_segment || Some(number) != newest;
        numbers.retain(|number| *number >= beginning.number && is_closed(*number));
        Ok(numbers)
    }

    /// The closed segments that are not packed, or have no index, ascending.
    pub fn unfinished(&self) -> Result<Vec<u64>, KeepError> {
        let packed = files::numbers_of(&self.dir, &["pack"])?;
        let indexed = files::numbers_of(&self.dir, &["idx"])?;
        let mut closed = self.closed()?;
        let has = |all: &[u64], number: &u64| all.binary_search(number).is_ok();
        closed.retain(|number| !has(&packed, number) || !has(&indexed, number));
        Ok(closed)
    }

    /// Gives all events of a closed segment to `visit`, each with its place.
    pub fn read(&self, number: u64, visit: &mut dyn FnMut(Entry, Place)) -> Result<(), KeepError> {
        let mut segment = Segment::open(&self.dir, number, self.store.keyring())?;
        while let Some(entry) = segment.next()? {
            let place = Place::new(entry.seq, number, segment.began);
            visit(entry, place);
        }
        Ok(())
    }

    /// Packs a closed segment, unless it is packed. What was written is removed once what is packed
    /// has been read back and gives the same chain. `visit` gets each event that is read back, with
    /// its place; true if it got all of them.
    pub fn pack(
        &self,
        number: u64,
        visit: &mut dyn FnMut(&Entry, Place),
    ) -> Result<bool, KeepError> {
        let _working = self.working();
        let (written, packed) = (
            files::path(&self.dir, number),
            files::packed_path(&self.dir, number),
        );
        if !fs::exists(&written)? {
            return Ok(false);
        }
        let is_new = !fs::exists(&packed)?;
        if is_new {
            let fresh = files::fresh(&packed);
            let made = self.write_packed(number, &fresh, visit);
            if let Err(error) = made {
                // A full disk must not be kept full.
                let _ = fs::remove_file(&fresh);
                return Err(error);
            }
            files::publish(&fresh, &packed)?;
        }
        fs::remove_file(&written)?;
        directory::sync(&self.dir)?;
        Ok(is_new)
    }

    fn write_packed(
        &self,
        number: u64,
        fresh: &Path,
        visit: &mut dyn FnMut(&Entry, Place),
    ) -> Result<(), KeepError> {
        let keyring = self.store.keyring();
        let mut segment = Segment::open(&self.dir, number, keyring)?;
        let fresh_key = self.store.sealer().new_segment();
        let mut packer = Packer::new(&segment.header, fresh_key.map_err(io::Error::other)?);
        while let Some(event) = segment.next_framed()? {
            packer.push(&event, segment.last.hash)?;
        }
        if !segment.is_blank_from_here()? {
            return Err(segment
                .damage("there is something after the last event")
                .into());
        }
        let parts = packer.finish()?;
        let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        files::write(fresh, &parts)?;
        let file = directory::read(fresh)?;
        let mut again = Segment::open_packed(file, number, keyring)?.chained();
        while let Some(entry) = again.next()? {
            visit(&entry, Place::new(entry.seq, number, again.began));
        }
        if again.header == segment.header && again.last == segment.last {
            Ok(())
        } else {
            Err(again.damage("packing changed the segment").into())
        }
    }

    /// The index of a segment; `None` where there is none that fits.
    pub fn index(&self, number: u64) -> Result<Option<SegmentIndex>, KeepError> {
        let segment = Segment::open(&self.dir, number, self.store.keyring())?;
        Ok(index_file::open(
            &self.dir,
            &segment.header,
            self.store.keyring(),
        )?)
    }

    /// Keeps an index beside a segment: what is read at once, and what is read when it is needed.
    pub fn put_index(&self, number: u64, summary: &[u8], rows: &[u8]) -> Result<(), KeepError> {
        let _working = self.working();
        let segment = Segment::open(&self.dir, number, self.store.keyring())?;
        let parts = index_file::sealed(&segment.header, self.store.sealer(), (summary, rows))?;
        let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        Ok(files::replace(
            &files::index_path(&self.dir, number),
            &parts,
        )?)
    }

    /// Deletes the oldest segments that are packed and whose events are all before `floor`, and
    /// older than `oldest_millis` (since 1970); returns how many. The newest ones stay: that which
    /// is being written, if there is one, and the one before it.
    pub fn delete_before(&self, floor: u64, oldest_millis: u64) -> Result<usize, KeepError> {
        let _working = self.working();
        let keyring = self.store.keyring();
        let closed = self.closed()?;
        for number in &closed {
            let segment = Segment::open(&self.dir, *number, keyring)?;
            let is_read = segment.packed_end().is_some_and(|end| end.seq < floor);
            let is_old = segment
                .packed_youngest()
                .is_some_and(|at| at < oldest_millis);
            if is_read && is_old && closed.last() != Some(number) {
                continue;
            }
            if closed.first() != Some(number) {
                Beginning::at(&segment.header).write(&self.dir, self.store.sealer())?;
            }
            break;
        }
        self.remove_deleted()
    }

    /// Removes what is before the beginning, the oldest first, and what was being written when a
    /// crash came; returns how many segments those were.
    fn remove_deleted(&self) -> Result<usize, KeepError> {
        let beginning = Beginning::read(&self.dir, self.store.keyring())?.number;
        let (log, pack, idx) = (files::path, files::packed_path, files::index_path);
        let mut deleted = 0;
        for number in files::numbers_of(&self.dir, &["log", "pack", "idx"])? {
            if number >= beginning {
                break;
            }
            for path in [idx, log, pack].map(|path| path(&self.dir, number)) {
                match fs::remove_file(&path) {
                    Ok(()) if path.extension().is_some_and(|it| it != "idx") => deleted += 1,
                    Ok(()) => {}
                    Err(error) if error.kind() == ErrorKind::NotFound => {}
                    Err(error) => return Err(error.into()),
                }
            }
        }
        files::remove_unfinished(&self.dir)?;
        directory::sync(&self.dir)?;
        Ok(deleted)
    }

    /// Held while files are made or removed, so that no two do it at the same time.
    fn working(&self) -> MutexGuard<'_, ()> {
        self.store
            .keeping()
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
