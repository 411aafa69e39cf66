//! Removing what functions may have written.
//!
//! It is in the hands of whoever wrote a function: it may lie so deep that neither a path nor a stack
//! reaches its end, be closed even to its owner, and change while it is removed. So nothing is reached
//! by a path, no link is followed, and the time, the stack and the open files that it takes do not
//! depend on how deep it lies: directories are moved to the top one, and emptied there.

use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd, OwnedFd};
use std::path::Path;

use rustix::fs::{
    AtFlags, CWD, Dir, FileType, Mode, OFlags, chmod, fchmod, openat, renameat, unlinkat,
};
use rustix::io::Errno;
use rustix::path::Arg;

/// How often a directory is emptied that somebody fills meanwhile.
const PASSES: usize = 16;
/// What its owner needs to empty a directory.
const OPEN: Mode = Mode::RWXU;

/// Removes a directory that functions may have written to, with all that is in it.
///
/// # Errors
///
/// Where it is not there or no directory, or something in it cannot be removed.
pub fn remove(directory: &Path) -> io::Result<()> {
    let top = opened(CWD, directory)?;
    let mut moved = 0;
    for _ in 0..PASSES {
        empty(top.as_fd(), &mut moved)?;
        match unlinkat(CWD, directory, AtFlags::REMOVEDIR) {
            Err(Errno::NOTEMPTY) => {}
            ended => return Ok(ended?),
        }
    }
    Err(Errno::NOTEMPTY.into())
}

/// Removes what is in the top directory. `moved` counts what was moved to it.
fn empty(top: BorrowedFd<'_>, moved: &mut u64) -> io::Result<()> {
    let mut waiting = clear(top)?;
    while let Some(name) = waiting.pop() {
        let directory = match opened(top, &*name) {
            Err(Errno::NOENT) => continue,
            opened => opened?,
        };
        for below in clear(directory.as_fd())? {
            waiting.extend(moved_up(directory.as_fd(), &below, (top, moved))?);
        }
        match unlinkat(top, &*name, AtFlags::REMOVEDIR) {
            // Another pass finds what came meanwhile.
            Ok(()) | Err(Errno::NOENT | Errno::NOTEMPTY) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Removes everything but directories. Returns their names.
fn clear(directory: BorrowedFd<'_>) -> io::Result<Vec<CString>> {
    let mut left = Vec::new();
    for entry in Dir::read_from(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        if matches!(name.to_bytes(), b"." | b"..") {
            continue;
        }
        if entry.file_type() == FileType::Directory {
            left.push(name.to_owned());
            continue;
        }
        match unlinkat(directory, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => {}
            Err(Errno::ISDIR) => left.push(name.to_owned()),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(left)
}

/// Moves a directory to the top one. Returns its name there, or none if it is gone.
fn moved_up(
    from: BorrowedFd<'_>,
    name: &CStr,
    (top, moved): (BorrowedFd<'_>, &mut u64),
) -> io::Result<Option<CString>> {
    // Whoever moves a directory writes to it.
    match opened(from, name) {
        Err(Errno::NOENT) => return Ok(None),
        opened => drop(opened?),
    }
    loop {
        let new = CString::new(moved.to_string())?;
        *moved += 1;
        match renameat(from, name, top, &*new) {
            Ok(()) => return Ok(Some(new)),
            Err(Errno::NOENT) => return Ok(None),
            // Something of that name is there.
            Err(Errno::EXIST | Errno::NOTEMPTY | Errno::NOTDIR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// A directory, open to its owner. A link is none.
fn opened(at: BorrowedFd<'_>, name: impl Arg + Copy) -> Result<OwnedFd, Errno> {
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let directory = match openat(at, name, flags | OFlags::RDONLY, Mode::empty()) {
        Err(Errno::ACCESS) => {
            // What may not be read can be referred to.
            let closed = openat(at, name, flags | OFlags::PATH, Mode::empty())?;
            chmod(format!("/proc/self/fd/{}", closed.as_raw_fd()), OPEN)?;
            openat(at, name, flags | OFlags::RDONLY, Mode::empty())?
        }
        opened => opened?,
    };
    fchmod(&directory, OPEN)?;
    Ok(directory)
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    use std::thread;

    use rustix::fs::mkdirat;

    use super::*;

    /// Deeper than a path reaches, the open files of many programs, and the stack below if each level
    /// took some of it.
    const DEEP: usize = 3000;
    const STACK: usize = 128 * 1024;

    fn close(path: &Path, mode: u32) {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn sec_w2_a_function_cannot_end_the_program_by_the_depth_of_its_files() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().join("w");
        fs::create_dir(&top).unwrap();
        let mut deepest = opened(CWD, &*top).unwrap();
        for _ in 0..DEEP {
            mkdirat(&deepest, c"d", OPEN).unwrap();
            deepest = opened(deepest.as_fd(), c"d").unwrap();
        }
        drop(deepest);
        let (thread, path) = (thread::Builder::new().stack_size(STACK), top.clone());
        let removed = thread.spawn(move || remove(&path)).unwrap();
        removed.join().unwrap().unwrap();
        assert!(!top.exists());
    }

    #[test]
    fn what_is_closed_or_named_like_something_else_is_removed_too() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().join("w");
        for path in ["0/x", "1", "a/b/c", "a/0/0/0", "a/1"] {
            fs::create_dir_all(top.join(path)).unwrap();
        }
        fs::write(top.join("2"), "x").unwrap();
        fs::write(top.join("a/b/c/d"), "x").unwrap();
        close(&top.join("a/0"), 0o400);
        close(&top.join("a/b"), 0o000);
        close(&top.join("a"), 0o500);
        close(&top, 0o000);
        remove(&top).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn no_link_is_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (top, other) = (folder.path().join("w"), folder.path().join("other"));
        fs::create_dir_all(top.join("a")).unwrap();
        fs::create_dir(&other).unwrap();
        fs::write(other.join("kept"), "x").unwrap();
        close(&other, 0o755);
        symlink(&other, top.join("a/link")).unwrap();
        symlink(&other, folder.path().join("link")).unwrap();
        assert!(remove(&folder.path().join("link")).is_err());
        let at = opened(CWD, &*top.join("a")).unwrap();
        assert!(opened(at.as_fd(), c"link").is_err());
        remove(&top).unwrap();
        assert!(other.join("kept").exists());
        let mode = fs::metadata(&other).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o755);
    }
}
