//! Checking an input against the constraints of its shape, in AWS's words.
//!
//! `1 validation error detected: Value '' at 'keyId' failed to satisfy constraint: Member must
//! have length greater than or equal to 1`. An input that is valid costs no allocation.

mod constraint;
mod text;

use constraint::Constraint;

use crate::fault::{Common, Fault};
use crate::shape::{Kind, List, Map, Member, Shape, Structure};
use crate::value::Value;

/// Violations listed at most. Each takes more bytes in the answer than in the request.
const MAX_VIOLATIONS: usize = 100;

/// Checks `value`, the input of an operation, against `shape`. What goes on record of the fault has
/// no values of hidden members.
pub fn validate(shape: &Shape, value: &Value) -> Result<(), Fault> {
    validate_as(Elements::Plain, shape, value)
}

/// How a service tells the constraints of elements, keys and values of containers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Elements {
    /// Those of their shape.
    #[default]
    Plain,
    /// The same, and behind them that there must be one: `[.., Member must not be null]`.
    Present,
}

/// The same for a service that tells of elements so.
pub fn validate_as(elements: Elements, shape: &Shape, value: &Value) -> Result<(), Fault> {
    let mut violations = Violations {
        elements,
        ..Violations::default()
    };
    violations.check_inside(shape, value, &Path::Root);
    if let Some(sentence) = violations.sentence {
        return Err(Fault::common(Common::Validation, sentence));
    }
    if violations.found.is_empty() {
        return Ok(());
    }
    let shown = detected(&violations.found);
    let recorded = violations.recorded.map(|recorded| detected(&recorded));
    Err(Fault::common(Common::Validation, shown).recorded_as(recorded))
}

fn detected(found: &[String]) -> String {
    let count = found.len();
    let plural = if count == 1 { "" } else { "s" };
    format!(
        "{count} validation error{plural} detected: {}",
        found.join("; ")
    )
}

