//! The `Condition` element: operators, set qualifiers, absent keys.
//!
//! Source: "Condition operators" and "Set operators for multivalued context
//! keys" (IAM user guide). A negated operator with several values means none
//! of them; on an absent key a positive operator is false and a negated one
//! true; `IfExists` turns absence into true; `ForAllValues` is true and
//! `ForAnyValue` false on an absent key, with or without `IfExists`.

mod narrowing;

use crate::arn::{ArnPattern, is_arn};
use crate::json::Json;
use crate::malformed::{Fault, Refusal};
use crate::operand::{Network, Number, date};
use crate::operator::{Comparison, Family, Operator, Qualifier};
use crate::pattern::{Pattern, Syntax};
use std::borrow::Cow;

/// The context of a request.
///
/// Every value must be derived by the server; a caller who could set `aws:*` or
/// `kms:*` keys could write its own permissions.
pub trait Conditions {
    /// The values of a condition key, whose name is given in lower case
    /// (`aws:principaltag/team`); `None` when the request has no such key.
    fn values(&self, key: &str) -> Option<Values<'_>>;
}

/// The values of one condition key. No values count as an absent key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Values<'a> {
    /// A single value.
    One(Cow<'a, str>),
    /// A multivalued key, borrowed.
    Many(&'a [String]),
    /// A multivalued key, put together for this request.
    Set(Vec<Cow<'a, str>>),
}

impl Values<'_> {
    /// The value at `index`, in no meaningful order.
    pub fn get(&self, index: usize) -> Option<&str> {
        match self {
            Self::One(value) => (index == 0).then_some(value),
            Self::Many(values) => values.get(index).map(String::as_str),
            Self::Set(values) => values.get(index).map(AsRef::as_ref),
        }
    }

    /// Every value.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..).map_while(|index| self.get(index))
    }

    /// Whether there is no value at all.
    pub fn is_empty(&self) -> bool {
        self.get(0).is_none()
    }

    /// Whether the empty text is all there is.
    pub(crate) fn is_void(&self) -> bool {
        self.get(0) == Some("") && self.get(1).is_none()
    }
}

impl<'a> From<&'a str> for Values<'a> {
    fn from(value: &'a str) -> Self {
        Self::One(Cow::Borrowed(value))
    }
}

impl From<String> for Values<'_> {
    fn from(value: String) -> Self {
        Self::One(Cow::Owned(value))
    }
}

impl From<bool> for Values<'_> {
    fn from(value: bool) -> Self {
        Self::from(if value { "true" } else { "false" })
    }
}

impl<'a> From<&'a [String]> for Values<'a> {
    fn from(values: &'a [String]) -> Self {
        Self::Many(values)
    }
}

impl<'a> FromIterator<&'a str> for Values<'a> {
    fn from_iter<I: IntoIterator<Item = &'a str>>(values: I) -> Self {
        Self::Set(values.into_iter().map(Cow::Borrowed).collect())
    }
}

/// One operator applied to one key.
#[derive(Debug)]
pub(crate) struct Condition {
    /// Lower case.
    key: Box<str>,
    qualifier: Qualifier,
    negated: bool,
    if_exists: bool,
    test: Test,
}

/// An operator in its positive form, with its operands.
#[derive(Debug)]
enum Test {
    Text(Box<[Pattern]>),
    Arn(Box<[ArnPattern]>),
    Number(Comparison, Box<[Number]>),
    Date(Comparison, Box<[i64]>),
    Bool(Box<[bool]>),
    Binary(Box<[Box<str>]>),
    Ip(Box<[Network]>),
    /// `true` among the operands: the key may be absent.
    Null(Box<[bool]>),
}

impl Condition {
    /// Reads the whole `Condition` element. In policies of identities a key needs no vendor, and an
    /// operator that is asked nothing no meaning.
    pub(crate) fn parse_all(
        element: &Json,
        of_identity: bool,
        variables: bool,
    ) -> Result<Box<[Self]>, Refusal> {
        let Json::Object(blocks) = element else {
            return Err(Refusal::syntax("an object of operators is needed"));
        };
        let mut conditions = Vec::new();
        for (name, block) in blocks {
            let Json::Object(keys) = block else {
                return Err(Refusal::syntax("an object of condition keys is needed").at(name));
            };
            if of_identity && keys.is_empty() {
                continue;
            }
            let operator = Operator::parse(name)
                .ok_or_else(|| Refusal::syntax(format!("unknown operator `{name}`")))?;
            for (key, values) in keys {
                let place = format!("{name}.{key}");
                if !of_identity && !key.contains(':') {
                    let detail = "a condition key needs a vendor";
                    return Err(Refusal::new(Fault::NoVendor, detail).at(place));
                }
                let condition = Self::parse(&operator, key, values, variables);
                conditions.push(condition.map_err(|refusal| refusal.at(place))?);
            }
        }
        Ok(conditions.into())
    }

    fn parse(
        operator: &Operator,
        key: &str,
        values: &Json,
        variables: bool,
    ) -> Result<Self, Refusal> {
        Ok(Self {
            key: key.to_ascii_lowercase().into(),
            qualifier: operator.qualifier,
            negated: operator.negated,
            if_exists: operator.if_exists,
            test: Test::parse(operator.family, &texts(values)?, variables)?,
        })
    }

