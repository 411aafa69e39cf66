//! Runs invocations: on a worker that is warm, or on one that is started.

mod pools;

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{oneshot, watch};
use tokio::time::{Instant, sleep};

use crate::confine::SYSTEM;
use crate::interpreter::{self, Interpreter};
use crate::monitor::Monitor;
use crate::own_directory::OwnDirectory;
use crate::removing;
use crate::settings::{LogSink, Machine, Settings, Surroundings, Users};
use crate::spawner::{self, Spawner};
use crate::worker::{NODE, PYTHON, Plan, Worker};
use crate::{Function, Invocation, InvokeError, Outcome, Runtime};

use pools::{Acquired, Lease, Pools};

/// Runs functions, until it is closed.
#[derive(Clone)]
pub struct Executor {
    inner: Arc<Inner>,
}

struct Inner {
    around: Surroundings,
    spawner: Spawner,
    monitor: Arc<Monitor>,
    pools: Pools,
    interpreters: Mutex<BTreeMap<Runtime, Interpreter>>,
    closing: watch::Sender<bool>,
    /// Nobody takes it for one that was left behind.
    _directory: OwnDirectory,
}

/// An invocation on its way to a worker.
struct Job {
    function: Arc<Function>,
    invocation: Invocation,
    done: oneshot::Sender<Done>,
}

/// What became of it.
enum Done {
    Ran(Outcome),
    /// The worker had ended by itself before: another one has to run it.
    NotRun(Invocation),
    Failed(InvokeError),
}

