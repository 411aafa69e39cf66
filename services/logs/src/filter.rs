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

/// The most regular expressions of one pattern, and the most wildcards in the properties that it names
/// ("Filter pattern syntax", quotas).
const MOST_REGEXES: usize = 2;
const MOST_SELECTORS: usize = 3;

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

/// What is wrong with a pattern.
enum Wrong {
    /// It is none.
    Pattern,
    TooManyRegexes,
    TooManySelectors,
    /// Two columns of this name, or two ellipses.
    Duplicate(String),
    /// A term whose quotes do not close, or a regular expression up to what it must not have.
    Term(String),
    Regex,
}

impl Wrong {
    fn text(&self) -> String {
        match self {
            Self::Pattern => "Invalid metric filter pattern".to_owned(),
            Self::TooManyRegexes => format!(
                "Your input has exceeded the maximum of {MOST_REGEXES} regular expressions per \
                 filter pattern."
            ),
            Self::TooManySelectors => format!(
                "Your input has exceeded the maximum of {MOST_SELECTORS} JSON wildcard selectors \
                 allowed per filter pattern."
            ),
            Self::Duplicate(name) => format!("Duplicate field '{name}'"),
            Self::Regex => "Failed to compile regular expression.".to_owned(),
            Self::Term(term) => format!("Invalid character(s) in term '{term}'"),
        }
    }
}

impl Filter {
    /// Matches everything.
    pub(crate) fn everything() -> Self {
        Self(Kind::Everything)
    }

    /// Parses a pattern. The error is AWS's `InvalidParameterException`.
    pub(crate) fn parse(pattern: &str) -> Result<Self, Fault> {
        let trimmed = pattern.trim();
        let kind = match trimmed.chars().next() {
            None => Ok(Kind::Everything),
            Some('{') => Selection::parse(trimmed).map(Kind::Json),
            Some('[') => Columns::parse(trimmed).map(Kind::Columns),
            Some(_) => Terms::parse(trimmed).map(Kind::Terms),
        };
        kind.map(Self)
            .map_err(|wrong| refusals::invalid(wrong.text()))
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
            // AWS tells no properties of JSON messages.
            Kind::Json(selection) => selection.matches(message).then(Vec::new),
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
