//! From commands to what they do: names are resolved, functions found, expressions checked.

mod expressions;

use regex::{Regex, RegexBuilder};

use crate::ast::{Command, Direction, Expression, Item, Name, Node, Pattern, Step};
use crate::expression::Expr;
use crate::fault::CompileError;
use crate::glob::Glob;
use crate::plan::{Does, End, Plan, RowStep, ScopePlan, Stage, Stats};
use crate::scope::Scope;
use expressions::Resolver;

/// The most `stats` commands of a query ("Use multiple stats commands in a single query").
const MOST_STATS: usize = 2;
/// The most bytes that a regular expression may compile to, and its automaton may take.
const MOST_REGEX: usize = 1024 * 1024;
/// The most names and expressions of a query.
const MOST_SLOTS: usize = 1024;

/// The plan of a query.
pub(crate) fn compile(steps: &[Step]) -> Result<Plan, CompileError> {
    let mut compiler = Compiler::default();
    for step in steps {
        compiler.step(step)?;
        if compiler.scope.slots > MOST_SLOTS {
            let message = format!("a query may have {MOST_SLOTS} fields and expressions");
            return Err(CompileError::new(step.span.clone(), message));
        }
    }
    Ok(compiler.finish())
}

/// Compiles a regular expression of a query, which runs in time linear to what it reads.
pub(crate) fn regex(text: &str, span: &std::ops::Range<usize>) -> Result<Regex, CompileError> {
    let mut builder = RegexBuilder::new(text);
    builder.size_limit(MOST_REGEX).dfa_size_limit(MOST_REGEX);
    builder.build().map_err(|error| {
        let reason = error.to_string();
        let reason = reason.lines().last().unwrap_or_default().trim();
        let message = format!("invalid regular expression: {reason}");
        CompileError::new(span.clone(), message)
    })
}

#[derive(Default)]
struct Compiler {
    done: Vec<ScopePlan>,
    scope: Scope,
    stages: Vec<Stage>,
    stage: Stage,
    /// What `fields`, `parse` and `stats` show.
    columns: Vec<(String, usize)>,
    /// What the last `display` shows.
    display: Option<Vec<(String, usize)>>,
    limit: Option<usize>,
    /// Only `limit` may follow ("dedup").
    is_deduplicated: bool,
}

impl Compiler {
    fn step(&mut self, step: &Step) -> Result<(), CompileError> {
        if self.is_deduplicated && !matches!(step.command, Command::Limit(_)) {
            let message = "only limit may follow dedup";
            return Err(CompileError::new(step.span.clone(), message));
        }
        match &step.command {
            Command::Fields(items) => {
                for item in items {
                    let column = self.item(item)?;
                    self.show(column);
                }
            }
            Command::Display(items) => {
                let columns: Result<Vec<_>, _> = items.iter().map(|item| self.item(item)).collect();
                self.display = Some(columns?);
            }
            Command::Filter(node) => {
                let condition = self.resolve(node)?;
                self.does(Does::Filter(condition));
            }
            Command::Parse { from, how } => self.parse(from, how)?,
            Command::Sort(keys) => {
                let mut sort = Vec::with_capacity(keys.len());
                for (node, direction) in keys {
                    sort.push((self.slot_of(node)?, *direction == Direction::Descending));
                }
                self.stage.sort = sort;
            }
            Command::Limit(limit) => {
                let limit = usize::try_from(*limit).unwrap_or(usize::MAX);
                let least = self.limit.map_or(limit, |known| known.min(limit));
                self.limit = Some(least);
                self.end(End::Limit(limit));
            }
            Command::Dedup(nodes) => {
                let slots: Result<_, _> = nodes.iter().map(|node| self.slot_of(node)).collect();
                self.end(End::Dedup(slots?));
                self.is_deduplicated = true;
            }
            Command::Stats { items, by } => self.stats(step, items, by)?,
        }
        Ok(())
    }

    fn resolve(&mut self, node: &Node) -> Result<Expr, CompileError> {
        Resolver::plain(&mut self.scope).resolve(node)
    }

    /// The slot that has an expression's value from here on.
    fn slot_of(&mut self, node: &Node) -> Result<usize, CompileError> {
        match self.resolve(node)? {
            Expr::Slot(slot) => Ok(slot),
            computed => {
                let slot = self.scope.fresh();
                self.does(Does::Assign(slot, computed));
                Ok(slot)
            }
        }
    }

    /// The name and the slot of an item that is shown.
    fn item(&mut self, item: &Item) -> Result<(String, usize), CompileError> {
        let slot = self.slot_of(&item.node)?;
        let Some(alias) = &item.alias else {
            if !matches!(item.node.kind, Expression::Field(_)) {
                self.scope.label(&item.node.source, slot);
            }
            return Ok((item.node.source.clone(), slot));
        };
        let given = self.scope.give(alias)?;
        self.does(Does::Assign(given, Expr::Slot(slot)));
        Ok((alias.text.clone(), given))
    }

