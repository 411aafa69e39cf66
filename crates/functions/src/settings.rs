//! What the program decides about functions.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::Runtime;

/// How functions are run.
pub struct Settings {
    /// What starts the confined stage: this program and its hidden command. [`crate::confined`] is
    /// called with `run`, `watch` or `probe` behind these.
    pub program: Vec<OsString>,
    /// A directory of this program's own for workers, which is made if it is not there. All above it
    /// must let workers through, so it does not lie where secrets do; nor below `/tmp`, which workers
    /// then could not have as their own.
    pub directory: PathBuf,
    /// Where interpreters are searched, as in `PATH`.
    pub search: Vec<PathBuf>,
    /// The interpreters of some runtimes.
    pub interpreters: BTreeMap<Runtime, PathBuf>,
    /// Modules that all functions in Python find behind their own and those of layers: AWS's runtimes
    /// bring boto3.
    pub python_libraries: Option<PathBuf>,
    /// The same for JavaScript, a directory `node_modules`: AWS's runtimes bring the SDK.
    pub node_libraries: Option<PathBuf>,
    /// For a program that runs as root: the users that functions run as, one for each worker.
    pub users: Option<Users>,
    /// What must never be readable: the program refuses interpreters whose files lie above it.
    pub protected: Vec<PathBuf>,
    /// Whether functions run though the kernel lacks Landlock or a part of it.
    pub is_relaxed: bool,
    /// The most workers.
    pub workers: usize,
    /// How long a worker is kept without work.
    pub idle: Duration,
    /// How long a worker may take to get ready (AWS: 10 seconds).
    pub init: Duration,
}

/// A range of users that nobody else uses: the first id, and as many as there may be workers.
#[derive(Clone, Copy, Debug)]
pub struct Users {
    /// The first user id; group ids are the same.
    pub first: u32,
}

impl Users {
    /// Free in the plans of Debian (policy 9.2.2) and systemd (`UIDS-GIDS`).
    pub const DEFAULT: Self = Self { first: 60_578 };
    /// How many are free from [`Self::DEFAULT`] on.
    pub const MAX: usize = 600;
}

/// What only the platform may ask the machine for.
pub trait Machine: Send + Sync {
    /// Milliseconds since 1970 by the machine's clock, which functions see too: not one that was moved.
    fn now_millis(&self) -> i64;

    /// Fills `bytes` with random ones.
    ///
    /// # Errors
    ///
    /// Where the source fails.
    fn random(&self, bytes: &mut [u8]) -> io::Result<()>;
}

/// Lines of a log stream, in order.
pub struct LogBatch {
    /// The log group of the function.
    pub group: String,
    /// The stream, one for each worker: `2026/11/22/[$LATEST]0123456789abcdef0123456789abcdef`.
    pub stream: String,
    /// Milliseconds since 1970, and the line without its end; at most 256 KB.
    pub lines: Vec<(i64, String)>,
}

/// Where logs go.
pub trait LogSink: Send + Sync {
    /// Takes lines of a function. While it has not, the worker's output is not read on, so that a
    /// function that writes more than is taken waits.
    fn write(&self, batch: LogBatch) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// A log sink that takes nothing.
pub struct NoLogs;

impl LogSink for NoLogs {
    fn write(&self, _: LogBatch) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(std::future::ready(()))
    }
}

/// What all workers share.
#[derive(Clone)]
pub(crate) struct Surroundings {
    pub(crate) settings: Arc<Settings>,
    pub(crate) machine: Arc<dyn Machine>,
    pub(crate) logs: Arc<dyn LogSink>,
    /// Whether workers have mounts of their own.
    pub(crate) can_mount: bool,
}
