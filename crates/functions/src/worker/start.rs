//! Starting a worker, and its first invocation.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustix::process::getpid;
use tokio::net::unix::pipe::Receiver;
use tokio::time::Instant;
use zeroize::Zeroizing;

use super::environment::{Surrounding, environment};
use super::{Directory, Failure, Worker, answers};
use crate::confine::{Limits, Specification};
use crate::interpreter::Interpreter;
use crate::monitor::{MAX_PROCESSES, Monitor, Watched, Watching};
use crate::output::{Output, Stream};
use crate::runtime_api::RuntimeApi;
use crate::settings::Surroundings;
use crate::spawner::Spawner;
use crate::{Function, Invocation, Outcome, Report, Runtime};

const MB: u64 = 1024 * 1024;
/// Where functions write to.
const TMP: &str = "/tmp";
/// Writable memory of a process beyond the function's: what interpreters reserve and never touch.
const SPARE_MEMORY: u64 = 1024 * MB;

/// All that starts workers of one function version.
pub(crate) struct Plan {
    pub(crate) function: Arc<Function>,
    pub(crate) around: Surroundings,
    pub(crate) spawner: Spawner,
    pub(crate) monitor: Arc<Monitor>,
    /// The interpreter, or why there is none.
    pub(crate) interpreter: Result<Interpreter, String>,
    /// The user of the worker, if it is one of its own.
    pub(crate) user: Option<u32>,
}

/// What came of a worker's first invocation.
pub(crate) struct Started {
    pub(crate) outcome: Outcome,
    /// The worker, if it is ready for another.
    pub(crate) worker: Option<Worker>,
}

impl Plan {
    /// Starts a worker and runs its first invocation.
    ///
    /// A start that fails is tried once more as a part of the invocation, within the function's own
    /// time (AWS: "Understanding the Lambda execution environment lifecycle").
    ///
    /// # Errors
    ///
    /// Where no worker can be made, whatever the function is.
    pub(crate) async fn start(&self, invocation: &Invocation) -> io::Result<Started> {
        let stream = self.stream_name()?;
        let limit = self.around.settings.init;
        let began = Instant::now();
        let mut worker = self.worker(invocation, &stream).await?;
        let failure = match worker.get_ready(began + limit, limit).await {
            Ok(()) => {
                let init = Some(began.elapsed());
                return Ok(first_run(worker, invocation, Instant::now(), init).await);
            }
            Err(Failure::NotConfined(why)) => {
                worker.end().await;
                return Err(io::Error::other(why));
            }
            Err(failure @ Failure::NotRun(_)) => {
                return Ok(worker
                    .never_ready(invocation, failure, began.elapsed())
                    .await);
            }
            Err(failure) => failure,
        };
        let log = worker.platform_log();
        let lines = log.init_failed(began.elapsed(), "init", &failure);
        worker.output.lines(lines).await;
        worker.end().await;
        let limit = self.function.timeout;
        let began = Instant::now();
        let mut worker = self.worker(invocation, &stream).await?;
        match worker.get_ready(began + limit, limit).await {
            Ok(()) => Ok(first_run(worker, invocation, began, None).await),
            Err(failure) => Ok(worker
                .never_ready(invocation, failure, began.elapsed())
                .await),
        }
    }

    /// Makes a process and all around it.
    async fn worker(&self, invocation: &Invocation, stream: &str) -> io::Result<Worker> {
        let settings = &self.around.settings;
        let api = RuntimeApi::open(self.random_name()?).await?;
        let path = settings.directory.join("workers").join(self.random_name()?);
        let directory = Directory::make(path, self.user)?;
        let specification = self.specification(invocation, &api, stream, &directory);
        let specification = Zeroizing::new(serde_json::to_vec(&specification)?);
        let (reading, writing) = io::pipe()?;
        let process = self.spawner.spawn(specification, writing).await?;
        let watched = Watched::new(
            process.group.as_raw_pid(),
            u64::from(self.function.memory_mb) * MB,
            u64::from(self.function.storage_mb) * MB,
            directory.path().to_owned(),
        );
        let output = Stream {
            group: self.function.log_group.clone(),
            stream: stream.to_owned(),
            logs: Arc::clone(self.function.logs.as_ref().unwrap_or(&self.around.logs)),
            machine: Arc::clone(&self.around.machine),
            logging: self.function.logging,
        };
        let worker = Worker {
            function: Arc::clone(&self.function),
            machine: Arc::clone(&self.around.machine),
            watched: Watching::begin(Arc::clone(&self.monitor), watched),
            process: Some(process),
            api,
            output: Output::read(Receiver::from_owned_fd(reading.into())?, output),
            directory,
            ready: None,
            has_called: false,
        };
        let lines = worker.platform_log().init_start(stream);
        if !lines.is_empty() {
            worker.output.lines(lines).await;
        }
        Ok(worker)
    }

