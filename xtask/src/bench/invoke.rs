//! `cargo xtask bench invoke`: what running a function that is warm costs beside the bare HTTP stack.

use std::process::Command;

use anyhow::{Context as _, Result};
use serde_json::json;

use super::aws::Client;
use super::process::{self, Running};
use super::{ROUND, ROUNDS, Turns};

/// How many callers there are: one, and as many as keep a small machine busy.
const CALLERS: [usize; 2] = [1, 8];
/// A package of `index.py`, a function that answers its event.
const PACKAGE: &str = "UEsDBBQAAAAAAAAAIVy0CHBpLgAAAC4AAAAIAAAAaW5kZXgucHlkZWYgaGFuZGxlcihldmVudCwgY29udGV4dCk6Ci\
    AgICByZXR1cm4gZXZlbnQKUEsBAhQDFAAAAAAAAAAhXLQIcGkuAAAALgAAAAgAAAAAAAAAAAAAAKQBAAAAAGluZGV4\
    LnB5UEsFBgAAAAABAAEANgAAAFQAAAAAAA==";

/// Measures Invoke of a function in Python.
pub(crate) fn run() -> Result<()> {
    process::build()?;
    let (echo, server) = (Running::echo()?, Running::strongroom("invoke")?);
    let client = Client::for_lambda(&server)?;
    make(&server, &client)?;
    let request = client.post("/2015-03-31/functions/noop/invocations", "{}");
    println!(
        "keep-alive, {ROUNDS} rounds of {ROUND} s, signed, authorized, durable audit on, {}\n",
        version()?
    );
    println!("| callers | calls/s | p50 ms | p99 ms | CPU us/call | echo/s | ratio |");
    println!("|---|---:|---:|---:|---:|---:|---:|");
    for callers in CALLERS {
        let requests = vec![request.clone(); callers];
        let mut bare = Turns::over(&echo, callers);
        let mut ours = Turns::over(&server, callers);
        // Workers are started, and what was not read yet is read.
        Turns::over(&server, callers).take(&requests)?;
        for _ in 0..ROUNDS {
            bare.take(&requests)?;
            ours.take(&requests)?;
        }
        let (bare, ours) = (bare.sum(), ours.sum());
        println!(
            "| {callers} | {:.0} | {:.2} | {:.2} | {:.1} | {:.0} | {:.3} |",
            ours.per_second,
            ours.millis(0.50),
            ours.millis(0.99),
            ours.cpu_micros,
            bare.per_second,
            ours.per_second / bare.per_second,
        );
    }
    println!("\nThe processor time is the server's own, without its functions'.");
    Ok(())
}

/// Makes the function and its role.
fn make(server: &Running, client: &Client) -> Result<()> {
    let role = Client::for_iam(server)?.create_role("noop", "lambda")?;
    let version = version()?;
    let runtime = version.rsplit_once('.').context("no version")?.0;
    let input = json!({
        "FunctionName": "noop",
        "Runtime": runtime.replace("Python ", "python"),
        "Role": role,
        "Handler": "index.handler",
        "Code": { "ZipFile": PACKAGE },
    });
    client.post_once("/2015-03-31/functions", &input).map(drop)
}

/// What the machine's Python says that it is: `Python 3.12.3`.
fn version() -> Result<String> {
    let said = Command::new("/usr/bin/python3").arg("--version").output();
    let said = said.context("functions in Python need /usr/bin/python3")?;
    Ok(String::from_utf8(said.stdout)?.trim().to_owned())
}
