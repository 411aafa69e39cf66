//! Functions written to directories, and an executor to run them.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use functions::{
    Credentials, Executor, Function, Invocation, InvokeError, LogBatch, LogSink, Logging, Machine,
    Outcome, Runtime, Settings, Users,
};
use serde_json::Value;
use zeroize::Zeroizing;

/// Where most systems have them; functions of other users can reach these.
pub(crate) const PYTHON: &str = "/usr/bin/python3";
pub(crate) const NODE: &str = "/usr/bin/node";

/// How many workers a stage has at once.
const WORKERS: usize = 8;

/// Users of a stage's own: the processes of a user are counted together, and another test's would
/// count.
fn users() -> Users {
    static STAGES: AtomicU32 = AtomicU32::new(0);
    let stage = STAGES.fetch_add(1, Ordering::SeqCst) as usize % (Users::MAX / WORKERS);
    let before = u32::try_from(stage * WORKERS).unwrap();
    Users {
        first: Users::DEFAULT.first + before,
    }
}

/// A place for functions, and what runs them.
pub(crate) struct Stage {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) executor: Executor,
    pub(crate) logs: Arc<Lines>,
    next: AtomicU64,
}

/// Lines of the log, the first ones.
#[derive(Default)]
pub(crate) struct Lines {
    pub(crate) lines: Mutex<Vec<String>>,
    pub(crate) bytes: AtomicU64,
}

struct TestMachine(AtomicU64);

impl Machine for TestMachine {
    #[expect(
        clippy::disallowed_methods,
        reason = "functions see the machine's clock"
    )]
    fn now_millis(&self) -> i64 {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        i64::try_from(since.unwrap().as_millis()).unwrap()
    }

    fn random(&self, bytes: &mut [u8]) -> io::Result<()> {
        let number = self.0.fetch_add(1, Ordering::SeqCst).to_be_bytes();
        bytes.fill(0xab);
        bytes[..8].copy_from_slice(&number);
        Ok(())
    }
}

