//! `cargo xtask bench kms`: what asymmetric keys cost beside the library alone, what many keys and
//! grants cost, and what slow work does to calls beside it.

use std::io;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use serde_json::json;

use super::aws::{Client, Operation};
use super::load;
use super::process::{self, Running};
use super::{CONNECTIONS, ROUND, ROUNDS, Turns};
use crate::workspace;

/// The sorts of keys, each with the operation that is measured and its algorithm.
const SORTS: &[(&str, &str, &str)] = &[
    ("RSA_2048", "Sign", "RSASSA_PKCS1_V1_5_SHA_256"),
    ("ECC_NIST_P256", "Sign", "ECDSA_SHA_256"),
    ("ECC_NIST_EDWARDS25519", "Sign", "ED25519_SHA_512"),
    ("ML_DSA_65", "Sign", "ML_DSA_SHAKE_256"),
    ("HMAC_256", "GenerateMac", "HMAC_SHA_256"),
];
/// What the store holds while symmetric calls are measured.
const KEYS: usize = 100_000;
const GRANTS: usize = 10_000;
/// Connections that grant at once: grants of one key are counted one after the other.
const GRANTING: usize = 1;

pub(crate) fn run() -> Result<()> {
    process::build()?;
    asymmetric()?;
    crowded()?;
    starved()
}

