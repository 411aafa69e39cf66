//! Writing a package to a directory.

use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, BufWriter, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _, symlink};
use std::path::Path;

use super::archive::{self, RawEntry};
use super::{Entry, EntryKind, Package, PackageError, paths};

/// Unpacks the archive `zip` into the directory `into`, which must exist and be empty.
///
/// Everybody may read files and nobody write; who may execute them stays as it is. Directories get 0755. Links come last, so
/// that nothing is written through one.
///
/// # Errors
///
/// [`PackageError`] as [`super::check`] has them, and `Io`. What was written by then stays.
pub fn unpack(zip: &[u8], into: &Path) -> Result<Package, PackageError> {
    if fs::read_dir(into)?.next().is_some() {
        return Err(io::Error::from(io::ErrorKind::DirectoryNotEmpty).into());
    }
    let mut read: Vec<(RawEntry<'_>, Entry)> = Vec::new();
    for raw in archive::entries(zip)? {
        let content = match raw.kind {
            archive::Kind::Link => raw.read(zip)?,
            archive::Kind::File | archive::Kind::Directory => Vec::new(),
        };
        let entry = paths::entry(&raw, content)?;
        let kind = entry.as_ref().map(|entry| &entry.kind);
        if matches!(kind, None | Some(EntryKind::Directory)) {
            // It is never written, but has to be sound too.
            raw.copy(zip, &mut io::sink())?;
        }
        read.extend(entry.map(|entry| (raw, entry)));
    }
    let entries: Vec<Entry> = read.iter().map(|(_, entry)| entry.clone()).collect();
    paths::consistent(&entries)?;
    if entries.is_empty() {
        return Err(PackageError::Empty);
    }
    for (raw, entry) in &read {
        write(zip, raw, entry, into)?;
    }
    for entry in &entries {
        if let EntryKind::Link { target } = &entry.kind {
            symlink(target, into.join(&entry.path))?;
        }
    }
    Ok(Package {
        unzipped_size: entries.iter().map(Entry::size).sum(),
        entries,
    })
}

/// Writes a file or directory; for a link, the directory it will lie in.
fn write(zip: &[u8], raw: &RawEntry<'_>, entry: &Entry, into: &Path) -> Result<(), PackageError> {
    if entry.kind == EntryKind::Directory {
        return Ok(directory(into, &entry.path)?);
    }
    if let Some((parent, _)) = entry.path.rsplit_once('/') {
        directory(into, parent)?;
    }
    if let EntryKind::File { .. } = entry.kind {
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(into.join(&entry.path))?;
        let mut buffered = BufWriter::new(file);
        raw.copy(zip, &mut buffered)?;
        buffered.flush()?;
        let file = buffered.get_ref();
        // Archives that programs make often say that their owner alone may read.
        file.set_permissions(Permissions::from_mode(entry.mode & 0o555 | 0o444))?;
    }
    Ok(())
}

/// Makes the directory `path` below `into` with all above it, readable whatever the process's mask.
fn directory(into: &Path, path: &str) -> io::Result<()> {
    let mut at = into.to_owned();
    for part in path.split('/') {
        at.push(part);
        match fs::create_dir(&at) {
            Ok(()) => fs::set_permissions(&at, Permissions::from_mode(0o755))?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
