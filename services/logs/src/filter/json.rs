//! Patterns for JSON messages: `{ $.eventName = "Create*" && $.errors[0].code > 400 }`.

use serde_json::Value;

use super::Extracted;
use super::expression::{Expression, Test};
use super::reader::Reader;

/// The most regular expressions of one pattern ("Filter pattern syntax", quotas).
const MOST_REGEXES: usize = 2;

/// Conditions on the properties of a JSON object.
pub(super) struct Selection(Expression<Path>);

/// A property: `$.a['b c'][0].*`.
struct Path {
    /// As the pattern writes it.
    text: String,
    steps: Vec<Step>,
}

enum Step {
    Name(String),
    Index(usize),
    /// Any element.
    Any,
}

impl Selection {
    pub(super) fn parse(pattern: &str) -> Option<Self> {
        let inner = pattern.strip_prefix('{')?.strip_suffix('}')?;
        let mut reader = Reader::new(inner);
        let expression = Expression::parse(&mut reader, &path, 0)?;
        let is_whole = reader.is_done() && expression.regexes() <= MOST_REGEXES;
        is_whole.then_some(Self(expression))
    }

    pub(super) fn matches(&self, message: &str) -> bool {
        object(message).is_some_and(|message| self.holds(&message))
    }

    /// The values of the properties that the pattern names.
    pub(super) fn extract(&self, message: &str) -> Option<Extracted> {
        let message = object(message)?;
        if !self.holds(&message) {
            return None;
        }
        let mut paths = Vec::new();
        self.0.subjects(&mut paths);
        let mut extracted = Extracted::new();
        for path in paths {
            if extracted.iter().any(|(known, _)| *known == path.text) {
                continue;
            }
            if let Some(value) = path.select(&message).first() {
                extracted.push((path.text.clone(), text(value)));
            }
        }
        Some(extracted)
    }

    fn holds(&self, message: &Value) -> bool {
        self.0
            .holds(&|path: &Path, test| passes(&path.select(message), test))
    }
}

/// The first value of the property that `reference` names in a message.
pub(super) fn value(message: &str, reference: &str) -> Option<String> {
    let mut reader = Reader::new(reference);
    let path = path(&mut reader).filter(|_| reader.is_done())?;
    path.select(&object(message)?).first().copied().map(text)
}

/// Only objects have properties. What looks like none is not parsed at all.
fn object(message: &str) -> Option<Value> {
    if !message.trim_start().starts_with('{') {
        return None;
    }
    serde_json::from_str(message).ok()
}

fn passes(found: &[&Value], test: &Test) -> bool {
    match test {
        Test::Absent => found.is_empty(),
        Test::Exists => !found.is_empty(),
        Test::Null => found.iter().any(|value| value.is_null()),
        Test::True => found.contains(&&Value::Bool(true)),
        Test::False => found.contains(&&Value::Bool(false)),
        _ => found.iter().any(|value| match value {
            Value::String(text) => test.passes(text),
            Value::Number(number) => test.passes(&number.to_string()),
            _ => false,
        }),
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

impl Path {
    fn select<'v>(&self, root: &'v Value) -> Vec<&'v Value> {
        let mut found = vec![root];
        for step in &self.steps {
            found = match step {
                Step::Name(name) => found.iter().filter_map(|value| value.get(name)).collect(),
                Step::Index(index) => found.iter().filter_map(|value| value.get(index)).collect(),
                Step::Any => found.iter().flat_map(|value| inside(value)).collect(),
            };
        }
        found
    }
}

fn inside(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(elements) => elements.iter().collect(),
        Value::Object(members) => members.values().collect(),
        _ => Vec::new(),
    }
}

fn path(reader: &mut Reader<'_>) -> Option<Path> {
    if !reader.eat("$") {
        return None;
    }
    let (mut text, mut steps) = ("$".to_owned(), Vec::new());
    loop {
        match reader.peek() {
            Some('.') => {
                reader.next();
                text.push('.');
                if reader.peek() != Some('[') {
                    let name = reader.take_while(is_name);
                    text.push_str(name);
                    steps.push(match name {
                        "" => return None,
                        "*" => Step::Any,
                        name => Step::Name(name.to_owned()),
                    });
                }
            }
            Some('[') => {
                reader.next();
                let step = bracketed(reader)?;
                text.push_str(&step.spelled());
                steps.push(step);
            }
            _ => break,
        }
    }
    (!steps.is_empty()).then_some(Path { text, steps })
}

fn is_name(next: char) -> bool {
    next.is_alphanumeric() || "_-*@:/".contains(next)
}

fn bracketed(reader: &mut Reader<'_>) -> Option<Step> {
    let step = match reader.peek()? {
        quote @ ('\'' | '"') => Step::Name(reader.quoted(quote)?),
        '*' => {
            reader.next();
            Step::Any
        }
        _ => {
            let digits = reader.take_while(|next| next.is_ascii_digit());
            Step::Index(digits.parse().ok()?)
        }
    };
    reader.eat("]").then_some(step)
}

impl Step {
    fn spelled(&self) -> String {
        match self {
            Self::Name(name) => format!("['{name}']"),
            Self::Index(index) => format!("[{index}]"),
            Self::Any => "[*]".to_owned(),
        }
    }
}
