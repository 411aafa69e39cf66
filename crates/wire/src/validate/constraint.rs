//! The constraints that a shape puts on its values, one by one, and their texts.

use crate::shape::{Kind, Pattern, Range, Shape};
use crate::value::Value;

/// One constraint of one shape.
pub(super) enum Constraint {
    MaxLength(i64),
    MinLength(i64),
    MaxValue(i64, Number),
    MinValue(i64, Number),
    Pattern(&'static Pattern),
    Values(&'static [&'static str]),
}

/// How bounds of a number are written.
#[derive(Clone, Copy)]
pub(super) enum Number {
    Whole,
    Decimal,
}

impl Constraint {
    /// The constraints of `shape`, in the order in which AWS lists them.
    pub(super) fn of(shape: &Shape) -> impl Iterator<Item = Self> + use<> {
        let (length, value) = match &shape.kind {
            Kind::String(text) => (text.length, Range::ANY),
            Kind::Blob(length) => (*length, Range::ANY),
            Kind::List(list) => (list.length, Range::ANY),
            Kind::Map(map) => (map.length, Range::ANY),
            Kind::Integer(value) | Kind::Long(value) | Kind::Float(value) | Kind::Double(value) => {
                (Range::ANY, *value)
            }
            _ => (Range::ANY, Range::ANY),
        };
        let (pattern, values) = match &shape.kind {
            Kind::String(text) => (text.pattern, text.values),
            _ => (None, &[][..]),
        };
        let number = match shape.kind {
            Kind::Float(_) | Kind::Double(_) => Number::Decimal,
            _ => Number::Whole,
        };
        [
            length.max.map(Self::MaxLength),
            length.min.map(Self::MinLength),
            value.max.map(|max| Self::MaxValue(max, number)),
            value.min.map(|min| Self::MinValue(min, number)),
            pattern.map(Self::Pattern),
            (!values.is_empty()).then_some(Self::Values(values)),
        ]
        .into_iter()
        .flatten()
    }

    /// Whether `value` satisfies all constraints of `shape`, of which it is a value. Most values do,
    /// and most are texts and blobs: for these the constraints need not be listed.
    pub(super) fn all_hold(shape: &Shape, value: &Value) -> bool {
        match (&shape.kind, value) {
            (Kind::String(kind), Value::String(text)) => {
                let Range { min, max } = kind.length;
                max.is_none_or(|max| Self::MaxLength(max).holds_for_text(text))
                    && min.is_none_or(|min| Self::MinLength(min).holds_for_text(text))
                    && kind.pattern.is_none_or(|pattern| pattern.matches(text))
                    && (kind.values.is_empty() || kind.values.contains(&text.as_str()))
            }
            (Kind::Blob(length), Value::Blob(bytes)) => {
                let size = signed(bytes.len());
                length.max.is_none_or(|max| size <= max) && length.min.is_none_or(|min| size >= min)
            }
            (Kind::Boolean | Kind::Structure(_), _) => true,
            _ => Self::of(shape).all(|constraint| constraint.holds(value)),
        }
    }

    /// Whether `value`, a value of the shape, satisfies it.
    pub(super) fn holds(&self, value: &Value) -> bool {
        match (self, value) {
            (_, Value::String(text)) => self.holds_for_text(text),
            (Self::MaxLength(max), value) => length(value).is_some_and(|length| length <= *max),
            (Self::MinLength(min), value) => length(value).is_some_and(|length| length >= *min),
            (Self::MaxValue(max, _), Value::Integer(number)) => number <= max,
            (Self::MinValue(min, _), Value::Integer(number)) => number >= min,
            // Not a number is neither within nor beyond a bound: it does not satisfy it.
            (Self::MaxValue(max, _), Value::Double(number)) => *number <= *max as f64,
            (Self::MinValue(min, _), Value::Double(number)) => *number >= *min as f64,
            _ => false,
        }
    }

