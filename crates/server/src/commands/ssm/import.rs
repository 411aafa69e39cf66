//! `strongroom ssm import`.

use std::collections::BTreeMap;

use super::super::files::read;
use super::super::progress::Progress;
use super::super::{print, say};
use super::parameters::{self, Put, Scope};
use crate::cli::{ImportOptions, PathOptions};
use crate::client::{Client, SSM};
use crate::exit::Failure;
use crate::settings;
use crate::values::{Entry, Format, variable_name, variables};

/// Brings the values of a file to a path.
pub(super) async fn run(options: &ImportOptions) -> Result<(), Failure> {
    let scope = Scope::new(&options.path, PathOptions::default())?;
    let (entries, format) = read(&options.file, options.format)?;
    let client = settings::client(&options.server, SSM)?;
    let known = parameters::entries(&client, &scope).await?;
    let plan = Plan::new(entries, &known, format, &options.kind)?;
    if options.dry_run {
        print(plan.lines().as_bytes())?;
    }
    let changed = plan.steps.iter().filter(|step| step.exists).count();
    let counts = format!(
        "{} new, {changed} changed, {} the same",
        plan.steps.len() - changed,
        plan.same
    );
    if changed > 0 && !options.overwrite {
        return Err(Failure::failed(format!(
            "{counts}: what is there is changed with --overwrite alone; see what it is with --dry-run"
        )));
    }
    if !options.dry_run {
        carry_out(&client, &scope, &plan, options).await?;
    }
    say(&counts);
    Ok(())
}

/// What has to be done.
struct Plan {
    steps: Vec<Step>,
    /// How many parameters are as they should be.
    same: usize,
}

/// A parameter to put.
struct Step {
    entry: Entry,
    kind: String,
    /// Whether it is there, with another type or value.
    exists: bool,
}

impl Plan {
    /// What makes `known` into `wanted`; `new_kind` is the type of what has none otherwise.
    fn new(
        wanted: Vec<Entry>,
        known: &[Entry],
        format: Format,
        new_kind: &str,
    ) -> Result<Self, Failure> {
        let mut names = BTreeMap::new();
        if format == Format::Dotenv {
            // A variable is the parameter that `exec` makes it from, if there is one.
            for variable in variables("", known).map_err(Failure::failed)? {
                names.insert(variable.name, variable.entry.name.clone());
            }
        }
        let known: BTreeMap<&str, &Entry> = known
            .iter()
            .map(|entry| (entry.name.as_str(), entry))
            .collect();
        let mut plan = Self {
            steps: Vec::new(),
            same: 0,
        };
        for mut entry in wanted {
            if let Some(name) = names.get(&variable_name("", &entry.name)) {
                entry.name.clone_from(name);
            }
            if entry.value.expose().is_empty() {
                let said = format!("`{}` has no value, and no parameter is empty", entry.name);
                return Err(Failure::failed(said));
            }
            let found = known.get(entry.name.as_str());
            let found_kind = found.and_then(|found| found.kind.clone());
            let kind = entry.kind.clone().or_else(|| found_kind.clone());
            let kind = kind.unwrap_or_else(|| new_kind.to_owned());
            let same_value =
                found.is_some_and(|found| found.value.expose() == entry.value.expose());
            if same_value && found_kind.as_ref() == Some(&kind) {
                plan.same += 1;
                continue;
            }
            plan.steps.push(Step {
                entry,
                kind,
                exists: found.is_some(),
            });
        }
        Ok(plan)
    }

    fn lines(&self) -> String {
        let line = |step: &Step| {
            let sign = if step.exists { '~' } else { '+' };
            format!("{sign} {} ({})\n", step.entry.name, step.kind)
        };
        self.steps.iter().map(line).collect()
    }
}

async fn carry_out(
    client: &Client,
    scope: &Scope,
    plan: &Plan,
    options: &ImportOptions,
) -> Result<(), Failure> {
    let progress = Progress::of(plan.steps.len());
    for (done, step) in plan.steps.iter().enumerate() {
        progress.tell(done);
        take(client, scope, step, options)
            .await
            .map_err(|failure| {
                progress.end();
                Failure {
                    exit: failure.exit,
                    message: format!(
                        "`{}`: {}; {done} of {} are done, and the same command goes on from here",
                        step.entry.name, failure.message, progress.total
                    ),
                }
            })?;
    }
    progress.end();
    Ok(())
}

async fn take(
    client: &Client,
    scope: &Scope,
    step: &Step,
    options: &ImportOptions,
) -> Result<(), Failure> {
    let name = scope.whole(&step.entry.name);
    let known = match step.exists {
        true => parameters::metadata(client, &name).await?,
        false => parameters::Metadata::default(),
    };
    let secure = step.kind == "SecureString";
    let key_id = options.key_id.as_ref().or(known.key_id.as_ref());
    let put = Put {
        name: &name,
        value: step.entry.value.expose(),
        kind: &step.kind,
        key_id: key_id.filter(|_| secure).map(String::as_str),
        tier: options
            .tier
            .as_ref()
            .or(known.tier.as_ref())
            .map(String::as_str),
        overwrite: step.exists,
    };
    Ok(parameters::put(client, &put).await?)
}

#[cfg(test)]
mod tests {
    use crypto::Secret;

    use super::*;

    fn entry(name: &str, value: &str, kind: Option<&str>) -> Entry {
        Entry {
            name: name.to_owned(),
            value: Secret::new(value.to_owned()),
            kind: kind.map(str::to_owned),
        }
    }

    fn known() -> [Entry; 2] {
        [
            entry("db/url", "1", Some("String")),
            entry("db/password", "2", Some("SecureString")),
        ]
    }

    #[test]
    fn only_what_differs_is_put_and_types_stay() {
        let wanted = vec![
            entry("db/url", "1", None),
            entry("db/password", "3", None),
            entry("new", "4", None),
            entry("list", "5,6", Some("StringList")),
        ];
        let plan = Plan::new(wanted, &known(), Format::Yaml, "SecureString").unwrap();
        let lines = "~ db/password (SecureString)\n+ new (SecureString)\n+ list (StringList)\n";
        assert_eq!((plan.lines().as_str(), plan.same), (lines, 1));

        let wanted = vec![entry("db/url", "1", Some("SecureString"))];
        let plan = Plan::new(wanted, &known(), Format::Json, "String").unwrap();
        assert_eq!(plan.lines(), "~ db/url (SecureString)\n");
    }

    #[test]
    fn a_variable_is_the_parameter_it_is_made_from() {
        let wanted = vec![entry("DB_URL", "x", None), entry("OTHER", "y", None)];
        let plan = Plan::new(wanted, &known(), Format::Dotenv, "String").unwrap();
        assert_eq!(plan.lines(), "~ db/url (String)\n+ OTHER (String)\n");
        let wanted = vec![entry("DB_URL", "x", None)];
        let plan = Plan::new(wanted, &known(), Format::Json, "String").unwrap();
        assert_eq!(plan.lines(), "+ DB_URL (String)\n");
    }

    #[test]
    fn nothing_is_empty() {
        let wanted = vec![entry("a", "", None)];
        let failure = Plan::new(wanted, &[], Format::Json, "String")
            .err()
            .unwrap();
        assert!(failure.message.contains("`a`"));
    }
}
