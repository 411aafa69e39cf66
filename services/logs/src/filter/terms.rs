//! Patterns of terms: `ERROR "exact phrase" ?either ?or -without %regular|expression%`.

use regex::Regex;

use super::Wrong;
use super::reader::Reader;
use super::text::{self, BadRegex};

/// Terms that a message must or may have, and those that it must not.
#[derive(Default)]
pub(super) struct Terms {
    all: Vec<Term>,
    any: Vec<Term>,
    none: Vec<Term>,
}

enum Term {
    Text(String),
    Regex(Box<Regex>),
}

impl Term {
    fn is_in(&self, message: &str) -> bool {
        match self {
            Self::Text(text) => message.contains(text.as_str()),
            Self::Regex(regex) => regex.is_match(message),
        }
    }
}

impl Terms {
    pub(super) fn parse(pattern: &str) -> Result<Self, Wrong> {
        let mut reader = Reader::new(pattern);
        let mut terms = Self::default();
        while !reader.is_done() {
            reader.skip_space();
            let list = match reader.peek().ok_or(Wrong::Pattern)? {
                '?' => {
                    reader.next();
                    &mut terms.any
                }
                '-' => {
                    reader.next();
                    reader.skip_space();
                    &mut terms.none
                }
                _ => &mut terms.all,
            };
            list.push(term(&mut reader)?);
        }
        Ok(terms)
    }

    /// Terms with a question mark are passed over where there are others.
    pub(super) fn matches(&self, message: &str) -> bool {
        let has_others = !self.all.is_empty() || !self.none.is_empty();
        self.all.iter().all(|term| term.is_in(message))
            && !self.none.iter().any(|term| term.is_in(message))
            && (has_others || self.any.iter().any(|term| term.is_in(message)))
    }
}

fn term(reader: &mut Reader<'_>) -> Result<Term, Wrong> {
    let written = reader.rest();
    match reader.peek() {
        Some('"') => match reader.quoted('"') {
            Some(text) if text.is_empty() => Err(Wrong::Pattern),
            Some(text) => Ok(Term::Text(text)),
            None => Err(Wrong::Term(written.to_owned())),
        },
        Some('%') => {
            reader.next();
            let written = reader.until('%').ok_or(Wrong::Pattern)?;
            match text::regex(written) {
                Ok(regex) => Ok(Term::Regex(Box::new(regex))),
                Err(BadRegex::Character(up_to)) => Err(Wrong::Term(format!("%{up_to}"))),
                Err(BadRegex::Syntax) => Err(Wrong::Regex),
                Err(BadRegex::Empty) => Err(Wrong::Pattern),
            }
        }
        _ => word(reader).ok_or(Wrong::Pattern),
    }
}

fn word(reader: &mut Reader<'_>) -> Option<Term> {
    let word = reader.take_while(|next| !next.is_whitespace());
    // Terms with other characters have to be in quotes.
    let is_word = |next: char| next.is_alphanumeric() || "_-.:/#=@,;*$'!".contains(next);
    let is_fine = !word.is_empty() && word.chars().all(is_word);
    is_fine.then(|| Term::Text(word.to_owned()))
}