    fn specification(
        &self,
        invocation: &Invocation,
        api: &RuntimeApi,
        stream: &str,
        directory: &Directory,
    ) -> Specification {
        let function = &self.function;
        let runtime_directory = self.around.settings.directory.join("runtime");
        let (program, arguments, files) = self.program();
        let mut readable = vec![runtime_directory.clone(), function.package.clone()];
        readable.extend(function.layers.clone());
        readable.extend(files);
        readable.extend(self.around.settings.python_libraries.clone());
        readable.extend(self.around.settings.node_libraries.clone());
        let binds = self.binds(&readable, directory);
        let has_tmp = binds.iter().any(|(_, to)| to == TMP);
        let environment = environment(&Surrounding {
            function,
            settings: &self.around.settings,
            credentials: &invocation.credentials,
            api: &api.address,
            log_stream: stream,
            runtime_directory: &runtime_directory,
            temporary: if has_tmp {
                TMP.as_ref()
            } else {
                directory.path()
            },
        });
        Specification {
            server: getpid().as_raw_pid(),
            program,
            arguments,
            environment,
            directory: function.package.clone(),
            user: self.user,
            readable,
            writable: directory.path().to_owned(),
            binds,
            limits: Limits {
                data: u64::from(function.memory_mb) * MB + SPARE_MEMORY,
                file: u64::from(function.storage_mb) * MB,
                descriptors: 1024,
                processes: MAX_PROCESSES,
            },
            is_relaxed: self.around.settings.is_relaxed,
        }
    }

    /// What the worker sees at the places where AWS has it.
    ///
    /// A place that is not there, or that would hide something the worker needs, stays as it is.
    fn binds(&self, needed: &[PathBuf], directory: &Directory) -> Vec<(PathBuf, PathBuf)> {
        if !self.around.can_mount {
            return Vec::new();
        }
        let function = &self.function;
        let places = [
            (Some(directory.path()), TMP),
            (function.layers.as_deref(), "/opt"),
            (Some(function.package.as_path()), "/var/task"),
        ];
        let is_free = |place: &Path| {
            let hides = |path: &Path| path.starts_with(place);
            place.is_dir() && !hides(directory.path()) && !needed.iter().any(|path| hides(path))
        };
        places
            .into_iter()
            .filter_map(|(from, to)| Some((from?.to_owned(), PathBuf::from(to))))
            .filter(|(_, to)| is_free(to))
            .collect()
    }

    /// What is executed, with its arguments and the files it needs.
    fn program(&self) -> (Result<PathBuf, String>, Vec<String>, Vec<PathBuf>) {
        let bootstraps = self.around.settings.directory.join("runtime");
        let bootstrap = |name: &str| bootstraps.join(name).display().to_string();
        let memory = self.function.memory_mb;
        let arguments = match self.function.runtime {
            Runtime::Python(_) => vec!["-u".to_owned(), bootstrap(PYTHON)],
            Runtime::Node(_) => vec![
                // Garbage is collected before the worker has to be killed.
                format!("--max-old-space-size={}", memory - memory / 10),
                bootstrap(NODE),
            ],
            Runtime::Provided(_) => Vec::new(),
        };
        match &self.interpreter {
            Ok(interpreter) => (
                Ok(interpreter.program.clone()),
                arguments,
                interpreter.files.clone(),
            ),
            // The confined stage says so, where the function's log is.
            Err(why) => (Err(why.clone()), Vec::new(), Vec::new()),
        }
    }

    /// The name of the worker's log stream.
    fn stream_name(&self) -> io::Result<String> {
        let (year, month, day) = answers::date(self.around.machine.now_millis());
        let version = &self.function.version;
        let name = self.random_name()?;
        Ok(format!("{year:04}/{month:02}/{day:02}/[{version}]{name}"))
    }

    /// 128 random bits in hexadecimal.
    fn random_name(&self) -> io::Result<String> {
        let mut bytes = [0; 16];
        self.around.machine.random(&mut bytes)?;
        Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
    }
}

/// The names of the bootstraps in the directory `runtime`.
pub(crate) const PYTHON: &str = "bootstrap.py";
pub(crate) const NODE: &str = "bootstrap.mjs";

async fn first_run(
    mut worker: Worker,
    invocation: &Invocation,
    began: Instant,
    init: Option<Duration>,
) -> Started {
    let (outcome, is_ready) = worker.run(invocation, began, init).await;
    let worker = if is_ready {
        Some(worker)
    } else {
        worker.end().await;
        None
    };
    Started { outcome, worker }
}

impl Worker {
    /// Ends an invocation for which the worker never got ready.
    async fn never_ready(
        self,
        invocation: &Invocation,
        failure: Failure,
        took: Duration,
    ) -> Started {
        let report = Report {
            duration: took,
            init: None,
            memory: self.watched.peak(),
        };
        let mut lines = self.platform_log().init_failed(took, "invoke", &failure);
        lines.extend(self.platform_log().start(&invocation.id));
        self.output.lines(lines).await;
        let outcome = self.close(invocation, Err(failure), report).await;
        self.end().await;
        Started {
            outcome,
            worker: None,
        }
    }
}
