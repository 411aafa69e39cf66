//! Programs under measurement.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};

use crate::workspace;

/// A program that printed that it is ready.
pub(crate) struct Running {
    child: Child,
    address: String,
    credentials: Option<(String, String)>,
    ready_millis: f64,
    data: Option<PathBuf>,
    // Held open: a program that prints to a closed pipe would fail.
    _stdout: BufReader<ChildStdout>,
}

/// Builds the release binary, unless another one is given, and the echo server.
pub(crate) fn build() -> Result<()> {
    let mut command = Command::new("cargo");
    command.args(["build", "--release", "--locked", "--package", "server"]);
    command.arg("--examples");
    if given().is_none() {
        command.arg("--bins");
    }
    let status = command.current_dir(workspace::root()).status()?;
    ensure!(status.success(), "the release build failed");
    Ok(())
}

/// The binary that is measured.
pub(crate) fn program() -> PathBuf {
    given().unwrap_or_else(|| workspace::target().join("release/strongroom"))
}

/// The binary that `STRONGROOM_BINARY` names.
fn given() -> Option<PathBuf> {
    std::env::var_os("STRONGROOM_BINARY").map(PathBuf::from)
}

impl Running {
    /// The echo server.
    pub(crate) fn echo() -> Result<Self> {
        Self::start(
            Command::new(workspace::target().join("release/examples/echo")),
            None,
        )
    }

    /// The program on an empty data directory `target/bench/<name>`.
    pub(crate) fn strongroom(name: &str) -> Result<Self> {
        Self::serve(emptied(name)?, &[])
    }

    /// Another build of the program on an empty data directory `target/bench/<name>`, with a variable
    /// in its environment.
    pub(crate) fn build_of(
        program: &Path,
        name: &str,
        (variable, value): (&str, &Path),
    ) -> Result<Self> {
        let mut command = Command::new(program);
        command.env(variable, value);
        Self::begin(command, emptied(name)?, &[])
    }

    /// The same with a directory for trails, which has `bucket`, and leave to reach this machine.
    pub(crate) fn active(name: &str, bucket: &str) -> Result<Self> {
        let folder = emptied(name)?;
        let buckets = folder.join("buckets");
        fs::create_dir_all(buckets.join(bucket))?;
        let buckets = buckets
            .to_str()
            .context("a path that is no text")?
            .to_owned();
        let arguments = ["--outbound-allow", "127.0.0.0/8", "--outbound-http"];
        let arguments = [&arguments[..], &["--trail-directory", &buckets]].concat();
        Self::serve(folder, &arguments)
    }

    /// How many files trails have delivered to `bucket`.
    pub(crate) fn delivered(&self, bucket: &str) -> Result<usize> {
        let folder = self.data.as_ref().context("no data")?;
        count(&folder.join("buckets").join(bucket))
    }

    /// Stops the program where it is.
    pub(crate) fn pause(&self) -> Result<()> {
        self.signal("-STOP")
    }

    /// Lets it go on.
    pub(crate) fn resume(&self) -> Result<()> {
        self.signal("-CONT")
    }

    fn signal(&self, signal: &str) -> Result<()> {
        let id = self.child.id().to_string();
        let status = Command::new("kill").args([signal, &id]).status()?;
        ensure!(status.success(), "the program took no {signal}");
        Ok(())
    }

    /// Stops the program cleanly and starts it on the same data.
    pub(crate) fn restart(mut self) -> Result<Self> {
        let folder = self.data.take().context("nothing to start again")?;
        self.stop()?;
        let mut again = Self::serve(folder, &[])?;
        // They are printed on the first start alone.
        again.credentials = self.credentials.take();
        Ok(again)
    }

    fn serve(folder: PathBuf, arguments: &[&str]) -> Result<Self> {
        Self::begin(Command::new(program()), folder, arguments)
    }

    fn begin(mut command: Command, folder: PathBuf, arguments: &[&str]) -> Result<Self> {
        command
            .args([
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--admin-listen",
                "127.0.0.1:0",
                // What a call costs is measured, not what a quota lets through.
                "--quotas",
                "off",
                "--data-dir",
            ])
            .arg(folder.join("data"))
            .args(arguments)
            .stderr(Stdio::null());
        Self::start(command, Some(folder))
    }

    fn start(mut command: Command, data: Option<PathBuf>) -> Result<Self> {
        let started = Instant::now();
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let mut stdout = BufReader::new(child.stdout.take().context("no standard output")?);
        let (mut id, mut secret) = (None, None);
        loop {
            let mut line = String::new();
            ensure!(
                stdout.read_line(&mut line)? > 0,
                "the program ended before it was ready"
            );
            let line = line.trim_end();
            if let Some(value) = line.strip_prefix("export AWS_ACCESS_KEY_ID=") {
                id = Some(value.to_owned());
            } else if let Some(value) = line.strip_prefix("export AWS_SECRET_ACCESS_KEY=") {
                secret = Some(value.to_owned());
            } else if let Some((_, address)) = line.split_once("is ready at http://") {
                return Ok(Self {
                    child,
                    address: address.to_owned(),
                    credentials: id.zip(secret),
                    ready_millis: started.elapsed().as_secs_f64() * 1000.0,
                    data,
                    _stdout: stdout,
                });
            }
        }
    }

    /// Host and port.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// The root access key that the program printed, on its first start.
    pub(crate) fn credentials(&self) -> Option<(String, String)> {
        self.credentials.clone()
    }

    /// From the start of the process to its word that it is ready.
    pub(crate) fn ready_millis(&self) -> f64 {
        self.ready_millis
    }

    /// Seconds of processor time that the program has used.
    pub(crate) fn cpu_seconds(&self) -> Result<f64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let (_, fields) = stat.rsplit_once(')').context("no process name")?;
        let mut times = fields.split_whitespace().skip(11).take(2);
        let mut ticks = || -> Result<f64> { Ok(times.next().context("no times")?.parse()?) };
        // USER_HZ is 100 on every Linux that Rust supports.
        Ok((ticks()? + ticks()?) / 100.0)
    }

    /// Resident memory in megabytes.
    pub(crate) fn resident_mb(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = line
            .and_then(|line| line.trim().split(' ').next())
            .context("no VmRSS")?;
        Ok(kilobytes.parse::<u64>()? / 1000)
    }

    /// Stops the program cleanly.
    pub(crate) fn stop(&mut self) -> Result<()> {
        self.signal("-TERM")?;
        self.child.wait()?;
        Ok(())
    }
}

/// The folder of a program under measurement, with nothing in it.
fn emptied(name: &str) -> Result<PathBuf> {
    let folder = workspace::target().join("bench").join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// The files under a folder.
fn count(folder: &Path) -> Result<usize> {
    let mut files = 0;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        files += if path.is_dir() { count(&path)? } else { 1 };
    }
    Ok(files)
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
