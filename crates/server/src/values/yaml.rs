//! YAML 1.2: a mapping of scalars to scalars, or to mappings with `type` and `value`. A scalar is the
//! text that stands there, so that `yes`, `0123` and `1.0` stay what they are; what means nothing
//! (`null`, `~`) is refused, as are anchors, tags and several documents.

use crypto::Secret;
use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, StrInput};
use zeroize::Zeroizing;

use super::{Entry, json};

/// The mapping, a line for each entry.
pub(super) fn write(entries: &[Entry], typed: bool) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(json::capacity(entries)));
    for entry in entries {
        // Every text of JSON is one of YAML.
        json::member(entry, typed, &mut text);
        text.push('\n');
    }
    if entries.is_empty() {
        text.push_str("{}\n");
    }
    text
}

/// The entries of a file.
pub(super) fn read(text: &str) -> Result<Vec<Entry>, String> {
    let mut reader = Reader {
        events: Parser::new_from_str(text),
        line: 1,
    };
    let mut entries = Vec::new();
    match reader.next()? {
        Part::End => return Ok(entries),
        Part::Open => {}
        _ => return reader.wrong("the file is to be a mapping"),
    }
    while let Some(name) = reader.name()? {
        let entry = match reader.next()? {
            Part::Text(value) => Entry {
                name,
                value: Secret::from(value),
                kind: None,
            },
            Part::Open => reader.typed(name)?,
            _ => return reader.wrong(ONLY_TEXTS),
        };
        entries.push(entry);
    }
    match reader.next()? {
        Part::End => Ok(entries),
        _ => reader.wrong("there is more than one document"),
    }
}

const ONLY_TEXTS: &str = "a value is to be a text, or a mapping with the texts `type` and `value`";

/// What a file is made of, as far as it is taken.
enum Part {
    Text(Zeroizing<String>),
    Open,
    Close,
    End,
}

struct Reader<'t> {
    events: Parser<'t, StrInput<'t>>,
    line: usize,
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Result<Part, String> {
        loop {
            let event: Option<Result<(Event<'t>, Span), ScanError>> = self.events.next();
            let (event, span) = match event {
                None => return Ok(Part::End),
                Some(Ok(event)) => event,
                Some(Err(error)) => {
                    // What the parser says may quote the file.
                    self.line = error.marker().line();
                    return self.wrong("this is no YAML");
                }
            };
            self.line = span.start.line();
            return match event {
                Event::Nothing
                | Event::StreamStart
                | Event::DocumentStart(_)
                | Event::DocumentEnd => {
                    continue;
                }
                Event::StreamEnd => Ok(Part::End),
                Event::MappingStart(0, None) => Ok(Part::Open),
                Event::MappingEnd => Ok(Part::Close),
                Event::Scalar(text, style, 0, None) => {
                    if style == ScalarStyle::Plain && is_nothing(&text) {
                        return self
                            .wrong("there is no value, or one that means nothing; quote it");
                    }
                    Ok(Part::Text(Zeroizing::new(text.into_owned())))
                }
                Event::SequenceStart(..) | Event::SequenceEnd => self.wrong(ONLY_TEXTS),
                Event::Alias(_) | Event::Scalar(..) | Event::MappingStart(..) => {
                    self.wrong("anchors, aliases and tags are not taken")
                }
            };
        }
    }

    /// The next name of a mapping; none at its end.
    fn name(&mut self) -> Result<Option<String>, String> {
        match self.next()? {
            Part::Text(name) => Ok(Some(name.to_string())),
            Part::Close => Ok(None),
            Part::Open | Part::End => self.wrong("a name is to be a text"),
        }
    }

    /// A value with its type.
    fn typed(&mut self, name: String) -> Result<Entry, String> {
        let (mut value, mut kind) = (None, None);
        while let Some(member) = self.name()? {
            let Part::Text(text) = self.next()? else {
                return self.wrong(ONLY_TEXTS);
            };
            match member.as_str() {
                "value" if value.is_none() => value = Some(Secret::from(text)),
                "type" if kind.is_none() => kind = Some(text.to_string()),
                _ => return self.wrong(ONLY_TEXTS),
            }
        }
        match value {
            Some(value) => Ok(Entry { name, value, kind }),
            None => self.wrong(ONLY_TEXTS),
        }
    }

    fn wrong<T>(&self, what: &str) -> Result<T, String> {
        Err(format!("line {}: {what}", self.line))
    }
}

/// Whether a scalar without quotes is null in the core schema (YAML 1.2.2, 10.3.2).
fn is_nothing(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

#[cfg(test)]
mod tests {
    use super::super::tests::entry;
    use super::*;

    fn values(text: &str) -> Result<Vec<(String, String)>, String> {
        let entries = read(text)?.into_iter();
        Ok(entries
            .map(|entry| (entry.name, entry.value.expose().clone()))
            .collect())
    }

    #[test]
    fn entries_are_lines() {
        let entries = [entry("db/port", "5432"), entry("motd", "a: #\n'\u{2028}")];
        let text = "\"db/port\": \"5432\"\n\"motd\": \"a: #\\n'\\u2028\"\n";
        assert_eq!(*write(&entries, false), text);
        assert_eq!(*write(&[], false), "{}\n");
        assert!(values("{}\n").unwrap().is_empty() && values("# nothing\n").unwrap().is_empty());
    }

    #[test]
    fn a_scalar_is_the_text_that_stands_there() {
        let text = "---\nport: 0123\ndebug: yes\nratio: 1.0\nnull-ish: \"null\"\nempty: ''\n\
                    pem: |\n  one\n  two\nfolded: >-\n  a\n  b\n'db/x': {type: String, value: y}\n";
        let pairs = values(text).unwrap();
        let pairs: Vec<(&str, &str)> = pairs
            .iter()
            .map(|(a, b)| (a.as_str(), b.as_str()))
            .collect();
        let expected = [
            ("port", "0123"),
            ("debug", "yes"),
            ("ratio", "1.0"),
            ("null-ish", "null"),
            ("empty", ""),
            ("pem", "one\ntwo\n"),
            ("folded", "a b"),
            ("db/x", "y"),
        ];
        assert_eq!(pairs, expected);
        assert_eq!(
            read(text).unwrap().last().unwrap().kind.as_deref(),
            Some("String")
        );
    }

    #[test]
    fn what_is_no_text_is_refused_with_its_line() {
        for (text, line) in [
            ("a: 1\nb: null\n", 2),
            ("a: 1\nb:\n", 2),
            ("a: ~\n", 1),
            ("a: [1]\n", 1),
            ("- a\n", 1),
            ("text\n", 1),
            ("a: &x 1\nb: *x\n", 1),
            ("a: !!str 1\n", 1),
            ("a: 1\n---\nb: 2\n", 3),
            ("a:\n  b: c\n", 2),
            ("a: {type: String}\n", 1),
            ("a: {value: x, value: y}\n", 1),
            ("a: 'x\n", 1),
        ] {
            let error = values(text).unwrap_err();
            assert!(error.starts_with("line "), "{text}: {error}");
            if !text.contains("'x") {
                assert!(
                    error.starts_with(&format!("line {line}: ")),
                    "{text}: {error}"
                );
            }
        }
    }
}
