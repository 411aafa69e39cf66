//! Matching of `*` and `?`, without backtracking over stars.
//!
//! A pattern is cut at its stars into runs. The first run is anchored at the
//! start, the last at the end, and every run between is taken at its leftmost
//! place, which is always right because a star may take up any text. Time is
//! linear in the text for runs without `?` (substring search); for runs with it
//! (`shift_and.rs`) it is a sixty-fourth of length of text times length of run.

use crate::shift_and::ShiftAnd;
use std::sync::Arc;

/// Length of text times length of run from which the masks of a bit-parallel
/// search are worth their making.
const LARGE: usize = 4_096;

/// A compiled pattern. Matches whole texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wildcard {
    atoms: Box<[Atom]>,
    /// Whether ASCII letters match in either case.
    fold: bool,
}

/// One element of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Atom {
    /// This text literally.
    Text(Arc<str>),
    /// `?`: exactly one character.
    One,
    /// `*`: any text, also none.
    Many,
}

impl Wildcard {
    pub(crate) fn new(atoms: &[Atom], fold: bool) -> Self {
        Self {
            atoms: atoms.into(),
            fold,
        }
    }

    pub(crate) fn matches(&self, text: &str) -> bool {
        matches(&self.atoms, self.fold, text)
    }
}

/// Whether `text` as a whole matches `atoms`.
pub(crate) fn matches(atoms: &[Atom], fold: bool, text: &str) -> bool {
    let mut runs = atoms.split(|atom| matches!(atom, Atom::Many)).map(Run);
    let Some(mut text) = runs.next().and_then(|head| head.strip(text, fold)) else {
        return false;
    };
    let Some(mut tail) = runs.next() else {
        return text.is_empty();
    };
    for run in runs {
        // Another star follows what was the last run so far.
        match tail.skip_past(text, fold) {
            Some(after) => text = after,
            None => return false,
        }
        tail = run;
    }
    tail.ends(text, fold)
}

/// What stands between two stars: n stars make n+1 runs, empty ones included.
#[derive(Clone, Copy)]
struct Run<'a>(&'a [Atom]);

impl Run<'_> {
    /// What follows this run at the start of `text`.
    fn strip(self, mut text: &str, fold: bool) -> Option<&str> {
        for atom in self.0 {
            text = match atom {
                Atom::Text(literal) => strip_text(text, literal, fold)?,
                Atom::One => {
                    let mut characters = text.chars();
                    characters.next()?;
                    characters.as_str()
                }
                Atom::Many => return None,
            };
        }
        Some(text)
    }

    /// What follows the leftmost place of this run in `text`.
    fn skip_past(self, text: &str, fold: bool) -> Option<&str> {
        if let ([Atom::Text(literal)], false) = (self.0, fold) {
            return text.split_once(&**literal).map(|(_, after)| after);
        }
        if !fold
            && self.characters().saturating_mul(text.len()) > LARGE
            && let Some(search) = ShiftAnd::new(&self.pattern())
        {
            return search.skip_past(text);
        }
        let mut characters = text.chars();
        loop {
            if let Some(after) = self.strip(characters.as_str(), fold) {
                return Some(after);
            }
            characters.next()?;
        }
    }

    fn characters(self) -> usize {
        self.0.iter().map(characters).sum()
    }

    /// Its characters, `None` for `?`.
    fn pattern(self) -> Vec<Option<char>> {
        let mut pattern = Vec::with_capacity(self.characters());
        for atom in self.0 {
            match atom {
                Atom::Text(text) => pattern.extend(text.chars().map(Some)),
                Atom::One => pattern.push(None),
                Atom::Many => {}
            }
        }
        pattern
    }

    /// Whether `text` ends with this run.
    fn ends(self, text: &str, fold: bool) -> bool {
        let Some(skipped) = self.characters().checked_sub(1) else {
            return true;
        };
        let Some((start, _)) = text.char_indices().rev().nth(skipped) else {
            return false;
        };
        text.get(start..).and_then(|end| self.strip(end, fold)) == Some("")
    }
}