    fn show(&mut self, column: (String, usize)) {
        if !self.columns.iter().any(|(known, _)| *known == column.0) {
            self.columns.push(column);
        }
    }

    fn does(&mut self, does: Does) {
        let is_discovered = |slot: usize| {
            self.scope
                .discovered
                .iter()
                .any(|(_, known)| *known == slot)
        };
        let needs_fields = match &does {
            Does::Assign(_, expr) | Does::Filter(expr) => expr.uses(&is_discovered),
            Does::Glob(expr, ..) | Does::Regex(expr, ..) => expr.uses(&is_discovered),
        };
        self.stage.steps.push(RowStep { does, needs_fields });
    }

    fn parse(&mut self, from: &Node, how: &Pattern) -> Result<(), CompileError> {
        let from = self.resolve(from)?;
        match how {
            Pattern::Glob(text, names) => {
                let mut slots = Vec::with_capacity(names.len());
                for name in names {
                    slots.push(self.named(name)?);
                }
                self.does(Does::Glob(from, Glob::new(text), slots));
            }
            Pattern::Regex(text, span) => {
                let regex = regex(text, span)?;
                let mut slots = Vec::new();
                for (group, name) in regex.capture_names().enumerate() {
                    let Some(name) = name else { continue };
                    let (text, span) = (name.to_owned(), span.clone());
                    slots.push((group, self.named(&Name { text, span })?));
                }
                if slots.is_empty() {
                    let message = "the expression has no named group";
                    return Err(CompileError::new(span.clone(), message));
                }
                self.does(Does::Regex(from, regex, slots));
            }
        }
        Ok(())
    }

    fn named(&mut self, name: &Name) -> Result<usize, CompileError> {
        let slot = self.scope.give(name)?;
        self.show((name.text.clone(), slot));
        Ok(slot)
    }

    fn stats(&mut self, step: &Step, items: &[Item], by: &[Item]) -> Result<(), CompileError> {
        if self.done.len() == MOST_STATS {
            let message = format!("a query may have {MOST_STATS} stats commands");
            return Err(CompileError::new(step.span.clone(), message));
        }
        let mut next = Scope::aggregated();
        let mut columns = Vec::new();
        let mut groups = Vec::with_capacity(by.len());
        for item in by {
            groups.push(self.resolve(&item.node)?);
            let slot = next.fresh();
            columns.push(labelled(&mut next, item, slot)?);
        }
        let mut aggregates = Vec::new();
        let mut computed = Vec::new();
        for item in items {
            let mut resolver = Resolver::aggregating(&mut self.scope, &mut next, &mut aggregates);
            let expr = resolver.resolve(&item.node)?;
            let slot = next.fresh();
            computed.push(Does::Assign(slot, expr));
            columns.push(labelled(&mut next, item, slot)?);
        }
        let stats = Stats {
            by: groups,
            aggregates,
        };
        self.end(End::Stats(stats));
        self.close(next);
        for does in computed {
            self.does(does);
        }
        self.columns = columns;
        self.display = None;
        Ok(())
    }

    fn end(&mut self, end: End) {
        let mut stage = std::mem::take(&mut self.stage);
        stage.end = end;
        self.stages.push(stage);
    }

    /// Ends the scope; rows have the shape of `next` from here on.
    fn close(&mut self, next: Scope) {
        let scope = std::mem::replace(&mut self.scope, next);
        self.done.push(ScopePlan {
            slots: scope.slots,
            systems: scope.systems,
            discovered: scope.discovered,
            stages: std::mem::take(&mut self.stages),
        });
    }

    fn finish(mut self) -> Plan {
        let mut columns = self
            .display
            .take()
            .unwrap_or(std::mem::take(&mut self.columns));
        if columns.is_empty() {
            let defaults = ["@timestamp", "@message"].into_iter();
            let defaults =
                defaults.filter_map(|name| Some((name.to_owned(), self.scope.field(name)?)));
            columns = defaults.collect();
        }
        self.end(End::Finish);
        self.close(Scope::default());
        Plan {
            scopes: self.done,
            columns,
            limit: self.limit,
        }
    }
}

/// The column of an item of `stats`.
fn labelled(scope: &mut Scope, item: &Item, slot: usize) -> Result<(String, usize), CompileError> {
    let name = match &item.alias {
        None => item.node.source.clone(),
        Some(alias) if scope.given(&alias.text).is_some() => {
            let message = format!("Ephemeral field is already defined: {}", alias.text);
            return Err(CompileError::new(alias.span.clone(), message));
        }
        Some(alias) => alias.text.clone(),
    };
    scope.label(&name, slot);
    Ok((name, slot))
}
