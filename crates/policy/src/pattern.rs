//! Text of a policy with wildcards and policy variables.
//!
//! A variable's value is inserted as literal text: a `*` in a user name or a
//! tag never becomes a wildcard. A variable that the request has no single
//! value for, and that has no default, makes the pattern match nothing.

use crate::condition::Conditions;
use crate::wildcard::{self, Atom, Wildcard};
use std::sync::Arc;

/// What has a meaning in a pattern's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Syntax {
    /// `*` and `?`.
    pub(crate) wildcards: bool,
    /// `${..}`: from policy version 2012-10-17 on.
    pub(crate) variables: bool,
    /// ASCII letters match in either case.
    pub(crate) fold: bool,
}

/// A compiled pattern. Matches whole texts; allocates only for variables.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    shape: Shape,
    fold: bool,
}

#[derive(Debug, Clone)]
enum Shape {
    /// A lone `*`.
    Any,
    Exact(Arc<str>),
    Wildcard(Wildcard),
    Template(Box<[Piece]>),
}

#[derive(Debug, Clone)]
enum Piece {
    Atom(Atom),
    Variable(Variable),
}

#[derive(Debug, Clone)]
struct Variable {
    /// Condition key, lower case.
    key: Box<str>,
    default: Option<Arc<str>>,
}

impl Pattern {
    /// Compiles `text`; the error names the malformed variable.
    pub(crate) fn parse(text: &str, syntax: Syntax) -> Result<Self, String> {
        let pieces = pieces(text, syntax)?;
        let shape = if pieces
            .iter()
            .any(|piece| matches!(piece, Piece::Variable(_)))
        {
            Shape::Template(pieces.into())
        } else {
            fixed(pieces, syntax.fold)
        };
        Ok(Self {
            shape,
            fold: syntax.fold,
        })
    }

    /// Whether it is `*`.
    pub(crate) fn is_any(&self) -> bool {
        matches!(self.shape, Shape::Any)
    }

    pub(crate) fn matches(&self, text: &str, conditions: &dyn Conditions) -> bool {
        match &self.shape {
            Shape::Any => true,
            Shape::Exact(exact) if self.fold => exact.eq_ignore_ascii_case(text),
            Shape::Exact(exact) => **exact == *text,
            Shape::Wildcard(wildcard) => wildcard.matches(text),
            Shape::Template(pieces) => resolve(pieces, conditions)
                .is_some_and(|atoms| wildcard::matches(&atoms, self.fold, text)),
        }
    }

    /// The text it matches, if that is exactly one.
    pub(crate) fn literal(&self) -> Option<&str> {
        match &self.shape {
            Shape::Exact(exact) => Some(exact),
            _ => None,
        }
    }
}

fn fixed(pieces: Vec<Piece>, fold: bool) -> Shape {
    let atoms: Vec<Atom> = pieces
        .into_iter()
        .filter_map(|piece| match piece {
            Piece::Atom(atom) => Some(atom),
            Piece::Variable(_) => None,
        })
        .collect();
    match atoms.as_slice() {
        [] => Shape::Exact("".into()),
        [Atom::Many] => Shape::Any,
        [Atom::Text(text)] => Shape::Exact(text.clone()),
        _ => Shape::Wildcard(Wildcard::new(&atoms, fold)),
    }
}

fn resolve(pieces: &[Piece], conditions: &dyn Conditions) -> Option<Vec<Atom>> {
    pieces
        .iter()
        .map(|piece| match piece {
            Piece::Atom(atom) => Some(atom.clone()),
            Piece::Variable(variable) => variable.value(conditions).map(Atom::Text),
        })
        .collect()
}

impl Variable {
    /// The one value of the key, or the default when the key is absent or has
    /// the empty text, which is no value ("Policy variables with no value", IAM
    /// user guide): else an empty tag would turn `${..}*` into `*`. A key with
    /// several values has no place in a text.
    fn value(&self, conditions: &dyn Conditions) -> Option<Arc<str>> {
        match conditions
            .values(&self.key)
            .filter(|values| !values.is_empty() && !values.is_void())
        {
            None => self.default.clone(),
            Some(values) => match (values.get(0), values.get(1)) {
                (Some(only), None) => Some(only.into()),
                _ => None,
            },
        }
    }
}

fn pieces(text: &str, syntax: Syntax) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let after = rest.get(character.len_utf8()..).unwrap_or_default();
        if syntax.variables
            && let Some(opened) = rest.strip_prefix("${")
        {
            let (inner, after) = split_variable(opened)
                .ok_or_else(|| format!("`{text}` has a variable without an end"))?;
            match inner {
                "*" | "?" | "$" => literal.push_str(inner),
                _ => {
                    let variable = variable(inner)
                        .ok_or_else(|| format!("`${{{inner}}}` is not a policy variable"))?;
                    flush(&mut literal, &mut pieces);
                    pieces.push(Piece::Variable(variable));
                }
            }
            rest = after;
            continue;
        }
        match character {
            '*' if syntax.wildcards => {
                flush(&mut literal, &mut pieces);
                pieces.push(Piece::Atom(Atom::Many));
            }
            '?' if syntax.wildcards => {
                flush(&mut literal, &mut pieces);
                pieces.push(Piece::Atom(Atom::One));
            }
            other => literal.push(other),
        }
        rest = after;
    }
    flush(&mut literal, &mut pieces);
    Ok(pieces)
}

