//! Patterns for JSON messages: `{ $.eventName = "Create*" && $.errors[0].code > 400 }`.

use serde_json::Value;

use super::expression::{Expression, Test};
use super::reader::Reader;
use super::{MOST_REGEXES, MOST_SELECTORS, Wrong};

/// Conditions on the properties of a JSON object.
pub(super) struct Selection(Expression<Path>);

/// A property: `$.a['b c'][0].*`.
struct Path {
    steps: Vec<Step>,
}

enum Step {
    Name(String),
    Index(usize),
    /// Any element.
    Any,
}

impl Selection {
    pub(super) fn parse(pattern: &str) -> Result<Self, Wrong> {
        let expression = expression(pattern).ok_or(Wrong::Pattern)?;
        if expression.regexes() > MOST_REGEXES {
            return Err(Wrong::TooManyRegexes);
        }
        let mut paths = Vec::new();
        expression.subjects(&mut paths);
        let steps = paths.iter().flat_map(|path| &path.steps);
        if steps.filter(|step| matches!(step, Step::Any)).count() > MOST_SELECTORS {
            return Err(Wrong::TooManySelectors);
        }
        Ok(Self(expression))
    }

    pub(super) fn matches(&self, message: &str) -> bool {
        object(message).is_some_and(|message| self.holds(&message))
    }

    fn holds(&self, message: &Value) -> bool {
        self.0
            .holds(&|path: &Path, test| passes(&path.select(message), test))
    }
}

fn expression(pattern: &str) -> Option<Expression<Path>> {
    let inner = pattern.strip_prefix('{')?.strip_suffix('}')?;
    let mut reader = Reader::new(inner);
    let expression = Expression::parse(&mut reader, &path, 0)?;
    reader.is_done().then_some(expression)
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
    let mut steps = Vec::new();
    loop {
        match reader.peek() {
            Some('.') => {
                reader.next();
                if reader.peek() != Some('[') {
                    let name = reader.take_while(is_name);
                    steps.push(match name {
                        "" => return None,
                        "*" => Step::Any,
                        name => Step::Name(name.to_owned()),
                    });
                }
            }
            Some('[') => {
                reader.next();
                steps.push(bracketed(reader)?);
            }
            _ => break,
        }
    }
    (!steps.is_empty()).then_some(Path { steps })
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
