//! What warm invocations of a function that does nothing cost: `cargo run --release -p functions --example warm [node]`.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use functions::{
    Credentials, Executor, Function, Invocation, Machine, NoLogs, Runtime, Settings, Users,
};
use tokio::time::Instant;
use zeroize::Zeroizing;

struct ThisMachine;

impl Machine for ThisMachine {
    #[expect(
        clippy::disallowed_methods,
        reason = "functions see the machine's clock"
    )]
    fn now_millis(&self) -> i64 {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(0))
    }

    fn random(&self, bytes: &mut [u8]) -> io::Result<()> {
        bytes.fill(7);
        Ok(())
    }
}

fn main() -> io::Result<ExitCode> {
    let argument = std::env::args().nth(1).unwrap_or_default();
    if let "run" | "watch" | "probe" = argument.as_str() {
        return Ok(functions::confined(Some(&argument)));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(measure(argument == "node"))?;
    Ok(ExitCode::SUCCESS)
}

async fn measure(is_node: bool) -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o711))?;
    let package = folder.path().join("package");
    fs::create_dir(&package)?;
    fs::set_permissions(&package, fs::Permissions::from_mode(0o755))?;
    let (file, text, runtime) = if is_node {
        let text = "exports.handler = async (event) => event;";
        ("index.js", text, "nodejs20.x")
    } else {
        let text = "def handler(event, context): return event";
        ("index.py", text, "python3.11")
    };
    fs::write(package.join(file), text)?;
    let executor = Executor::new(
        settings(folder.path()),
        Arc::new(ThisMachine),
        Arc::new(NoLogs),
    )?;
    let function = Arc::new(function(package, runtime));
    let mut times = Vec::new();
    for number in 0..2000 {
        let began = Instant::now();
        let outcome = executor.invoke(&function, invocation(number)).await;
        let outcome = outcome.map_err(io::Error::other)?;
        let took = began.elapsed();
        if outcome.is_error {
            return Err(io::Error::other("the function failed"));
        }
        if number == 0 {
            show(&format!("cold: {took:?}, of it {:?}", outcome.report.init));
        } else {
            times.push(took);
        }
    }
    times.sort_unstable();
    for percentile in [50, 90, 99] {
        let at = times.len() * percentile / 100;
        show(&format!("warm, p{percentile}: {:?}", times.get(at)));
    }
    executor.close().await;
    Ok(())
}

fn settings(folder: &Path) -> Settings {
    let is_root = rustix::process::geteuid().is_root();
    Settings {
        program: vec!["/proc/self/exe".into()],
        directory: folder.join("functions"),
        search: ["/usr/local/bin", "/usr/bin"].map(PathBuf::from).to_vec(),
        interpreters: BTreeMap::new(),
        python_libraries: None,
        node_libraries: None,
        users: is_root.then_some(Users::DEFAULT),
        protected: Vec::new(),
        is_relaxed: false,
        workers: 1,
        idle: Duration::from_secs(60),
        init: Duration::from_secs(10),
    }
}

fn function(package: PathBuf, runtime: &str) -> Function {
    Function {
        key: "f".to_owned(),
        name: "f".to_owned(),
        arn: "arn:aws:lambda:us-east-1:000000000000:function:f".to_owned(),
        version: "$LATEST".to_owned(),
        runtime: Runtime::parse(runtime).unwrap_or(Runtime::Python(11)),
        handler: "index.handler".to_owned(),
        package,
        layers: None,
        memory_mb: 256,
        storage_mb: 512,
        timeout: Duration::from_secs(3),
        concurrency: 1,
        region: "us-east-1".to_owned(),
        log_group: "/aws/lambda/f".to_owned(),
        logging: functions::Logging::Text,
        endpoint_url: None,
        variables: Vec::new(),
        logs: None,
        keeps: None,
    }
}

fn invocation(number: usize) -> Invocation {
    Invocation {
        id: format!("00000000-0000-4000-8000-{number:012}"),
        payload: "{\"a\":1}".into(),
        invoked_arn: "arn:aws:lambda:us-east-1:000000000000:function:f".to_owned(),
        client_context: None,
        trace_id: None,
        claim: None,
        credentials: Credentials {
            access_key_id: "ASIAEXAMPLE".to_owned(),
            secret_access_key: Zeroizing::new("secret".to_owned()),
            session_token: Zeroizing::new("token".to_owned()),
            expires_at_millis: i64::MAX,
        },
    }
}

fn show(line: &str) {
    // Nobody reads it if standard output is closed.
    let _ = writeln!(io::stdout(), "{line}");
}
