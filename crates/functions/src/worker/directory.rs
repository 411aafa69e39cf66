//! The directory of a worker, which it may write to.

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};

/// A directory that belongs to one worker.
pub(super) struct Directory {
    path: PathBuf,
}

impl Directory {
    /// Makes `path`, for `user` if the worker has one of its own.
    pub(super) fn make(path: PathBuf, user: Option<u32>) -> io::Result<Self> {
        DirBuilder::new().mode(0o700).create(&path)?;
        fs::set_permissions(&path, Permissions::from_mode(0o700))?;
        if user.is_some() {
            chown(&path, user, user)?;
        }
        Ok(Self { path })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Removes it with all that is in it.
    pub(super) fn remove(&self) -> io::Result<()> {
        remove(&self.path)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        // It is gone already where there was time to wait for the worker's end.
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Removes a directory that functions may have written to, with all that is in it.
pub(crate) fn remove(directory: &Path) -> io::Result<()> {
    if fs::remove_dir_all(directory).is_ok() {
        return Ok(());
    }
    // A function may have made directories that not even their owner may look into.
    open_up(directory)?;
    fs::remove_dir_all(directory)
}

fn open_up(directory: &Path) -> io::Result<()> {
    fs::set_permissions(directory, Permissions::from_mode(0o700))?;
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            open_up(&entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_closed_is_removed_too() {
        let folder = tempfile::tempdir().unwrap();
        let directory = Directory::make(folder.path().join("w"), None).unwrap();
        fs::create_dir_all(directory.path().join("a/b")).unwrap();
        fs::write(directory.path().join("a/b/c"), "x").unwrap();
        fs::set_permissions(directory.path().join("a"), Permissions::from_mode(0o000)).unwrap();
        open_up(directory.path()).unwrap();
        directory.remove().unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
