//! Names with secret values, and the files they are kept in: dotenv, JSON and YAML. What is written
//! is read back exactly, by these readers and by the others of each format. A file that readers of
//! its format take differently is refused, never guessed at.
//!
//! Nothing here knows a service, or reads or writes anything but memory.

mod dotenv;
mod json;
mod variables;
mod yaml;

use std::collections::BTreeSet;
use std::path::Path;

use clap::ValueEnum;
use crypto::Secret;
use zeroize::Zeroizing;

pub use self::json::quoted;
pub use self::variables::{Variable, is_variable, variable_name, variables};

/// A value with its name, which is relative to wherever it is kept: `db/password`.
pub struct Entry {
    /// The name.
    pub name: String,
    /// The value.
    pub value: Secret<String>,
    /// The type, where one is told: `String`, `StringList` or `SecureString`.
    pub kind: Option<String>,
}

/// What a file of values looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// NAME=value lines, quoted as a POSIX shell reads them.
    Dotenv,
    /// An object of texts.
    Json,
    /// A mapping of texts.
    Yaml,
}

impl Format {
    /// The format that a file's name tells.
    pub fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?;
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("json") => Some(Self::Json),
            Some("yaml" | "yml") => Some(Self::Yaml),
            Some("env") => Some(Self::Dotenv),
            _ if name == ".env" || name.starts_with(".env.") => Some(Self::Dotenv),
            _ => None,
        }
    }

    /// The file with `entries`, in their order; with their types, if `typed`, which dotenv cannot
    /// say. The error is for people.
    pub fn write(self, entries: &[Entry], typed: bool) -> Result<Zeroizing<String>, String> {
        match self {
            Self::Dotenv if typed => Err("a dotenv file has no place for types".to_owned()),
            Self::Dotenv => dotenv::write(entries),
            Self::Json => Ok(json::write(entries, typed)),
            Self::Yaml => Ok(yaml::write(entries, typed)),
        }
    }

    /// The entries of a file, in its order. The error is for people and holds no value.
    pub fn read(self, text: &str) -> Result<Vec<Entry>, String> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let entries = match self {
            Self::Dotenv => dotenv::read(text),
            Self::Json => json::read(text),
            Self::Yaml => yaml::read(text),
        }?;
        let mut names = BTreeSet::new();
        for entry in &entries {
            if !names.insert(&entry.name) {
                return Err(format!("`{}` is there twice", entry.name));
            }
        }
        Ok(entries)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(super) fn entry(name: &str, value: &str) -> Entry {
        Entry {
            name: name.to_owned(),
            value: Secret::new(value.to_owned()),
            kind: None,
        }
    }

    fn parts(entries: &[Entry]) -> Vec<(&str, &str, Option<&str>)> {
        let parts = entries.iter();
        parts
            .map(|entry| {
                (
                    entry.name.as_str(),
                    entry.value.expose().as_str(),
                    entry.kind.as_deref(),
                )
            })
            .collect()
    }

    #[test]
    fn a_name_tells_the_format() {
        let of = |name: &str| Format::of(Path::new(name));
        assert_eq!(of("a/b.json"), Some(Format::Json));
        assert_eq!(of("b.yml"), Some(Format::Yaml));
        assert_eq!(of("b.yaml"), Some(Format::Yaml));
        assert_eq!(of("prod.env"), Some(Format::Dotenv));
        assert_eq!(of(".env"), Some(Format::Dotenv));
        assert_eq!(of("x/.env.local"), Some(Format::Dotenv));
        assert_eq!(of("json"), None);
        assert_eq!(of("a.txt"), None);
    }

    #[test]
    fn a_name_that_is_there_twice_is_refused() {
        for (format, text) in [
            (Format::Dotenv, "A=1\nA=1\n"),
            (Format::Json, r#"{"A":"1","A":"1"}"#),
            (Format::Yaml, "A: x\nA: x\n"),
        ] {
            let error = format.read(text).err();
            assert!(
                error.is_some_and(|error| error.contains("`A`")),
                "{format:?}"
            );
        }
    }

    #[test]
    fn no_error_shows_a_value() {
        for (format, text) in [
            (Format::Dotenv, "A=hush$hush\n"),
            (Format::Dotenv, "A='hush\n"),
            (Format::Dotenv, "A=hush\nhush\n"),
            (Format::Json, r#"{"A":"hush"#),
            (Format::Json, r#"{"A":["hush"]}"#),
            (Format::Json, r#"{"A":{"value":"x","type":"y","z":"hush"}}"#),
            (Format::Yaml, "A: 'hush\n"),
            (Format::Yaml, "A: [hush]\n"),
            (Format::Yaml, "A: hush\n\thush: : }\n"),
            (Format::Yaml, "A: *hush\n"),
        ] {
            let error = format.read(text).err();
            let error = error.unwrap_or_else(|| panic!("{text} is taken"));
            assert!(!error.contains("hush"), "{error}");
        }
    }

    /// Values that readers stumble over: quotes, breaks, signs that mean something somewhere.
    fn value() -> impl Strategy<Value = String> {
        let awkward = prop::sample::select(vec![
            "'", "\"", "\\", "$", "`", "\n", "\r\n", "\r", "\t", " ", "#", ": ", "- ", "=", "!",
            "&", "*", "{{", "%", "@", "\u{85}", "\u{2028}", "\u{feff}", "\u{7f}", "\u{fffe}", "é",
            "😀", "null", "\\n", "~", "a", "0",
        ]);
        prop_oneof![
            prop::collection::vec(awkward, 1..8).prop_map(|parts| parts.concat()),
            "[^\0]{1,20}",
        ]
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(values in prop::collection::vec(value(), 0..6), typed: bool) {
            let entries: Vec<Entry> = values.iter().enumerate().map(|(nth, value)| {
                let mut entry = entry(&format!("NAME_{nth}"), value);
                entry.kind = typed.then(|| "SecureString".to_owned());
                entry
            }).collect();
            for format in [Format::Dotenv, Format::Json, Format::Yaml] {
                if typed && format == Format::Dotenv {
                    continue;
                }
                let text = format.write(&entries, typed).unwrap();
                let again = format.read(&text).map_err(TestCaseError::fail)?;
                prop_assert_eq!(parts(&entries), parts(&again));
            }
        }

        #[test]
        fn no_text_makes_a_reader_fail_otherwise_than_with_an_error(text in "\\PC{0,60}") {
            for format in [Format::Dotenv, Format::Json, Format::Yaml] {
                let _ = format.read(&text);
            }
        }
    }
}
