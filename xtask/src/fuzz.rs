//! `cargo xtask fuzz`: runs the fuzz targets, as many at once as there are cores.
//!
//! Each target starts from its committed seeds and keeps what it finds in `target/fuzz/corpus`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread;

use anyhow::{Context as _, Result, bail, ensure};

use crate::workspace;

/// What one input may cost.
const LIMITS: [&str; 4] = [
    "-rss_limit_mb=512",
    "-timeout=5",
    "-max_len=8192",
    "-print_final_stats=1",
];

/// Fuzzes `only`, or every target, for `seconds` each.
pub(crate) fn run(seconds: u32, only: Option<&str>) -> Result<()> {
    let programs = build()?;
    let mut targets = targets()?;
    if let Some(only) = only {
        ensure!(
            targets.iter().any(|target| target == only),
            "no target is called `{only}`"
        );
        targets.retain(|target| target == only);
    }
    let failed = Mutex::new(0);
    let waiting = Mutex::new(targets);
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                while let Some(target) = take(&waiting) {
                    let (passed, line) = report(&target, fuzz(&programs, &target, seconds));
                    println!("{line}");
                    if !passed && let Ok(mut failed) = failed.lock() {
                        *failed += 1;
                    }
                }
            });
        }
    });
    match failed.into_inner() {
        Ok(0) => Ok(()),
        _ => bail!("fuzzing found failures"),
    }
}

fn take(waiting: &Mutex<Vec<String>>) -> Option<String> {
    waiting.lock().ok()?.pop()
}

/// The names of the targets: the files in `fuzz/targets`.
fn targets() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(workspace::root().join("fuzz/targets"))? {
        let path = entry?.path();
        names.extend(
            path.file_stem()
                .and_then(|stem| stem.to_str())
                .map(str::to_owned),
        );
    }
    names.sort_by(|a, b| b.cmp(a));
    ensure!(!names.is_empty(), "there are no fuzz targets");
    Ok(names)
}

/// Builds all targets; returns the folder they are in.
fn build() -> Result<PathBuf> {
    let built = Command::new(env!("CARGO"))
        .args(["build", "--release", "--locked"])
        .current_dir(workspace::root().join("fuzz"))
        .env_remove("RUSTFLAGS")
        .status()?;
    ensure!(built.success(), "the fuzz targets do not build");
    let version = Command::new("rustc").args(["-vV"]).output()?;
    let version = String::from_utf8(version.stdout)?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.context("rustc does not name its host")?;
    Ok(workspace::target().join("fuzz").join(host).join("release"))
}

/// What the fuzzer said, and whether it found nothing.
struct Outcome {
    found_nothing: bool,
    said: String,
}

fn fuzz(programs: &Path, target: &str, seconds: u32) -> Result<Outcome> {
    let fuzz = workspace::target().join("fuzz");
    let (corpus, artifacts) = (fuzz.join("corpus").join(target), fuzz.join("artifacts"));
    fs::create_dir_all(&corpus)?;
    fs::create_dir_all(&artifacts)?;
    let mut command = Command::new(programs.join(target));
    command
        .args(LIMITS)
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!(
            "-artifact_prefix={}/{target}-",
            artifacts.display()
        ))
        .arg(corpus)
        .arg(workspace::root().join("fuzz/seeds").join(target))
        .stdin(Stdio::null());
    // Targets that need files write them often: in memory, where the system has such a place.
    let memory = Path::new("/dev/shm");
    if memory.exists() {
        command.env("TMPDIR", memory);
    }
    let output = command
        .output()
        .with_context(|| format!("cannot run the target `{target}`"))?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Ok(Outcome {
        found_nothing: output.status.success(),
        said,
    })
}

/// Whether the target passed, and the line that says so.
fn report(target: &str, outcome: Result<Outcome>) -> (bool, String) {
    match outcome {
        Err(error) => (false, format!("fuzz target {target}: failed, {error:#}")),
        Ok(Outcome {
            found_nothing: true,
            said,
        }) => {
            let runs = said
                .lines()
                .find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
            let runs = runs.unwrap_or("0").trim();
            let passed = runs != "0";
            let outcome = if passed { "passed" } else { "failed" };
            (
                passed,
                format!("fuzz target {target}: {outcome}, {runs} runs"),
            )
        }
        Ok(Outcome { said, .. }) => {
            let lines: Vec<&str> = said.lines().collect();
            let last = lines
                .get(lines.len().saturating_sub(40)..)
                .unwrap_or_default()
                .join("\n");
            (
                false,
                format!(
                    "{last}\nfuzz target {target}: failed, its input is in target/fuzz/artifacts"
                ),
            )
        }
    }
}
