//! What a query does, command by command, with its names resolved to slots of rows.

use regex::Regex;

use crate::aggregate::Kind;
use crate::discover::System;
use crate::expression::Expr;
use crate::glob::Glob;

/// A query, as a row of scopes: the events' own, and one behind each `stats`.
pub(crate) struct Plan {
    pub(crate) scopes: Vec<ScopePlan>,
    /// What the result shows: names, and the slots of the last scope.
    pub(crate) columns: Vec<(String, usize)>,
    /// What the query itself says of the number of rows.
    pub(crate) limit: Option<usize>,
}

/// What happens to rows of one shape.
pub(crate) struct ScopePlan {
    /// How many slots each row has.
    pub(crate) slots: usize,
    /// The fields that every event has, as far as the query asks for them.
    pub(crate) systems: Vec<(System, usize)>,
    /// The fields that are looked for in events.
    pub(crate) discovered: Vec<(String, usize)>,
    pub(crate) stages: Vec<Stage>,
}

/// Commands that work row by row, and the one behind them that needs all rows.
#[derive(Default)]
pub(crate) struct Stage {
    pub(crate) steps: Vec<RowStep>,
    /// The slots by which rows are sorted, and whether the greatest comes first.
    pub(crate) sort: Vec<(usize, bool)>,
    pub(crate) end: End,
}

pub(crate) struct RowStep {
    pub(crate) does: Does,
    /// Whether it needs fields that have to be looked for.
    pub(crate) needs_fields: bool,
}

pub(crate) enum Does {
    Assign(usize, Expr),
    Filter(Expr),
    Glob(Expr, Glob, Vec<usize>),
    /// Groups by their numbers, and the slots that they go to.
    Regex(Expr, Regex, Vec<(usize, usize)>),
}

#[derive(Default)]
pub(crate) enum End {
    /// The result, or rows for the next scope.
    #[default]
    Finish,
    Limit(usize),
    /// The slots of which no two rows have the same values.
    Dedup(Vec<usize>),
    Stats(Stats),
}

/// `stats`: the next scope's first slots are the groups, and each aggregate has a slot there.
pub(crate) struct Stats {
    pub(crate) by: Vec<Expr>,
    pub(crate) aggregates: Vec<(usize, Kind, Expr)>,
}
