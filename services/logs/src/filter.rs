//! Filter patterns ("Filter pattern syntax for metric filters, subscription filters, filter log
//! events, and Live Tail", CloudWatch Logs user guide).
//!
//! Matching takes time in proportion to the message, whatever the pattern: nothing is tried twice.

mod columns;
mod expression;
mod json;
mod reader;
mod terms;
mod text;

use wire::Fault;

use crate::refusals;
use columns::Columns;
use json::Selection;
use terms::Terms;

/// A filter pattern, parsed.
pub(crate) struct Filter(Kind);

enum Kind {
    /// An empty pattern.
    Everything,
    /// Words, phrases and regular expressions, anywhere in the message.
    Terms(Terms),
    /// `{ $.a = 1 }`: conditions on a JSON message.
    Json(Selection),
    /// `[a, b = 1, ...]`: the words of the message, one by one.
    Columns(Columns),
}

/// What a match took from a message: names with values.
pub(crate) type Extracted = Vec<(String, String)>;

impl Filter {
    /// Matches everything.
    pub(crate) fn everything() -> Self {
        Self(Kind::Everything)
    }

    /// Parses a pattern. The error is AWS's `InvalidParameterException`.
    pub(crate) fn parse(pattern: &str) -> Result<Self, Fault> {
        let trimmed = pattern.trim();
        let kind = match trimmed.chars().next() {
            None => Some(Kind::Everything),
            Some('{') => Selection::parse(trimmed).map(Kind::Json),
            Some('[') => Columns::parse(trimmed).map(Kind::Columns),
            Some(_) => Terms::parse(trimmed).map(Kind::Terms),
        };
        kind.map(Self)
            .ok_or_else(|| refusals::invalid("Invalid filter pattern"))
    }

    /// Whether the pattern names parts of the messages that it matches.
    pub(crate) fn has_names(&self) -> bool {
        matches!(self.0, Kind::Json(_) | Kind::Columns(_))
    }

    /// Whether the message matches.
    pub(crate) fn matches(&self, message: &str) -> bool {
        match &self.0 {
            Kind::Everything => true,
            Kind::Terms(terms) => terms.matches(message),
            Kind::Json(selection) => selection.matches(message),
            Kind::Columns(columns) => columns.matches(message),
        }
    }

    /// What the pattern takes from a message that it matches; none if it does not.
    pub(crate) fn extract(&self, message: &str) -> Option<Extracted> {
        match &self.0 {
            Kind::Everything => Some(Vec::new()),
            Kind::Terms(terms) => terms.matches(message).then(Vec::new),
            Kind::Json(selection) => selection.extract(message),
            Kind::Columns(columns) => columns.extract(message),
        }
    }

    /// What a reference of a metric filter, `$.size` or `$bytes`, stands for in a message that the
    /// pattern matches. A property need not be one that the pattern names.
    pub(crate) fn value(&self, message: &str, reference: &str) -> Option<String> {
        match &self.0 {
            Kind::Everything | Kind::Terms(_) => None,
            Kind::Json(_) => json::value(message, reference),
            Kind::Columns(columns) => {
                let mut extracted = columns.extract(message)?.into_iter();
                let found = extracted.find(|(name, _)| name == reference);
                found.map(|(_, word)| word)
            }
        }
    }
}

#[cfg(test)]
mod tests;
