//! How functions run, on the command line of `serve`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// How functions run.
#[derive(Args, Clone, Default)]
pub struct FunctionOptions {
    /// Whether functions of Lambda run, and what if the kernel cannot confine them [default:
    /// confined].
    #[arg(long, value_enum)]
    pub functions: Option<FunctionsOption>,
    /// A directory for what functions run from, not below /tmp; all above it has to let everybody
    /// through [default: a new one in /var/tmp].
    #[arg(long, value_name = "PATH")]
    pub function_directory: Option<PathBuf>,
    /// The interpreters of some runtimes: RUNTIME=PATH, several parted by commas, for example
    /// python3.12=/usr/bin/python3 [default: the first that PATH has].
    #[arg(long, value_name = "LIST")]
    pub function_interpreters: Option<String>,
    /// Modules that functions in Python find behind their own, as they find boto3 in AWS.
    #[arg(long, value_name = "PATH")]
    pub function_python: Option<PathBuf>,
    /// A directory node_modules that functions in JavaScript find behind their own.
    #[arg(long, value_name = "PATH")]
    pub function_node: Option<PathBuf>,
    /// How many functions run or wait for work at once, at most 600 [default: 64].
    #[arg(long, value_name = "COUNT")]
    pub function_workers: Option<usize>,
}

/// Whether functions run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FunctionsOption {
    /// They run, and see nothing of this program; where the kernel cannot promise that, none runs.
    Confined,
    /// They run with what the kernel has. For development only.
    Relaxed,
    /// None runs.
    Off,
}
