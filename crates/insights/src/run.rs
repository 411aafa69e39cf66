//! A query at work: events in, rows out.

use std::fmt;
use std::sync::Arc;

use crate::ast::Step;
use crate::collect::{Collector, Kept, Rank, Seen};
use crate::compile;
use crate::discover;
use crate::event::{Event, Pointer};
use crate::expression::Row as Values;
use crate::fault::{CompileError, Exceeded};
use crate::parser;
use crate::plan::{Does, Plan, RowStep, ScopePlan, Stage};
use crate::print::Printed;
use crate::value::Value;

/// A query that is understood.
#[derive(Clone)]
pub struct Query {
    steps: Arc<[Step]>,
    plan: Arc<Plan>,
}

/// What a query may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The most rows of the result; fewer where the query has a `limit`.
    pub rows: usize,
    /// The most bytes of memory, roughly.
    pub bytes: usize,
}

/// A row of the result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Names of columns and their values, in the order of the query; what is absent is left out.
    pub fields: Vec<(Arc<str>, String)>,
    /// The event that the row shows; none of one that was computed from several.
    pub pointer: Option<Pointer>,
}

/// What a query finds.
#[derive(Debug)]
pub struct Answer {
    /// The rows, in their order.
    pub rows: Vec<Row>,
    /// How many events the query's conditions held for.
    pub matched: u64,
}

impl Query {
    /// Reads a query. The spans of errors are of bytes of `text`.
    pub fn parse(text: &str) -> Result<Self, CompileError> {
        let steps = parser::parse(text)?;
        let plan = compile::compile(&steps)?;
        Ok(Self {
            steps: steps.into(),
            plan: Arc::new(plan),
        })
    }

    /// The query at work, begun at `now_secs`.
    pub fn start(&self, limits: Limits, now_secs: i64) -> Run {
        let rows = self.plan.limit.unwrap_or(limits.rows);
        let stage = self
            .plan
            .scopes
            .first()
            .and_then(|scope| scope.stages.first());
        let stage = stage.map(|stage| Collector::new(stage, rows, limits.bytes));
        Run {
            plan: Arc::clone(&self.plan),
            collector: stage,
            limits: Limits { rows, ..limits },
            now_secs,
            matched: 0,
        }
    }
}

impl fmt::Display for Query {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        Printed(&self.steps).fmt(out)
    }
}

/// A query at work.
pub struct Run {
    plan: Arc<Plan>,
    collector: Option<Collector>,
    limits: Limits,
    now_secs: i64,
    matched: u64,
}

impl Run {
    /// How many events the query's conditions held for so far.
    pub fn matched(&self) -> u64 {
        self.matched
    }

    /// Takes an event.
    pub fn add(&mut self, event: &Event<'_>) -> Result<(), Exceeded> {
        let plan = Arc::clone(&self.plan);
        let scope = plan.scopes.first();
        let Some((scope, stage)) = scope.and_then(|scope| Some((scope, scope.stages.first()?)))
        else {
            return Ok(());
        };
        let mut slots = vec![Value::Absent; scope.slots];
        for (system, slot) in &scope.systems {
            set(&mut slots, *slot, system.of(event));
        }
        let mut is_read = scope.discovered.is_empty();
        for step in &stage.steps {
            if step.needs_fields && !is_read {
                read(scope, event, &mut slots);
                is_read = true;
            }
            if !self.does(step, &mut slots) {
                return Ok(());
            }
        }
        if !is_read {
            read(scope, event, &mut slots);
        }
        self.matched += 1;
        let row = Values {
            slots: &slots,
            now_secs: self.now_secs,
        };
        let rank = Rank {
            millis: event.millis,
            log: Arc::clone(event.log),
            place: event.place,
        };
        match &mut self.collector {
            Some(collector) => collector.add(stage, Seen { row, rank, nth: 0 }),
            None => Ok(()),
        }
    }

