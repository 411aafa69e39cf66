//! `strongroom secrets import`.

use std::collections::BTreeMap;

use crypto::Secret;
use wire::pem;

use super::super::progress::Progress;
use super::super::{files, print, say};
use super::calls::{self, Content};
use super::object::{self, Object};
use super::{BINARY, beginning, directory};
use crate::cli::SecretsImportOptions;
use crate::client::{CallError, Client, SECRETS_MANAGER};
use crate::exit::Failure;
use crate::settings;
use crate::values::{Entry, Format, variables};

/// Brings the values of a file or a directory to secrets, or to the keys of one.
pub(super) async fn run(options: &SecretsImportOptions) -> Result<(), Failure> {
    let client = settings::client(&options.server, SECRETS_MANAGER)?;
    let (wanted, are_variables) = wanted(options)?;
    if let Some((name, _)) = wanted.iter().find(|(_, it)| it.bytes().is_empty()) {
        let said = format!("`{name}` has no value, and no secret is empty");
        return Err(Failure::failed(said));
    }
    match &options.secret {
        Some(secret) => keys(&client, secret, (wanted, are_variables), options).await,
        None => each(&client, (wanted, are_variables), options).await,
    }
}

/// The values by their names, and whether these are names of variables.
fn wanted(options: &SecretsImportOptions) -> Result<(Vec<(String, Content)>, bool), Failure> {
    if options.file.is_dir() {
        return Ok((directory::read(&options.file)?, false));
    }
    let (entries, format) = files::read(&options.file, options.format)?;
    let values: Result<Vec<_>, Failure> = entries.into_iter().map(value).collect();
    Ok((values?, format == Format::Dotenv))
}

fn value(entry: Entry) -> Result<(String, Content), Failure> {
    let Entry { name, value, kind } = entry;
    let content = match kind.as_deref() {
        None => Content::Text(value),
        Some(BINARY) => match pem::decoded(value.expose()) {
            Some(bytes) => Content::Binary(Secret::new(bytes)),
            None => return Err(Failure::failed(format!("`{name}` is no base64"))),
        },
        Some(other) => {
            let said = format!("`{name}` has the type {other}: secrets have {BINARY} or none");
            return Err(Failure::failed(said));
        }
    };
    Ok((name, content))
}

/// A secret for each value.
async fn each(
    client: &Client,
    (wanted, are_variables): (Vec<(String, Content)>, bool),
    options: &SecretsImportOptions,
) -> Result<(), Failure> {
    let beginning = beginning(options.prefix.as_deref().unwrap_or_default());
    let known = calls::names(client, &beginning).await?;
    let known = known
        .iter()
        .filter_map(|name| name.strip_prefix(&beginning));
    let known: Vec<String> = known.map(str::to_owned).collect();
    let renamed = renames(&known, are_variables)?;
    let mut plan = Plan::default();
    for (name, content) in wanted {
        let name = renamed.get(&name).cloned().unwrap_or(name);
        let exists = known.contains(&name);
        let whole = format!("{beginning}{name}");
        let found = match exists {
            true => current(client, &whole).await?,
            false => None,
        };
        plan.add(name, content, (exists, found));
    }
    let counts = plan.announce(options)?;
    if !options.dry_run {
        carry_out(client, &beginning, &plan, options).await?;
    }
    say(&counts);
    Ok(())
}

/// Which names variables stand for.
fn renames(known: &[String], are_variables: bool) -> Result<BTreeMap<String, String>, Failure> {
    if !are_variables {
        return Ok(BTreeMap::new());
    }
    let entry = |name: &String| Entry {
        name: name.clone(),
        value: Secret::new(String::new()),
        kind: None,
    };
    let entries: Vec<Entry> = known.iter().map(entry).collect();
    let variables = variables("", &entries).map_err(Failure::failed)?;
    let pairs = variables.into_iter();
    Ok(pairs
        .map(|variable| (variable.name, variable.entry.name.clone()))
        .collect())
}

/// What a secret says now; nothing, if it has no value.
async fn current(client: &Client, name: &str) -> Result<Option<Content>, CallError> {
    match calls::value(client, name).await {
        Ok(found) => Ok(Some(found.content)),
        Err(error) if error.is_absence() => Ok(None),
        Err(error) => Err(error),
    }
}

async fn carry_out(
    client: &Client,
    beginning: &str,
    plan: &Plan,
    options: &SecretsImportOptions,
) -> Result<(), Failure> {
    let progress = Progress::of(plan.steps.len());
    for (done, step) in plan.steps.iter().enumerate() {
        progress.tell(done);
        let name = format!("{beginning}{}", step.name);
        let made = match step.exists {
            true => calls::put(client, &name, &step.content).await,
            false => {
                let place = (name.as_str(), options.key_id.as_deref());
                calls::create(client, place, &step.content).await
            }
        };
        made.map_err(|error| {
            progress.end();
            let failure = Failure::from(error);
            Failure {
                exit: failure.exit,
                message: format!(
                    "`{name}`: {}; {done} of {} are done, and the same command goes on from here",
                    failure.message, progress.total
                ),
            }
        })?;
    }
    progress.end();
    Ok(())
}

