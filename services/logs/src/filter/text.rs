//! What a text is compared with: another text with wildcards, or a regular expression.

use regex::{Regex, RegexBuilder};

/// The most bytes that a compiled regular expression may have.
const MOST_COMPILED: usize = 1 << 20;

/// A text in which `*` stands for anything.
pub(super) struct Wildcard(Vec<String>);

impl Wildcard {
    pub(super) fn new(text: &str) -> Self {
        Self(text.split('*').map(str::to_owned).collect())
    }

    /// Whether all of `text` matches. Each part is looked for once, behind the one before it.
    pub(super) fn matches(&self, text: &str) -> bool {
        let Some((first, others)) = self.0.split_first() else {
            return text.is_empty();
        };
        let Some((last, middle)) = others.split_last() else {
            return text == first;
        };
        let Some(mut rest) = text.strip_prefix(first.as_str()) else {
            return false;
        };
        for part in middle {
            match rest.find(part.as_str()) {
                Some(at) => rest = rest.get(at + part.len()..).unwrap_or_default(),
                None => return false,
            }
        }
        rest.ends_with(last.as_str())
    }
}

/// What is wrong with a regular expression.
pub(super) enum BadRegex<'t> {
    Empty,
    /// A character that there must not be, with what stands before it.
    Character(&'t str),
    Syntax,
}

/// A regular expression of the kind that patterns may have ("Supported regular expressions (regex)
/// syntax"): ASCII letters, digits, few symbols, no groups.
pub(super) fn regex(text: &str) -> Result<Regex, BadRegex<'_>> {
    let mut is_escaped = false;
    for (at, next) in text.char_indices() {
        let is_plain = next.is_ascii_alphanumeric() || ":_#=@/;,- ".contains(next);
        let is_operator = r"^$?[]{}|\*+.".contains(next);
        // What is escaped stands for itself, or for a class of characters.
        let is_fine = is_plain || is_operator || (is_escaped && next.is_ascii_graphic());
        if !is_fine {
            let up_to = text.get(..at + next.len_utf8()).unwrap_or(text);
            return Err(BadRegex::Character(up_to));
        }
        is_escaped = next == '\\' && !is_escaped;
    }
    if text.is_empty() {
        return Err(BadRegex::Empty);
    }
    let mut builder = RegexBuilder::new(text);
    let built = builder.unicode(true).size_limit(MOST_COMPILED).build();
    built.map_err(|_| BadRegex::Syntax)
}
