//! Search for text with `?` in it, in time that no text can stretch.
//!
//! Shift-And (Baeza-Yates and Gonnet, 1992): one bit for each character of the
//! pattern says whether the text read so far ends with the pattern up to it. A
//! step moves all bits at once, so that `a?a?a?b` costs no more on `aaaa` than
//! on anything else.

use std::collections::BTreeMap;

/// Words of 64 bits that the masks of one search may take: 8 MiB.
const MOST_WORDS: usize = 1 << 20;

/// The masks of a pattern.
pub(crate) struct ShiftAnd {
    /// Which positions accept a character that the pattern does not name.
    other: Vec<u64>,
    named: BTreeMap<char, Vec<u64>>,
    /// The bit of the last position, in the last word.
    last: u64,
}

impl ShiftAnd {
    /// From the characters of a pattern that is not empty, `None` for `?`.
    /// `None` if it would take too much memory.
    pub(crate) fn new(pattern: &[Option<char>]) -> Option<Self> {
        let words = pattern.len().div_ceil(64);
        let mut other = vec![0; words];
        for (at, character) in pattern.iter().enumerate() {
            if character.is_none() {
                set(&mut other, at);
            }
        }
        let mut named = BTreeMap::new();
        for (at, character) in pattern.iter().enumerate() {
            if let Some(character) = character {
                set(named.entry(*character).or_insert_with(|| other.clone()), at);
            }
            if named.len() * words > MOST_WORDS {
                return None;
            }
        }
        let last = 1 << (pattern.len().checked_sub(1)? % 64);
        Some(Self { other, named, last })
    }

    /// What follows the leftmost place of the pattern in `text`.
    pub(crate) fn skip_past<'t>(&self, text: &'t str) -> Option<&'t str> {
        let mut state = vec![0; self.other.len()];
        let mut characters = text.chars();
        while let Some(character) = characters.next() {
            let mask = self.named.get(&character).unwrap_or(&self.other);
            let mut carry = 1;
            for (word, accepted) in state.iter_mut().zip(mask) {
                let next = *word >> 63;
                *word = ((*word << 1) | carry) & accepted;
                carry = next;
            }
            if state.last().is_some_and(|word| word & self.last != 0) {
                return Some(characters.as_str());
            }
        }
        None
    }
}

fn set(words: &mut [u64], at: usize) {
    if let Some(word) = words.get_mut(at / 64) {
        *word |= 1 << (at % 64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pattern(text: &str) -> Vec<Option<char>> {
        text.chars()
            .map(|character| (character != '?').then_some(character))
            .collect()
    }

    fn skip_past<'t>(text: &str, within: &'t str) -> Option<&'t str> {
        ShiftAnd::new(&pattern(text)).unwrap().skip_past(within)
    }

    /// The definition.
    fn reference<'t>(pattern: &[Option<char>], text: &'t str) -> Option<&'t str> {
        let mut start = text.chars();
        loop {
            let mut rest = start.clone();
            let fits = pattern.iter().all(|wanted| {
                let found = rest.next();
                found.is_some() && (wanted.is_none() || *wanted == found)
            });
            if fits {
                return Some(rest.as_str());
            }
            start.next()?;
        }
    }

    #[test]
    fn finds_the_leftmost_place() {
        assert_eq!(skip_past("a?c", "xabcabcd"), Some("abcd"));
        assert_eq!(skip_past("?", "é€"), Some("€"));
        assert_eq!(skip_past("a?c", "ac"), None);
        assert_eq!(skip_past("a?", "a"), None);
        assert_eq!(skip_past("?b", "éb"), Some(""));
    }

    #[test]
    fn patterns_longer_than_a_word() {
        for length in [63, 64, 65, 128, 129, 200] {
            let text = format!("{}b", "a?".repeat(length));
            let found = format!("{}bc", "a".repeat(2 * length + 5));
            assert_eq!(skip_past(&text, &found), Some("c"), "{length}");
            assert_eq!(skip_past(&text, &"a".repeat(3 * length)), None, "{length}");
        }
    }

    #[test]
    fn memory_is_bounded() {
        let distinct = |count: u32| -> Vec<Option<char>> {
            let characters = (0x4e00..0x4e00 + count).filter_map(char::from_u32);
            characters.map(Some).collect()
        };
        assert!(ShiftAnd::new(&distinct(8_000)).is_some());
        assert!(ShiftAnd::new(&distinct(9_000)).is_none());
        assert!(ShiftAnd::new(&[]).is_none());
    }

    proptest! {
        #[test]
        fn agrees_with_the_definition(text in "[ab?é]{1,80}", within in "[abé]{0,200}") {
            prop_assert_eq!(skip_past(&text, &within), reference(&pattern(&text), &within));
        }
    }
}
