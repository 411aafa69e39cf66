//! Build chores: `cargo xtask codegen|tidy|test|bench`.

mod bench;
mod codegen;
mod tidy;
mod workspace;

use anyhow::{Result, bail};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["codegen"] => codegen::run(false),
        ["codegen", "--check"] => codegen::run(true),
        ["bench"] => bench::run(),
        ["bench", "weigh"] => bench::weigh(100_000),
        ["tidy"] => tidy::run(),
        _ => bail!("usage: cargo xtask codegen [--check] | tidy | bench [weigh]"),
    }
}
