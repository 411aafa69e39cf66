//! The commands, one file each.

mod agent;
mod audit;
pub mod dev;
mod endpoint;
mod event_sources;
mod exec;
mod files;
mod k8s_kms;
mod keep_journal;
mod keys;
mod operator;
mod progress;
mod secrets;
mod serve;
mod ssm;

use std::io::Write as _;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};

use crate::cli::{AccountCommand, Cli, Command, IamCommand};
use crate::exit::Failure;

/// Parses the command line and runs what it asks for.
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    // Before anything else: it may have one thread only, and ends by becoming another program.
    if let Command::Confine { stage } = &cli.command {
        return functions::confined(Some(stage));
    }
    match dispatch(cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            say(&format!("strongroom: {failure}"));
            failure.exit.into()
        }
    }
}

fn dispatch(command: Command) -> Result<(), Failure> {
    match command {
        Command::Serve(options) => serve::run(*options),
        Command::Status(options) => endpoint::status(&options),
        Command::Env(options) => endpoint::environment(&options),
        Command::Iam {
            command:
                IamCommand::Explain {
                    principal,
                    action,
                    resource,
                    context,
                    encoded,
                    endpoint,
                },
        } => operator::explain(
            &endpoint,
            (&principal, &action, &resource),
            &context,
            encoded,
        ),
        Command::Account {
            command: AccountCommand::List(endpoint),
        } => operator::list_accounts(&endpoint),
        Command::Account {
            command:
                AccountCommand::Create {
                    name,
                    email,
                    endpoint,
                },
        } => operator::create_account(&endpoint, name, email),
        Command::Keys { command } => keys::run(&command),
        Command::Exec(options) => exec::run(&options),
        Command::Ssm { command } => ssm::run(&command),
        Command::Secrets { command } => secrets::run(&command),
        Command::Agent(options) => agent::run(&options),
        Command::K8sKms(options) => k8s_kms::run(&options),
        Command::Audit { command } => audit::run(&command),
        Command::Confine { .. } => Ok(()),
        Command::Completions { shell } => completions(shell),
        Command::Man => man(),
    }
}

fn completions(shell: clap_complete::Shell) -> Result<(), Failure> {
    let mut out = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "strongroom", &mut out);
    print(&out)
}

fn man() -> Result<(), Failure> {
    let mut out = Vec::new();
    clap_mangen::Man::new(Cli::command())
        .render(&mut out)
        .map_err(|error| Failure::failed(format!("cannot write the man page: {error}")))?;
    print(&out)
}

/// Runs a command that calls a server.
fn block_on<T>(command: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::failed(format!("cannot start the runtime: {error}")))?;
    runtime.block_on(command)
}

/// Writes data to standard output.
fn print(data: &[u8]) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(data)
        .and_then(|()| out.flush())
        .map_err(|error| Failure::failed(format!("cannot write to standard output: {error}")))
}

/// Writes a line of talk to standard error.
fn say(line: &str) {
    // Nobody is left to tell if standard error is closed.
    let _ = writeln!(std::io::stderr(), "{line}");
}
