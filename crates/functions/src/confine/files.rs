//! Files and signals: Landlock.
//!
//! The rules are a list of what may be reached; all else of the file system is out of reach whatever
//! its permissions say, for root too: the server's data, the directories of other workers, what
//! `/proc` tells of other processes.

use std::path::Path;

use landlock::{
    ABI, Access as _, AccessFs, BitFlags, CompatLevel, Compatible as _, PathBeneath, PathFd,
    Ruleset, RulesetAttr as _, RulesetCreated, RulesetCreatedAttr as _, RulesetStatus, Scope,
    make_bitflags,
};

use super::{Failure, Specification};

/// What programs read of the system, apart from the interpreter's own files.
pub(crate) const SYSTEM: &[&str] = &[
    "/usr",
    "/lib",
    "/lib64",
    "/bin",
    "/sbin",
    "/etc/alternatives",
    "/etc/ca-certificates",
    "/etc/gai.conf",
    "/etc/group",
    "/etc/host.conf",
    "/etc/hosts",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/localtime",
    "/etc/mime.types",
    "/etc/nsswitch.conf",
    "/etc/passwd",
    "/etc/pki",
    "/etc/protocols",
    "/etc/resolv.conf",
    "/etc/services",
    "/etc/ssl",
    "/etc/timezone",
    "/dev/random",
    "/dev/urandom",
    "/dev/zero",
    "/proc/cpuinfo",
    "/proc/filesystems",
    "/proc/loadavg",
    "/proc/meminfo",
    "/proc/stat",
    "/proc/sys/kernel/osrelease",
    "/proc/sys/kernel/ostype",
    "/proc/sys/vm/overcommit_memory",
    "/proc/uptime",
    "/proc/version",
    "/sys/devices/system/cpu",
    // The process itself: the link is followed now, and the process keeps its id.
    "/proc/self",
];

/// What programs write to and which keeps nothing.
const SINKS: &[&str] = &["/dev/null", "/dev/full"];

/// Rules with their files open.
pub(super) struct Rules {
    ruleset: RulesetCreated,
    is_relaxed: bool,
}

impl Rules {
    /// Opens what the function may reach.
    pub(super) fn open(specification: &Specification) -> Result<Self, Failure> {
        let mut ruleset = handled(specification)?;
        let system = SYSTEM.iter().map(Path::new);
        let readable = specification.readable.iter().map(AsRef::as_ref);
        for path in system.chain(readable) {
            ruleset = allow(ruleset, path, AccessFs::from_read(ABI::V1))?;
        }
        for path in SINKS.iter().map(Path::new) {
            let both = make_bitflags!(AccessFs::{ReadFile | WriteFile});
            ruleset = allow(ruleset, path, both)?;
        }
        let devices = make_bitflags!(AccessFs::{MakeChar | MakeBlock | IoctlDev});
        let own = AccessFs::from_all(ABI::V5) & !devices;
        if !specification.writable.is_dir() {
            return Err(Failure::Files(
                "the directory to write to is missing".to_owned(),
            ));
        }
        Ok(Self {
            ruleset: allow(ruleset, &specification.writable, own)?,
            is_relaxed: specification.is_relaxed,
        })
    }

    /// Takes everything else away, and the way to more rights through set-user-id programs.
    pub(super) fn enforce(self) -> Result<(), Failure> {
        rustix::thread::set_no_new_privs(true).map_err(failed)?;
        let status = self.ruleset.restrict_self().map_err(failed)?;
        if status.ruleset == RulesetStatus::NotEnforced && !self.is_relaxed {
            return Err(Failure::Files("the kernel has no Landlock".to_owned()));
        }
        Ok(())
    }
}

/// What is taken away in general.
///
/// A function that shares the server's user needs Landlock's walls against signals too (Linux 6.12);
/// one with a user of its own has the kernel's old ones.
fn handled(specification: &Specification) -> Result<RulesetCreated, Failure> {
    let hard = if specification.is_relaxed {
        CompatLevel::BestEffort
    } else {
        CompatLevel::HardRequirement
    };
    let scopes = if specification.user.is_some() {
        CompatLevel::BestEffort
    } else {
        hard
    };
    Ruleset::default()
        .set_compatibility(hard)
        .handle_access(AccessFs::from_all(ABI::V1))
        .and_then(|ruleset| {
            ruleset
                .set_compatibility(scopes)
                .scope(Scope::from_all(ABI::V6))
        })
        .and_then(|ruleset| {
            ruleset
                .set_compatibility(CompatLevel::BestEffort)
                .handle_access(AccessFs::from_all(ABI::V10))
        })
        .and_then(Ruleset::create)
        .map_err(failed)
}

/// Adds a rule for `path`, if there is such a thing.
fn allow(
    ruleset: RulesetCreated,
    path: &Path,
    access: BitFlags<AccessFs>,
) -> Result<RulesetCreated, Failure> {
    let Ok(opened) = PathFd::new(path) else {
        return Ok(ruleset);
    };
    let access = if path.is_dir() {
        access
    } else {
        access & AccessFs::from_file(ABI::V5)
    };
    ruleset
        .add_rule(PathBeneath::new(opened, access))
        .map_err(failed)
}

fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::Files(error.to_string())
}
