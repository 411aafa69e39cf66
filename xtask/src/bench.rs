//! `cargo xtask bench`: what a call costs beside the bare HTTP stack, and what the program weighs.
//!
//! Everything runs on this machine in one go: the load generator, the echo server and the program
//! share its cores, so that only the ratios carry over to another machine.

mod aws;
mod load;
mod process;

use anyhow::Result;

use aws::{Client, Operation};
use load::Outcome;
use process::Running;

/// Connections kept busy at the same time.
const CONNECTIONS: usize = 128;
/// How long each measurement warms up and runs, in seconds.
const WARM_UP: f64 = 1.0;
const MEASURED: f64 = 6.0;

/// Measures throughput against the echo server.
pub(crate) fn run() -> Result<()> {
    process::build()?;
    let echo = Running::echo()?;
    let server = Running::strongroom("bench")?;
    let client = Client::new(&server)?;
    let key = client.create_key()?;
    println!(
        "{CONNECTIONS} connections, keep-alive, {MEASURED} s each, signed, authorized, durable audit on\n"
    );
    println!("| call | calls/s | p50 ms | p99 ms | CPU us/call | echo/s | echo CPU | ratio |");
    println!("|---|---:|---:|---:|---:|---:|---:|---:|");
    for operation in Operation::ALL {
        let requests = client.requests(*operation, &key, 4096)?;
        let (bare, bare_cpu) = measure(&echo, &requests)?;
        let (ours, our_cpu) = measure(&server, &requests)?;
        println!(
            "| {} | {:.0} | {:.2} | {:.2} | {our_cpu:.1} | {:.0} | {bare_cpu:.1} | {:.2} |",
            operation.name(),
            ours.per_second,
            ours.millis(0.50),
            ours.millis(0.99),
            bare.per_second,
            ours.per_second / bare.per_second,
        );
    }
    println!("\nresident memory after it: {} MB", server.resident_mb()?);
    Ok(())
}

/// The outcome, and the microseconds of processor time that the program spent per call.
fn measure(program: &Running, requests: &[Vec<u8>]) -> Result<(Outcome, f64)> {
    load::run(program.address(), requests, CONNECTIONS, 0.0, WARM_UP)?;
    let before = program.cpu_seconds()?;
    let outcome = load::run(program.address(), requests, CONNECTIONS, 0.0, MEASURED)?;
    let spent = program.cpu_seconds()? - before;
    let per_call = spent * 1e6 / (outcome.per_second * MEASURED);
    Ok((outcome, per_call))
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
    let requests = client.create_keys(keys)?;
    let outcome = load::once(server.address(), &requests, CONNECTIONS)?;
    println!("{keys} CreateKey calls: {:.0} a second", outcome.per_second);
    println!("with {keys} keys: {} MB resident", server.resident_mb()?);
    server = server.restart()?;
    println!(
        "start with {keys} keys: ready after {:.0} ms",
        server.ready_millis()
    );
    let client = Client::new(&server)?;
    let key = client.create_key()?;
    let (outcome, _) = measure(&server, &client.requests(Operation::Encrypt, &key, 1024)?)?;
    println!(
        "Encrypt with {keys} keys in the store: {:.0} a second",
        outcome.per_second
    );
    println!("after that: {} MB resident", server.resident_mb()?);
    Ok(())
}
