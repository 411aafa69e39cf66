//! What the process asks of the kernel, most of it before it holds a secret.

use rustix::mm::{MlockAllFlags, mlockall};
use rustix::process::{
    DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit,
};

/// The name of this machine.
pub fn host_name() -> String {
    let known = rustix::system::uname();
    known.nodename().to_string_lossy().into_owned()
}

/// Forbids core dumps and tracing by the same user, and keeps memory out of swap where the
/// limits allow it. Returns what could not be had.
pub fn harden() -> Vec<&'static str> {
    let mut missing = Vec::new();
    let no_core = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    if setrlimit(Resource::Core, no_core).is_err() {
        missing.push("core dumps could not be switched off");
    }
    if set_dumpable_behavior(DumpableBehavior::NotDumpable).is_err() {
        missing.push("the process could not be made non-dumpable");
    }
    // With a limit on locked memory a later allocation could fail: then rather swap.
    let _ = setrlimit(
        Resource::Memlock,
        Rlimit {
            current: None,
            maximum: None,
        },
    );
    let unlimited = getrlimit(Resource::Memlock).current.is_none();
    let flags = MlockAllFlags::CURRENT | MlockAllFlags::FUTURE | MlockAllFlags::ONFAULT;
    if !unlimited || mlockall(flags).is_err() {
        missing.push("memory is not locked (LimitMEMLOCK=infinity would allow it)");
    }
    missing
}
