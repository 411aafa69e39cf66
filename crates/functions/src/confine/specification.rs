//! What the server tells the confined stage: on standard input, since arguments can be read by others.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What to run, as whom, and what it may do.
#[derive(Serialize, Deserialize)]
pub(crate) struct Specification {
    /// The server's process id.
    pub(crate) server: i32,
    /// The interpreter or the package's own program, absolute; or why there is none, for people.
    pub(crate) program: Result<PathBuf, String>,
    pub(crate) arguments: Vec<String>,
    /// The whole environment. Holds secrets.
    pub(crate) environment: Vec<(String, String)>,
    /// Where it starts.
    pub(crate) directory: PathBuf,
    /// The user and group to run as, for a server that runs as root.
    pub(crate) user: Option<u32>,
    /// Files and directories to read and execute; those that are missing are left out.
    pub(crate) readable: Vec<PathBuf>,
    /// Its own directory to write to.
    pub(crate) writable: PathBuf,
    /// Directories that are seen elsewhere too, each with the place; only where mounts can be made.
    pub(crate) binds: Vec<(PathBuf, PathBuf)>,
    pub(crate) limits: Limits,
    /// Whether it runs though the kernel lacks Landlock or a part of it.
    pub(crate) is_relaxed: bool,
}

/// Limits that the kernel enforces, of one process each.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Limits {
    /// Writable memory, in bytes.
    pub(crate) data: u64,
    /// The length of a file, in bytes.
    pub(crate) file: u64,
    /// Open descriptors (AWS: 1,024).
    pub(crate) descriptors: u64,
    /// Processes and threads of the user, where the user is the worker's own (AWS: 1,024).
    pub(crate) processes: u64,
}
