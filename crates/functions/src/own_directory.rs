//! Directories of programs that run functions: each is locked for as long as its program lives, however
//! that ends, so that what a killed one left behind can be told and removed.

use std::fs::{self, DirBuilder, DirEntry, File, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::Path;

use crate::removing::remove;

/// What the name of a directory ends with that is not locked yet.
const NEW: &str = "new";

/// A directory that is this program's until the value is dropped.
pub(crate) struct OwnDirectory {
    _locked: File,
}

impl OwnDirectory {
    /// Takes the directory, which is made if it is not there.
    ///
    /// # Errors
    ///
    /// Where it cannot be made, or another program has it.
    pub(crate) fn take(path: &Path) -> io::Result<Self> {
        if fs::symlink_metadata(path).is_ok() {
            return Self::lock(path);
        }
        // It has its name when it is locked: nobody takes it for one that was left behind.
        let new = path.with_added_extension(NEW);
        DirBuilder::new().recursive(true).mode(0o711).create(&new)?;
        let taken = Self::lock(&new)?;
        fs::rename(&new, path)?;
        Ok(taken)
    }

    fn lock(path: &Path) -> io::Result<Self> {
        let locked = File::open(path)?;
        match locked.try_lock() {
            Ok(()) => Ok(Self { _locked: locked }),
            Err(TryLockError::WouldBlock) => {
                let text = format!("`{}` is another program's", path.display());
                Err(io::Error::other(text))
            }
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

/// Removes the directories in `place` whose names begin with `prefix` that belong to this user and to no
/// program that runs. What cannot be removed stays, which is logged.
pub fn remove_leftovers(place: &Path, prefix: &str) {
    for entry in fs::read_dir(place).into_iter().flatten().flatten() {
        if !may_be_left(&entry, prefix) {
            continue;
        }
        let path = entry.path();
        let Ok(_taken) = OwnDirectory::lock(&path) else {
            continue;
        };
        if let Err(error) = remove(&path) {
            let path = path.display();
            tracing::warn!(%error, %path, "failed to remove what an earlier run left");
        }
    }
}

fn may_be_left(entry: &DirEntry, prefix: &str) -> bool {
    let name = entry.file_name();
    let is_named = name
        .to_str()
        .is_some_and(|name| name.starts_with(prefix) && !name.ends_with(NEW));
    let owner = rustix::process::geteuid().as_raw();
    // Links are not followed.
    let is_own = |metadata: fs::Metadata| metadata.is_dir() && metadata.uid() == owner;
    is_named && entry.metadata().is_ok_and(is_own)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn what_nobody_has_is_removed_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let alive = OwnDirectory::take(&at("f-alive")).unwrap();
        drop(OwnDirectory::take(&at("f-left")).unwrap());
        fs::create_dir_all(at("f-left/packages/a")).unwrap();
        fs::write(at("f-left/packages/a/b"), "x").unwrap();
        fs::create_dir(at("other")).unwrap();
        fs::write(at("f-file"), "x").unwrap();
        symlink(at("other"), at("f-link")).unwrap();
        fs::create_dir(at("f-starting.new")).unwrap();
        remove_leftovers(folder.path(), "f-");
        let left = fs::read_dir(folder.path()).unwrap();
        let mut left: Vec<_> = left.map(|it| it.unwrap().file_name()).collect();
        left.sort();
        let stay = ["f-alive", "f-file", "f-link", "f-starting.new", "other"];
        assert_eq!(left, stay);
        assert!(OwnDirectory::take(&at("f-alive")).is_err(), "it is taken");
        drop(alive);
        remove_leftovers(folder.path(), "f-");
        assert!(!at("f-alive").exists());
    }

    #[test]
    fn a_directory_that_is_there_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let taken = OwnDirectory::take(folder.path()).unwrap();
        assert!(OwnDirectory::take(folder.path()).is_err());
        drop(taken);
        assert!(OwnDirectory::take(folder.path()).is_ok());
    }
}
