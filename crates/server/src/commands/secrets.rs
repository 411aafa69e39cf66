//! `strongroom secrets`: what people do with Secrets Manager, through its API like any other client.

pub(super) mod calls;
mod directory;
mod export;
mod import;
pub(super) mod object;

use super::block_on;
use crate::cli::SecretsCommand;
use crate::exit::Failure;

/// What the type of a value that is no text is called in files: its text is base64.
const BINARY: &str = "SecretBinary";

/// Runs a command.
pub(super) fn run(command: &SecretsCommand) -> Result<(), Failure> {
    match command {
        SecretsCommand::Export(options) => block_on(export::run(options)),
        SecretsCommand::Import(options) => block_on(import::run(options)),
    }
}

/// What the names of the secrets below a prefix begin with: `myapp/prod/`. All of them, if the
/// prefix is empty.
fn beginning(prefix: &str) -> String {
    match prefix.is_empty() || prefix.ends_with('/') {
        true => prefix.to_owned(),
        false => format!("{prefix}/"),
    }
}

#[cfg(test)]
mod tests {
    use super::beginning;

    #[test]
    fn a_prefix_ends_where_a_name_goes_on() {
        assert_eq!(beginning("myapp"), "myapp/");
        assert_eq!(beginning("/myapp/"), "/myapp/");
        assert_eq!(beginning(""), "");
    }
}
