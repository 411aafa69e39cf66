//! The files of the journal, as far as the writer sees them; a seam for injecting faults.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crate::directory;

/// Zeros are written ahead in steps of this size.
///
/// Measured on ext4 (virtual disk, 16 KiB a write, two rounds): fdatasync of a growing file
/// 33-61 microseconds, of blocks from fallocate 44, of zero-filled blocks 29-30, since only then
/// the sync has no metadata to write. Filling a step takes 0.25 ms.
const STEP: u64 = 1 << 20;

/// Where segments are created.
pub trait JournalFiles: Send + Sync {
    /// Creates the file of segment `number`, which is absent or empty, durably.
    fn create(&self, number: u64) -> io::Result<Box<dyn SegmentFile>>;
}

/// One segment being written.
pub trait SegmentFile: Send {
    /// Writes all of `bytes` at `offset`.
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()>;
    /// Makes everything written durable (fdatasync).
    fn sync(&mut self) -> io::Result<()>;
    /// Cuts the file.
    fn truncate(&mut self, length: u64) -> io::Result<()>;
}

/// Segments in a directory.
pub(crate) struct DiskFiles(pub(crate) PathBuf);

struct DiskFile {
    file: File,
    zeroed: u64,
}

impl JournalFiles for DiskFiles {
    fn create(&self, number: u64) -> io::Result<Box<dyn SegmentFile>> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        let file = directory::create(&path(&self.0, number), &mut options)?;
        // An empty file is left when there was no room for the header; anything else is not ours.
        if file.metadata()?.len() != 0 {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        directory::sync(&self.0)?;
        Ok(Box::new(DiskFile { file, zeroed: 0 }))
    }
}

impl SegmentFile for DiskFile {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let end = offset + bytes.len() as u64;
        while self.zeroed < end {
            let zeros = vec![0; usize::try_from(STEP).unwrap_or_default()];
            self.file.write_all_at(&zeros, self.zeroed)?;
            self.zeroed += STEP;
        }
        self.file.write_all_at(bytes, offset)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.file.set_len(length)?;
        self.zeroed = length;
        self.file.sync_data()
    }
}

/// The file of segment `number`.
pub(crate) fn path(directory: &Path, number: u64) -> PathBuf {
    directory.join(format!("{number:020}.log"))
}

/// The numbers of all segments, ascending. Other files are ignored.
pub(crate) fn numbers(directory: &Path) -> io::Result<Vec<u64>> {
    let mut numbers = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let name = entry?.file_name();
        let digits = name.to_str().and_then(|name| name.strip_suffix(".log"));
        numbers.extend(
            digits
                .filter(|it| it.len() == 20)
                .and_then(|it| it.parse::<u64>().ok()),
        );
    }
    numbers.sort_unstable();
    Ok(numbers)
}
