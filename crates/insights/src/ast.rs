//! A query as it is written.

use std::ops::Range;

/// One command of a query.
#[derive(Debug)]
pub(crate) enum Command {
    Fields(Vec<Item>),
    Display(Vec<Item>),
    Filter(Node),
    Parse { from: Node, how: Pattern },
    Stats { items: Vec<Item>, by: Vec<Item> },
    Sort(Vec<(Node, Direction)>),
    Limit(u32),
    Dedup(Vec<Node>),
}

/// A command and the bytes that it stands in.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) command: Command,
    pub(crate) span: Range<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Ascending,
    Descending,
}

/// What `parse` looks for.
#[derive(Debug)]
pub(crate) enum Pattern {
    /// A text with wildcards, and a name for each of them.
    Glob(String, Vec<Name>),
    /// An expression with named groups.
    Regex(String, Range<usize>),
}

/// A name that the query gives.
#[derive(Debug)]
pub(crate) struct Name {
    pub(crate) text: String,
    pub(crate) span: Range<usize>,
}

/// An expression, and the name that it has in the result.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) node: Node,
    pub(crate) alias: Option<Name>,
}

/// An expression and the bytes that it stands in.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) kind: Expression,
    pub(crate) span: Range<usize>,
    /// As it is written, without space at its ends.
    pub(crate) source: String,
}

#[derive(Debug)]
pub(crate) enum Expression {
    Field(String),
    Text(String),
    Number(f64),
    Period(i64, String),
    /// What `count` counts when it counts everything.
    Star,
    Not(Box<Node>),
    Negative(Box<Node>),
    /// Two or more; true if all are.
    And(Vec<Node>),
    /// Two or more; true if one is.
    Or(Vec<Node>),
    Compare(Comparison, Box<Node>, Box<Node>),
    Arithmetic(Arithmetic, Box<Node>, Box<Node>),
    Like {
        value: Box<Node>,
        pattern: Like,
        is_negated: bool,
    },
    In {
        value: Box<Node>,
        list: Vec<Node>,
        is_negated: bool,
    },
    Call(String, Vec<Node>),
    Member(Box<Node>, Member),
}

/// What `like` and `=~` look for.
#[derive(Debug)]
pub(crate) enum Like {
    Text(String),
    Regex(String, Range<usize>),
}

/// The way from a map or a list to something in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Member {
    Key(String),
    Index(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arithmetic {
    Plus,
    Minus,
    Times,
    Divided,
    Power,
    Remainder,
}
