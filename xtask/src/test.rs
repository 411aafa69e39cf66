//! `cargo xtask test`: everything that must hold, step after step.
//!
//! Progress goes to standard error; standard output gets the one line that counts.

mod clients;
mod command;
mod differential;
mod tally;

use std::time::Instant;

use anyhow::{Result, bail};

use crate::workspace;
use clients::Clients;
use command::{cargo, itself};
use tally::Counts;

pub(crate) use differential::run as differential;

/// A step: its name and what it does.
type Step = (&'static str, fn() -> Result<Counts>);

const STEPS: &[Step] = &[
    ("fmt", || {
        let mut counts = cargo(&["fmt", "--all", "--check"]).check()?;
        counts += cargo(&["fmt", "--check"])
            .folder(&workspace::root().join("fuzz"))
            .check()?;
        Ok(counts)
    }),
    ("clippy", || {
        let what = ["clippy", "--locked", "--workspace", "--all-targets"];
        cargo(&what).args(&["--", "-D", "warnings"]).check()
    }),
    ("tidy", || itself(&["tidy"]).check()),
    ("codegen", || itself(&["codegen", "--check"]).check()),
    ("unit", || {
        clients::beside_databases(&["cargo", "test", "--locked", "--workspace", "--no-fail-fast"])
            .count(tally::cargo)
    }),
    ("differential", || differential::compare("5000", "1")),
    ("server", || {
        // As the unit tests build it: another selection of packages has other features.
        cargo(&["test", "--locked", "--workspace", "--no-run"]).check()
    }),
    ("conformance", || {
        Clients::install()?
            .pytest("conformance")
            .count(tally::pytest)
    }),
    ("javascript", || {
        Clients::install()?.javascript()?.count(tally::node)
    }),
    ("scenarios", || {
        Clients::install()?.pytest("scenarios").count(tally::pytest)
    }),
    ("crash", || {
        Clients::install()?.pytest("crash").count(tally::pytest)
    }),
    ("fuzz", || {
        itself(&["fuzz", "--seconds", "5"]).count(tally::fuzz)
    }),
];

/// The steps that test the server from outside.
const OUTSIDE: [&str; 4] = ["conformance", "javascript", "scenarios", "crash"];

/// Runs the steps that `names` names, or all. Ends the process with 1 if anything failed.
pub(crate) fn run(names: &[&str]) -> Result<()> {
    if let Some(unknown) = names
        .iter()
        .find(|name| !STEPS.iter().any(|step| step.0 == **name))
    {
        let known: Vec<_> = STEPS.iter().map(|step| step.0).collect();
        bail!(
            "no step is called `{unknown}`; there are {}",
            known.join(", ")
        );
    }
    let chosen = STEPS.iter().filter(|step| is_chosen(step.0, names));
    let mut total = Counts::default();
    let mut summary = String::new();
    for step in chosen {
        let (counts, line) = take(step);
        total += counts;
        summary.push_str(&line);
    }
    eprint!("\n{summary}");
    println!("{} passed, {} failed", total.passed, total.failed);
    match total.failed {
        0 => Ok(()),
        _ => std::process::exit(1),
    }
}

/// Whether a step is to run where `names` were asked for. The server that is tested from outside is built
/// first, so that it is never an older one, unless another one is named.
fn is_chosen(step: &str, names: &[&str]) -> bool {
    let is_given = std::env::var_os("STRONGROOM_BINARY").is_some();
    let is_needed = !is_given && names.iter().any(|name| OUTSIDE.contains(name));
    names.is_empty() || names.contains(&step) || step == "server" && is_needed
}

/// Runs one step; returns what it counted and its line of the summary.
fn take((name, run): &Step) -> (Counts, String) {
    eprintln!("\n==> {name}");
    let began = Instant::now();
    let counts = run().unwrap_or_else(|error| {
        eprintln!("{error:#}");
        Counts::FAILED
    });
    let line = format!(
        "==> {name:<12} {:>6} passed {:>4} failed {:>4} skipped {:>7.1} s\n",
        counts.passed,
        counts.failed,
        counts.skipped,
        began.elapsed().as_secs_f64()
    );
    eprint!("{line}");
    (counts, line)
}
