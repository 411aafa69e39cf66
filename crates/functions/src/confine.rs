//! The stage between the server and a function: a process that takes its own rights away, and then
//! becomes the interpreter.
//!
//! The server starts its own program again with a hidden command, which calls [`run`]. That process
//! reads from standard input what to run and what it may do, gives up the user, descriptors, files,
//! signals and system calls that a function has no use for, and executes the interpreter. So nothing
//! has to happen between a fork and an exec, and no line of it is unsafe. Whatever cannot be had is an
//! error: the function does not run.

mod calls;
mod files;
mod limits;
mod mounts;
mod specification;

use std::convert::Infallible;
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use rustix::process::{Pid, Signal, getppid, set_parent_process_death_signal};
use zeroize::Zeroizing;

pub(crate) use files::SYSTEM;
pub(crate) use specification::{Limits, Specification};

/// How this stage ends if the function has nothing that can be executed.
pub(crate) const NOT_RUN: u8 = 125;
/// How it ends if the function cannot be confined; nothing of it was executed either.
pub(crate) const NOT_CONFINED: u8 = 124;

/// Becomes the function that is described on standard input.
///
/// # Returns
///
/// Only if that failed, with the reason on standard error. Has to be called by a process with one
/// thread, before it does anything else.
pub(crate) fn run() -> ExitCode {
    let Err(error) = become_function();
    // Nobody is left to tell if standard error is closed.
    let _ = writeln!(io::stderr(), "{error}");
    ExitCode::from(match error {
        Failure::NoProgram(_) | Failure::Exec { .. } => NOT_RUN,
        _ => NOT_CONFINED,
    })
}

/// Tells by its exit whether workers may have mounts of their own.
pub(crate) fn probe() -> ExitCode {
    if mounts::probe() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Why a function was not run.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("failed to read what to run: {0}")]
    Specification(#[source] io::Error),
    #[error("the server has ended")]
    Orphaned,
    #[error("failed to set {what}: {error}")]
    Limit {
        what: &'static str,
        error: rustix::io::Errno,
    },
    #[error("failed to mount directories: {0}")]
    Mounts(#[source] io::Error),
    #[error("failed to confine files: {0}")]
    Files(String),
    #[error("failed to confine system calls: {0}")]
    Calls(String),
    #[error("{0}")]
    NoProgram(String),
    #[error("fork/exec {program}: {error}")]
    Exec { program: String, error: String },
}

fn become_function() -> Result<Infallible, Failure> {
    let specification = read()?;
    close_fds::set_fds_cloexec(3, &[]);
    limits::take(&specification)?;
    // Opened while all can be seen; whoever runs as another user may not be able to afterwards.
    let files = files::Rules::open(&specification)?;
    mounts::bind(&specification)?;
    limits::change_user(&specification)?;
    // A change of the user makes the kernel forget the signal, so this comes after it.
    die_with(&specification)?;
    files.enforce()?;
    calls::forbid()?;
    let program = specification.program.as_ref();
    let program = program.map_err(|why| Failure::NoProgram(why.clone()))?;
    executable(program)?;
    let error = Command::new(program)
        .args(&specification.arguments)
        .env_clear()
        .envs(
            specification
                .environment
                .iter()
                .map(|(name, value)| (name, value)),
        )
        .current_dir(&specification.directory)
        .stdin(Stdio::null())
        .exec();
    Err(failed_to_execute(program, &error))
}

/// Refuses what the kernel does not execute: the library would have a shell read it.
fn executable(program: &Path) -> Result<(), Failure> {
    let mut start = [0; 4];
    let read = File::open(program).and_then(|mut file| file.read(&mut start));
    read.map_err(|error| failed_to_execute(program, &error))?;
    if start.starts_with(b"#!") || start == *b"\x7fELF" {
        return Ok(());
    }
    let error = io::Error::from_raw_os_error(libc::ENOEXEC);
    Err(failed_to_execute(program, &error))
}

fn failed_to_execute(program: &Path, error: &io::Error) -> Failure {
    // In lower case and without the number, as AWS's supervisor puts it.
    let text = error.to_string().to_lowercase();
    let text = text.split(" (os error").next().unwrap_or(&text);
    Failure::Exec {
        program: program.display().to_string(),
        error: text.to_owned(),
    }
}

fn read() -> Result<Specification, Failure> {
    let mut text = Zeroizing::new(Vec::new());
    io::stdin()
        .read_to_end(&mut text)
        .map_err(Failure::Specification)?;
    serde_json::from_slice(&text).map_err(|error| Failure::Specification(error.into()))
}

/// Has the kernel kill this process when the server's thread that started it ends.
fn die_with(specification: &Specification) -> Result<(), Failure> {
    set_parent_process_death_signal(Some(Signal::KILL)).map_err(|error| Failure::Limit {
        what: "the parent's death signal",
        error,
    })?;
    // It may have ended just before.
    if getppid().map(Pid::as_raw_pid) != Some(specification.server) {
        return Err(Failure::Orphaned);
    }
    Ok(())
}