    /// Whether a text, or the key of a map, satisfies it.
    pub(super) fn holds_for_text(&self, text: &str) -> bool {
        match self {
            Self::MaxLength(max) => {
                // No text has more characters than bytes, so most need not be counted.
                signed(text.len()) <= *max || signed(text.chars().count()) <= *max
            }
            Self::MinLength(min) => {
                // A character has four bytes at most.
                signed(text.len().div_ceil(4)) >= *min
                    || (signed(text.len()) >= *min && signed(text.chars().count()) >= *min)
            }
            Self::Pattern(pattern) => pattern.matches(text),
            Self::Values(values) => values.contains(&text),
            Self::MaxValue(..) | Self::MinValue(..) => false,
        }
    }

    /// What the service says of a breach in words of its own.
    pub(super) fn own_words(&self) -> Option<&'static str> {
        match self {
            Self::Pattern(pattern) => pattern.sentence,
            _ => None,
        }
    }

    pub(super) fn text(&self) -> String {
        let bound = |bound: &i64, number: &Number| match number {
            Number::Whole => bound.to_string(),
            Number::Decimal => format!("{bound}.0"),
        };
        match self {
            Self::MaxLength(max) => format!("Member must have length less than or equal to {max}"),
            Self::MinLength(min) => {
                format!("Member must have length greater than or equal to {min}")
            }
            Self::MaxValue(max, number) => {
                let max = bound(max, number);
                format!("Member must have value less than or equal to {max}")
            }
            Self::MinValue(min, number) => {
                let min = bound(min, number);
                format!("Member must have value greater than or equal to {min}")
            }
            Self::Pattern(pattern) => {
                let source = pattern.source;
                format!("Member must satisfy regular expression pattern: {source}")
            }
            Self::Values(values) => one_of(values),
        }
    }
}

/// That a value must be one of these.
pub(super) fn one_of(values: &[&str]) -> String {
    let values = values.join(", ");
    format!("Member must satisfy enum value set: [{values}]")
}

fn length(value: &Value) -> Option<i64> {
    match value {
        Value::Blob(bytes) => Some(signed(bytes.len())),
        Value::List(items) => Some(signed(items.len())),
        Value::Map(entries) => Some(signed(entries.len())),
        _ => None,
    }
}

fn signed(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::shape::Text;

    fn values() -> Vec<Value> {
        let texts = [
            "",
            "a",
            "ab",
            "abab",
            "é",
            "😀",
            "😀😀",
            "😀é",
            "aé😀aé😀",
            "abcdefgh",
        ];
        let mut values: Vec<Value> = texts.map(Value::string).into();
        for count in 0..8 {
            values.push(Value::blob(vec![0; count]));
            values.push(Value::List(vec![Value::Boolean(true); count]));
            values.push(Value::Integer(signed(count)));
        }
        values
    }

    fn kind(length: Range, which: usize) -> Kind {
        let values: &[_] = if which == 1 {
            &["a", "ab", "abab"]
        } else {
            &[]
        };
        match which {
            0..2 => Kind::String(Text {
                length,
                pattern: None,
                values,
            }),
            2 => Kind::Blob(length),
            3 => Kind::Integer(length),
            _ => Kind::Boolean,
        }
    }

    #[test]
    fn all_hold_where_each_does() {
        let bounds = || (0..6).map(Some).chain([None]);
        for (min, max) in bounds().flat_map(|min| bounds().map(move |max| (min, max))) {
            for (which, value) in
                (0..5).flat_map(|which| values().into_iter().map(move |v| (which, v)))
            {
                let shape = Shape {
                    name: "Tried",
                    kind: kind(Range { min, max }, which),
                    sensitive: false,
                };
                let each = Constraint::of(&shape).all(|constraint| constraint.holds(&value));
                let all = Constraint::all_hold(&shape, &value);
                assert_eq!(all, each, "{min:?} {max:?} {which} {:?}", value.as_str());
            }
        }
    }

    proptest! {
        #[test]
        fn lengths_are_those_in_characters(text in "[aé😀]{0,8}", bound in 0..9_i64) {
            let count = i64::try_from(text.chars().count()).unwrap();
            prop_assert_eq!(Constraint::MinLength(bound).holds_for_text(&text), count >= bound);
            prop_assert_eq!(Constraint::MaxLength(bound).holds_for_text(&text), count <= bound);
        }
    }
}
