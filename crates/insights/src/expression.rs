//! Expressions whose names are resolved: what they are worth in a row.

use std::cmp::Ordering;

use regex::Regex;
use serde_json::Value as Json;

use crate::ast::{Arithmetic, Comparison, Member};
use crate::calendar::Period;
use crate::functions::{Function, finite};
use crate::value::Value;

/// An expression over the slots of a row.
pub(crate) enum Expr {
    Slot(usize),
    Constant(Value<'static>),
    /// The time at which the query was started, in seconds.
    Now,
    Not(Box<Expr>),
    Negative(Box<Expr>),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Compare(Comparison, Box<Expr>, Box<Expr>),
    Arithmetic(Arithmetic, Box<Expr>, Box<Expr>),
    Contains {
        value: Box<Expr>,
        part: String,
        is_negated: bool,
    },
    Matches {
        value: Box<Expr>,
        regex: Regex,
        is_negated: bool,
    },
    In {
        value: Box<Expr>,
        list: Vec<Expr>,
        is_negated: bool,
    },
    Floor(Period, Box<Expr>),
    Ceil(Period, Box<Expr>),
    Call(Function, Vec<Expr>),
    Member(Box<Expr>, Member),
}

/// What an expression is worked out from.
pub(crate) struct Row<'r, 'e> {
    pub(crate) slots: &'r [Value<'e>],
    pub(crate) now_secs: i64,
}

impl Expr {
    /// What the expression is worth.
    pub(crate) fn of<'e>(&self, row: &Row<'_, 'e>) -> Value<'e> {
        match self {
            Self::Slot(slot) => row.slots.get(*slot).cloned().unwrap_or(Value::Absent),
            Self::Constant(value) => value.clone(),
            #[expect(clippy::cast_precision_loss, reason = "times have 38 bits")]
            Self::Now => Value::Number(row.now_secs as f64),
            Self::Negative(inner) => {
                let number = inner.of(row).number();
                number.map_or(Value::Absent, |number| Value::Number(-number))
            }
            Self::Arithmetic(operation, left, right) => {
                computed(*operation, &left.of(row), &right.of(row))
            }
            Self::Floor(period, inner) => {
                let millis = inner.of(row).millis();
                millis.map_or(Value::Absent, |millis| Value::Time(period.floor(millis)))
            }
            Self::Ceil(period, inner) => {
                let millis = inner.of(row).millis();
                millis.map_or(Value::Absent, |millis| Value::Time(period.ceil(millis)))
            }
            Self::Call(function, arguments) => {
                let given: Vec<_> = arguments.iter().map(|argument| argument.of(row)).collect();
                function(&given)
            }
            Self::Member(inner, member) => member_of(&inner.of(row), member),
            condition => condition.holds(row).into(),
        }
    }

    /// Whether the expression holds, as a condition.
    pub(crate) fn holds(&self, row: &Row<'_, '_>) -> bool {
        match self {
            Self::Not(inner) => !inner.holds(row),
            Self::And(all) => all.iter().all(|one| one.holds(row)),
            Self::Or(all) => all.iter().any(|one| one.holds(row)),
            Self::Compare(comparison, left, right) => left.with(row, |left| {
                right.with(row, |right| compared(*comparison, left, right))
            }),
            Self::Contains {
                value,
                part,
                is_negated,
            } => value.found(row, |text| text.contains(part.as_str())) != *is_negated,
            Self::Matches {
                value,
                regex,
                is_negated,
            } => value.found(row, |text| regex.is_match(text)) != *is_negated,
            Self::In {
                value,
                list,
                is_negated,
            } => {
                let is_in = value.with(row, |value| {
                    let equal =
                        |one: &Self| one.with(row, |one| compared(Comparison::Equal, value, one));
                    list.iter().any(equal)
                });
                is_in != *is_negated
            }
            value => value.of(row).is_true(),
        }
    }

    /// Whether the expression needs one of the slots that `is_such`.
    pub(crate) fn uses(&self, is_such: &impl Fn(usize) -> bool) -> bool {
        match self {
            Self::Slot(slot) => is_such(*slot),
            Self::Constant(_) | Self::Now => false,
            Self::Not(inner)
            | Self::Negative(inner)
            | Self::Floor(_, inner)
            | Self::Ceil(_, inner)
            | Self::Member(inner, _)
            | Self::Contains { value: inner, .. }
            | Self::Matches { value: inner, .. } => inner.uses(is_such),
            Self::And(all) | Self::Or(all) | Self::Call(_, all) => {
                all.iter().any(|one| one.uses(is_such))
            }
            Self::Compare(_, left, right) | Self::Arithmetic(_, left, right) => {
                left.uses(is_such) || right.uses(is_such)
            }
            Self::In { value, list, .. } => {
                value.uses(is_such) || list.iter().any(|one| one.uses(is_such))
            }
        }
    }

    /// Passes the expression's value on, without making a copy of what a slot or a constant has.
    fn with<T>(&self, row: &Row<'_, '_>, take: impl FnOnce(&Value<'_>) -> T) -> T {
        match self {
            Self::Slot(slot) => take(row.slots.get(*slot).unwrap_or(&Value::Absent)),
            Self::Constant(value) => take(value),
            other => take(&other.of(row)),
        }
    }

    /// Whether something is found in the value's text; nothing is in what is absent.
    fn found(&self, row: &Row<'_, '_>, find: impl Fn(&str) -> bool) -> bool {
        self.with(row, |value| value.text().is_some_and(|text| find(&text)))
    }
}

/// What is absent equals nothing, and is in no order with anything.
fn compared(comparison: Comparison, left: &Value<'_>, right: &Value<'_>) -> bool {
    let order = left.compared(right);
    match comparison {
        Comparison::Equal => order.is_some_and(Ordering::is_eq),
        Comparison::NotEqual => order.is_none_or(Ordering::is_ne),
        Comparison::Less => order.is_some_and(Ordering::is_lt),
        Comparison::LessOrEqual => order.is_some_and(Ordering::is_le),
        Comparison::Greater => order.is_some_and(Ordering::is_gt),
        Comparison::GreaterOrEqual => order.is_some_and(Ordering::is_ge),
    }
}

fn computed<'e>(operation: Arithmetic, left: &Value<'_>, right: &Value<'_>) -> Value<'e> {
    let Some((left, right)) = left.number().zip(right.number()) else {
        return Value::Absent;
    };
    finite(match operation {
        Arithmetic::Plus => left + right,
        Arithmetic::Minus => left - right,
        Arithmetic::Times => left * right,
        Arithmetic::Divided => left / right,
        Arithmetic::Power => left.powf(right),
        Arithmetic::Remainder => left % right,
    })
}

/// What a map or a list has there. A dotted key is a way through several maps, unless one key has
/// the dots in it.
fn member_of<'e>(value: &Value<'e>, member: &Member) -> Value<'e> {
    let Value::Json(json) = value else {
        return Value::Absent;
    };
    let found = match member {
        Member::Index(index) => json.get(*index),
        Member::Key(key) => json.get(key).or_else(|| {
            let mut steps = key.split('.');
            steps.try_fold::<_, _, Option<&Json>>(json, |json, step| match json {
                Json::Array(list) => list.get(step.parse::<usize>().ok()?),
                other => other.get(step),
            })
        }),
    };
    found.map_or(Value::Absent, Value::of_json)
}
