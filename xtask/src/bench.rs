//! `cargo xtask bench`: what a call costs beside the bare HTTP stack, and what the program weighs.
//!
//! Everything runs on this machine in one go: the load generator, the echo server and the program
//! share its cores, so that only the ratios carry over to another machine.

pub(crate) mod active;
pub(crate) mod aws;
pub(crate) mod invoke;
pub(crate) mod kms;
pub(crate) mod load;
pub(crate) mod logs;
pub(crate) mod process;
pub(crate) mod secrets;
pub(crate) mod ssm;

use anyhow::{Result, ensure};

use aws::{Client, Operation};
use load::Outcome;
use process::Running;

use crate::workspace;

/// Connections kept busy at the same time.
pub(crate) const CONNECTIONS: usize = 128;
/// Echo and program take turns, so that what else the machine does falls on both: rounds, and the
/// seconds of each.
const ROUNDS: usize = 8;
const ROUND: f64 = 1.0;

/// Measures throughput against the echo server.
pub(crate) fn run() -> Result<()> {
    process::build()?;
    let echo = Running::echo()?;
    let server = Running::strongroom("bench")?;
    let client = Client::new(&server)?;
    let key = client.create_key()?;
    println!(
        "{CONNECTIONS} connections, keep-alive, {ROUNDS} rounds of {ROUND} s, signed, authorized, durable audit on\n"
    );
    println!("| call | calls/s | p50 ms | p99 ms | CPU us/call | echo/s | echo CPU | ratio |");
    println!("|---|---:|---:|---:|---:|---:|---:|---:|");
    for operation in Operation::ALL {
        let requests = client.requests(*operation, &key, 4096)?;
        let (mut bare, mut ours) = (Turns::of(&echo), Turns::of(&server));
        for _ in 0..ROUNDS {
            bare.take(&requests)?;
            ours.take(&requests)?;
        }
        let (bare, ours) = (bare.sum(), ours.sum());
        println!(
            "| {} | {:.0} | {:.2} | {:.2} | {:.1} | {:.0} | {:.1} | {:.2} |",
            operation.name(),
            ours.per_second,
            ours.millis(0.50),
            ours.millis(0.99),
            ours.cpu_micros,
            bare.per_second,
            bare.cpu_micros,
            ours.per_second / bare.per_second,
        );
    }
    println!("\nresident memory after it: {} MB", server.resident_mb()?);
    Ok(())
}

/// Measures decisions: over ten large policies, and over policies made to be slow.
pub(crate) fn policy() -> Result<()> {
    let status = std::process::Command::new("cargo")
        .args(["run", "--release", "--locked", "--quiet"])
        .args(["--package", "policy", "--example", "decision_times"])
        .current_dir(workspace::root())
        .status()?;
    ensure!(status.success(), "the decisions were not measured");
    Ok(())
}

/// Measures lookups over a journal of so many events.
pub(crate) fn trail(events: &str) -> Result<()> {
    let status = std::process::Command::new("cargo")
        .args(["run", "--release", "--locked", "--quiet"])
        .args(["--package", "platform", "--example", "history_times", "--"])
        .arg(events)
        .current_dir(workspace::root())
        .status()?;
    ensure!(status.success(), "the lookups were not measured");
    Ok(())
}

/// Measures event patterns: a thousand of each family against one event.
pub(crate) fn patterns() -> Result<()> {
    let status = std::process::Command::new("cargo")
        .args(["run", "--release", "--locked", "--quiet"])
        .args(["--package", "patterns", "--example", "pattern_times"])
        .current_dir(workspace::root())
        .status()?;
    ensure!(status.success(), "the patterns were not measured");
    Ok(())
}

/// The rounds that one program was measured in.
struct Turns<'a> {
    program: &'a Running,
    connections: usize,
    outcomes: Vec<Outcome>,
    cpu_seconds: f64,
}

/// All rounds together.
struct Sum {
    per_second: f64,
    /// Sorted, in microseconds.
    latencies: Vec<u32>,
    /// Microseconds of processor time that the program spent per call.
    cpu_micros: f64,
}

impl<'a> Turns<'a> {
    fn of(program: &'a Running) -> Self {
        Self::over(program, CONNECTIONS)
    }

    fn over(program: &'a Running, connections: usize) -> Self {
        Self {
            program,
            connections,
            outcomes: Vec::new(),
            cpu_seconds: 0.0,
        }
    }

    /// One round; returns its calls for each second of the program's processor time.
    fn take(&mut self, requests: &[Vec<u8>]) -> Result<f64> {
        let before = self.program.cpu_seconds()?;
        let outcome = load::run(self.program.address(), requests, self.connections, ROUND)?;
        let cpu_seconds = self.program.cpu_seconds()? - before;
        let rate = outcome.latencies.len() as f64 / cpu_seconds;
        self.cpu_seconds += cpu_seconds;
        self.outcomes.push(outcome);
        Ok(rate)
    }

    fn sum(self) -> Sum {
        let seconds: f64 = self.outcomes.iter().map(|outcome| outcome.seconds).sum();
        let mut latencies: Vec<u32> = self
            .outcomes
            .into_iter()
            .flat_map(|outcome| outcome.latencies)
            .collect();
        latencies.sort_unstable();
        let calls = latencies.len() as f64;
        Sum {
            per_second: calls / seconds,
            cpu_micros: self.cpu_seconds * 1e6 / calls,
            latencies,
        }
    }
}

impl Sum {
    /// The latency that the share `quantile` of calls stayed below.
    fn millis(&self, quantile: f64) -> f64 {
        let last = self.latencies.len().saturating_sub(1) as f64;
        let index = (last * quantile) as usize;
        f64::from(self.latencies.get(index).copied().unwrap_or_default()) / 1000.0
    }
}

/// Measures start, memory when idle, and memory and start with `keys` keys.
pub(crate) fn weigh(keys: usize) -> Result<()> {
    process::build()?;
    let size = std::fs::metadata(process::program())?.len();
    println!("release binary: {:.1} MB", size as f64 / 1e6);
    let mut server = Running::strongroom("weigh")?;
    println!("first start: ready after {:.0} ms", server.ready_millis());
    server = server.restart()?;
    println!(
        "start on an existing store: ready after {:.0} ms",
        server.ready_millis()
    );
    println!("idle: {} MB resident", server.resident_mb()?);
    let client = Client::new(&server)?;
    // One more is made below, and an account has no more than a hundred thousand.
    let requests = client.create_keys(keys - 1)?;
    let outcome = load::once(server.address(), &requests, CONNECTIONS)?;
    let per_second = outcome.latencies.len() as f64 / outcome.seconds;
    println!("{keys} CreateKey calls: {per_second:.0} a second");
    println!("with {keys} keys: {} MB resident", server.resident_mb()?);
    server = server.restart()?;
    println!(
        "start with {keys} keys: ready after {:.0} ms",
        server.ready_millis()
    );
    let client = Client::new(&server)?;
    let key = client.create_key()?;
    let mut turns = Turns::of(&server);
    turns.take(&client.requests(Operation::Encrypt, &key, 1024)?)?;
    let outcome = turns.sum();
    println!(
        "Encrypt with {keys} keys in the store: {:.0} a second",
        outcome.per_second
    );
    println!("after that: {} MB resident", server.resident_mb()?);
    Ok(())
}