impl LogSink for Lines {
    fn write(&self, batch: LogBatch) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        assert!(batch.stream.contains("/[$LATEST]"), "{}", batch.stream);
        let size: usize = batch.lines.iter().map(|(_, line)| line.len()).sum();
        self.bytes.fetch_add(size as u64, Ordering::SeqCst);
        let mut lines = self.lines.lock().unwrap();
        if lines.len() < 10_000 {
            lines.extend(batch.lines.into_iter().map(|(_, line)| line));
        }
        Box::pin(std::future::ready(()))
    }
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn with(change: impl FnOnce(&mut Settings)) -> Self {
        Self::try_with(change).unwrap()
    }

    pub(crate) fn try_with(change: impl FnOnce(&mut Settings)) -> io::Result<Self> {
        Self::within(std::env::temp_dir(), change)
    }

    /// In a directory that `/tmp` does not hide.
    pub(crate) fn outside_tmp() -> Self {
        Self::within(env!("CARGO_TARGET_TMPDIR").into(), |_| {}).unwrap()
    }

    fn within(place: PathBuf, change: impl FnOnce(&mut Settings)) -> io::Result<Self> {
        let folder = tempfile::tempdir_in(place).unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o711)).unwrap();
        let is_root = rustix::process::geteuid().is_root();
        let mut settings = Settings {
            program: vec![env!("CARGO_BIN_EXE_functions-confined").into()],
            directory: folder.path().join("functions"),
            search: ["/usr/local/bin", "/usr/bin", "/bin"]
                .map(PathBuf::from)
                .to_vec(),
            interpreters: BTreeMap::new(),
            python_libraries: Some(folder.path().join("libraries")),
            node_libraries: None,
            users: is_root.then(users),
            protected: vec![folder.path().join("secret")],
            is_relaxed: false,
            workers: WORKERS,
            idle: Duration::from_secs(600),
            init: Duration::from_secs(10),
        };
        change(&mut settings);
        let logs = Arc::new(Lines::default());
        let machine = Arc::new(TestMachine(AtomicU64::new(0)));
        let executor = Executor::new(settings, machine, logs.clone())?;
        Ok(Self {
            folder,
            executor,
            logs,
            next: AtomicU64::new(0),
        })
    }

    /// A function of one file.
    pub(crate) fn function(&self, runtime: &str, file: &str, text: &str) -> Function {
        let number = self.next.fetch_add(1, Ordering::SeqCst);
        let package = self.folder.path().join(format!("package-{number}"));
        fs::create_dir(&package).unwrap();
        fs::set_permissions(&package, fs::Permissions::from_mode(0o755)).unwrap();
        let path = package.join(file);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o555)).unwrap();
        let stem = Path::new(file).file_stem().unwrap().to_str().unwrap();
        Function {
            key: format!("f{number}"),
            name: format!("f{number}"),
            arn: format!("arn:aws:lambda:us-east-1:000000000000:function:f{number}"),
            version: "$LATEST".to_owned(),
            runtime: Runtime::parse(runtime).unwrap(),
            handler: format!("{stem}.handler"),
            package,
            layers: None,
            memory_mb: 256,
            storage_mb: 512,
            timeout: Duration::from_secs(20),
            concurrency: 4,
            region: "us-east-1".to_owned(),
            log_group: format!("/aws/lambda/f{number}"),
            logging: Logging::Text,
            endpoint_url: Some("http://127.0.0.1:1".to_owned()),
            variables: vec![("GREETING".to_owned(), Zeroizing::new("hello".to_owned()))],
            logs: None,
            keeps: None,
        }
    }

    /// A function in Python, with `json`, `os` and `sys` at hand.
    pub(crate) fn python(&self, text: &str) -> Function {
        let text = format!("import json, os, sys, time\n{text}");
        self.function("python3.11", "app.py", &text)
    }

    pub(crate) fn invocation(&self, event: &str) -> Invocation {
        let number = self.next.fetch_add(1, Ordering::SeqCst);
        Invocation {
            id: format!("00000000-0000-4000-8000-{number:012}"),
            payload: event.to_owned().into(),
            invoked_arn: "arn:aws:lambda:us-east-1:000000000000:function:f:live".to_owned(),
            client_context: Some(
                "{\"custom\":{\"a\":\"ü\"},\n\"client\":{\"app_title\":\"t\"}}".to_owned(),
            ),
            trace_id: Some("Root=1-2-3".to_owned()),
            claim: None,
            credentials: Credentials {
                access_key_id: "ASIAEXAMPLE".to_owned(),
                secret_access_key: Zeroizing::new("secret".to_owned()),
                session_token: Zeroizing::new("token".to_owned()),
                expires_at_millis: i64::MAX,
            },
        }
    }

    pub(crate) async fn invoke(&self, function: &Arc<Function>, event: &str) -> Outcome {
        self.try_invoke(function, event).await.unwrap()
    }

    pub(crate) async fn try_invoke(
        &self,
        function: &Arc<Function>,
        event: &str,
    ) -> Result<Outcome, InvokeError> {
        let invocation = self.invocation(event);
        self.executor.invoke(function, invocation).await
    }

    /// Runs a function once.
    pub(crate) async fn once(&self, function: Function, event: &str) -> Outcome {
        self.invoke(&Arc::new(function), event).await
    }
}

/// The payload as JSON.
pub(crate) fn json(outcome: &Outcome) -> Value {
    serde_json::from_slice(&outcome.payload).unwrap()
}

pub(crate) fn tail(outcome: &Outcome) -> String {
    String::from_utf8_lossy(&outcome.log_tail).into_owned()
}

/// The result of a function that has to succeed.
pub(crate) fn success(outcome: &Outcome) -> Value {
    assert!(
        !outcome.is_error,
        "{:?}\n{}",
        outcome.payload,
        tail(outcome)
    );
    json(outcome)
}

/// The error of a function that has to fail, with its type checked.
pub(crate) fn failure(outcome: &Outcome, kind: &str) -> Value {
    assert!(outcome.is_error, "{:?}\n{}", outcome.payload, tail(outcome));
    let error = json(outcome);
    assert_eq!(error["errorType"], kind, "{error}\n{}", tail(outcome));
    error
}

/// Whether a process runs, or at least has not ended.
pub(crate) fn is_alive(pid: &Value) -> bool {
    let pid = i32::try_from(pid.as_i64().unwrap()).unwrap();
    // Through `stat`: a process that ended may not have been waited for yet.
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    rustix::process::test_kill_process(rustix::process::Pid::from_raw(pid).unwrap()).is_ok()
        && !stat.contains(") Z ")
}

/// Says why a test does nothing where a program it needs is not there.
pub(crate) fn is_missing(program: &str) -> bool {
    let is_missing = !Path::new(program).exists();
    if is_missing {
        println!("skipped: {program} is not there");
    }
    is_missing
}
