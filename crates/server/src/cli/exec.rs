//! The command line of `exec`.

use std::ffi::OsString;

use clap::Args;

use super::{PathOptions, ServerOptions};

pub(super) const EXEC_HELP: &str = "The variable of a parameter is its name behind the path, in \
capitals, with `_` for whatever is neither letter nor digit: below /myapp/prod, \
/myapp/prod/db/password is DB_PASSWORD. A secret that is a JSON object gives a variable for each of \
its keys, made in the same way: {\"user\": .., \"db-port\": ..} gives USER and DB_PORT; any other \
secret gives one, made of its whole name. --secret NAME:KEY gives that key alone, NAME:KEY=VARIABLE \
as VARIABLE, and NAME:=VARIABLE the whole secret.\n\nOf two paths, or two secrets, with the same \
variable the later one wins, and secrets win over paths; within one of them, that is an error. The \
command takes the place of this program: its exit code and its signals are its own.";

/// The options of `exec`.
#[derive(Args, Clone)]
pub struct ExecOptions {
    /// The path whose parameters are given, with all that is below it; repeatable.
    #[arg(long, value_name = "PATH", required_unless_present = "secret")]
    pub path: Vec<String>,
    /// The secret that is given, by name or ARN, whole or one key of it; repeatable.
    #[arg(long, value_name = "NAME[:[KEY][=VARIABLE]]")]
    pub secret: Vec<String>,
    /// What the name of each variable begins with, but for those that --secret names.
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub prefix: String,
    /// How the parameters are found.
    #[command(flatten)]
    pub paths: PathOptions,
    /// Give the command these variables alone, and none of this program's own.
    #[arg(long)]
    pub pristine: bool,
    /// Which server to ask.
    #[command(flatten)]
    pub server: ServerOptions,
    /// The command with its arguments.
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub command: Vec<OsString>,
}