/// Signatures and MACs over HTTP beside the library, which takes turns with the program; of the
/// rounds, the middle one counts. The ratio is of processor time to processor time: what the program
/// does in a second of it, and what the library does, at work on every core, as load and program are:
/// cores share caches, clock and memory, and some are halves of one. What one core does with the others
/// idle is shown beside it, and how all calls of this machine compare with that.
fn asymmetric() -> Result<()> {
    let library = Library::build()?;
    let server = Running::strongroom("kms")?;
    let client = Client::new(&server)?;
    println!(
        "\n| call | calls/s | p99 ms | calls/CPU s | library/CPU s | ratio | of rounds | one core alone | ratio | machine to it |"
    );
    println!("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
    for &(spec, operation, algorithm) in SORTS {
        let requests = signatures(&client, (spec, operation, algorithm))?;
        let mut turns = Turns::of(&server);
        let (mut busy, mut alone) = (Compared::default(), Compared::default());
        for _ in 0..ROUNDS {
            let rates = (library.rate(spec, cores())?, library.rate(spec, 1)?);
            let ours = turns.take(&requests)?;
            busy.push(ours, rates.0);
            alone.push(ours, rates.1);
        }
        let ours = turns.sum();
        let (busy, alone) = (busy.middle(), alone.middle());
        println!(
            "| {operation} {spec} | {:.0} | {:.2} | {:.0} | {:.0} | {:.2} | {:.2} to {:.2} | {:.0} | {:.2} | {:.2} |",
            ours.per_second,
            ours.millis(0.99),
            1e6 / ours.cpu_micros,
            busy.rate,
            busy.ratio,
            busy.least,
            busy.most,
            alone.rate,
            alone.ratio,
            ours.per_second / alone.rate,
        );
    }
    Ok(())
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Rounds of the program beside those of the library.
#[derive(Default)]
struct Compared {
    rates: Vec<f64>,
    ratios: Vec<f64>,
}

/// The middle of all rounds, and the least and the greatest ratio.
struct Middle {
    rate: f64,
    ratio: f64,
    least: f64,
    most: f64,
}

impl Compared {
    fn push(&mut self, ours: f64, library: f64) {
        self.rates.push(library);
        self.ratios.push(ours / library);
    }

    fn middle(mut self) -> Middle {
        let (rate, ratio) = (middle(&mut self.rates), middle(&mut self.ratios));
        Middle {
            rate,
            ratio,
            least: self.ratios.first().copied().unwrap_or_default(),
            most: self.ratios.last().copied().unwrap_or_default(),
        }
    }
}

/// Requests for signatures of each sort that is measured.
pub(crate) fn all_signatures(client: &Client) -> Result<Vec<Vec<Vec<u8>>>> {
    let sorts = SORTS.iter().copied();
    sorts.map(|sort| signatures(client, sort)).collect()
}

/// Requests for signatures, or MACs, under a new key.
fn signatures(
    client: &Client,
    (spec, operation, algorithm): (&str, &str, &str),
) -> Result<Vec<Vec<u8>>> {
    let usage = match operation {
        "Sign" => "SIGN_VERIFY",
        _ => "GENERATE_VERIFY_MAC",
    };
    let key = client.create_key_of(&json!({"KeySpec": spec, "KeyUsage": usage}))?;
    Ok(client.signing_requests(operation, &key, algorithm, 1024))
}

/// Sorts `values`; returns the middle one, of two the lesser.
fn middle(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len().saturating_sub(1) / 2;
    values.get(middle).copied().unwrap_or_default()
}

/// The cryptographic library by itself.
struct Library(PathBuf);

impl Library {
    fn build() -> Result<Self> {
        let status = Command::new("cargo")
            .args(["build", "--release", "--locked", "--quiet"])
            .args(["--package", "crypto", "--example", "library_speed"])
            .current_dir(workspace::root())
            .status()?;
        ensure!(status.success(), "the library's measure was not built");
        Ok(Self(
            workspace::target().join("release/examples/library_speed"),
        ))
    }

    /// How often a second a core does the work of a key of `spec`, where `copies` do it at once.
    fn rate(&self, spec: &str, copies: usize) -> Result<f64> {
        let start = || {
            let mut command = Command::new(&self.0);
            command.arg(spec).stdout(Stdio::piped()).spawn()
        };
        let copies: Vec<_> = (0..copies).map(|_| start()).collect::<io::Result<_>>()?;
        let mut rates = Vec::new();
        for copy in copies {
            let output = copy.wait_with_output()?;
            ensure!(output.status.success(), "the library was not measured");
            rates.push(String::from_utf8(output.stdout)?.trim().parse::<f64>()?);
        }
        Ok(rates.iter().sum::<f64>() / rates.len() as f64)
    }
}

/// Symmetric calls with many keys and grants in the store, beside a store with one key: in turns.
fn crowded() -> Result<()> {
    let (one, many) = (Running::strongroom("one")?, Running::strongroom("many")?);
    let (client, crowded) = (Client::new(&one)?, Client::new(&many)?);
    load::once(many.address(), &crowded.create_keys(KEYS - 1)?, CONNECTIONS)?;
    let (key, other) = (client.create_key()?, crowded.create_key()?);
    load::once(
        many.address(),
        &crowded.create_grants(&other, GRANTS)?,
        GRANTING,
    )?;
    println!("\n| call | one key | {KEYS} keys, {GRANTS} grants | ratio |");
    println!("|---|---:|---:|---:|");
    for operation in Operation::ALL {
        let requests = client.requests(*operation, &key, 4096)?;
        let others = crowded.requests(*operation, &other, 4096)?;
        let (mut alone, mut beside) = (Turns::of(&one), Turns::of(&many));
        for _ in 0..ROUNDS {
            alone.take(&requests)?;
            beside.take(&others)?;
        }
        let (alone, beside) = (alone.sum(), beside.sum());
        println!(
            "| {} | {:.0}/s | {:.0}/s | {:.2} |",
            operation.name(),
            alone.per_second,
            beside.per_second,
            beside.per_second / alone.per_second,
        );
    }
    println!("resident memory: {} MB", many.resident_mb()?);
    Ok(())
}

/// Encrypt beside signatures of RSA-4096 keys that take all there is.
fn starved() -> Result<()> {
    let server = Running::strongroom("starved")?;
    let client = Client::new(&server)?;
    let key = client.create_key()?;
    let slow = client.create_key_of(&json!({"KeySpec": "RSA_4096", "KeyUsage": "SIGN_VERIFY"}))?;
    let encrypt = client.requests(Operation::Encrypt, &key, 1024)?;
    let sign = client.signing_requests("Sign", &slow, "RSASSA_PSS_SHA_512", 64);
    let p99 = |latencies: &mut Vec<u32>| {
        latencies.sort_unstable();
        let index = latencies.len() * 99 / 100;
        f64::from(latencies.get(index).copied().unwrap_or_default()) / 1000.0
    };
    let (mut alone, mut beside, mut signed) = (Vec::new(), Vec::new(), 0);
    for _ in 0..ROUNDS {
        alone.extend(load::run(server.address(), &encrypt, CONNECTIONS, ROUND)?.latencies);
        let address = server.address().to_owned();
        let requests = sign.clone();
        let saturating =
            std::thread::spawn(move || load::run(&address, &requests, 32, ROUND * 1.5));
        std::thread::sleep(std::time::Duration::from_secs_f64(ROUND / 4.0));
        beside.extend(load::run(server.address(), &encrypt, CONNECTIONS, ROUND)?.latencies);
        let slow = saturating
            .join()
            .ok()
            .context("the signing load failed")??;
        signed += slow.latencies.len();
    }
    let (alone, beside) = (p99(&mut alone), p99(&mut beside));
    println!(
        "\nEncrypt p99 {alone:.2} ms alone, {beside:.2} ms beside saturated RSA-4096 signatures \
         ({signed} made): ratio {:.1}",
        beside / alone
    );
    Ok(())
}
