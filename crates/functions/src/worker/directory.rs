//! The directory of a worker, which it may write to.

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};

use crate::removing;

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
        removing::remove(&self.path)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        // It is gone already where there was time to wait for the worker's end.
        let _ = self.remove();
    }
}
