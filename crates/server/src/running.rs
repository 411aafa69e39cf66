//! Functions of Lambda: where they run, as whom, and what they reach.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crypto::Random as _;
use functions::{Machine, Settings as Confinement, Users};
use lambda::{LambdaFunctions, Running, RunningParts};
use platform::{Clock as _, Pipeline, SystemClock, SystemRandom, environment};

use crate::cli::FunctionsOption;
use crate::exit::Failure;
use crate::settings::{Seal, Settings};

/// Where directories for functions are made: neither `/tmp`, which workers have as their own, nor
/// beside the data, where nobody may go.
const PLACE: &str = "/var/tmp";
/// What their names begin with.
const PREFIX: &str = "strongroom-functions-";
/// How long a function waits for work.
const IDLE: Duration = Duration::from_secs(300);
/// How long a function may take to get ready (AWS: 10 seconds).
const INIT: Duration = Duration::from_secs(10);

/// Functions, as long as the program runs.
pub struct Hosting {
    running: Running,
    /// A directory that was made for this run.
    directory: Option<PathBuf>,
}

impl Hosting {
    /// Lets functions run, which find AWS's APIs at `endpoint_url`.
    pub fn start(
        settings: &Settings,
        pipeline: &Pipeline,
        running: Running,
        endpoint_url: String,
    ) -> Result<Self, Failure> {
        let work = pipeline.own_work();
        pipeline.run_functions(Arc::new(LambdaFunctions {
            running: running.clone(),
            work: work.clone(),
        }));
        let mode = settings.functions.mode;
        if mode == FunctionsOption::Off {
            return Ok(Self {
                running,
                directory: None,
            });
        }
        remove_leftovers();
        let (directory, is_own) = match &settings.functions.directory {
            Some(directory) => (directory.clone(), false),
            None => (new_directory()?, true),
        };
        running.prepare(RunningParts {
            work,
            settings: confinement(settings, directory.clone()),
            machine: Arc::new(ThisMachine),
            endpoint_url,
            endpoint_ca: settings.tls.as_ref().map(|tls| tls.cert.clone()),
        });
        let hosting = Self {
            running,
            directory: is_own.then_some(directory),
        };
        if settings.functions.is_explicit {
            let started = hosting.running.start();
            started.map_err(|error| {
                Failure::failed(format!(
                    "functions cannot run: {error}; `--functions off` serves without them"
                ))
            })?;
        }
        Ok(hosting)
    }

    /// Ends all functions.
    pub async fn close(self) {
        self.running.close().await;
        if let Some(directory) = self.directory {
            // It is there only if a function ran.
            let _ = functions::remove_directory(&directory);
        }
    }
}

/// Removes what programs that were killed left behind. Packages may be large: nobody waits for it.
fn remove_leftovers() {
    let work = || functions::remove_leftovers(Path::new(PLACE), PREFIX);
    let thread = thread::Builder::new().name("functions-leftovers".to_owned());
    if let Err(error) = thread.spawn(work) {
        tracing::warn!(%error, "what an earlier run left stays");
    }
}

fn confinement(settings: &Settings, directory: PathBuf) -> Confinement {
    let given = &settings.functions;
    let is_root = rustix::process::geteuid().is_root();
    let is_relaxed = given.mode == FunctionsOption::Relaxed;
    Confinement {
        program: vec!["/proc/self/exe".into(), "confine".into()],
        directory,
        search: search(),
        interpreters: given.interpreters.clone(),
        python_libraries: given.python_libraries.clone(),
        node_libraries: given.node_libraries.clone(),
        users: is_root.then_some(Users::DEFAULT),
        protected: protected(settings),
        is_relaxed,
        workers: given.workers,
        idle: IDLE,
        init: INIT,
    }
}

/// Where interpreters are looked for: where this program was told to, and where they usually are.
fn search() -> Vec<PathBuf> {
    let path = environment::variable("PATH").unwrap_or_default();
    let mut places: Vec<PathBuf> = std::env::split_paths(&path)
        .filter(|place| place.is_absolute())
        .collect();
    for usual in ["/usr/local/bin", "/usr/bin", "/bin"].map(PathBuf::from) {
        if !places.contains(&usual) {
            places.push(usual);
        }
    }
    places
}

/// What no function may ever read.
fn protected(settings: &Settings) -> Vec<PathBuf> {
    let storage = settings.storage.as_ref();
    let mut paths: Vec<_> = storage.map(|it| it.data_dir.clone()).into_iter().collect();
    if let Some(Seal::KeyFile(file)) = storage.map(|it| &it.seal) {
        paths.push(file.clone());
    }
    paths.extend(settings.tls.as_ref().map(|tls| tls.key.clone()));
    paths
}

/// The name of a directory that nobody else can have made.
fn new_directory() -> Result<PathBuf, Failure> {
    let mut name = [0; 16];
    let drawn = SystemRandom.fill(&mut name);
    drawn.map_err(|error| Failure::failed(format!("cannot name a directory: {error}")))?;
    let name: String = name.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(PathBuf::from(PLACE).join(format!("{PREFIX}{name}")))
}

/// This machine's clock, which functions see too, and its randomness.
struct ThisMachine;

impl Machine for ThisMachine {
    fn now_millis(&self) -> i64 {
        SystemClock.now().millis
    }

    fn random(&self, bytes: &mut [u8]) -> io::Result<()> {
        SystemRandom.fill(bytes).map_err(io::Error::other)
    }
}
