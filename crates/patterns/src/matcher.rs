//! One condition on one value.

use std::net::IpAddr;
use std::sync::OnceLock;

use crate::addresses::{self, Block};
use crate::number::Number;
use crate::wildcard::Wildcard;

/// A value of an event: never a list or an object.
#[derive(Debug, Clone)]
pub(crate) enum Scalar {
    /// `null`, `true`, `false`, or a number, as they are written.
    Plain(Box<str>, Option<Number>),
    /// A text, and the address that it is, once that has been asked.
    Text(Box<str>, OnceLock<Option<IpAddr>>),
}

impl Scalar {
    /// The text, if it is one.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text, _) => Some(text),
            Self::Plain(..) => None,
        }
    }

    fn address(&self) -> Option<IpAddr> {
        match self {
            Self::Text(text, address) => *address.get_or_init(|| addresses::parse(text)),
            Self::Plain(..) => None,
        }
    }

    fn number(&self) -> Option<Number> {
        match self {
            Self::Plain(_, number) => *number,
            Self::Text(..) => None,
        }
    }
}

/// What one element of a field's list asks of a value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Matcher {
    /// This text, and no other.
    Exactly(Box<str>),
    /// `null`, `true`, `false` or a number as it is written, or the number in another way.
    Plain(Box<str>, Option<Number>),
    /// A text that begins with this one.
    Prefix(Fold, Box<str>),
    /// A text that ends with this one.
    Suffix(Fold, Box<str>),
    /// This text in whatever case.
    IgnoringCase(Box<str>),
    /// A text that matches.
    Wildcard(Wildcard),
    /// A number between these.
    Within(Bound, Bound),
    /// An address of the block.
    Address(Block),
    /// Any value that none of these matches.
    AnythingBut(Box<[Matcher]>),
    /// Any value.
    Present,
    /// No value at all.
    Absent,
}

/// Whether letters match in either case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Fold {
    /// Only as they are.
    Exact,
    /// In either case.
    Either,
}

/// One end of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Bound {
    /// None.
    Open,
    /// The number belongs to the range.
    With(Number),
    /// It does not.
    Without(Number),
}

impl Matcher {
    /// Whether a field may be absent for it.
    pub(crate) fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// Whether a value that is there fits.
    pub(crate) fn matches(&self, value: &Scalar) -> bool {
        match self {
            Self::Exactly(wanted) => value.text() == Some(wanted),
            Self::Plain(wanted, number) => match value {
                Scalar::Text(..) => false,
                Scalar::Plain(written, known) => {
                    written == wanted || number.is_some() && number == known
                }
            },
            Self::Prefix(fold, prefix) => value.text().is_some_and(|text| match fold {
                Fold::Exact => text.starts_with(&**prefix),
                Fold::Either => begins(text.chars(), prefix.chars()),
            }),
            Self::Suffix(fold, suffix) => value.text().is_some_and(|text| match fold {
                Fold::Exact => text.ends_with(&**suffix),
                Fold::Either => begins(text.chars().rev(), suffix.chars().rev()),
            }),
            Self::IgnoringCase(wanted) => value.text().is_some_and(|text| {
                begins(text.chars(), wanted.chars())
                    && text.chars().count() == wanted.chars().count()
            }),
            Self::Wildcard(wildcard) => value.text().is_some_and(|text| wildcard.matches(text)),
            Self::Within(low, high) => value
                .number()
                .is_some_and(|number| low.is_below(number) && high.is_above(number)),
            Self::Address(block) => value
                .address()
                .is_some_and(|address| block.contains(address)),
            Self::AnythingBut(others) => !others.iter().any(|other| other.matches(value)),
            Self::Present => true,
            Self::Absent => false,
        }
    }
}

impl Bound {
    fn is_below(self, number: Number) -> bool {
        match self {
            Self::Open => true,
            Self::With(bound) => bound <= number,
            Self::Without(bound) => bound < number,
        }
    }

    fn is_above(self, number: Number) -> bool {
        match self {
            Self::Open => true,
            Self::With(bound) => number <= bound,
            Self::Without(bound) => number < bound,
        }
    }
}

/// Whether `text` begins with `wanted`, letters in either case.
fn begins(mut text: impl Iterator<Item = char>, mut wanted: impl Iterator<Item = char>) -> bool {
    wanted.all(|wanted| text.next().is_some_and(|found| same_letter(found, wanted)))
}

fn same_letter(one: char, two: char) -> bool {
    if one.is_ascii() && two.is_ascii() {
        return one.eq_ignore_ascii_case(&two);
    }
    one == two
        || one.to_lowercase().eq(two.to_lowercase())
        || one.to_uppercase().eq(two.to_uppercase())
}
