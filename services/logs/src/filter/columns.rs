//! Patterns for messages of words between spaces: `[ip, user, ..., status = 4*, bytes > 1000]`.

use super::expression::{Expression, Test};
use super::reader::Reader;
use super::{Extracted, MOST_REGEXES, Wrong};

/// The columns of a message: those at its beginning and, behind an ellipsis, those at its end.
pub(super) struct Columns {
    first: Vec<Column>,
    /// None without an ellipsis: there are no other words then.
    last: Option<Vec<Column>>,
}

#[derive(Default)]
struct Column {
    name: Option<String>,
    condition: Option<Expression<String>>,
}

impl Columns {
    pub(super) fn parse(pattern: &str) -> Result<Self, Wrong> {
        let inner = pattern.strip_prefix('[');
        let inner = inner.and_then(|inner| inner.strip_suffix(']'));
        let mut reader = Reader::new(inner.ok_or(Wrong::Pattern)?);
        let (mut first, mut last): (Vec<Column>, Option<Vec<Column>>) = (Vec::new(), None);
        loop {
            if reader.eat("...") {
                if last.replace(Vec::new()).is_some() {
                    return Err(Wrong::Duplicate("...".to_owned()));
                }
            } else {
                let column = column(&mut reader).ok_or(Wrong::Pattern)?;
                let mut known = first.iter().chain(last.iter().flatten());
                if let Some(name) = &column.name
                    && known.any(|known| known.name.as_ref() == Some(name))
                {
                    return Err(Wrong::Duplicate(name.clone()));
                }
                last.as_mut().unwrap_or(&mut first).push(column);
            }
            if reader.is_done() {
                break;
            }
            if !reader.eat(",") {
                return Err(Wrong::Pattern);
            }
        }
        let all = first.iter().chain(last.iter().flatten());
        let regexes = all.filter_map(|column| column.condition.as_ref());
        match regexes.map(Expression::regexes).sum::<usize>() {
            ..=MOST_REGEXES => Ok(Self { first, last }),
            _ => Err(Wrong::TooManyRegexes),
        }
    }

    pub(super) fn matches(&self, message: &str) -> bool {
        self.fits(&words(message))
    }

    /// The words by the names of their columns; by their numbers, from 1, where they have none.
    pub(super) fn extract(&self, message: &str) -> Option<Extracted> {
        let words = words(message);
        if !self.fits(&words) {
            return None;
        }
        let last = self.last.as_deref().unwrap_or_default();
        let behind = words.len() - last.len();
        let named = words.iter().enumerate().map(|(at, word)| {
            let column = match at.checked_sub(behind) {
                Some(at) => last.get(at),
                None => self.first.get(at),
            };
            let name = column.and_then(|column| column.name.clone());
            let name = name.unwrap_or_else(|| (at + 1).to_string());
            (format!("${name}"), (*word).to_owned())
        });
        Some(named.collect())
    }

    fn fits(&self, words: &[&str]) -> bool {
        let last = self.last.as_deref().unwrap_or_default();
        let least = self.first.len() + last.len();
        let has_room = match self.last {
            Some(_) => words.len() >= least,
            None => words.len() == least,
        };
        if !has_room {
            return false;
        }
        let (_, end) = words.split_at(words.len() - last.len());
        let pairs = self.first.iter().zip(words).chain(last.iter().zip(end));
        let mut conditions = pairs.filter_map(|(column, word)| {
            let condition = column.condition.as_ref()?;
            Some((condition, *word))
        });
        conditions
            .all(|(condition, word)| condition.holds(&|_: &String, test: &Test| test.passes(word)))
    }
}

/// A name, a condition on the column of its name, or nothing.
fn column(reader: &mut Reader<'_>) -> Option<Column> {
    reader.skip_space();
    match reader.peek() {
        None | Some(',') => return Some(Column::default()),
        Some(_) => {}
    }
    // A name alone is told from a condition by what follows it.
    let mut ahead = reader.look_ahead();
    if let Some(found) = name(&mut ahead)
        && (ahead.is_done() || ahead.eat(","))
    {
        name(reader);
        return Some(Column {
            name: Some(found),
            condition: None,
        });
    }
    let condition = Expression::parse(reader, &name, 0)?;
    let mut names = Vec::new();
    condition.subjects(&mut names);
    let own = names.first().map(|name| (*name).clone())?;
    // A condition is about its own column alone.
    if names.iter().any(|name| **name != own) {
        return None;
    }
    Some(Column {
        name: Some(own),
        condition: Some(condition),
    })
}

fn name(reader: &mut Reader<'_>) -> Option<String> {
    reader.skip_space();
    let name = reader.take_while(|next| next.is_alphanumeric() || next == '_');
    (!name.is_empty()).then(|| name.to_owned())
}

/// The words of a message. What stands between quotes or brackets is one word, without them.
fn words(message: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = message.trim_start();
    while let Some(first) = rest.chars().next() {
        let close = match first {
            '"' => Some('"'),
            '[' => Some(']'),
            _ => None,
        };
        let enclosed = close.and_then(|close| rest.get(1..)?.split_once(close));
        let (word, behind) = enclosed.unwrap_or_else(|| {
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            rest.split_at(end)
        });
        words.push(word);
        rest = behind.trim_start();
    }
    words
}
