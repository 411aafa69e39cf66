//! Functions: what is in their packages, and running them.
//!
//! Knows nothing of any AWS control plane: whoever calls says which package, which runtime and which
//! limits, and has decided that the call is allowed. A package is untrusted: it is refused, or it is
//! unpacked to files that lie below one directory. Its code is untrusted too: it runs in processes of
//! its own that see none of the server's files, environment, memory or descriptors, and that end when
//! their time is up or when the server ends, however it ends. Where the kernel cannot promise that,
//! functions do not run.
//!
//! Beside the server this is the one place that opens sockets and starts processes. It reads no clock,
//! randomness or environment: see [`Machine`].

mod confine;
mod executor;
mod function;
mod interpreter;
mod logging;
mod monitor;
mod output;
mod own_directory;
pub mod package;
mod packages;
mod removing;
mod runtime_api;
mod settings;
mod spawner;
mod worker;

use std::process::ExitCode;

pub use executor::Executor;
pub use function::{Credentials, Function, Invocation, InvokeError, Outcome, Report, Runtime};
pub use logging::{Level, Logging};
pub use own_directory::remove_leftovers;
pub use packages::{Archives, Packages, Turn, Unpacked};
pub use removing::remove as remove_directory;
pub use settings::{LogBatch, LogSink, Machine, NoLogs, Settings, Users};

/// The hidden command of [`Settings::program`]: what runs between the server and a function.
///
/// Called before anything else by a process with one thread, with the argument behind the command's
/// own.
///
/// # Returns
///
/// With the stage `run` only if the function could not be run.
pub fn confined(stage: Option<&str>) -> ExitCode {
    match stage {
        Some("watch") => spawner::watch(),
        Some("probe") => confine::probe(),
        _ => confine::run(),
    }
}
