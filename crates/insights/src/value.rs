//! What fields and expressions are worth.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

use serde_json::Value as Json;

use crate::{calendar, order};

/// A value. Texts of an event are borrowed from it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value<'e> {
    /// No such field, or nothing that could be computed.
    Absent,
    Number(f64),
    /// Milliseconds since 1970, shown as a date.
    Time(i64),
    /// A text, or a number as an event writes it.
    Text(Cow<'e, str>),
    /// What `jsonParse` read.
    Json(Arc<Json>),
}

impl<'e> Value<'e> {
    pub(crate) fn borrowed(text: &'e str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }

    pub(crate) fn owned(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }

    /// What JSON that was read is worth by itself.
    pub(crate) fn of_json(json: &Json) -> Self {
        match json {
            Json::Null => Self::Absent,
            Json::Bool(truth) => (*truth).into(),
            Json::Number(number) => Self::owned(number.to_string()),
            Json::String(text) => Self::owned(text.clone()),
            Json::Array(_) | Json::Object(_) => Self::Json(Arc::new(json.clone())),
        }
    }

    /// The same, of nobody's text but its own.
    pub(crate) fn into_owned(self) -> Value<'static> {
        match self {
            Self::Absent => Value::Absent,
            Self::Number(number) => Value::Number(number),
            Self::Time(millis) => Value::Time(millis),
            Self::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
            Self::Json(json) => Value::Json(json),
        }
    }

    pub(crate) fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// A number, or a text that writes one.
    pub(crate) fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            #[expect(clippy::cast_precision_loss, reason = "times have 48 bits")]
            Self::Time(millis) => Some(*millis as f64),
            Self::Text(text) => number(text),
            Self::Absent | Self::Json(_) => None,
        }
    }

    /// A time in milliseconds.
    pub(crate) fn millis(&self) -> Option<i64> {
        match self {
            Self::Time(millis) => Some(*millis),
            #[expect(clippy::cast_possible_truncation, reason = "what is beyond is no time")]
            _ => {
                let millis = self.number()? as i64;
                calendar::is_time(millis).then_some(millis)
            }
        }
    }

    /// The value as results show it; nothing of what is absent.
    pub(crate) fn text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Absent => None,
            Self::Number(number) => Some(Cow::Owned(written(*number))),
            Self::Time(millis) => Some(Cow::Owned(calendar::written(*millis))),
            Self::Text(text) => Some(Cow::Borrowed(text)),
            Self::Json(json) => Some(Cow::Owned(json.to_string())),
        }
    }

    /// Whether a condition of this value holds.
    pub(crate) fn is_true(&self) -> bool {
        self.number().is_some_and(|number| number != 0.0)
    }

    /// How the two compare: as numbers where both are, as texts where both may be. None where one
    /// is absent, or a text is compared with a number.
    pub(crate) fn compared(&self, other: &Self) -> Option<Ordering> {
        if let (Some(left), Some(right)) = (self.number(), other.number()) {
            return left.partial_cmp(&right);
        }
        match (self, other) {
            (Self::Number(_) | Self::Time(_), _) | (_, Self::Number(_) | Self::Time(_)) => None,
            _ => Some(self.text()?.cmp(&other.text()?)),
        }
    }

    /// The order of `sort`, in which what is absent comes first.
    pub(crate) fn sorted(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Time(left), Self::Time(right)) => left.cmp(right),
            (Self::Number(left), Self::Number(right)) => left.total_cmp(right),
            _ => {
                let (left, right) = (self.text(), other.text());
                match (left, right) {
                    (Some(left), Some(right)) => order::natural(&left, &right),
                    (left, right) => left.is_some().cmp(&right.is_some()),
                }
            }
        }
    }

    /// So many bytes the value takes beside its own size.
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Json(_) => self.text().map_or(0, |text| text.len()),
            Self::Absent | Self::Number(_) | Self::Time(_) => 0,
        }
    }
}

impl From<bool> for Value<'_> {
    fn from(truth: bool) -> Self {
        Self::Number(f64::from(u8::from(truth)))
    }
}

/// The number that `text` is, if it is one and nothing else.
pub(crate) fn number(text: &str) -> Option<f64> {
    let first = *text.as_bytes().first()?;
    // `inf` and `nan` are texts, whatever others take them for.
    if !(first.is_ascii_digit() || matches!(first, b'-' | b'+' | b'.')) {
        return None;
    }
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// A computed number: whole where it is, with at most four decimals otherwise.
pub(crate) fn written(number: f64) -> String {
    let text = format!("{number:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    match text {
        "-0" => "0".to_owned(),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_four_decimals_at_most() {
        for (number, text) in [
            (0.0, "0"),
            (-0.00001, "0"),
            (5.0, "5"),
            (122.070_312_5, "122.0703"),
            (-1.5, "-1.5"),
            (100.0, "100"),
            (1e20, "100000000000000000000"),
        ] {
            assert_eq!(written(number), text);
        }
    }

    #[test]
    fn texts_are_numbers_where_nothing_else_is_in_them() {
        for (text, expected) in [
            ("1", Some(1.0)),
            ("-1.5e3", Some(-1500.0)),
            (".5", Some(0.5)),
            ("", None),
            ("1 ", None),
            ("inf", None),
            ("+inf", None),
            ("-nan", None),
            ("1x", None),
        ] {
            assert_eq!(number(text), expected, "{text}");
        }
    }
}