fn characters(atom: &Atom) -> usize {
    match atom {
        Atom::Text(text) => text.chars().count(),
        Atom::One => 1,
        Atom::Many => 0,
    }
}

fn strip_text<'t>(text: &'t str, literal: &str, fold: bool) -> Option<&'t str> {
    if !fold {
        return text.strip_prefix(literal);
    }
    let (head, tail) = text.split_at_checked(literal.len())?;
    head.eq_ignore_ascii_case(literal).then_some(tail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn long_runs_and_texts_match_alike() {
        let long = "a?".repeat(100);
        let text = "a".repeat(200);
        for (pattern, text, matched) in [
            (format!("*{long}b*"), format!("{text}bc"), true),
            (format!("*{long}b*"), text.clone(), false),
            (format!("x*{long}b*d"), format!("x{text}bcd"), true),
            (format!("x*{long}b*bd"), format!("x{text}bd"), false),
        ] {
            assert_eq!(
                compile(&pattern, false).matches(&text),
                matched,
                "{pattern}"
            );
            let loud = text.to_ascii_uppercase();
            assert_eq!(compile(&pattern, true).matches(&loud), matched);
        }
    }

    fn compile(pattern: &str, fold: bool) -> Wildcard {
        let mut atoms = Vec::new();
        for character in pattern.chars() {
            match (character, atoms.last_mut()) {
                ('*', _) => atoms.push(Atom::Many),
                ('?', _) => atoms.push(Atom::One),
                (_, Some(Atom::Text(text))) => *text = format!("{text}{character}").into(),
                (_, _) => atoms.push(Atom::Text(character.to_string().into())),
            }
        }
        Wildcard::new(&atoms, fold)
    }

    /// The definition, by recursion over characters.
    fn reference(pattern: &[char], text: &[char]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, None) => true,
            (None, Some(_)) => false,
            (Some(('*', rest)), None) => reference(rest, text),
            (Some(('*', rest)), Some((_, later))) => {
                reference(rest, text) || reference(pattern, later)
            }
            (Some(('?', rest)), Some((_, later))) => reference(rest, later),
            (Some((p, rest)), Some((t, later))) => p == t && reference(rest, later),
            (Some(_), None) => false,
        }
    }

    #[test]
    fn matches_whole_texts() {
        let cases = [
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("?", "", false),
            ("?", "é", true),
            ("??", "é", false),
            ("a*b", "ab", true),
            ("a*b", "aXbX", false),
            ("*ab*ab", "ab", false),
            ("*ab*ab", "abab", true),
            ("a*a", "a", false),
            ("*?", "", false),
            ("*?é", "aéé", true),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(
                compile(pattern, false).matches(text),
                expected,
                "{pattern} {text}"
            );
        }
    }

    #[test]
    fn folding_is_ascii_only() {
        assert!(compile("kms:d*t", true).matches("KMS:Decrypt"));
        assert!(!compile("kms:d*t", false).matches("KMS:Decrypt"));
        assert!(!compile("\u{c9}*", true).matches("\u{e9}"));
    }

    proptest! {
        #[test]
        fn equals_the_reference(pattern in "[ab?*é]{0,9}", text in "[abé]{0,9}") {
            let p: Vec<char> = pattern.chars().collect();
            let t: Vec<char> = text.chars().collect();
            prop_assert_eq!(compile(&pattern, false).matches(&text), reference(&p, &t));
        }

        #[test]
        fn folding_equals_the_reference_in_one_case(
            pattern in "[abAB?*]{0,9}", text in "[abAB]{0,9}"
        ) {
            let p: Vec<char> = pattern.to_lowercase().chars().collect();
            let t: Vec<char> = text.to_lowercase().chars().collect();
            prop_assert_eq!(compile(&pattern, true).matches(&text), reference(&p, &t));
        }
    }
}
