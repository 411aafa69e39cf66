//! Places that functions expect: their own `/tmp`, the layers in `/opt`, the package in `/var/task`.
//!
//! Mounts of a namespace of the worker's own, where the kernel lets this process make one: as root, or
//! in a namespace of users, which some systems forbid. Nothing depends on them but functions that do
//! not ask where things are.

use std::fs;
use std::io;
use std::path::Path;

use rustix::mount::{MountPropagationFlags, mount_bind, mount_change};
use rustix::process::{getegid, geteuid};
use rustix::thread::UnshareFlags;

use super::{Failure, Specification};

/// Mounts what the specification says.
pub(super) fn bind(specification: &Specification) -> Result<(), Failure> {
    if specification.binds.is_empty() {
        return Ok(());
    }
    let binds = specification.binds.iter();
    let bound = own_namespace().and_then(|()| {
        binds
            .map(|(from, to)| Ok(mount_bind(from, to)?))
            .collect::<io::Result<Vec<()>>>()
    });
    bound.map(drop).map_err(Failure::Mounts)
}

/// Tries whether mounts can be made.
pub(super) fn probe() -> bool {
    let place = Path::new("/tmp");
    own_namespace().is_ok() && mount_bind(place, place).is_ok()
}

/// Makes mounts from here on invisible to all other processes.
fn own_namespace() -> io::Result<()> {
    if geteuid().is_root() {
        unshare(UnshareFlags::NEWNS)?;
    } else {
        let (user, group) = (geteuid().as_raw(), getegid().as_raw());
        unshare(UnshareFlags::NEWUSER | UnshareFlags::NEWNS)?;
        // The same user within, alone: without a map it would be nobody.
        fs::write("/proc/self/setgroups", "deny")?;
        fs::write("/proc/self/uid_map", format!("{user} {user} 1"))?;
        fs::write("/proc/self/gid_map", format!("{group} {group} 1"))?;
    }
    let private = MountPropagationFlags::DOWNSTREAM | MountPropagationFlags::REC;
    Ok(mount_change("/", private)?)
}

#[expect(
    deprecated,
    reason = "unsafe where threads share descriptors or memory they rely on; this process has one thread \
              and shares nothing"
)]
fn unshare(flags: UnshareFlags) -> io::Result<()> {
    Ok(rustix::thread::unshare(flags)?)
}