    /// The result, once all events have been taken.
    pub fn finish(mut self) -> Result<Answer, Exceeded> {
        let plan = Arc::clone(&self.plan);
        let mut collector = self.collector.take();
        let mut rows = Vec::new();
        for (nth, scope) in plan.scopes.iter().enumerate() {
            let next = plan
                .scopes
                .get(nth + 1)
                .map_or(scope.slots, |next| next.slots);
            for (number, stage) in scope.stages.iter().enumerate() {
                let is_last = number + 1 == scope.stages.len();
                let slots = if is_last { next } else { scope.slots };
                let collected = match collector.take() {
                    Some(first) => first,
                    None => self.again(stage, rows)?,
                };
                rows = collected.finish(stage, slots);
            }
        }
        let is_event = plan.scopes.len() == 1;
        rows.truncate(self.limits.rows);
        let names: Vec<Arc<str>> = plan
            .columns
            .iter()
            .map(|(name, _)| name.as_str().into())
            .collect();
        let rows = rows
            .into_iter()
            .map(|row| shown(row, (&plan, &names), is_event));
        Ok(Answer {
            rows: rows.collect(),
            matched: self.matched,
        })
    }

    /// A stage over the rows of the one before, whose order holds where nothing else is asked for.
    fn again(&self, stage: &Stage, rows: Vec<Kept>) -> Result<Collector, Exceeded> {
        let mut collector = Collector::new(stage, self.limits.rows, self.limits.bytes);
        for (nth, mut row) in rows.into_iter().enumerate() {
            if !stage
                .steps
                .iter()
                .all(|step| self.does(step, &mut row.slots))
            {
                continue;
            }
            let values = Values {
                slots: &row.slots,
                now_secs: self.now_secs,
            };
            let rank = row.rank;
            collector.add(
                stage,
                Seen {
                    row: values,
                    rank,
                    nth,
                },
            )?;
        }
        Ok(collector)
    }

    /// Does a step. False where the row goes no further.
    fn does<'e>(&self, step: &RowStep, slots: &mut [Value<'e>]) -> bool {
        let row = Values {
            slots,
            now_secs: self.now_secs,
        };
        match &step.does {
            Does::Filter(condition) => return condition.holds(&row),
            Does::Assign(slot, expr) => {
                let value = expr.of(&row);
                set(slots, *slot, value);
            }
            Does::Glob(from, glob, to) => {
                let value = from.of(&row);
                let text = value.text();
                let found = text.as_deref().and_then(|text| glob.find(text));
                for (slot, part) in to.iter().zip(found.unwrap_or_default()) {
                    set(slots, *slot, Value::owned(part.to_owned()));
                }
            }
            Does::Regex(from, regex, to) => {
                let value = from.of(&row);
                let text = value.text();
                let found = text.as_deref().and_then(|text| regex.captures(text));
                for (group, slot) in to {
                    let part = found.as_ref().and_then(|found| found.get(*group));
                    if let Some(part) = part {
                        set(slots, *slot, Value::owned(part.as_str().to_owned()));
                    }
                }
            }
        }
        true
    }
}

fn set<'e>(slots: &mut [Value<'e>], slot: usize, value: Value<'e>) {
    if let Some(place) = slots.get_mut(slot) {
        *place = value;
    }
}

fn read<'e>(scope: &ScopePlan, event: &Event<'e>, slots: &mut [Value<'e>]) {
    discover::found(event.message, &scope.discovered, |slot, text| {
        set(slots, slot, Value::Text(text));
    });
}

fn shown(row: Kept, (plan, names): (&Plan, &[Arc<str>]), is_event: bool) -> Row {
    let columns = plan.columns.iter().zip(names);
    let fields = columns.filter(|((name, _), _)| !is_event || name != "@ptr");
    let fields = fields.filter_map(|((_, slot), name)| {
        let text = row.slots.get(*slot)?.text()?;
        Some((Arc::clone(name), text.into_owned()))
    });
    let fields = fields.collect();
    let place = row.rank.place;
    let pointer = is_event.then_some(Pointer {
        log: row.rank.log,
        place,
    });
    Row { fields, pointer }
}
