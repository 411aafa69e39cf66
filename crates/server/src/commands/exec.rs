//! `strongroom exec`: a command with parameters and secrets as environment variables.

mod choice;

use std::collections::BTreeMap;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use crypto::Secret;

use self::choice::{Choice, Pick};
use super::block_on;
use super::secrets::calls::{self, Content, Found};
use super::secrets::object::{self, Object};
use super::ssm::parameters::{self, Scope};
use crate::cli::ExecOptions;
use crate::client::{Client, SECRETS_MANAGER, SSM};
use crate::exit::Failure;
use crate::settings;
use crate::values::{Entry, is_variable, variable_name, variables};

/// The variables by their names.
type Variables = BTreeMap<String, Secret<String>>;

/// Fetches parameters and secrets and becomes the command; comes back only if that fails.
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

/// The variables of all paths, then those of all secrets; of one name, the last one.
async fn gather(options: &ExecOptions) -> Result<Variables, Failure> {
    let choices: Result<Vec<Choice>, String> =
        options.secret.iter().map(|text| text.parse()).collect();
    let choices = choices.map_err(Failure::usage)?;
    let mut all = BTreeMap::new();
    if !options.path.is_empty() {
        let client = settings::client(&options.server, SSM)?;
        for path in &options.path {
            below(&client, path, options, &mut all).await?;
        }
    }
    if !choices.is_empty() {
        let client = settings::client(&options.server, SECRETS_MANAGER)?;
        for choice in &choices {
            let found = calls::value(&client, &choice.secret)
                .await
                .map_err(|error| {
                    let failure = Failure::from(error);
                    Failure {
                        exit: failure.exit,
                        message: format!("`{}`: {}", choice.secret, failure.message),
                    }
                })?;
            chosen(choice, found, &options.prefix, &mut all)?;
        }
    }
    Ok(all)
}

async fn below(
    client: &Client,
    path: &str,
    options: &ExecOptions,
    all: &mut Variables,
) -> Result<(), Failure> {
    let scope = Scope::new(path, options.paths)?;
    let entries = parameters::entries(client, &scope).await?;
    if entries.is_empty() {
        let said = format!("there are no parameters below `{path}`");
        return Err(Failure::not_found(said));
    }
    add(all, &options.prefix, entries)
        .map_err(|what| Failure::failed(format!("below `{path}`, {what}")))
}

/// Adds what is chosen of a secret.
fn chosen(choice: &Choice, found: Found, prefix: &str, all: &mut Variables) -> Result<(), Failure> {
    let secret = &choice.secret;
    let Content::Text(text) = found.content else {
        let said = format!("`{secret}` is binary, which no variable can be");
        return Err(Failure::failed(said));
    };
    let object = Object::of(text.expose());
    let no_text = |key: &str| {
        Failure::failed(format!(
            "`{key}` of `{secret}` is neither text, number nor boolean"
        ))
    };
    let (name, value) = match (&choice.pick, &object) {
        (Pick::All, Some(object)) => {
            let entries = object.entries().map_err(|key| no_text(&key))?;
            return add(all, prefix, entries)
                .map_err(|what| Failure::failed(format!("in `{secret}`, {what}")));
        }
        (Pick::All, None) => (variable_name(prefix, &found.name), text),
        (Pick::Whole(variable), _) => {
            let made = || variable_name(prefix, &found.name);
            (variable.clone().unwrap_or_else(made), text)
        }
        (Pick::Key(key, variable), object) => {
            let member = object.as_ref().and_then(|object| object.member(key));
            let member = member.ok_or_else(|| {
                Failure::not_found(format!("there is no key `{key}` in `{secret}`"))
            })?;
            let value = object::text_of(member).ok_or_else(|| no_text(key))?;
            let made = || variable_name(prefix, key);
            (variable.clone().unwrap_or_else(made), value)
        }
    };
    insert(all, (name, secret), value).map_err(Failure::failed)
}

fn add(all: &mut Variables, prefix: &str, entries: Vec<Entry>) -> Result<(), String> {
    variables(prefix, &entries)?;
    for entry in entries {
        let name = variable_name(prefix, &entry.name);
        insert(all, (name, &entry.name), entry.value)?;
    }
    Ok(())
}

fn insert(
    all: &mut Variables,
    (variable, name): (String, &str),
    value: Secret<String>,
) -> Result<(), String> {
    if !is_variable(&variable) {
        return Err(format!("`{name}` cannot be the name of a variable"));
    }
    if value.expose().contains('\0') {
        return Err(format!(
            "the value of `{name}` holds a zero byte, which no variable can"
        ));
    }
    all.insert(variable, value);
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

    fn seen(all: &Variables) -> Vec<(&str, &str)> {
        all.iter()
            .map(|(name, value)| (name.as_str(), value.expose().as_str()))
            .collect()
    }

    #[test]
    fn the_last_path_wins_and_within_one_path_nobody() {
        let mut all = BTreeMap::new();
        add(&mut all, "", entries(&[("db/url", "1"), ("port", "2")])).unwrap();
        add(&mut all, "", entries(&[("db-url", "3")])).unwrap();
        assert_eq!(seen(&all), [("DB_URL", "3"), ("PORT", "2")]);
        assert!(add(&mut all, "", entries(&[("a-b", "1"), ("a/b", "2")])).is_err());
        assert!(add(&mut all, "", entries(&[("nul", "a\0b")])).is_err());
    }

    fn pick(choice: &str, value: &str) -> Result<String, String> {
        let choice: Choice = choice.parse().unwrap();
        let found = Found {
            name: "app/db".to_owned(),
            content: Content::Text(Secret::new(value.to_owned())),
        };
        let mut all = BTreeMap::new();
        chosen(&choice, found, "P_", &mut all).map_err(|failure| failure.message)?;
        let pairs = all.iter();
        let pairs = pairs.map(|(name, value)| format!("{name}={}", value.expose()));
        Ok(pairs.collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn secrets_are_taken_whole_or_by_their_keys() {
        let object = r#"{"user":"u","db-port":5432}"#;
        let taken = |choice: &str, value: &str| pick(choice, value).unwrap();
        assert_eq!(taken("app/db", object), "P_DB_PORT=5432 P_USER=u");
        assert_eq!(taken("app/db", "plain"), "P_APP_DB=plain");
        assert_eq!(taken("app/db:user", object), "P_USER=u");
        assert_eq!(taken("app/db:user=WHO", object), "WHO=u");
        assert_eq!(taken("app/db:=ALL", "[1]"), "ALL=[1]");
        assert_eq!(taken("app/db:", object), format!("P_APP_DB={object}"));
    }

    #[test]
    fn what_is_no_text_is_refused_with_its_key_and_without_its_value() {
        for (choice, value) in [
            ("app/db", r#"{"deep":{"hush":1}}"#),
            ("app/db:deep", r#"{"deep":["hush"]}"#),
            ("app/db:deep", r#"{"other":"hush"}"#),
            ("app/db:deep", "hush"),
        ] {
            let error = pick(choice, value).unwrap_err();
            assert!(
                error.contains("`deep`") && !error.contains("hush"),
                "{error}"
            );
        }
        assert!(pick("app/db", r#"{"a-b":"1","a/b":"2"}"#).is_err());
        assert!(pick("app/db", "a\0b").is_err());
        let mut all = BTreeMap::new();
        assert!(add(&mut all, "", entries(&[("", "1")])).is_err());
    }
}
