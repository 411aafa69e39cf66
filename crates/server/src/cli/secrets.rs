//! The command line of `secrets`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::ServerOptions;
use crate::values::Format;

/// What `secrets` does.
#[derive(Subcommand)]
pub enum SecretsCommand {
    /// Write secrets to a file, or a file each.
    Export(SecretsExportOptions),
    /// Bring the values of a file, or of a directory of files, to secrets. What says the same already
    /// stays as it is, so that a broken-off import is simply begun again.
    Import(SecretsImportOptions),
}

/// The options of `secrets export`.
#[derive(Args, Clone)]
pub struct SecretsExportOptions {
    /// The secrets whose names begin with this and a `/`.
    #[arg(value_name = "PREFIX", required_unless_present = "secret")]
    pub prefix: Option<String>,
    /// The keys of this secret instead, which is a JSON object.
    #[arg(long, value_name = "NAME", conflicts_with = "prefix")]
    pub secret: Option<String>,
    /// The format [default: what the name of --output tells, or dotenv].
    #[arg(long, value_enum)]
    pub format: Option<Format>,
    /// The file to write instead of standard output; readable by its owner alone.
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// The directory to write a file each into, which may be there; readable by its owner alone.
    #[arg(long, value_name = "DIRECTORY", conflicts_with_all = ["output", "format"])]
    pub directory: Option<PathBuf>,
    /// Which server to ask.
    #[command(flatten)]
    pub server: ServerOptions,
}

/// The options of `secrets import`.
#[derive(Args, Clone)]
pub struct SecretsImportOptions {
    /// The file, or a directory with a file for each value; `-` is standard input.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Make a secret of each value, with this and a `/` before its name.
    #[arg(long, value_name = "PREFIX", required_unless_present = "secret")]
    pub prefix: Option<String>,
    /// Make the values keys of this secret instead, a JSON object.
    #[arg(long, value_name = "NAME", conflicts_with = "prefix")]
    pub secret: Option<String>,
    /// The format [default: what the name of the file tells].
    #[arg(long, value_enum)]
    pub format: Option<Format>,
    /// The KMS key of secrets that are new [default: aws/secretsmanager].
    #[arg(long, value_name = "KEY")]
    pub key_id: Option<String>,
    /// Change secrets, or keys, that are there with another value.
    #[arg(long)]
    pub overwrite: bool,
    /// Print what would be done, and do nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Which server to ask.
    #[command(flatten)]
    pub server: ServerOptions,
}
