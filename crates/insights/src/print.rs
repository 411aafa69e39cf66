//! Queries written out: what is read from it is the same query.

use std::fmt::{Display, Formatter, Result};

use crate::ast::{
    Arithmetic, Command, Comparison, Direction, Expression, Item, Like, Member, Name, Node,
    Pattern, Step,
};

/// A query to be written.
pub(crate) struct Printed<'q>(pub(crate) &'q [Step]);

impl Display for Printed<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        list(out, self.0.iter().map(|step| &step.command), " | ")
    }
}

fn list<T: Display>(
    out: &mut Formatter<'_>,
    items: impl IntoIterator<Item = T>,
    between: &str,
) -> Result {
    for (nth, item) in items.into_iter().enumerate() {
        if nth > 0 {
            out.write_str(between)?;
        }
        write!(out, "{item}")?;
    }
    Ok(())
}

impl Display for Command {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        match self {
            Self::Fields(items) => {
                out.write_str("fields ")?;
                list(out, items, ", ")
            }
            Self::Display(items) => {
                out.write_str("display ")?;
                list(out, items, ", ")
            }
            Self::Filter(node) => write!(out, "filter {node}"),
            Self::Parse { from, how } => match how {
                Pattern::Regex(regex, _) => write!(out, "parse {from} {}", Regex(regex)),
                Pattern::Glob(glob, names) => {
                    write!(out, "parse {from} {} as ", Text(glob))?;
                    list(out, names, ", ")
                }
            },
            Self::Stats { items, by } => {
                out.write_str("stats ")?;
                list(out, items, ", ")?;
                if !by.is_empty() {
                    out.write_str(" by ")?;
                }
                list(out, by, ", ")
            }
            Self::Sort(keys) => {
                out.write_str("sort ")?;
                let keys = keys.iter().map(|(node, direction)| match direction {
                    Direction::Ascending => format!("{node} asc"),
                    Direction::Descending => format!("{node} desc"),
                });
                list(out, keys, ", ")
            }
            Self::Limit(limit) => write!(out, "limit {limit}"),
            Self::Dedup(nodes) => {
                out.write_str("dedup ")?;
                list(out, nodes, ", ")
            }
        }
    }
}

impl Display for Item {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        write!(out, "{}", self.node)?;
        match &self.alias {
            None => Ok(()),
            Some(alias) => write!(out, " as {alias}"),
        }
    }
}

impl Display for Name {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        field(out, &self.text)
    }
}

/// Everything in parentheses that binds anything: the text is read by programs.
impl Display for Node {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        match &self.kind {
            Expression::Field(name) => field(out, name),
            Expression::Text(text) => write!(out, "{}", Text(text)),
            Expression::Number(number) => write!(out, "{number}"),
            Expression::Period(count, unit) => write!(out, "{count}{unit}"),
            Expression::Star => out.write_str("*"),
            Expression::Not(inner) => write!(out, "(not {inner})"),
            Expression::Negative(inner) => write!(out, "(-{inner})"),
            Expression::And(all) => joined(out, all, " and "),
            Expression::Or(all) => joined(out, all, " or "),
            Expression::Compare(comparison, left, right) => {
                write!(out, "({left} {} {right})", sign(*comparison))
            }
            Expression::Arithmetic(operation, left, right) => {
                write!(out, "({left} {} {right})", operator(*operation))
            }
            Expression::Like {
                value,
                pattern,
                is_negated,
            } => {
                let not = if *is_negated { "not " } else { "" };
                match pattern {
                    Like::Text(text) => write!(out, "({value} {not}like {})", Text(text)),
                    Like::Regex(regex, _) => write!(out, "({value} {not}like {})", Regex(regex)),
                }
            }
            Expression::In {
                value,
                list: values,
                is_negated,
            } => {
                let not = if *is_negated { "not " } else { "" };
                write!(out, "({value} {not}in [")?;
                list(out, values, ", ")?;
                out.write_str("])")
            }
            Expression::Call(name, arguments) => {
                write!(out, "{name}(")?;
                list(out, arguments, ", ")?;
                out.write_str(")")
            }
            Expression::Member(inner, Member::Index(index)) => write!(out, "{inner}[{index}]"),
            Expression::Member(inner, Member::Key(key)) => {
                write!(out, "{inner}.")?;
                field(out, key)
            }
        }
    }
}

fn joined(out: &mut Formatter<'_>, nodes: &[Node], between: &str) -> Result {
    out.write_str("(")?;
    list(out, nodes, between)?;
    out.write_str(")")
}

fn field(out: &mut Formatter<'_>, name: &str) -> Result {
    write!(out, "`{}`", name.replace('\\', "\\\\").replace('`', "\\`"))
}

struct Text<'t>(&'t str);

impl Display for Text<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        write!(
            out,
            "\"{}\"",
            self.0.replace('\\', "\\\\").replace('"', "\\\"")
        )
    }
}

struct Regex<'r>(&'r str);

impl Display for Regex<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        out.write_str("/")?;
        let mut is_escaped = false;
        for char in self.0.chars() {
            if char == '/' && !is_escaped {
                out.write_str("\\")?;
            }
            is_escaped = char == '\\' && !is_escaped;
            write!(out, "{char}")?;
        }
        out.write_str("/")
    }
}

fn sign(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equal => "=",
        Comparison::NotEqual => "!=",
        Comparison::Less => "<",
        Comparison::LessOrEqual => "<=",
        Comparison::Greater => ">",
        Comparison::GreaterOrEqual => ">=",
    }
}

fn operator(operation: Arithmetic) -> &'static str {
    match operation {
        Arithmetic::Plus => "+",
        Arithmetic::Minus => "-",
        Arithmetic::Times => "*",
        Arithmetic::Divided => "/",
        Arithmetic::Power => "^",
        Arithmetic::Remainder => "%",
    }
}
