//! `cargo xtask differential`: random policies, decided by the engine and by another evaluator.
//!
//! A difference must be one of those that `tests/differential/disagreements.js` explains.

use anyhow::Result;

use super::clients::Clients;
use super::command::cargo;
use super::tally::Counts;
use crate::workspace;

/// Compares as many sets as asked for; ends the process with 1 if a difference is not explained.
pub(crate) fn run(sets: &str, seed: &str) -> Result<()> {
    match compare(sets, seed)?.failed {
        0 => Ok(()),
        _ => std::process::exit(1),
    }
}

/// Compares `sets` sets of policies and requests. It counts as one check.
pub(super) fn compare(sets: &str, seed: &str) -> Result<Counts> {
    cargo(&["build", "--locked", "--package", "policy"])
        .args(&["--example", "random_decisions"])
        .require()?;
    let generator = workspace::target().join("debug/examples/random_decisions");
    Clients::install()?
        .differential(&generator, sets, seed)?
        .check()
}
