//! System calls: seccomp.
//!
//! A list of what is forbidden: functions run whatever their authors like, so that a list of what is
//! allowed would be a list of nearly everything. What stands here reaches other processes, the kernel
//! or the machine, leaves the process group by which a worker is killed, or keeps memory where no
//! measure sees it.

use std::collections::BTreeMap;

use libc::{EACCES, ENOSYS, EPERM};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, apply_filter,
};

use super::Failure;

/// On x86, numbers with this bit are the same calls with narrow pointers.
#[cfg(target_arch = "x86_64")]
const X32: i64 = 0x4000_0000;

/// Calls that are not permitted.
const NOT_PERMITTED: &[i64] = &[
    // Other processes.
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_pidfd_getfd,
    libc::SYS_kcmp,
    // The process group.
    libc::SYS_setsid,
    libc::SYS_setpgid,
    // Namespaces and file systems.
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_move_mount,
    libc::SYS_open_tree,
    libc::SYS_mount_setattr,
    libc::SYS_open_by_handle_at,
    libc::SYS_name_to_handle_at,
    libc::SYS_quotactl,
    libc::SYS_quotactl_fd,
    libc::SYS_fanotify_init,
    // The kernel and the machine.
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_acct,
    libc::SYS_syslog,
    libc::SYS_vhangup,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_adjtimex,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_kexec_file_load,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_iopl,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_ioperm,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_modify_ldt,
];

/// Calls that seem not to be there, so that programs take another way.
const NOT_THERE: &[i64] = &[
    // Its flags lie in memory, where a filter does not see them; `clone` is used instead.
    libc::SYS_clone3,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    // Memory that counts for nobody.
    libc::SYS_memfd_create,
    libc::SYS_memfd_secret,
    libc::SYS_shmget,
    libc::SYS_msgget,
    libc::SYS_semget,
    libc::SYS_mq_open,
];

/// The calls that have another number with narrow pointers: `ptrace`, `process_vm_readv`,
/// `process_vm_writev`, `kexec_load` (Linux, `syscall_64.tbl`).
#[cfg(target_arch = "x86_64")]
const X32_ONLY: &[i64] = &[521, 539, 540, 528];

/// Families of sockets that functions may open: IP, and the kernel's list of interfaces.
///
/// Sockets with names in the file system lead to other programs, and Landlock guards them since
/// Linux 7.2 alone.
const FAMILIES: [i32; 3] = [libc::AF_INET, libc::AF_INET6, libc::AF_NETLINK];

/// The flags of `clone` that make namespaces.
const NAMESPACES: [i32; 7] = [
    libc::CLONE_NEWNS,
    libc::CLONE_NEWCGROUP,
    libc::CLONE_NEWUTS,
    libc::CLONE_NEWIPC,
    libc::CLONE_NEWUSER,
    libc::CLONE_NEWPID,
    libc::CLONE_NEWNET,
];

/// Forbids the calls, for this process and all that it starts.
pub(super) fn forbid() -> Result<(), Failure> {
    let mut not_permitted = whole(NOT_PERMITTED);
    #[cfg(target_arch = "x86_64")]
    not_permitted.extend(X32_ONLY.iter().map(|number| (number | X32, Vec::new())));
    let clone = NAMESPACES
        .iter()
        .map(|flag| rule(&[(0, bit(*flag))]))
        .collect::<Result<Vec<_>, _>>()?;
    not_permitted.extend(both(libc::SYS_clone, &clone));
    apply(not_permitted, EPERM)?;
    let families = FAMILIES.map(|family| (0, SeccompCmpOp::Ne, u64::from(family.unsigned_abs())));
    let other_families = families.map(|(argument, operator, value)| (argument, (operator, value)));
    let sockets = both(libc::SYS_socket, &[rule(&other_families)?]);
    apply(sockets.into_iter().collect(), EACCES)?;
    apply(whole(NOT_THERE), ENOSYS)
}

/// A rule for each call, with whatever arguments.
fn whole(numbers: &[i64]) -> BTreeMap<i64, Vec<SeccompRule>> {
    numbers
        .iter()
        .flat_map(|number| both(*number, &[]))
        .collect()
}

/// The same rules for both numbers of a call.
fn both(number: i64, rules: &[SeccompRule]) -> Vec<(i64, Vec<SeccompRule>)> {
    let mut numbers = vec![number];
    #[cfg(target_arch = "x86_64")]
    numbers.push(number | X32);
    let with_rules = |number| (number, rules.to_vec());
    numbers.into_iter().map(with_rules).collect()
}

/// Matches where a flag is set.
fn bit(flag: i32) -> (SeccompCmpOp, u64) {
    let flag = u64::from(flag.cast_unsigned());
    (SeccompCmpOp::MaskedEq(flag), flag)
}

/// Matches where all the conditions hold, each an argument's number and what it must be.
fn rule(conditions: &[(u8, (SeccompCmpOp, u64))]) -> Result<SeccompRule, Failure> {
    let conditions = conditions
        .iter()
        .map(|(argument, (operator, value))| {
            SeccompCondition::new(*argument, SeccompCmpArgLen::Dword, operator.clone(), *value)
        })
        .collect::<Result<Vec<_>, _>>();
    conditions.and_then(SeccompRule::new).map_err(failed)
}

/// Has the kernel answer calls that match with `error`.
fn apply(rules: BTreeMap<i64, Vec<SeccompRule>>, error: i32) -> Result<(), Failure> {
    let architecture = std::env::consts::ARCH.try_into().map_err(failed)?;
    let filter = SeccompFilter::new(
        rules,
        SeccompAction::Allow,
        SeccompAction::Errno(error.unsigned_abs()),
        architecture,
    );
    let program: BpfProgram = filter.and_then(TryInto::try_into).map_err(failed)?;
    apply_filter(&program).map_err(failed)
}

fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::Calls(error.to_string())
}
