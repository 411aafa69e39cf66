//! `strongroom ssm`: what people do with Parameter Store, through its API like any other client.

mod catalogue;
mod diff;
mod export;
mod import;
pub(super) mod parameters;

use super::block_on;
use crate::cli::SsmCommand;
use crate::exit::Failure;

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
