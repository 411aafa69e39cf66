//! `strongroom ssm`: what people do with Parameter Store, through its API like any other client.

mod catalogue;
mod diff;
mod export;
mod import;
pub(super) mod parameters;

use std::io::Read as _;
use std::path::Path;

use zeroize::Zeroizing;

use super::block_on;
use crate::cli::SsmCommand;
use crate::exit::Failure;
use crate::values::{Entry, Format};

/// Runs a command.
pub(super) fn run(command: &SsmCommand) -> Result<(), Failure> {
    match command {
        SsmCommand::Diff {
            before,
            after,
            show_values,
            paths,
            server,
        } => block_on(diff::run((before, after), *show_values, *paths, server)),
        SsmCommand::Export(options) => block_on(export::run(options)),
        SsmCommand::Catalogue { command } => block_on(catalogue::run(command)),
        SsmCommand::Import(options) => block_on(import::run(options)),
    }
}

/// The entries of a file, `-` being standard input, and its format.
fn read(path: &Path, format: Option<Format>) -> Result<(Vec<Entry>, Format), Failure> {
    let name = path.display();
    let format = format.or_else(|| Format::of(path)).ok_or_else(|| {
        Failure::usage(format!(
            "the name `{name}` does not tell the format; add --format dotenv, json or yaml"
        ))
    })?;
    let text = contents(path)?;
    let entries = format
        .read(&text)
        .map_err(|what| Failure::failed(format!("`{name}`, {what}")))?;
    Ok((entries, format))
}

/// The text of a file, `-` being standard input.
fn contents(path: &Path) -> Result<Zeroizing<String>, Failure> {
    let mut text = Zeroizing::new(String::new());
    let read = match path.as_os_str() == "-" {
        true => std::io::stdin().read_to_string(&mut text).map(|_| ()),
        false => std::fs::read_to_string(path).map(|read| *text = read),
    };
    let failed = |error| Failure::failed(format!("cannot read `{}`: {error}", path.display()));
    read.map_err(failed).map(|()| text)
}
