//! Packages that are unpacked, for as long as a version that may run has them.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::OwnedMutexGuard;
use zeroize::Zeroizing;

use crate::{package, removing};

/// The directory of packages, and those that are there.
pub struct Packages {
    directory: PathBuf,
    /// By the ids of their codes.
    known: Mutex<BTreeMap<String, Weak<Unpacked>>>,
    /// Whose turn it is, by the same.
    turns: Mutex<BTreeMap<String, Weak<tokio::sync::Mutex<()>>>>,
}

/// The turn of one who prepares a package. Others wait until it is dropped.
pub struct Turn {
    _held: OwnedMutexGuard<()>,
}

/// A package with its layers. It is removed with the last version that has it.
pub struct Unpacked {
    directory: PathBuf,
    has_layers: bool,
}

/// What is to be unpacked.
pub struct Archives {
    /// The package itself.
    pub package: Zeroizing<Vec<u8>>,
    /// First to last, as they lie over each other.
    pub layers: Vec<Zeroizing<Vec<u8>>>,
}

impl Packages {
    /// In an empty directory of that name.
    ///
    /// # Errors
    ///
    /// Where it cannot be made, or what is there not be removed.
    pub fn new(directory: PathBuf) -> io::Result<Self> {
        match removing::remove(&directory) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            // Nobody but this program can find out what is in it.
            _ => make(&directory, 0o711)?,
        }
        Ok(Self {
            directory,
            known: Mutex::default(),
            turns: Mutex::default(),
        })
    }

    /// The package of these codes, if it is there.
    #[must_use]
    pub fn find(&self, codes: &str) -> Option<Arc<Unpacked>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, unpacked| unpacked.strong_count() > 0);
        known.get(codes)?.upgrade()
    }

    /// Waits until nobody else prepares the package of these codes.
    pub async fn turn(&self, codes: &str) -> Turn {
        let held = self.line(codes).lock_owned().await;
        Turn { _held: held }
    }

    fn line(&self, codes: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        turns.retain(|_, line| line.strong_count() > 0);
        if let Some(line) = turns.get(codes).and_then(Weak::upgrade) {
            return line;
        }
        let line = Arc::default();
        turns.insert(codes.to_owned(), Arc::downgrade(&line));
        line
    }

    /// Where a package can be unpacked, under a name that nobody has or can find out.
    #[must_use]
    pub fn place(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// Remembers a package.
    pub fn keep(&self, codes: &str, unpacked: &Arc<Unpacked>) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(codes.to_owned(), Arc::downgrade(unpacked));
    }
}

impl Unpacked {
    /// Unpacks everything below `directory`, which is not there yet.
    ///
    /// # Errors
    ///
    /// Where an archive is refused, or cannot be written.
    pub fn make(directory: PathBuf, archives: &Archives) -> io::Result<Self> {
        // What was written is removed where something fails.
        let unpacked = Self {
            directory,
            has_layers: !archives.layers.is_empty(),
        };
        make(&unpacked.directory, 0o755)?;
        make(&unpacked.package(), 0o755)?;
        package::unpack(&archives.package, &unpacked.package()).map_err(io::Error::other)?;
        if unpacked.has_layers {
            let over = unpacked.directory.join("layers");
            make(&over, 0o755)?;
            for (number, layer) in archives.layers.iter().enumerate() {
                let one = unpacked.directory.join(number.to_string());
                make(&one, 0o755)?;
                package::unpack(layer, &one).map_err(io::Error::other)?;
                lay_over(&one, &over)?;
                removing::remove(&one)?;
            }
        }
        Ok(unpacked)
    }

    /// The directory of the package.
    #[must_use]
    pub fn package(&self) -> PathBuf {
        self.directory.join("package")
    }

    /// The directory of its layers, if it has any.
    #[must_use]
    pub fn layers(&self) -> Option<PathBuf> {
        self.has_layers.then(|| self.directory.join("layers"))
    }
}

impl Drop for Unpacked {
    fn drop(&mut self) {
        // What stays is removed at the next start.
        let _ = removing::remove(&self.directory);
    }
}

/// Moves what is in `from` into `over`, in the place of what is there.
fn lay_over(from: &Path, over: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = over.join(entry.file_name());
        let there = fs::symlink_metadata(&target).ok();
        match there {
            Some(there) if there.is_dir() && entry.file_type()?.is_dir() => {
                lay_over(&entry.path(), &target)?;
                continue;
            }
            Some(there) if there.is_dir() => removing::remove(&target)?,
            Some(_) => fs::remove_file(&target)?,
            None => {}
        }
        fs::rename(entry.path(), &target)?;
    }
    Ok(())
}

/// A directory of this mode, whatever the process's mask.
fn make(directory: &Path, mode: u32) -> io::Result<()> {
    DirBuilder::new().mode(mode).create(directory)?;
    fs::set_permissions(directory, Permissions::from_mode(mode))
}

#[cfg(test)]
mod tests {
    use std::pin::{Pin, pin};
    use std::task::{Context, Waker};

    use super::*;

    #[tokio::test]
    async fn one_at_a_time_prepares_a_package() {
        let folder = tempfile::tempdir().unwrap();
        let packages = Packages::new(folder.path().join("packages")).unwrap();
        let first = packages.turn("a").await;
        let mut second = pin!(packages.turn("a"));
        assert!(!is_ready(second.as_mut()), "it is not its turn");
        assert!(is_ready(pin!(packages.turn("b"))), "another package");
        drop(first);
        drop(second.await);
        drop(packages.turn("c").await);
        let left: Vec<_> = packages.turns.lock().unwrap().keys().cloned().collect();
        assert_eq!(left, ["c"], "what nobody waits for is forgotten");
    }

    fn is_ready(turn: Pin<&mut impl Future<Output = Turn>>) -> bool {
        let mut context = Context::from_waker(Waker::noop());
        turn.poll(&mut context).is_ready()
    }
}
