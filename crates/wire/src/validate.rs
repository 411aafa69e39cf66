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
    validate_as(Wording::default(), shape, value)
}

/// How a service words what it finds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wording {
    /// How it tells the constraints of what is in a container.
    pub elements: Elements,
    /// Whether no value is shown, nor that there is none.
    pub hides_values: bool,
    /// The name of the shape whose pattern is told before its length.
    pub pattern_first: &'static str,
    /// Whether structures are shown: `Tag(key=a, value=b)`.
    pub shows_structures: bool,
    /// Whether the members of a structure, and the values of an enumeration, stand in the order of
    /// Java's hash maps, rather than in that of their shape.
    pub hashed: bool,
}

/// How a service tells the constraints of elements, keys and values of containers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Elements {
    /// Those of their shape.
    #[default]
    Plain,
    /// The same, and behind them that there must be one: `[.., Member must not be null]`.
    Present,
    /// So where they are of the shape of this name, else plain.
    PresentOf(&'static str),
}

/// The same in the words of a service.
pub fn validate_as(wording: Wording, shape: &Shape, value: &Value) -> Result<(), Fault> {
    let unsorted = Wording {
        hashed: false,
        ..wording
    };
    let mut violations = Violations::of(unsorted, shape, value);
    if wording.hashed && !violations.found.is_empty() {
        violations = Violations::of(wording, shape, value);
    }
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
    wording: Wording,
}

impl Violations {
    fn of(wording: Wording, shape: &Shape, value: &Value) -> Self {
        let mut violations = Self {
            wording,
            ..Self::default()
        };
        violations.check_inside(shape, value, &Path::Root);
        violations
    }

    fn is_full(&self) -> bool {
        self.found.len() >= MAX_VIOLATIONS
    }

    /// Notes that `constraint` does not hold for the value that reads `shown`, or nothing where
    /// it must not be shown.
    fn add(&mut self, path: &Path<'_>, shown: Option<&str>, constraint: &str) {
        if self.is_full() {
            return;
        }
        let shown = shown.filter(|_| !self.wording.hides_values);
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
        let mut constraints: Vec<Constraint> = Constraint::of(shape).collect();
        if self.wording.pattern_first == shape.name {
            constraints.sort_by_key(|one| !matches!(one, Constraint::Pattern(_)));
        }
        for constraint in constraints {
            if !constraint.holds(value) {
                if let Some(words) = constraint.own_words() {
                    let path = text::path(path);
                    let sentence = format!("The specified value for {path} is invalid. {words}");
                    self.sentence.get_or_insert(sentence);
                }
                let shown = self.quoted(shape, value);
                let constraint = match constraint {
                    Constraint::Values(values) if self.wording.hashed => {
                        constraint::one_of(&text::hashed(values))
                    }
                    other => other.text(),
                };
                self.add(path, shown.as_deref(), &constraint);
            }
        }
    }

    fn quoted(&self, shape: &Shape, value: &Value) -> Option<String> {
        text::quoted(shape, value, self.wording.shows_structures)
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
                    let constraint = text::together("Member", list.member, self.wording.elements);
                    self.add(path, self.quoted(shape, value).as_deref(), &constraint);
                }
                self.check_items(list, items, path);
            }
            (Kind::Map(map), Value::Map(entries)) => {
                if entries.iter().any(|(key, _)| key_breaks(map.key, key)) {
                    let constraint = text::together("Map keys", map.key, self.wording.elements);
                    self.add(path, self.quoted(shape, value).as_deref(), &constraint);
                }
                if entries.iter().any(|(_, value)| breaks(map.value, value)) {
                    let constraint = text::together("Map value", map.value, self.wording.elements);
                    self.add(path, self.quoted(shape, value).as_deref(), &constraint);
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
        let values = values.iter().map(Option::as_ref);
        let values = values.chain(std::iter::repeat(None));
        let members = structure.members.iter().zip(values);
        if self.wording.hashed {
            let mut members: Vec<_> = members.collect();
            members.sort_by_key(|(member, _)| text::bucket(member.name));
            self.check_members(members, path);
        } else {
            self.check_members(members, path);
        }
    }

    fn check_members<'a>(
        &mut self,
        members: impl IntoIterator<Item = (&'a Member, Option<&'a Value>)>,
        path: &Path<'_>,
    ) {
        for (member, value) in members {
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
