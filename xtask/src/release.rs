//! `cargo xtask release`: the program for machines that serve many calls, optimized by what it was
//! seen to do (https://doc.rust-lang.org/rustc/profile-guided-optimization.html).
//!
//! It is built twice: so that it counts what it runs, under calls of the sorts that are most; and then
//! again with the counts, which lay out what runs often beside each other and the rest elsewhere. A
//! tenth of the time of a call goes into fetching code that the caches have lost.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::bench::aws::{Client, Operation, REGION};
use crate::bench::process::Running;
use crate::bench::{CONNECTIONS, kms, load, secrets, ssm};
use crate::workspace;

/// Seconds of each sort of call while the program counts.
const SECONDS: f64 = 2.0;

pub(crate) fn run() -> Result<()> {
    let profile = workspace::target().join("profile");
    let (counts, merged) = (profile.join("counts"), profile.join("strongroom.profdata"));
    let merge = merge_tool()?;
    if counts.exists() {
        fs::remove_dir_all(&counts)?;
    }
    fs::create_dir_all(&counts)?;
    eprintln!("1 of 3: building the program so that it counts what it runs");
    let counting = build(
        "counting",
        &format!("-Cprofile-generate={}", path(&counts)?),
    )?;
    eprintln!("2 of 3: calling it");
    train(&counting, &counts)?;
    let status = Command::new(merge)
        .args(["merge", "-sparse", "-o"])
        .args([&merged, &counts])
        .status()?;
    ensure!(status.success(), "the counts could not be merged");
    eprintln!("3 of 3: building it again with the counts");
    let program = build("profiled", &format!("-Cprofile-use={}", path(&merged)?))?;
    println!("{}", program.display());
    Ok(())
}

/// Builds the program with more flags for the compiler, in a folder of its own; returns where it is.
fn build(name: &str, flags: &str) -> Result<PathBuf> {
    let (host, folder) = (host()?, workspace::target().join(name));
    let status = Command::new("cargo")
        .args(["build", "--release", "--locked", "--package", "server"])
        .args(["--bin", "strongroom"])
        // With it named, what runs while building is not built with the flags.
        .args(["--target", &host, "--target-dir"])
        .arg(&folder)
        .env("RUSTFLAGS", flags)
        .current_dir(workspace::root())
        .status()?;
    ensure!(status.success(), "the build with {flags} failed");
    Ok(folder.join(host).join("release/strongroom"))
}

/// Calls the program as it is called most: under keys of all sorts, for parameters and secrets.
fn train(program: &Path, counts: &Path) -> Result<()> {
    let pattern = counts.join("%p.profraw");
    let mut server = Running::build_of(program, "release", ("LLVM_PROFILE_FILE", &pattern))?;
    let client = Client::new(&server)?;
    let (parameters, key) = (Client::for_ssm(&server)?, client.create_key()?);
    let mut sorts = kms::all_signatures(&client)?;
    for operation in Operation::ALL {
        sorts.push(client.requests(*operation, &key, 4096)?);
    }
    for kind in ["String", "SecureString"] {
        sorts.push(ssm::reads(&parameters, kind)?);
    }
    sorts.push(secrets::reads(&Client::for_secrets(&server, REGION)?)?);
    let count = sorts.len();
    for (number, requests) in (1..).zip(sorts) {
        eprintln!("        sort {number} of {count}");
        load::run(server.address(), &requests, CONNECTIONS, SECONDS)?;
    }
    // What was counted is written when the program ends by itself.
    server.stop()
}

/// What merges counts: it comes with the compiler.
fn merge_tool() -> Result<PathBuf> {
    let libraries = PathBuf::from(compiler(&["--print", "target-libdir"])?);
    let folder = libraries.parent().context("no folder of the compiler")?;
    let tool = folder.join("bin/llvm-profdata");
    ensure!(
        tool.exists(),
        "{} is missing: run `rustup component add llvm-tools`",
        tool.display()
    );
    Ok(tool)
}

/// What the compiler calls this sort of machine.
fn host() -> Result<String> {
    let about = compiler(&["-vV"])?;
    let host = about.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("the compiler names no host")?.to_owned())
}

fn compiler(arguments: &[&str]) -> Result<String> {
    let output = Command::new("rustc")
        .args(arguments)
        .current_dir(workspace::root())
        .output()?;
    ensure!(output.status.success(), "rustc {arguments:?} failed");
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

fn path(path: &Path) -> Result<&str> {
    path.to_str().context("a path that is no text")
}
