//! Expressions, the loosest binding first.

use std::ops::Range;

use super::{MAX_DEPTH, Parsed, Parser};
use crate::ast::{Arithmetic, Comparison, Expression, Like, Member, Node};
use crate::fault::CompileError;
use crate::lexer::{self, Kind};

/// Words that name no field unless they stand in backticks.
const KEYWORDS: [&str; 8] = ["and", "or", "not", "in", "like", "as", "by", "asc"];

impl Node {
    /// A field that the query takes for granted.
    pub(super) fn field(name: &str, span: Range<usize>) -> Self {
        Self {
            kind: Expression::Field(name.to_owned()),
            span: span.start..span.start,
            source: name.to_owned(),
        }
    }
}

impl Parser<'_> {
    fn node(&self, start: usize, kind: Expression) -> Node {
        let span = start..self.end();
        let source = self.text.get(span.clone()).unwrap_or_default().to_owned();
        Node { kind, span, source }
    }

    /// Goes one level deeper. A query that nests without end is refused, not followed.
    fn deeper<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth == MAX_DEPTH {
            let message = format!("expressions may be nested {MAX_DEPTH} deep");
            return Err(CompileError::new(self.span(), message));
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    pub(super) fn expression(&mut self) -> Parsed<Node> {
        self.deeper(|parser| {
            parser.chain("or", Expression::Or, |parser| {
                parser.chain("and", Expression::And, Self::negation)
            })
        })
    }

    fn chain(
        &mut self,
        keyword: &str,
        join: fn(Vec<Node>) -> Expression,
        one: impl Fn(&mut Self) -> Parsed<Node>,
    ) -> Parsed<Node> {
        let start = self.span().start;
        let first = one(self)?;
        if !self.is_keyword(keyword) {
            return Ok(first);
        }
        let mut all = vec![first];
        while self.takes_keyword(keyword) {
            all.push(one(self)?);
        }
        Ok(self.node(start, join(all)))
    }

    fn negation(&mut self) -> Parsed<Node> {
        let start = self.span().start;
        if !self.takes_keyword("not") {
            return self.comparison();
        }
        let inner = self.deeper(Self::negation)?;
        Ok(self.node(start, Expression::Not(Box::new(inner))))
    }

    fn comparison(&mut self) -> Parsed<Node> {
        let start = self.span().start;
        let left = self.sum()?;
        let before = self.at;
        let is_negated = self.takes_keyword("not");
        if self.takes_keyword("like") || (!is_negated && self.takes("=~")) {
            let (value, pattern) = (Box::new(left), self.pattern()?);
            let kind = Expression::Like {
                value,
                pattern,
                is_negated,
            };
            return Ok(self.node(start, kind));
        }
        if self.takes_keyword("in") {
            self.require("[")?;
            let list = self.list(Self::sum)?;
            self.require("]")?;
            let value = Box::new(left);
            let kind = Expression::In {
                value,
                list,
                is_negated,
            };
            return Ok(self.node(start, kind));
        }
        if is_negated {
            self.at = before;
            return self.unexpected();
        }
        let Some(comparison) = self.comparison_sign() else {
            return Ok(left);
        };
        self.at += 1;
        let right = self.sum()?;
        let kind = Expression::Compare(comparison, Box::new(left), Box::new(right));
        Ok(self.node(start, kind))
    }

    fn comparison_sign(&self) -> Option<Comparison> {
        let Kind::Sign(sign) = self.kind() else {
            return None;
        };
        Some(match *sign {
            "=" => Comparison::Equal,
            "!=" => Comparison::NotEqual,
            "<" => Comparison::Less,
            "<=" => Comparison::LessOrEqual,
            ">" => Comparison::Greater,
            ">=" => Comparison::GreaterOrEqual,
            _ => return None,
        })
    }

    fn pattern(&mut self) -> Parsed<Like> {
        let pattern = match self.kind() {
            Kind::Text(text) => Like::Text(text.clone()),
            Kind::Regex(regex) => Like::Regex(regex.clone(), self.span()),
            _ => return self.unexpected(),
        };
        self.at += 1;
        Ok(pattern)
    }

    fn sum(&mut self) -> Parsed<Node> {
        let signs = [("+", Arithmetic::Plus), ("-", Arithmetic::Minus)];
        self.left_to_right(&signs, Self::product)
    }

    fn product(&mut self) -> Parsed<Node> {
        let signs = [
            ("*", Arithmetic::Times),
            ("/", Arithmetic::Divided),
            ("%", Arithmetic::Remainder),
        ];
        self.left_to_right(&signs, Self::power)
    }

    /// Each operation of a chain lies a level deeper than the next.
    fn left_to_right(
        &mut self,
        signs: &[(&str, Arithmetic)],
        one: fn(&mut Self) -> Parsed<Node>,
    ) -> Parsed<Node> {
        let start = self.span().start;
        let mut left = one(self)?;
        let mut length = 0;
        while let Some((_, operation)) = signs.iter().find(|(sign, _)| self.is(sign)) {
            if length == MAX_DEPTH {
                let message = format!("at most {MAX_DEPTH} operations may follow each other");
                return Err(CompileError::new(self.span(), message));
            }
            length += 1;
            self.at += 1;
            let right = one(self)?;
            let kind = Expression::Arithmetic(*operation, Box::new(left), Box::new(right));
            left = self.node(start, kind);
        }
        Ok(left)
    }

    fn power(&mut self) -> Parsed<Node> {
        let start = self.span().start;
        let base = self.operand()?;
        if !self.takes("^") {
            return Ok(base);
        }
        let exponent = self.deeper(Self::power)?;
        let kind = Expression::Arithmetic(Arithmetic::Power, Box::new(base), Box::new(exponent));
        Ok(self.node(start, kind))
    }

    /// What stands between signs.
    pub(super) fn operand(&mut self) -> Parsed<Node> {
        let start = self.span().start;
        if self.takes("-") {
            let inner = self.deeper(Self::operand)?;
            return Ok(self.node(start, Expression::Negative(Box::new(inner))));
        }
        let mut node = self.primary()?;
        let mut steps = 0;
        while let Some(member) = self.member()? {
            if steps == MAX_DEPTH {
                return self.unexpected();
            }
            steps += 1;
            node = self.node(start, Expression::Member(Box::new(node), member));
        }
        Ok(node)
    }

    /// `.key` or `[0]`
    fn member(&mut self) -> Parsed<Option<Member>> {
        if self.takes("[") {
            let index = match self.kind() {
                Kind::Number(index) => format!("{index}").parse().ok(),
                _ => None,
            };
            let Some(index) = index else {
                return self.unexpected();
            };
            self.at += 1;
            self.require("]")?;
            return Ok(Some(Member::Index(index)));
        }
        if !self.takes(".") {
            return Ok(None);
        }
        Ok(Some(Member::Key(self.name()?.text)))
    }

    fn primary(&mut self) -> Parsed<Node> {
        let start = self.span().start;
        if self.takes("(") {
            let inner = self.expression()?;
            self.require(")")?;
            let (span, source) = (start..self.end(), inner.source);
            let kind = inner.kind;
            return Ok(Node { kind, span, source });
        }
        let kind = match self.kind().clone() {
            Kind::Number(number) => Expression::Number(number),
            Kind::Period(count, unit) => Expression::Period(count, unit),
            Kind::Text(text) => Expression::Text(text),
            Kind::Quoted(name) if !name.is_empty() => Expression::Field(name),
            Kind::Name(name) => return self.named(start, name),
            _ => return self.unexpected(),
        };
        self.at += 1;
        let mut node = self.node(start, kind);
        if let Expression::Field(name) = &node.kind {
            node.source.clone_from(name);
        }
        Ok(node)
    }

    fn named(&mut self, start: usize, name: String) -> Parsed<Node> {
        let is_keyword = KEYWORDS.iter().any(|word| name.eq_ignore_ascii_case(word));
        if is_keyword {
            return self.unexpected();
        }
        self.at += 1;
        if !self.takes("(") {
            return Ok(self.node(start, Expression::Field(name)));
        }
        let mut arguments = Vec::new();
        if !self.takes(")") {
            arguments = self.deeper(|parser| parser.list(Self::argument))?;
            self.require(")")?;
        }
        Ok(self.node(start, Expression::Call(name, arguments)))
    }

    fn argument(&mut self) -> Parsed<Node> {
        let start = self.span().start;
        if self.is("*") {
            self.at += 1;
            return Ok(self.node(start, Expression::Star));
        }
        // A unit may stand apart: `bin(5 m)`.
        let apart = (self.kind().clone(), self.words.get(self.at + 1).cloned());
        if let (
            Kind::Number(count),
            Some(lexer::Token {
                kind: Kind::Name(unit),
                ..
            }),
        ) = apart
        {
            let Ok(count) = format!("{count}").parse() else {
                return self.unexpected();
            };
            self.at += 2;
            return Ok(self.node(start, Expression::Period(count, unit)));
        }
        self.expression()
    }
}