/// A key of one secret for each value, all in one version.
async fn keys(
    client: &Client,
    secret: &str,
    (wanted, are_variables): (Vec<(String, Content)>, bool),
    options: &SecretsImportOptions,
) -> Result<(), Failure> {
    let found = current(client, secret).await?;
    let exists = found.is_some()
        || calls::names(client, secret)
            .await?
            .contains(&secret.to_owned());
    let text = match &found {
        None => "{}",
        Some(Content::Text(text)) => text.expose(),
        Some(Content::Binary(_)) => "",
    };
    let object = Object::of(text)
        .ok_or_else(|| Failure::failed(format!("`{secret}` is there and is no JSON object")))?;
    let plan = key_plan(&object, (wanted, are_variables))?;
    let counts = plan.announce(options)?;
    if !options.dry_run && !plan.steps.is_empty() {
        let content = Content::Text(object.with(&plan.into_entries()).into());
        match exists {
            true => calls::put(client, secret, &content).await?,
            false => {
                let place = (secret, options.key_id.as_deref());
                calls::create(client, place, &content).await?;
            }
        }
    }
    say(&counts);
    Ok(())
}

fn key_plan(
    object: &Object<'_>,
    (wanted, are_variables): (Vec<(String, Content)>, bool),
) -> Result<Plan, Failure> {
    let known: Vec<String> = object.names().map(str::to_owned).collect();
    let renamed = renames(&known, are_variables)?;
    let mut plan = Plan::default();
    for (name, content) in wanted {
        if let Content::Binary(_) = content {
            let said = format!("`{name}` is binary, and keys of a JSON object are texts");
            return Err(Failure::failed(said));
        }
        let name = renamed.get(&name).cloned().unwrap_or(name);
        let member = object.member(&name);
        let now = member.and_then(object::text_of).map(Content::Text);
        plan.add(name, content, (member.is_some(), now));
    }
    Ok(plan)
}

/// What has to be done.
#[derive(Default)]
struct Plan {
    steps: Vec<Step>,
    /// How many values are as they should be.
    same: usize,
}

/// A value to write.
struct Step {
    name: String,
    content: Content,
    /// Whether there is one of this name, with another value.
    exists: bool,
}

impl Plan {
    /// Takes up a value, beside what is there.
    fn add(&mut self, name: String, content: Content, (exists, now): (bool, Option<Content>)) {
        match now.is_some_and(|now| now.is_same(&content)) {
            true => self.same += 1,
            false => self.steps.push(Step {
                name,
                content,
                exists,
            }),
        }
    }

    /// Says what there is to do, and refuses what may not be done.
    fn announce(&self, options: &SecretsImportOptions) -> Result<String, Failure> {
        let changed = self.steps.iter().filter(|step| step.exists).count();
        let counts = format!(
            "{} new, {changed} changed, {} the same",
            self.steps.len() - changed,
            self.same
        );
        if options.dry_run {
            print(self.lines().as_bytes())?;
        }
        if changed > 0 && !options.overwrite {
            return Err(Failure::failed(format!(
                "{counts}: what is there is changed with --overwrite alone; see what it is with --dry-run"
            )));
        }
        Ok(counts)
    }

    fn lines(&self) -> String {
        let line = |step: &Step| {
            let sign = if step.exists { '~' } else { '+' };
            format!("{sign} {}\n", step.name)
        };
        self.steps.iter().map(line).collect()
    }

    /// The values as entries; keys of objects are texts.
    fn into_entries(self) -> Vec<Entry> {
        let entry = |step: Step| match step.content {
            Content::Text(value) => Some(Entry {
                name: step.name,
                value,
                kind: None,
            }),
            Content::Binary(_) => None,
        };
        self.steps.into_iter().filter_map(entry).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Content {
        Content::Text(Secret::new(text.to_owned()))
    }

    fn wanted(pairs: &[(&str, &str)]) -> Vec<(String, Content)> {
        let pairs = pairs.iter();
        pairs
            .map(|(name, value)| ((*name).to_owned(), text(value)))
            .collect()
    }

    #[test]
    fn only_what_differs_is_written() {
        let object = Object::of(r#"{"user":"u","port":5432,"deep":{"a":1}}"#).unwrap();
        let values = wanted(&[("user", "u"), ("port", "5432"), ("deep", "x"), ("new", "n")]);
        let plan = key_plan(&object, (values, false)).unwrap();
        assert_eq!((plan.lines().as_str(), plan.same), ("~ deep\n+ new\n", 2));
        let values = wanted(&[("PORT", "1"), ("OTHER", "2")]);
        let plan = key_plan(&object, (values, true)).unwrap();
        assert_eq!(plan.lines(), "~ port\n+ OTHER\n");
        let binary = vec![("b".to_owned(), Content::Binary(Secret::new(vec![1])))];
        assert!(key_plan(&object, (binary, false)).is_err());
    }

    #[test]
    fn types_are_known_or_refused() {
        let entry = |kind: Option<&str>, value: &str| Entry {
            name: "n".to_owned(),
            value: Secret::new(value.to_owned()),
            kind: kind.map(str::to_owned),
        };
        let is = |given: Entry, expected: &Content| {
            value(given).is_ok_and(|(_, content)| content.is_same(expected))
        };
        assert!(is(entry(None, "AQI="), &text("AQI=")));
        let bytes = Content::Binary(Secret::new(vec![1, 2]));
        assert!(is(entry(Some(BINARY), "AQI="), &bytes));
        assert!(value(entry(Some(BINARY), "no base64!")).is_err());
        assert!(value(entry(Some("String"), "v")).is_err());
    }
}