impl Executor {
    /// Prepares to run functions; starts none. Takes some milliseconds.
    ///
    /// # Errors
    ///
    /// Where the directory cannot be made, a thread not started, a program that runs as root has no
    /// users to run functions as, or what has to be protected lies where all programs may read.
    pub fn new(
        settings: Settings,
        machine: Arc<dyn Machine>,
        logs: Arc<dyn LogSink>,
    ) -> io::Result<Self> {
        check(&settings).map_err(io::Error::other)?;
        let directory = prepare(&settings.directory)?;
        let spawner = Spawner::start(settings.program.clone())?;
        let can_mount = spawner::can_mount(&settings.program);
        let pools = Pools::new(settings.workers);
        let around = Surroundings {
            settings: Arc::new(settings),
            machine,
            logs,
            can_mount,
        };
        let (closing, _) = watch::channel(false);
        let inner = Inner {
            around,
            spawner,
            monitor: Arc::new(Monitor::start()?),
            pools,
            interpreters: Mutex::default(),
            closing,
            _directory: directory,
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// Puts a copy of `file` where all workers may read it.
    ///
    /// # Errors
    ///
    /// Where it cannot be read or written.
    pub fn show(&self, name: &str, file: &Path) -> io::Result<PathBuf> {
        let copy = self.inner.around.settings.directory.join("runtime");
        let copy = copy.join(name);
        fs::copy(file, &copy)?;
        fs::set_permissions(&copy, Permissions::from_mode(0o444))?;
        Ok(copy)
    }

    /// Runs `function` once.
    ///
    /// It runs to its end whether or not the caller waits.
    ///
    /// # Errors
    ///
    /// Where it did not run; a function that fails is an outcome.
    pub async fn invoke(
        &self,
        function: &Arc<Function>,
        mut invocation: Invocation,
    ) -> Result<Outcome, InvokeError> {
        loop {
            let (done, result) = oneshot::channel();
            let acquired = self.acquire(function, &invocation).await?;
            let job = Job {
                function: Arc::clone(function),
                invocation,
                done,
            };
            match acquired {
                Acquired::Warm(worker) => {
                    if let Err(job) = worker.send(job) {
                        invocation = job.invocation;
                        continue;
                    }
                }
                Acquired::Room(lease) => {
                    tokio::spawn(Arc::clone(&self.inner).work(lease, job));
                }
            }
            match result.await {
                Ok(Done::Ran(outcome)) => return Ok(outcome),
                Ok(Done::NotRun(returned)) => invocation = returned,
                Ok(Done::Failed(error)) => return Err(error),
                Err(_) => return Err(InvokeError::Worker("it has gone".to_owned())),
            }
        }
    }

    /// Ends the workers of a function version: those without work now, others after it.
    pub fn retire(&self, key: &str) {
        self.inner.pools.retire(key);
    }

    /// Kills all workers; nothing is run any more.
    pub async fn close(&self) {
        self.inner.pools.close();
        self.inner.closing.send_replace(true);
        self.inner.pools.all_ended().await;
    }

    /// A warm worker, or room for one, which may have to be made.
    async fn acquire(
        &self,
        function: &Function,
        invocation: &Invocation,
    ) -> Result<Acquired, InvokeError> {
        let pools = &self.inner.pools;
        let now = self.inner.around.machine.now_millis();
        let timeout = i64::try_from(function.timeout.as_millis()).unwrap_or(i64::MAX);
        let until = now.saturating_add(timeout);
        let expires = invocation.credentials.expires_at_millis;
        loop {
            let freed = pools.freed();
            match pools.acquire(function, until, expires)? {
                Some(acquired) => return Ok(acquired),
                // One without work was told to end.
                None => freed.await,
            }
        }
    }
}

impl Inner {
    /// The life of a worker, from its first invocation.
    async fn work(self: Arc<Self>, mut lease: Lease, first: Job) {
        let mut closing = self.closing.subscribe();
        // Whoever is dropped kills its processes.
        tokio::select! {
            () = self.live(&mut lease, first) => {}
            _ = closing.wait_for(|closing| *closing) => {}
        }
        self.pools.end(&lease);
    }

    async fn live(&self, lease: &mut Lease, first: Job) {
        let (mut worker, mut given) = self.begin(lease, first).await;
        while let Some((present, next)) = worker.as_mut().zip(given.take()) {
            let Some(job) = self.wait(lease, present, next).await else {
                break;
            };
            let began = Instant::now();
            let (outcome, is_ready) = present.run(&job.invocation, began, None).await;
            given = self.settle(lease, is_ready);
            drop(job.invocation);
            // The caller may have gone.
            let _ = job.done.send(Done::Ran(outcome));
        }
        if let Some(worker) = worker {
            worker.end().await;
        }
    }

    /// Makes room for the next invocation, which may come as soon as this one is answered.
    ///
    /// # Returns
    ///
    /// Where the worker's next invocation comes from, if it is to have one.
    fn settle(&self, lease: &mut Lease, is_ready: bool) -> Option<oneshot::Receiver<Job>> {
        if is_ready {
            return self.pools.release(lease);
        }
        self.pools.leave(lease);
        None
    }

    /// Starts the worker and runs the first invocation.
    async fn begin(
        &self,
        lease: &mut Lease,
        job: Job,
    ) -> (Option<Worker>, Option<oneshot::Receiver<Job>>) {
        let settings = &self.around.settings;
        let plan = Plan {
            function: Arc::clone(&job.function),
            around: self.around.clone(),
            spawner: self.spawner.clone(),
            monitor: Arc::clone(&self.monitor),
            interpreter: self.interpreter(&job.function).await,
            user: settings
                .users
                .map(|users| users.first.saturating_add(lease.slot)),
        };
        let (done, worker) = match plan.start(&job.invocation).await {
            Ok(started) => (Done::Ran(started.outcome), started.worker),
            Err(error) => {
                let error = InvokeError::Worker(error.to_string());
                (Done::Failed(error), None)
            }
        };
        let given = self.settle(lease, worker.is_some());
        drop(job.invocation);
        let _ = job.done.send(done);
        (worker, given)
    }

    /// Waits for the next invocation.
    ///
    /// # Returns
    ///
    /// None if there will be none: the worker is told to end, was without work for too long, or has
    /// ended by itself.
    async fn wait(
        &self,
        lease: &mut Lease,
        worker: &mut Worker,
        mut given: oneshot::Receiver<Job>,
    ) -> Option<Job> {
        let given = tokio::select! {
            biased;
            job = &mut given => job,
            () = worker.spoiled() => self.last(lease, given).await,
            () = sleep(self.around.settings.idle) => self.last(lease, given).await,
        };
        let job = given.ok()?;
        lease.is_busy = true;
        if !worker.has_ended() {
            return Some(job);
        }
        let _ = job.done.send(Done::NotRun(job.invocation));
        None
    }

    /// What a worker that takes no more work was given just before.
    async fn last(
        &self,
        lease: &Lease,
        given: oneshot::Receiver<Job>,
    ) -> Result<Job, oneshot::error::RecvError> {
        self.pools.withdraw(lease);
        given.await
    }

    /// The function's interpreter, which is searched once.
    async fn interpreter(&self, function: &Arc<Function>) -> Result<Interpreter, String> {
        if let Runtime::Provided(_) = function.runtime {
            return bootstrap(function);
        }
        let runtime = &function.runtime;
        let lock = || {
            self.interpreters
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        if let Some(known) = lock().get(runtime) {
            return Ok(known.clone());
        }
        let (searched, settings) = (runtime.clone(), Arc::clone(&self.around.settings));
        let found =
            tokio::task::spawn_blocking(move || interpreter::find(&searched, &settings)).await;
        let found = found.map_err(|_| "the search for an interpreter has ended".to_owned())??;
        lock().insert(runtime.clone(), found.clone());
        Ok(found)
    }
}

/// Refuses settings with which functions could not be confined.
fn check(settings: &Settings) -> Result<(), String> {
    let is_root = rustix::process::geteuid().is_root();
    match settings.users {
        None if is_root && !settings.is_relaxed => {
            return Err("functions would run as root: they need users of their own".to_owned());
        }
        Some(_) if !is_root => {
            return Err("only root can run functions as other users".to_owned());
        }
        Some(_) if settings.workers > Users::MAX => {
            let text = format!("more workers than users: at most {}", Users::MAX);
            return Err(text);
        }
        _ => {}
    }
    for protected in &settings.protected {
        let real = fs::canonicalize(protected).unwrap_or_else(|_| protected.clone());
        if let Some(system) = SYSTEM.iter().find(|system| real.starts_with(system)) {
            return Err(format!(
                "`{}` lies in `{system}`, which functions may read",
                real.display()
            ));
        }
    }
    Ok(())
}

/// The program of a package that brings its own runtime.
fn bootstrap(function: &Function) -> Result<Interpreter, String> {
    let places = [Some(&function.package), function.layers.as_ref()];
    let found = places
        .into_iter()
        .flatten()
        .map(|place| place.join("bootstrap"))
        .find(|program| program.is_file());
    let text = "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]";
    let program = found.ok_or(text)?;
    Ok(Interpreter {
        program,
        files: Vec::new(),
    })
}

/// Makes the directory as it has to be: what an earlier run left is removed.
fn prepare(directory: &Path) -> io::Result<OwnDirectory> {
    if let Ok(metadata) = fs::symlink_metadata(directory) {
        // Somebody else could change what is in it.
        let owner = rustix::process::geteuid().as_raw();
        if !metadata.is_dir() || metadata.uid() != owner {
            let text = format!("`{}` is not this program's directory", directory.display());
            return Err(io::Error::other(text));
        }
    }
    let taken = OwnDirectory::take(directory)?;
    for left in ["runtime", "workers"].map(|name| directory.join(name)) {
        match removing::remove(&left) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    for path in [
        directory.to_owned(),
        directory.join("runtime"),
        directory.join("workers"),
    ] {
        DirBuilder::new()
            .recursive(true)
            .mode(0o711)
            .create(&path)?;
        fs::set_permissions(&path, Permissions::from_mode(0o711))?;
    }
    let runtime = directory.join("runtime");
    for (name, text) in [
        (PYTHON, include_str!("bootstrap/python.py")),
        (NODE, include_str!("bootstrap/node.mjs")),
    ] {
        let path = runtime.join(name);
        fs::write(&path, text)?;
        fs::set_permissions(&path, Permissions::from_mode(0o444))?;
    }
    Ok(taken)
}
