//! Deployment packages: ZIP archives, checked before they are kept and unpacked before they run.
//!
//! The reader is strict and small. It takes what tools write (stored and deflated entries, ZIP64 fields,
//! data descriptors, links that stay inside) and refuses what only attacks or accidents contain. Work is
//! bounded by the sizes that the directory declares, which are added up first: an entry that holds more
//! than it declares is refused at the first byte too many, and no two entries share bytes, so that an
//! archive cannot expand further than deflate does.

mod archive;
mod paths;
mod unpack;

use std::io;

pub use unpack::unpack;

/// What all files of a package may have together, in bytes (AWS: "Lambda quotas", 250 MB unzipped,
/// layers included).
pub const MAX_UNZIPPED: u64 = 262_144_000;
/// The most entries of an archive. AWS names none; what fits into [`MAX_UNZIPPED`] with files of 2 KB.
pub const MAX_ENTRIES: usize = 131_072;

/// What an archive holds; every entry was read and its checksum verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// The sizes of all files together, in bytes.
    pub unzipped_size: u64,
    /// The entries in the archive's order, without the root directory itself.
    pub entries: Vec<Entry>,
}

/// One file, directory or link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Where it lies, relative, `/` between the parts, none of which is empty, `.` or `..`.
    pub path: String,
    /// What it is.
    pub kind: EntryKind,
    /// Permission bits without set-user-id and the like; 0644 and 0755 where the archive has none.
    pub mode: u32,
}

/// What an entry is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A file of so many bytes.
    File {
        /// Its size unzipped.
        size: u64,
    },
    /// A directory.
    Directory,
    /// A symbolic link to a place inside the package.
    Link {
        /// As the link says it, relative to the directory the link lies in.
        target: String,
    },
}

/// Why a package is refused.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// No ZIP archive, or one whose parts contradict each other. AWS: "Could not unzip uploaded file.
    /// Please check your file, then try to upload again."
    #[error("the archive is malformed: {0}")]
    Malformed(&'static str),
    /// A method of compression other than deflate, encryption, or several disks.
    #[error("the archive uses {0}, which is not supported")]
    Unsupported(&'static str),
    /// An entry that does not belong into a package, with its name and what is wrong.
    #[error("the entry `{name}` {problem}")]
    Entry {
        /// The entry's name, shortened.
        name: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// More than [`MAX_UNZIPPED`]. AWS: "Unzipped size must be smaller than 262144000 bytes".
    #[error("the files have more than {MAX_UNZIPPED} bytes unzipped")]
    TooLarge,
    /// More than [`MAX_ENTRIES`].
    #[error("the archive has more than {MAX_ENTRIES} entries")]
    TooManyEntries,
    /// Nothing in it. AWS: "Uploaded file must be a non-empty zip".
    #[error("the archive is empty")]
    Empty,
    /// The package is sound, but could not be written.
    #[error("failed to unpack: {0}")]
    Io(#[from] io::Error),
}

/// Reads all of the archive `zip` without writing anything.
///
/// Takes time in proportion to the unzipped size, up to a second: no work for a thread that serves.
///
/// # Errors
///
/// [`PackageError`], never `Io`.
pub fn check(zip: &[u8]) -> Result<Package, PackageError> {
    let entries = archive::entries(zip)?;
    let mut read = Vec::with_capacity(entries.len());
    for entry in entries {
        let content = match entry.kind {
            archive::Kind::Link => entry.read(zip)?,
            _ => {
                entry.copy(zip, &mut io::sink())?;
                Vec::new()
            }
        };
        read.extend(paths::entry(&entry, content)?);
    }
    paths::consistent(&read)?;
    if read.is_empty() {
        return Err(PackageError::Empty);
    }
    Ok(Package {
        unzipped_size: read.iter().map(Entry::size).sum(),
        entries: read,
    })
}

impl Entry {
    /// The bytes of a file; 0 for all else.
    #[must_use]
    pub fn size(&self) -> u64 {
        match self.kind {
            EntryKind::File { size } => size,
            EntryKind::Directory | EntryKind::Link { .. } => 0,
        }
    }
}

/// The error for an entry called `name`.
fn refused(name: &[u8], problem: &'static str) -> PackageError {
    let mut name = String::from_utf8_lossy(name).into_owned();
    name.truncate(name.floor_char_boundary(128));
    PackageError::Entry { name, problem }
}

#[cfg(test)]
mod tests;
