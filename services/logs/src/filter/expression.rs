//! Conditions joined by `&&`, `||` and parentheses.

use regex::Regex;

use super::reader::Reader;
use super::text::{self, Wildcard};

/// How deep parentheses may lie in each other.
const MOST_DEPTH: usize = 32;

/// Conditions on subjects of some kind.
pub(super) enum Expression<S> {
    All(Vec<Self>),
    Any(Vec<Self>),
    Is(S, Test),
}

/// What a subject is tested for.
pub(super) enum Test {
    Equal(Operand),
    Unequal(Operand),
    Less(f64),
    LessOrEqual(f64),
    Greater(f64),
    GreaterOrEqual(f64),
    True,
    False,
    Null,
    Exists,
    Absent,
}

/// What a subject is compared with.
pub(super) enum Operand {
    /// A number that stands without quotes, and the text of it.
    Number(f64, String),
    Text(Wildcard),
    Regex(Box<Regex>),
}

impl<S> Expression<S> {
    /// Reads an expression whose subjects `subject` reads. None where it is not well formed.
    pub(super) fn parse(
        reader: &mut Reader<'_>,
        subject: &impl Fn(&mut Reader<'_>) -> Option<S>,
        depth: usize,
    ) -> Option<Self> {
        if depth > MOST_DEPTH {
            return None;
        }
        let mut any = vec![Self::all(reader, subject, depth)?];
        while reader.eat("||") {
            any.push(Self::all(reader, subject, depth)?);
        }
        single(any, Self::Any)
    }

    fn all(
        reader: &mut Reader<'_>,
        subject: &impl Fn(&mut Reader<'_>) -> Option<S>,
        depth: usize,
    ) -> Option<Self> {
        let mut all = vec![Self::one(reader, subject, depth)?];
        while reader.eat("&&") {
            all.push(Self::one(reader, subject, depth)?);
        }
        single(all, Self::All)
    }

    fn one(
        reader: &mut Reader<'_>,
        subject: &impl Fn(&mut Reader<'_>) -> Option<S>,
        depth: usize,
    ) -> Option<Self> {
        if reader.eat("(") {
            let inner = Self::parse(reader, subject, depth + 1)?;
            return reader.eat(")").then_some(inner);
        }
        reader.skip_space();
        let subject = subject(reader)?;
        Some(Self::Is(subject, test(reader)?))
    }

    /// Whether the expression holds, where `holds` says so of each condition.
    pub(super) fn holds(&self, holds: &impl Fn(&S, &Test) -> bool) -> bool {
        match self {
            Self::All(all) => all.iter().all(|one| one.holds(holds)),
            Self::Any(any) => any.iter().any(|one| one.holds(holds)),
            Self::Is(subject, test) => holds(subject, test),
        }
    }

    /// All subjects, in their order.
    pub(super) fn subjects<'e>(&'e self, found: &mut Vec<&'e S>) {
        match self {
            Self::All(inner) | Self::Any(inner) => {
                inner.iter().for_each(|one| one.subjects(found));
            }
            Self::Is(subject, _) => found.push(subject),
        }
    }

    /// How many regular expressions there are.
    pub(super) fn regexes(&self) -> usize {
        match self {
            Self::All(inner) | Self::Any(inner) => inner.iter().map(Self::regexes).sum(),
            Self::Is(_, Test::Equal(Operand::Regex(_)) | Test::Unequal(Operand::Regex(_))) => 1,
            Self::Is(..) => 0,
        }
    }
}

fn single<T>(mut list: Vec<T>, join: impl Fn(Vec<T>) -> T) -> Option<T> {
    match list.len() {
        1 => list.pop(),
        _ => Some(join(list)),
    }
}

fn test(reader: &mut Reader<'_>) -> Option<Test> {
    if reader.eat_word("IS") {
        return match () {
            () if reader.eat_word("TRUE") => Some(Test::True),
            () if reader.eat_word("FALSE") => Some(Test::False),
            () if reader.eat_word("NULL") => Some(Test::Null),
            () => None,
        };
    }
    if reader.eat_word("NOT") {
        return reader.eat_word("EXISTS").then_some(Test::Absent);
    }
    if reader.eat_word("EXISTS") {
        return Some(Test::Exists);
    }
    // The longer ones first.
    if reader.eat("!=") {
        return operand(reader).map(Test::Unequal);
    }
    if reader.eat("<=") {
        return number(reader).map(Test::LessOrEqual);
    }
    if reader.eat(">=") {
        return number(reader).map(Test::GreaterOrEqual);
    }
    if reader.eat("<") {
        return number(reader).map(Test::Less);
    }
    if reader.eat(">") {
        return number(reader).map(Test::Greater);
    }
    if reader.eat("=") {
        return operand(reader).map(Test::Equal);
    }
    None
}

fn number(reader: &mut Reader<'_>) -> Option<f64> {
    match operand(reader)? {
        Operand::Number(number, _) => Some(number),
        Operand::Text(_) | Operand::Regex(_) => None,
    }
}

fn operand(reader: &mut Reader<'_>) -> Option<Operand> {
    reader.skip_space();
    match reader.peek()? {
        '"' => {
            let text = reader.quoted('"')?;
            Some(Operand::Text(Wildcard::new(&text)))
        }
        '%' => {
            reader.next();
            let regex = text::regex(reader.until('%')?).ok()?;
            Some(Operand::Regex(Box::new(regex)))
        }
        _ => {
            let bare = reader
                .take_while(|next| !next.is_whitespace() && !"()&|{}[],\"=<>%".contains(next));
            if bare.is_empty() {
                return None;
            }
            let number = bare.parse().ok().filter(|number: &f64| number.is_finite());
            Some(match number {
                Some(number) => Operand::Number(number, bare.to_owned()),
                None => Operand::Text(Wildcard::new(bare)),
            })
        }
    }
}

impl Test {
    /// Whether a text passes, which may be a number.
    pub(super) fn passes(&self, text: &str) -> bool {
        let number = || text.parse::<f64>().ok();
        match self {
            Self::Equal(operand) => operand.equals(text),
            Self::Unequal(operand) => !operand.equals(text),
            Self::Less(than) => number().is_some_and(|number| number < *than),
            Self::LessOrEqual(than) => number().is_some_and(|number| number <= *than),
            Self::Greater(than) => number().is_some_and(|number| number > *than),
            Self::GreaterOrEqual(than) => number().is_some_and(|number| number >= *than),
            Self::Exists => true,
            Self::True | Self::False | Self::Null | Self::Absent => false,
        }
    }
}

impl Operand {
    fn equals(&self, text: &str) -> bool {
        match self {
            Self::Number(wanted, spelled) => {
                text == spelled || text.parse::<f64>().is_ok_and(|number| number == *wanted)
            }
            Self::Text(wildcard) => wildcard.matches(text),
            Self::Regex(regex) => regex.is_match(text),
        }
    }
}
