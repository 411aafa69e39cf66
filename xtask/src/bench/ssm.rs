//! `cargo xtask bench ssm`: what reading a parameter costs beside the bare HTTP stack, reading ten
//! thousand by path, and what a hundred thousand weigh.

use std::time::Instant;

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::aws::Client;
use super::load;
use super::process::{self, Running};
use super::{CONNECTIONS, ROUNDS, Turns};

/// Parameters of each kind that are read in turn.
const READ: usize = 256;
/// Parameters below the path that is read page by page: what an account may have of standard ones.
const BY_PATH: usize = 10_000;
/// Parameters that are weighed: what an account may have of advanced ones.
const WEIGHED: usize = 100_000;

pub(crate) fn run() -> Result<()> {
    process::build()?;
    let (echo, server) = (Running::echo()?, Running::strongroom("ssm")?);
    let client = Client::for_ssm(&server)?;
    println!(
        "{CONNECTIONS} connections, keep-alive, {ROUNDS} rounds, signed, authorized, durable audit on\n"
    );
    println!("| call | calls/s | p50 ms | p99 ms | CPU us/call | echo/s | ratio |");
    println!("|---|---:|---:|---:|---:|---:|---:|");
    for kind in ["String", "SecureString"] {
        let requests = reads(&client, kind)?;
        let (mut bare, mut ours) = (Turns::of(&echo), Turns::of(&server));
        for _ in 0..ROUNDS {
            bare.take(&requests)?;
            ours.take(&requests)?;
        }
        let (bare, ours) = (bare.sum(), ours.sum());
        println!(
            "| GetParameter {kind} | {:.0} | {:.2} | {:.2} | {:.1} | {:.0} | {:.2} |",
            ours.per_second,
            ours.millis(0.50),
            ours.millis(0.99),
            ours.cpu_micros,
            bare.per_second,
            ours.per_second / bare.per_second,
        );
    }
    weigh()
}

/// Requests that each read one of some parameters, which are made first.
pub(crate) fn reads(client: &Client, kind: &str) -> Result<Vec<Vec<u8>>> {
    let read = |nth: usize| {
        let name = format!("/bench/{kind}/{nth}");
        let value = format!("postgres://app:{nth}@db.example.com/app");
        let input = json!({ "Name": name, "Type": kind, "Value": value });
        client.call("PutParameter", &input)?;
        let input = json!({ "Name": name, "WithDecryption": true });
        Ok(client.request("GetParameter", &input))
    };
    let reads: Vec<Vec<u8>> = (0..READ).map(read).collect::<Result<_>>()?;
    let repeated = reads.iter().cycle().take(CONNECTIONS * READ / 8);
    Ok(repeated.cloned().collect())
}

/// Fills a store of its own, reads ten thousand parameters by path, and starts it again.
fn weigh() -> Result<()> {
    let mut server = Running::strongroom("ssm-weigh")?;
    let idle = server.resident_mb()?;
    fill(&server, 0..BY_PATH, "Standard")?;
    page(&server)?;
    fill(&server, BY_PATH..WEIGHED, "Advanced")?;
    let full = server.resident_mb()?;
    server = server.restart()?;
    println!(
        "idle {idle} MB resident; {WEIGHED} parameters {full} MB, after a restart {} MB, ready after {:.0} ms",
        server.resident_mb()?,
        server.ready_millis()
    );
    page(&server)
}

fn fill(server: &Running, range: std::ops::Range<usize>, tier: &str) -> Result<()> {
    let client = Client::for_ssm(server)?;
    let count = range.len();
    let put = |nth: usize| {
        let group = if nth < BY_PATH { "paged" } else { "rest" };
        let name = format!("/{group}/service-{}/parameter-{nth}", nth % 100);
        let input = json!({ "Name": name, "Type": "String", "Value": format!("value {nth}"), "Tier": tier });
        client.request("PutParameter", &input)
    };
    let requests: Vec<Vec<u8>> = range.map(put).collect();
    let outcome = load::once(server.address(), &requests, CONNECTIONS)?;
    println!(
        "\n{count} PutParameter calls, {tier}: {:.0} a second",
        count as f64 / outcome.seconds
    );
    Ok(())
}

/// Reads ten thousand parameters, ten a page as AWS allows.
fn page(server: &Running) -> Result<()> {
    let client = Client::for_ssm(server)?;
    let before = server.resident_mb()?;
    let started = Instant::now();
    let (mut token, mut read, mut slowest) = (Value::Null, 0, 0.0_f64);
    loop {
        let input =
            json!({ "Path": "/paged", "Recursive": true, "MaxResults": 10, "NextToken": token });
        let page = Instant::now();
        let answer = client.call("GetParametersByPath", &input)?;
        slowest = slowest.max(page.elapsed().as_secs_f64());
        read += answer["Parameters"].as_array().map_or(0, Vec::len);
        token = answer["NextToken"].clone();
        if token.is_null() {
            break;
        }
    }
    ensure!(
        read == BY_PATH,
        "{read} of {BY_PATH} parameters were read by path"
    );
    println!(
        "GetParametersByPath over {read}: {:.1} s, the slowest page {:.1} ms; resident {before} MB before, {} MB after",
        started.elapsed().as_secs_f64(),
        slowest * 1000.0,
        server.resident_mb()?
    );
    Ok(())
}