/// Where a value stands, from the inside out.
enum Path<'a> {
    Root,
    Member(&'a Path<'a>, &'static str),
    /// An element of a list, counted from 1.
    Item(&'a Path<'a>, usize),
    Entry(&'a Path<'a>, &'a str),
}

#[derive(Default)]
struct Violations {
    found: Vec<String>,
    /// The same without the values of hidden members, once there is one.
    recorded: Option<Vec<String>>,
    /// Whether the value that is looked at is in a hidden member.
    is_hidden: bool,
    /// What a service says in words of its own, and then says alone.
    sentence: Option<String>,
    elements: Elements,
}

impl Violations {
    fn is_full(&self) -> bool {
        self.found.len() >= MAX_VIOLATIONS
    }

    /// Notes that `constraint` does not hold for the value that reads `shown`, or nothing where
    /// it must not be shown.
    fn add(&mut self, path: &Path<'_>, shown: Option<&str>, constraint: &str) {
        if self.is_full() {
            return;
        }
        let said = told(path, shown, constraint);
        if self.is_hidden && shown.is_some() && self.recorded.is_none() {
            self.recorded = Some(self.found.clone());
        }
        if let Some(recorded) = &mut self.recorded {
            recorded.push(match self.is_hidden {
                true => told(path, None, constraint),
                false => said.clone(),
            });
        }
        self.found.push(said);
    }

    /// A member of a structure: that it is there, its own constraints, and what is in it.
    fn check_member(&mut self, member: &Member, value: Option<&Value>, path: &Path<'_>) {
        let Some(value) = value else {
            if member.required {
                self.add(path, Some("null"), "Member must not be null");
            }
            return;
        };
        let outer = self.is_hidden;
        // Of a blob, no more is ever shown than its length.
        self.is_hidden |= member.hidden && !matches!(member.shape.kind, Kind::Blob(_));
        self.check_present(member, value, path);
        self.is_hidden = outer;
    }

    fn check_present(&mut self, member: &Member, value: &Value, path: &Path<'_>) {
        if !Constraint::all_hold(member.shape, value) {
            self.add_breaches(member.shape, value, path);
        }
        self.check_inside(member.shape, value, path);
    }

    /// Notes which constraints of `shape` do not hold for `value`.
    fn add_breaches(&mut self, shape: &Shape, value: &Value, path: &Path<'_>) {
        for constraint in Constraint::of(shape) {
            if !constraint.holds(value) {
                if let Some(words) = constraint.own_words() {
                    let path = text::path(path);
                    let sentence = format!("The specified value for {path} is invalid. {words}");
                    self.sentence.get_or_insert(sentence);
                }
                let shown = text::quoted(shape, value);
                self.add(path, shown.as_deref(), &constraint.text());
            }
        }
    }

    /// What is in a container, but not the container itself.
    fn check_inside(&mut self, shape: &Shape, value: &Value, path: &Path<'_>) {
        if self.is_full() {
            return;
        }
        match (&shape.kind, value) {
            (Kind::Structure(structure), Value::Structure(values)) => {
                self.check_structure(structure, values, path);
            }
            (Kind::List(list), Value::List(items)) => {
                if items.iter().any(|item| breaks(list.member, item)) {
                    let constraint = text::together("Member", list.member, self.elements);
                    self.add(path, text::quoted(shape, value).as_deref(), &constraint);
                }
                self.check_items(list, items, path);
            }
            (Kind::Map(map), Value::Map(entries)) => {
                if entries.iter().any(|(key, _)| key_breaks(map.key, key)) {
                    let constraint = text::together("Map keys", map.key, self.elements);
                    self.add(path, text::quoted(shape, value).as_deref(), &constraint);
                }
                if entries.iter().any(|(_, value)| breaks(map.value, value)) {
                    let constraint = text::together("Map value", map.value, self.elements);
                    self.add(path, text::quoted(shape, value).as_deref(), &constraint);
                }
                self.check_entries(map, entries, path);
            }
            _ => {}
        }
    }

    fn check_structure(
        &mut self,
        structure: &Structure,
        values: &[Option<Value>],
        path: &Path<'_>,
    ) {
        if structure.union && values.iter().flatten().count() != 1 {
            self.add(path, None, "Member must have exactly one value set");
        }
        for (index, member) in structure.members.iter().enumerate() {
            let value = values.get(index).and_then(Option::as_ref);
            self.check_member(member, value, &Path::Member(path, member.name));
        }
    }

    fn check_items(&mut self, list: &List, items: &[Value], path: &Path<'_>) {
        if !is_container(list.member) {
            return;
        }
        for (index, item) in items.iter().enumerate() {
            self.check_inside(list.member, item, &Path::Item(path, index + 1));
        }
    }

    fn check_entries(&mut self, map: &Map, entries: &[(String, Value)], path: &Path<'_>) {
        if !is_container(map.value) {
            return;
        }
        for (key, value) in entries {
            self.check_inside(map.value, value, &Path::Entry(path, key));
        }
    }
}

/// That `constraint` does not hold for the value that reads `shown`.
fn told(path: &Path<'_>, shown: Option<&str>, constraint: &str) -> String {
    let space = if shown.is_some() { " " } else { "" };
    let shown = shown.unwrap_or_default();
    let path = text::path(path);
    format!("Value{space}{shown} at '{path}' failed to satisfy constraint: {constraint}")
}

fn breaks(shape: &Shape, value: &Value) -> bool {
    !Constraint::all_hold(shape, value)
}

fn key_breaks(shape: &Shape, key: &str) -> bool {
    Constraint::of(shape).any(|constraint| !constraint.holds_for_text(key))
}

fn is_container(shape: &Shape) -> bool {
    matches!(
        shape.kind,
        Kind::List(_) | Kind::Map(_) | Kind::Structure(_)
    )
}
