//! The command line of `ssm`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::ServerOptions;
use crate::values::Format;

/// How parameters are found by a path.
#[derive(Args, Clone, Copy, Default)]
pub struct PathOptions {
    /// Take the parameters directly at the path, and none further below.
    #[arg(long)]
    pub one_level: bool,
}

/// What `ssm` does.
#[derive(Subcommand)]
pub enum SsmCommand {
    /// Compare two paths, or a path and a file: names that are on one side alone, and names whose
    /// types or values differ. Exits with 1 if anything differs.
    Diff {
        /// A path, which begins with `/`, or a file: `prod.yaml` or `file:/etc/prod.yaml`.
        before: String,
        /// Another.
        after: String,
        /// Print the values, too.
        #[arg(long)]
        show_values: bool,
        /// How the parameters are found.
        #[command(flatten)]
        paths: PathOptions,
        /// Which server to ask.
        #[command(flatten)]
        server: ServerOptions,
    },
    /// Write the parameters below a path to a file, decrypted.
    Export(ExportOptions),
    /// Bring the values of a file to a path. What is there with the same type and value already
    /// stays as it is, so that a broken-off import is simply begun again.
    Import(ImportOptions),
    /// Load public parameters, below /aws/service.
    Catalogue {
        /// What to do.
        #[command(subcommand)]
        command: CatalogueCommand,
    },
}

/// The options of `ssm export`.
#[derive(Args, Clone)]
pub struct ExportOptions {
    /// The path.
    #[arg(value_name = "PATH")]
    pub path: String,
    /// The format [default: what the name of --output tells, or dotenv].
    #[arg(long, value_enum)]
    pub format: Option<Format>,
    /// The file to write instead of standard output; readable by its owner alone.
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Write the types, too: each value as an object with `type` and `value`.
    #[arg(long)]
    pub types: bool,
    /// How the parameters are found.
    #[command(flatten)]
    pub paths: PathOptions,
    /// Which server to ask.
    #[command(flatten)]
    pub server: ServerOptions,
}

/// The options of `ssm import`.
#[derive(Args, Clone)]
pub struct ImportOptions {
    /// The file; `-` is standard input.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The path that names are put below.
    #[arg(long, value_name = "PATH")]
    pub path: String,
    /// The format [default: what the name of the file tells].
    #[arg(long, value_enum)]
    pub format: Option<Format>,
    /// The type of what is new and has none in the file: String, StringList or SecureString.
    #[arg(long = "type", value_name = "TYPE", default_value = "SecureString")]
    pub kind: String,
    /// The KMS key of secure strings [default: alias/aws/ssm].
    #[arg(long, value_name = "KEY")]
    pub key_id: Option<String>,
    /// The tier: Standard, Advanced or Intelligent-Tiering [default: the server's].
    #[arg(long, value_name = "TIER")]
    pub tier: Option<String>,
    /// Change parameters that are there with another value.
    #[arg(long)]
    pub overwrite: bool,
    /// Print what would be done, and do nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Which server to ask.
    #[command(flatten)]
    pub server: ServerOptions,
}

/// What `ssm catalogue` does.
#[derive(Subcommand)]
pub enum CatalogueCommand {
    /// Put the public parameters of a file over those that the program knows, instead of any that
    /// were imported before. Takes the root access key of the installation's first account.
    Import {
        /// The file.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Check the file, print what is in it, and change nothing.
        #[arg(long)]
        dry_run: bool,
        /// Which server to ask.
        #[command(flatten)]
        server: ServerOptions,
    },
    /// Write a catalogue with what a server has below a path of public parameters, AWS's own for
    /// example: --endpoint https://ssm.us-east-1.amazonaws.com.
    Fetch {
        /// The path, below /aws/service; repeatable.
        #[arg(long, value_name = "PATH", required = true)]
        path: Vec<String>,
        /// The file to write instead of standard output.
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
        /// Which server to ask.
        #[command(flatten)]
        server: ServerOptions,
    },
}
