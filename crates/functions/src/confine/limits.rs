//! Resource limits, and another user.

use rustix::process::{Resource, Rlimit, setpriority_process, setrlimit};
use rustix::thread::{set_thread_groups, set_thread_res_gid, set_thread_res_uid};
use rustix::{fs::Gid, fs::Uid, io::Errno};

use super::{Failure, Specification};

/// Functions give way to the server a little.
const NICENESS: i32 = 5;

/// Sets the limits that hold for the function and whatever it starts.
pub(super) fn take(specification: &Specification) -> Result<(), Failure> {
    let limits = &specification.limits;
    set(Resource::Core, 0, "the limit on core dumps")?;
    set(Resource::Data, limits.data, "the limit on memory")?;
    set(Resource::Fsize, limits.file, "the limit on files")?;
    set(
        Resource::Nofile,
        limits.descriptors,
        "the limit on descriptors",
    )?;
    set(Resource::Msgqueue, 0, "the limit on message queues")?;
    set(Resource::Rtprio, 0, "the limit on real-time priorities")?;
    set(Resource::Memlock, 0, "the limit on locked memory")?;
    if specification.user.is_some() {
        set(Resource::Nproc, limits.processes, "the limit on processes")?;
    }
    setpriority_process(None, NICENESS).map_err(failed("the priority"))
}

/// Becomes the worker's own user, without any group and any way back.
pub(super) fn change_user(specification: &Specification) -> Result<(), Failure> {
    let Some(user) = specification.user else {
        return Ok(());
    };
    // Root, and the number that means no change to the kernel.
    if matches!(user, 0 | u32::MAX) {
        return Err(failed("the user")(Errno::INVAL));
    }
    let (uid, gid) = (Uid::from_raw(user), Gid::from_raw(user));
    set_thread_groups(&[]).map_err(failed("the groups"))?;
    set_thread_res_gid(gid, gid, gid).map_err(failed("the group"))?;
    set_thread_res_uid(uid, uid, uid).map_err(failed("the user"))
}

/// Sets a limit, or a lower one that holds already.
fn set(resource: Resource, value: u64, what: &'static str) -> Result<(), Failure> {
    let held = rustix::process::getrlimit(resource).maximum;
    let value = Some(held.map_or(value, |held| held.min(value)));
    let limit = Rlimit {
        current: value,
        maximum: value,
    };
    setrlimit(resource, limit).map_err(failed(what))
}

fn failed(what: &'static str) -> impl Fn(Errno) -> Failure {
    move |error| Failure::Limit { what, error }
}
