//! `strongroom exec`: a command with parameters as environment variables.

use std::collections::BTreeMap;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use crypto::Secret;

use super::block_on;
use super::ssm::parameters::{self, Scope};
use crate::cli::ExecOptions;
use crate::client::SSM;
use crate::exit::Failure;
use crate::settings;
use crate::values::{Entry, is_variable, variable_name, variables};

/// Fetches the parameters and becomes the command; comes back only if that fails.
pub(super) fn run(options: &ExecOptions) -> Result<(), Failure> {
    if !options.prefix.is_empty() && !is_variable(&options.prefix) {
        let prefix = &options.prefix;
        return Err(Failure::usage(format!(
            "`{prefix}` cannot begin the name of a variable: write letters of ASCII, digits and `_`"
        )));
    }
    let variables = block_on(gather(options))?;
    let Some((program, arguments)) = options.command.split_first() else {
        return Err(Failure::usage("name a command behind `--`"));
    };
    let mut command = Command::new(program);
    command.args(arguments);
    if options.pristine {
        command.env_clear();
    }
    for (name, value) in &variables {
        command.env(name, value.expose());
    }
    let error = command.exec();
    let said = format!("cannot run `{}`: {error}", program.display());
    Err(match error.kind() {
        std::io::ErrorKind::NotFound => Failure::not_found(said),
        _ => Failure::failed(said),
    })
}

/// The variables of all paths; of one name, the one of the last path.
async fn gather(options: &ExecOptions) -> Result<BTreeMap<String, Secret<String>>, Failure> {
    let client = settings::client(&options.server, SSM)?;
    let mut all = BTreeMap::new();
    for path in &options.path {
        let scope = Scope::new(path, options.paths)?;
        let entries = parameters::entries(&client, &scope).await?;
        if entries.is_empty() {
            let said = format!("there are no parameters below `{path}`");
            return Err(Failure::not_found(said));
        }
        add(&mut all, &options.prefix, entries)
            .map_err(|what| Failure::failed(format!("below `{path}`, {what}")))?;
    }
    Ok(all)
}

fn add(
    all: &mut BTreeMap<String, Secret<String>>,
    prefix: &str,
    entries: Vec<Entry>,
) -> Result<(), String> {
    variables(prefix, &entries)?;
    for entry in entries {
        let name = &entry.name;
        if entry.value.expose().contains('\0') {
            return Err(format!(
                "the value of `{name}` holds a zero byte, which no variable can"
            ));
        }
        all.insert(variable_name(prefix, name), entry.value);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(pairs: &[(&str, &str)]) -> Vec<Entry> {
        let pairs = pairs.iter();
        pairs
            .map(|(name, value)| Entry {
                name: (*name).to_owned(),
                value: Secret::new((*value).to_owned()),
                kind: None,
            })
            .collect()
    }

    #[test]
    fn the_last_path_wins_and_within_one_path_nobody() {
        let mut all = BTreeMap::new();
        add(&mut all, "", entries(&[("db/url", "1"), ("port", "2")])).unwrap();
        add(&mut all, "", entries(&[("db-url", "3")])).unwrap();
        let seen: Vec<(&str, &str)> = all
            .iter()
            .map(|(name, value)| (name.as_str(), value.expose().as_str()))
            .collect();
        assert_eq!(seen, [("DB_URL", "3"), ("PORT", "2")]);
        assert!(add(&mut all, "", entries(&[("a-b", "1"), ("a/b", "2")])).is_err());
        assert!(add(&mut all, "", entries(&[("nul", "a\0b")])).is_err());
    }
}
