//! `*` in patterns ("Matching using wildcards", EventBridge user guide).

use std::hash::{Hash, Hasher};

use memchr::memmem::Finder;

/// A compiled wildcard: what stands between its stars.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Wildcard {
    first: Box<str>,
    /// None without a star.
    last: Option<Box<str>>,
    between: Box<[Run]>,
}

/// A part of a wildcard.
pub(crate) enum Piece<'w> {
    Star,
    Text(&'w str),
}

/// What stands between two stars.
#[derive(Debug, Clone)]
struct Run {
    text: Box<str>,
    finder: Finder<'static>,
}

impl PartialEq for Run {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Run {}

impl Hash for Run {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl Wildcard {
    /// Compiles `text`, or says what is wrong with it, at which byte of the quoted text.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut runs = vec![String::new()];
        let mut characters = text.char_indices().peekable();
        while let Some((index, character)) = characters.next() {
            let next = characters.peek().map(|(_, next)| *next);
            let literal = match (character, next) {
                ('*', Some('*')) => {
                    return Err(format!(
                        "Consecutive wildcard characters at pos {}",
                        index + 1
                    ));
                }
                ('*', _) => {
                    runs.push(String::new());
                    continue;
                }
                ('\\', Some(next @ ('*' | '\\'))) => {
                    characters.next();
                    next
                }
                ('\\', _) => return Err(format!("Invalid escape character at pos {}", index + 1)),
                _ => character,
            };
            if let Some(run) = runs.last_mut() {
                run.push(literal);
            }
        }
        let mut runs = runs.into_iter();
        let first = runs.next().unwrap_or_default().into();
        let last = runs.next_back().map(String::into_boxed_str);
        let between = runs.map(|run| Run {
            finder: Finder::new(&run).into_owned(),
            text: run.into(),
        });
        Ok(Self {
            first,
            last,
            between: between.collect(),
        })
    }

    /// What stands between its stars, at its beginning and its end.
    pub(crate) fn runs(&self) -> impl Iterator<Item = &str> {
        let between = self.between.iter().map(|run| &*run.text);
        let ends = [Some(&self.first), self.last.as_ref()];
        between.chain(ends.into_iter().flatten().map(|end| &**end))
    }

    /// Its parts as they are written.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = Piece<'_>> {
        let between = self.between.iter().map(|run| &*run.text);
        let after = between.chain(self.last.as_deref());
        let after = after.flat_map(|text| [Piece::Star, Piece::Text(text)]);
        [Piece::Text(&self.first)].into_iter().chain(after)
    }

    /// Whether the whole `text` matches. The first run stands at the beginning, the last at the end,
    /// and each between at its leftmost place: a star may take up anything, so no other is better.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let Some(last) = &self.last else {
            return text == &*self.first;
        };
        let rest = text.as_bytes().strip_prefix(self.first.as_bytes());
        let Some(mut rest) = rest.and_then(|rest| rest.strip_suffix(last.as_bytes())) else {
            return false;
        };
        for run in &self.between {
            match run.finder.find(rest) {
                Some(at) => rest = rest.get(at + run.text.len()..).unwrap_or_default(),
                None => return false,
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Tries every place of every star.
    fn slowly(pattern: &[char], text: &[char]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some(('*', rest)) => (0..=text.len()).any(|taken| slowly(rest, &text[taken..])),
            Some((first, rest)) => text.first() == Some(first) && slowly(rest, &text[1..]),
        }
    }

    proptest! {
        #[test]
        fn leftmost_places_are_enough(pattern in "[ab]{0,2}([*][ab]{1,2}){0,4}[*]?", text in "[ab]{0,10}") {
            let compiled = Wildcard::parse(&pattern).expect("a wildcard");
            let (letters, text_letters): (Vec<char>, Vec<char>) =
                (pattern.chars().collect(), text.chars().collect());
            prop_assert_eq!(compiled.matches(&text), slowly(&letters, &text_letters));
        }
    }
}
