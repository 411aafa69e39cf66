//! `cargo xtask bench secrets`: what reading a secret costs beside the bare HTTP stack, what many
//! secrets weigh, and what listing them page by page takes.

use std::time::Instant;

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::aws::{Client, REGION};
use super::load;
use super::process::{self, Running};
use super::{CONNECTIONS, ROUNDS, Turns};

/// Secrets that are read in turn.
const READ: usize = 256;
/// An account has no more secrets in a Region: the others are in a second one.
const MOST: usize = 500_000;
const SECOND_REGION: &str = "us-west-2";
/// Connections that create at once. The secrets of a Region are numbered one after the other, so more
/// than these would only stand in line.
const CREATING: usize = 16;
/// Requests that are made at a time: they are larger than what is weighed.
const BATCH: usize = 50_000;
/// The largest page that ListSecrets gives.
const PAGE: usize = 100;

/// Weighs so many secrets.
pub(crate) fn run(secrets: usize) -> Result<()> {
    process::build()?;
    let (echo, server) = (Running::echo()?, Running::strongroom("secrets")?);
    let requests = reads(&Client::for_secrets(&server, REGION)?)?;
    let (mut bare, mut ours) = (Turns::of(&echo), Turns::of(&server));
    for _ in 0..ROUNDS {
        bare.take(&requests)?;
        ours.take(&requests)?;
    }
    let (bare, ours) = (bare.sum(), ours.sum());
    println!(
        "{CONNECTIONS} connections, keep-alive, {ROUNDS} rounds, signed, authorized, durable audit on\n"
    );
    println!("| call | calls/s | p50 ms | p99 ms | CPU us/call | echo/s | ratio |");
    println!("|---|---:|---:|---:|---:|---:|---:|");
    println!(
        "| GetSecretValue | {:.0} | {:.2} | {:.2} | {:.1} | {:.0} | {:.2} |",
        ours.per_second,
        ours.millis(0.50),
        ours.millis(0.99),
        ours.cpu_micros,
        bare.per_second,
        ours.per_second / bare.per_second,
    );
    drop((echo, server));
    weigh(secrets)
}

/// Requests that each read one of some secrets, which are made first.
pub(crate) fn reads(client: &Client) -> Result<Vec<Vec<u8>>> {
    let read = |nth: usize| {
        client.call("CreateSecret", &secret(nth))?;
        let input = json!({ "SecretId": name(nth) });
        Ok(client.request("GetSecretValue", &input))
    };
    let reads: Vec<Vec<u8>> = (0..READ).map(read).collect::<Result<_>>()?;
    let repeated = reads.iter().cycle().take(CONNECTIONS * READ / 8);
    Ok(repeated.cloned().collect())
}

fn name(nth: usize) -> String {
    format!("service-{}/database-{nth}", nth % 100)
}

fn secret(nth: usize) -> Value {
    json!({
        "Name": name(nth),
        "SecretString": format!("postgres://app:{nth}@db.example.com/app"),
        "ClientRequestToken": format!("{nth:032}"),
    })
}

/// Fills a store of its own, lists what is in it, and starts it again.
fn weigh(secrets: usize) -> Result<()> {
    let mut server = Running::strongroom("secrets-weigh")?;
    let idle = server.resident_mb()?;
    let first = secrets.min(MOST);
    let started = Instant::now();
    for (region, count) in [(REGION, first), (SECOND_REGION, secrets - first)] {
        let client = Client::for_secrets(&server, region)?;
        for begin in (0..count).step_by(BATCH) {
            let batch = begin..count.min(begin + BATCH);
            let requests = batch.map(|nth| client.request("CreateSecret", &secret(nth)));
            let requests: Vec<Vec<u8>> = requests.collect();
            load::once(server.address(), &requests, CREATING)?;
        }
    }
    let per_second = secrets as f64 / started.elapsed().as_secs_f64();
    let full = server.resident_mb()?;
    println!("\n{secrets} CreateSecret calls: {per_second:.0} a second");
    list(&server, first)?;
    let listed = server.resident_mb()?;
    server = server.restart()?;
    println!(
        "idle {idle} MB resident; {secrets} secrets {full} MB, when listed {listed} MB, after a \
         restart {} MB, ready after {:.0} ms",
        server.resident_mb()?,
        server.ready_millis()
    );
    list(&server, first)
}

/// Lists the secrets of the first Region, and what a page takes at the beginning and at the end.
fn list(server: &Running, expected: usize) -> Result<()> {
    let client = Client::for_secrets(server, REGION)?;
    let (mut token, mut listed, mut millis) = (Value::Null, 0, Vec::new());
    loop {
        let input = json!({ "MaxResults": PAGE, "NextToken": token });
        let page = Instant::now();
        let answer = client.call("ListSecrets", &input)?;
        millis.push(page.elapsed().as_secs_f64() * 1000.0);
        listed += answer["SecretList"].as_array().map_or(0, Vec::len);
        token = answer["NextToken"].clone();
        if token.is_null() {
            break;
        }
    }
    ensure!(
        listed == expected,
        "{listed} of {expected} secrets were listed"
    );
    let tenth = (millis.len() / 10).max(1);
    let (begin, end) = (
        median(&millis[..tenth]),
        median(&millis[millis.len() - tenth..]),
    );
    println!(
        "ListSecrets over {listed} in {} pages: median page {begin:.2} ms in the first tenth, \
         {end:.2} ms in the last",
        millis.len(),
    );
    Ok(())
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}