    /// Whether the request satisfies this condition.
    pub(crate) fn holds(&self, conditions: &dyn Conditions) -> bool {
        let values = conditions
            .values(&self.key)
            .filter(|values| !values.is_empty());
        if let Test::Null(expected) = &self.test {
            return expected.contains(&values.is_none());
        }
        let Some(values) = values else {
            return self.holds_when_absent();
        };
        let one = |value: &str| self.test.any(value, conditions) != self.negated;
        match self.qualifier {
            // Without a qualifier a negated operator means: no value matches.
            Qualifier::None if self.negated => values.iter().all(one),
            Qualifier::None => values.iter().any(one),
            // A single empty string counts as no values at all.
            Qualifier::ForAllValues => values.is_void() || values.iter().all(one),
            Qualifier::ForAnyValue => !values.is_void() && values.iter().any(one),
        }
    }

    fn holds_when_absent(&self) -> bool {
        match self.qualifier {
            Qualifier::None => self.negated || self.if_exists,
            Qualifier::ForAllValues => true,
            Qualifier::ForAnyValue => false,
        }
    }
}

impl Test {
    fn parse(family: Family, values: &[&str], variables: bool) -> Result<Self, Refusal> {
        let text = |wildcards, fold| {
            let syntax = Syntax {
                wildcards,
                variables,
                fold,
            };
            let pattern = |value: &str| Pattern::parse(value, syntax).map_err(Refusal::syntax);
            values
                .iter()
                .map(|value| pattern(value))
                .collect::<Result<_, _>>()
                .map(Self::Text)
        };
        match family {
            Family::StringEquals => text(false, false),
            Family::StringEqualsIgnoreCase => text(false, true),
            Family::StringLike => text(true, false),
            Family::Arn => {
                let pattern = |value: &&str| ArnPattern::condition(value, variables).transpose();
                let patterns: Result<_, _> = values.iter().filter_map(pattern).collect();
                patterns.map(Self::Arn).map_err(Refusal::syntax)
            }
            Family::Numeric(how) => each(values, Number::parse, Fault::Syntax, "a number")
                .map(|numbers| Self::Number(how, numbers)),
            Family::Date(how) => each(values, date, Fault::LegacyParsing, "a date")
                .map(|dates| Self::Date(how, dates)),
            Family::Bool => each(values, boolean, Fault::Syntax, "true or false").map(Self::Bool),
            Family::Binary => each(values, base64, Fault::Syntax, "base64").map(Self::Binary),
            Family::Ip => each(
                values,
                Network::parse,
                Fault::Syntax,
                "an IP address or range",
            )
            .map(Self::Ip),
            Family::Null => each(values, boolean, Fault::Syntax, "true or false").map(Self::Null),
        }
    }

    /// Whether `value` matches any operand.
    fn any(&self, value: &str, conditions: &dyn Conditions) -> bool {
        match self {
            Self::Text(patterns) => patterns.iter().any(|one| one.matches(value, conditions)),
            Self::Arn(patterns) => {
                is_arn(value) && patterns.iter().any(|one| one.matches(value, conditions))
            }
            Self::Number(how, operands) => Number::parse(value).is_some_and(|value| {
                operands
                    .iter()
                    .any(|operand| how.holds(value.compare(*operand)))
            }),
            Self::Date(how, operands) => date(value).is_some_and(|value| {
                operands
                    .iter()
                    .any(|operand| how.holds(Some(value.cmp(operand))))
            }),
            Self::Bool(operands) => boolean(value).is_some_and(|value| operands.contains(&value)),
            Self::Binary(operands) => operands.iter().any(|operand| **operand == *value),
            Self::Ip(networks) => value
                .parse()
                .is_ok_and(|address| networks.iter().any(|network| network.contains(address))),
            Self::Null(_) => false,
        }
    }
}

/// Values may be written as strings, numbers or booleans, alone or in a list.
pub(crate) fn texts(values: &Json) -> Result<Vec<&str>, Refusal> {
    let text = |value| match value {
        &Json::Text(ref text) | &Json::Number(ref text) => Ok(text.as_str()),
        Json::Bool(true) => Ok("true"),
        Json::Bool(false) => Ok("false"),
        _ => Err(Refusal::syntax(
            "a value must be a string, a number or a boolean",
        )),
    };
    match values {
        Json::List(list) => list.iter().map(text).collect(),
        single => text(single).map(|text| vec![text]),
    }
}

fn each<T>(
    values: &[&str],
    parse: impl Fn(&str) -> Option<T>,
    fault: Fault,
    wanted: &str,
) -> Result<Box<[T]>, Refusal> {
    let parsed: Option<_> = values.iter().map(|value| parse(value)).collect();
    parsed.ok_or_else(|| Refusal::new(fault, format!("{values:?} is not {wanted}")))
}

fn boolean(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else {
        text.eq_ignore_ascii_case("false").then_some(false)
    }
}

fn base64(text: &str) -> Option<Box<str>> {
    let digits = text.trim_end_matches('=');
    let padded = text.len().is_multiple_of(4) && text.len() - digits.len() <= 2;
    let valid = digits
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"+/".contains(&byte));
    (padded && valid).then(|| text.into())
}
