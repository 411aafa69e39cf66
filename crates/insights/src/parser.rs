//! From words to commands.

mod expressions;

use std::ops::Range;

use crate::ast::{Command, Direction, Item, Name, Node, Pattern, Step};
use crate::fault::CompileError;
use crate::lexer::{self, Kind, Token};

/// The longest query, in characters (StartQuery, `queryString`).
pub(crate) const MOST_CHARS: usize = 10_000;
/// Expressions may lie so deep in each other.
const MAX_DEPTH: usize = 64;

/// Commands of the language that are not carried out here, and are refused by name.
const OTHERS: [&str; 12] = [
    "anomaly",
    "diff",
    "filterindex",
    "join",
    "lookup",
    "pattern",
    "source",
    "subquery",
    "tail",
    "unmask",
    "unnest",
    "search",
];

/// The commands of the query `text`.
pub(crate) fn parse(text: &str) -> Result<Vec<Step>, CompileError> {
    if text.chars().count() > MOST_CHARS {
        let message = format!("a query has at most {MOST_CHARS} characters");
        return Err(CompileError::new(0..text.len(), message));
    }
    let words = lexer::words(text)?;
    let mut parser = Parser {
        text,
        words,
        at: 0,
        depth: 0,
    };
    if parser.is_at_end() {
        return Ok(Vec::new());
    }
    let mut steps = Vec::new();
    loop {
        let start = parser.span().start;
        let command = parser.command()?;
        let span = start..parser.end();
        steps.push(Step { command, span });
        if parser.is_at_end() {
            return Ok(steps);
        }
        parser.require("|")?;
    }
}

struct Parser<'t> {
    text: &'t str,
    words: Vec<Token>,
    at: usize,
    depth: usize,
}

type Parsed<T> = Result<T, CompileError>;

impl Parser<'_> {
    fn kind(&self) -> &Kind {
        self.words
            .get(self.at)
            .map_or(&Kind::End, |word| &word.kind)
    }

    fn span(&self) -> Range<usize> {
        let end = self.text.len();
        self.words
            .get(self.at)
            .map_or(end..end, |word| word.span.clone())
    }

    /// The end of the word before.
    fn end(&self) -> usize {
        let before = self.at.checked_sub(1).and_then(|at| self.words.get(at));
        before.map_or(0, |word| word.span.end)
    }

    fn is_at_end(&self) -> bool {
        *self.kind() == Kind::End
    }

    fn unexpected<T>(&self) -> Parsed<T> {
        Err(lexer::unexpected(self.text, self.span()))
    }

    fn is(&self, sign: &str) -> bool {
        matches!(self.kind(), Kind::Sign(found) if *found == sign)
    }

    fn takes(&mut self, sign: &str) -> bool {
        let is = self.is(sign);
        self.at += usize::from(is);
        is
    }

    fn require(&mut self, sign: &str) -> Parsed<()> {
        match self.takes(sign) {
            true => Ok(()),
            false => self.unexpected(),
        }
    }

    fn is_keyword(&self, keyword: &str) -> bool {
        matches!(self.kind(), Kind::Name(name) if name.eq_ignore_ascii_case(keyword))
    }

    fn takes_keyword(&mut self, keyword: &str) -> bool {
        let is = self.is_keyword(keyword);
        self.at += usize::from(is);
        is
    }

    fn command(&mut self) -> Parsed<Command> {
        let Kind::Name(name) = self.kind() else {
            return self.unexpected();
        };
        let (name, span) = (name.to_ascii_lowercase(), self.span());
        if OTHERS.contains(&&*name) {
            let message = format!("the command {name} is not supported");
            return Err(CompileError::new(span, message));
        }
        let start = self.at;
        self.at += 1;
        match &*name {
            "fields" => Ok(Command::Fields(self.items()?)),
            "display" => Ok(Command::Display(self.items()?)),
            "filter" => Ok(Command::Filter(self.expression()?)),
            "parse" => self.parse_command(),
            "stats" => self.stats(),
            "sort" => self.sort(),
            "limit" | "head" => self.limit(),
            "dedup" => Ok(Command::Dedup(self.list(Self::expression)?)),
            _ => {
                self.at = start;
                self.unexpected()
            }
        }
    }

    fn list<T>(&mut self, one: impl Fn(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        let mut list = vec![one(self)?];
        while self.takes(",") {
            list.push(one(self)?);
        }
        Ok(list)
    }

    fn items(&mut self) -> Parsed<Vec<Item>> {
        self.list(|parser| {
            let node = parser.expression()?;
            let alias = match parser.takes_keyword("as") {
                true => Some(parser.name()?),
                false => None,
            };
            Ok(Item { node, alias })
        })
    }

    fn name(&mut self) -> Parsed<Name> {
        let span = self.span();
        let text = match self.kind() {
            Kind::Name(name) | Kind::Quoted(name) if !name.is_empty() => name.clone(),
            _ => return self.unexpected(),
        };
        self.at += 1;
        Ok(Name { text, span })
    }

    /// `parse [FIELD] "..*.." as A, B` or `parse [FIELD] /..(?<A>..)../`
    fn parse_command(&mut self) -> Parsed<Command> {
        let from = match self.kind() {
            Kind::Text(_) | Kind::Regex(_) => Node::field("@message", self.span()),
            _ => self.operand()?,
        };
        let span = self.span();
        let how = match self.kind() {
            Kind::Regex(regex) => {
                let regex = regex.clone();
                self.at += 1;
                Pattern::Regex(regex, span)
            }
            Kind::Text(glob) => {
                let glob = glob.clone();
                self.at += 1;
                if !self.takes_keyword("as") {
                    return self.unexpected();
                }
                let names = self.list(Self::name)?;
                let wildcards = glob.matches('*').count();
                if wildcards != names.len() {
                    let message = format!(
                        "the expression has {wildcards} wildcards for {} fields",
                        names.len()
                    );
                    return Err(CompileError::new(span, message));
                }
                Pattern::Glob(glob, names)
            }
            _ => return self.unexpected(),
        };
        Ok(Command::Parse { from, how })
    }

    fn stats(&mut self) -> Parsed<Command> {
        let items = self.items()?;
        let by = match self.takes_keyword("by") {
            true => self.items()?,
            false => Vec::new(),
        };
        Ok(Command::Stats { items, by })
    }

    fn sort(&mut self) -> Parsed<Command> {
        let keys = self.list(|parser| {
            let node = parser.expression()?;
            let is_descending = parser.takes_keyword("desc");
            if is_descending {
                return Ok((node, Direction::Descending));
            }
            parser.takes_keyword("asc");
            Ok((node, Direction::Ascending))
        });
        Ok(Command::Sort(keys?))
    }

    fn limit(&mut self) -> Parsed<Command> {
        let Kind::Number(number) = *self.kind() else {
            return self.unexpected();
        };
        let whole = format!("{number}").parse::<u32>();
        let Some(limit) = whole.ok().filter(|limit| (1..=100_000).contains(limit)) else {
            let message = "the limit is a whole number from 1 to 100000";
            return Err(CompileError::new(self.span(), message));
        };
        self.at += 1;
        Ok(Command::Limit(limit))
    }
}
