//! `strongroom ssm diff`.

use std::collections::BTreeMap;
use std::path::Path;

use crypto::Secret;
use zeroize::Zeroizing;

use super::super::files::read;
use super::super::print;
use super::parameters::{self, Scope};
use crate::cli::{PathOptions, ServerOptions};
use crate::client::SSM;
use crate::exit::Failure;
use crate::settings;
use crate::values::{Entry, Format, quoted, variable_name, variables};

/// Prints what differs; fails if anything does.
pub(super) async fn run(
    (before, after): (&str, &str),
    show_values: bool,
    options: PathOptions,
    server: &ServerOptions,
) -> Result<(), Failure> {
    let mut before = side(before, options, server).await?;
    let mut after = side(after, options, server).await?;
    // A dotenv file knows the names of variables alone.
    if before.1 || after.1 {
        before.0 = as_variables(before.0)?;
        after.0 = as_variables(after.0)?;
    }
    let (text, count) = compare(before.0, after.0, show_values);
    print(text.as_bytes())?;
    match count {
        0 => Ok(()),
        1 => Err(Failure::failed("1 name differs")),
        count => Err(Failure::failed(format!("{count} names differ"))),
    }
}

/// The entries of a path or a file, and whether their names are those of variables.
async fn side(
    named: &str,
    options: PathOptions,
    server: &ServerOptions,
) -> Result<(Vec<Entry>, bool), Failure> {
    let file = named.strip_prefix("file:");
    if file.is_some() || !named.starts_with('/') {
        let (entries, format) = read(Path::new(file.unwrap_or(named)), None)?;
        return Ok((entries, format == Format::Dotenv));
    }
    let client = settings::client(server, SSM)?;
    let scope = Scope::new(named, options)?;
    Ok((parameters::entries(&client, &scope).await?, false))
}

fn as_variables(mut entries: Vec<Entry>) -> Result<Vec<Entry>, Failure> {
    variables("", &entries).map_err(Failure::failed)?;
    for entry in &mut entries {
        entry.name = variable_name("", &entry.name);
    }
    Ok(entries)
}

type Side = BTreeMap<String, (Secret<String>, Option<String>)>;

fn by_name(entries: Vec<Entry>) -> Side {
    let entries = entries.into_iter();
    entries
        .map(|entry| (entry.name, (entry.value, entry.kind)))
        .collect()
}

/// A line for each name that differs, or two with values, and how many do.
fn compare(before: Vec<Entry>, after: Vec<Entry>, show_values: bool) -> (Zeroizing<String>, usize) {
    let (before, after) = (by_name(before), by_name(after));
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort_unstable();
    names.dedup();
    let mut lines = Zeroizing::new(String::new());
    let mut count = 0;
    for name in names {
        let (old, new) = (before.get(name), after.get(name));
        let sign = match (old, new) {
            (Some(old), Some(new)) if is_same(old, new) => continue,
            (Some(_), Some(_)) => '~',
            (Some(_), None) => '-',
            (None, _) => '+',
        };
        count += 1;
        let kind = kinds(old, new);
        if !show_values {
            lines.push_str(&format!("{sign} {name}{kind}\n"));
            continue;
        }
        for (sign, side) in [('-', old), ('+', new)] {
            if let Some((value, _)) = side {
                lines.push_str(&format!("{sign} {name}{kind} = "));
                lines.push_str(&quoted(value.expose()));
                lines.push('\n');
            }
        }
    }
    (lines, count)
}

/// Whether values are the same, and types, where both sides tell one.
fn is_same(
    (old, old_kind): &(Secret<String>, Option<String>),
    (new, new_kind): &(Secret<String>, Option<String>),
) -> bool {
    let same_kind = old_kind.is_none() || new_kind.is_none() || old_kind == new_kind;
    old.expose() == new.expose() && same_kind
}

fn kinds(
    old: Option<&(Secret<String>, Option<String>)>,
    new: Option<&(Secret<String>, Option<String>)>,
) -> String {
    let kind =
        |side: Option<&(Secret<String>, Option<String>)>| side.and_then(|side| side.1.clone());
    match (kind(old), kind(new)) {
        (Some(old), Some(new)) if old != new => format!(" ({old} -> {new})"),
        (Some(kind), _) | (None, Some(kind)) => format!(" ({kind})"),
        (None, None) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(entries: &[(&str, &str, Option<&str>)]) -> Vec<Entry> {
        let entries = entries.iter();
        entries
            .map(|(name, value, kind)| Entry {
                name: (*name).to_owned(),
                value: Secret::new((*value).to_owned()),
                kind: kind.map(str::to_owned),
            })
            .collect()
    }

    #[test]
    fn only_what_differs_is_shown_and_values_only_when_asked_for() {
        let secure = Some("SecureString");
        let before = [
            ("a", "1", secure),
            ("b", "2", secure),
            ("c", "3", Some("String")),
            ("d", "4", secure),
        ];
        let after = [
            ("b", "x\n", secure),
            ("c", "3", secure),
            ("d", "4", None),
            ("e", "5", None),
        ];
        let (text, count) = compare(entries(&before), entries(&after), false);
        let lines = "- a (SecureString)\n~ b (SecureString)\n~ c (String -> SecureString)\n+ e\n";
        assert_eq!((text.as_str(), count), (lines, 4));
        let (text, _) = compare(entries(&before), entries(&after), true);
        assert!(
            text.contains("- b (SecureString) = \"2\"\n+ b (SecureString) = \"x\\n\"\n"),
            "{}",
            *text
        );
        assert_eq!(compare(entries(&before), entries(&before), true).1, 0);
    }
}