fn flush(literal: &mut String, pieces: &mut Vec<Piece>) {
    if !literal.is_empty() {
        pieces.push(Piece::Atom(Atom::Text(std::mem::take(literal).into())));
    }
}

/// Cuts at the `}` that ends a variable; one inside a quoted default does not.
fn split_variable(opened: &str) -> Option<(&str, &str)> {
    let mut quoted = false;
    let (end, _) = opened.char_indices().find(|(_, character)| {
        quoted ^= *character == '\'';
        *character == '}' && !quoted
    })?;
    Some((opened.get(..end)?, opened.get(end + 1..)?))
}

/// Reads `aws:username` or `aws:username, 'default'`.
fn variable(inner: &str) -> Option<Variable> {
    let (key, default) = match inner.split_once(',') {
        None => (inner.trim(), None),
        Some((key, default)) => {
            let default = default.trim().strip_prefix('\'')?.strip_suffix('\'')?;
            (key.trim(), Some(default.into()))
        }
    };
    let well_formed = !key.is_empty() && !key.contains(['$', '{', '*', '?', '\'']);
    well_formed.then(|| Variable {
        key: key.to_ascii_lowercase().into(),
        default,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::condition::Values;

    struct Request(&'static [(&'static str, &'static [&'static str])]);

    impl Conditions for Request {
        fn values(&self, key: &str) -> Option<Values<'_>> {
            let (_, values) = self.0.iter().find(|(name, _)| *name == key)?;
            Some(Values::from_iter(values.iter().copied()))
        }
    }

    const ALL: Syntax = Syntax {
        wildcards: true,
        variables: true,
        fold: false,
    };

    fn matches(pattern: &str, text: &str, request: &Request) -> bool {
        Pattern::parse(pattern, ALL).unwrap().matches(text, request)
    }

    #[test]
    fn variables_are_replaced_and_keys_know_no_case() {
        let request = Request(&[("aws:username", &["alice"])]);
        assert!(matches("home/${AWS:UserName}/*", "home/alice/x", &request));
        assert!(!matches("home/${aws:username}/*", "home/bob/x", &request));
    }

    #[test]
    fn sec_i3_a_value_never_acts_as_a_wildcard() {
        for value in [&["*"], &["?"], &["${aws:username}"], &["+"]] {
            let values: &'static [(&str, &[&str])] =
                Box::leak(Box::new([("aws:username", value as &[&str])]));
            let request = Request(values);
            assert!(!matches("home/${aws:username}/x", "home/a/x", &request));
            assert!(matches(
                "home/${aws:username}/x",
                &format!("home/{}/x", value[0]),
                &request
            ));
        }
    }

    #[test]
    fn a_missing_variable_takes_its_default_or_matches_nothing() {
        let request = Request(&[]);
        assert!(matches(
            "a/${aws:username, 'no}ne'}/b",
            "a/no}ne/b",
            &request
        ));
        assert!(matches("${aws:username,''}", "", &request));
        let empty = Request(&[("aws:username", &[""])]);
        assert!(matches("a/${aws:username, 'd'}", "a/d", &empty));
        assert!(!matches("a/${aws:username}*", "a/b", &empty));
        assert!(!matches("a/${aws:username}", "a/", &empty));
        assert!(!matches("*${aws:username}*", "", &request));
        assert!(!matches("${aws:username}", "${aws:username}", &request));
    }

    #[test]
    fn a_key_with_several_values_is_no_variable() {
        let request = Request(&[("aws:tagkeys", &["a", "b"])]);
        assert!(!matches("${aws:TagKeys}", "a", &request));
        assert!(!matches("${aws:TagKeys, 'd'}", "d", &request));
    }

    #[test]
    fn escapes_are_literal() {
        let request = Request(&[]);
        assert!(matches("a${*}${?}${$}", "a*?$", &request));
        assert!(!matches("a${*}", "ab", &request));
        assert!(
            matches("a$*", "a$b", &request),
            "a lone dollar is a character"
        );
    }

    #[test]
    fn sec_i4_folding_joins_ascii_letters_alone() {
        let fold = Pattern::parse(
            "Key",
            Syntax {
                fold: true,
                ..Syntax::default()
            },
        )
        .unwrap();
        assert!(fold.matches("kEY", &Request(&[])));
        assert!(
            !fold.matches("\u{212a}ey", &Request(&[])),
            "the Kelvin sign is no k"
        );
    }

    #[test]
    fn malformed_variables_are_refused() {
        for text in [
            "${aws:username",
            "${}",
            "${a${b}}",
            "${aws:x, none}",
            "${aws:x, 'a}",
        ] {
            assert!(Pattern::parse(text, ALL).is_err(), "{text}");
            let old = Syntax {
                variables: false,
                ..ALL
            };
            assert!(
                Pattern::parse(text, old).is_ok(),
                "version 2008-10-17 has no variables"
            );
        }
    }
}
