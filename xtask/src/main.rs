//! Build chores: `cargo xtask codegen|tidy|test|differential|bench|release|find|fuzz`.

mod bench;
mod codegen;
mod find;
mod fuzz;
mod release;
mod test;
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
        ["bench", "active"] => bench::active::run(),
        ["bench", "patterns"] => bench::patterns(),
        ["bench", "policy"] => bench::policy(),
        ["bench", "invoke"] => bench::invoke::run(),
        ["bench", "kms"] => bench::kms::run(),
        ["bench", "logs"] => bench::logs::run(),
        ["bench", "trail"] => bench::trail("1000000"),
        ["bench", "trail", events] => bench::trail(events),
        ["find", needles, places @ ..] => find::run(needles, places),
        ["bench", "secrets"] => bench::secrets::run(1_000_000),
        ["bench", "secrets", count] => bench::secrets::run(count.parse()?),
        ["bench", "ssm"] => bench::ssm::run(),
        ["release"] => release::run(),
        ["tidy"] => tidy::run(),
        ["test", steps @ ..] => test::run(steps),
        ["differential"] => test::differential("5000", "1"),
        ["differential", "--sets", sets] => test::differential(sets, "1"),
        ["differential", "--sets", sets, "--seed", seed] => test::differential(sets, seed),
        ["fuzz", "--seconds", seconds, target @ ..] => {
            fuzz::run(seconds.parse()?, target.first().copied())
        }
        ["fuzz", target @ ..] => fuzz::run(30, target.first().copied()),
        _ => bail!(
            "usage: cargo xtask codegen [--check] | tidy | bench [active | invoke | kms | logs | secrets [count] | ssm | trail [events] | weigh | policy | patterns] | release | test [step..] | differential [--sets n [--seed n]] | find needles place.. | fuzz [--seconds n] [target]"
        ),
    }
}
