//! Resolves expressions: names to slots, functions to what they do.

use super::regex;
use crate::aggregate::Kind;
use crate::ast::{Expression, Like, Member, Node};
use crate::calendar::Period;
use crate::expression::Expr;
use crate::fault::CompileError;
use crate::functions;
use crate::scope::Scope;
use crate::value::Value;

type Resolved = Result<Expr, CompileError>;

/// What names mean where an expression stands.
pub(super) struct Resolver<'s> {
    scope: &'s mut Scope,
    stats: Option<Stats<'s>>,
}

/// An item of `stats`: what is in an aggregate is about rows, what is around it about the result.
struct Stats<'s> {
    next: &'s mut Scope,
    aggregates: &'s mut Vec<(usize, Kind, Expr)>,
}

impl<'s> Resolver<'s> {
    pub(super) fn plain(scope: &'s mut Scope) -> Self {
        Self { scope, stats: None }
    }

    pub(super) fn aggregating(
        scope: &'s mut Scope,
        next: &'s mut Scope,
        aggregates: &'s mut Vec<(usize, Kind, Expr)>,
    ) -> Self {
        let stats = Some(Stats { next, aggregates });
        Self { scope, stats }
    }

    pub(super) fn resolve(&mut self, node: &Node) -> Resolved {
        let boxed = |expr| Box::new(expr);
        Ok(match &node.kind {
            Expression::Field(name) => self.field(node, name)?,
            Expression::Text(text) => Expr::Constant(Value::owned(text.clone())),
            Expression::Number(number) => Expr::Constant(Value::Number(*number)),
            Expression::Period(..) | Expression::Star => {
                return refuse(node, format!("{} has no value here", node.source));
            }
            Expression::Not(inner) => Expr::Not(boxed(self.resolve(inner)?)),
            Expression::Negative(inner) => Expr::Negative(boxed(self.resolve(inner)?)),
            Expression::And(all) => Expr::And(self.all(all)?),
            Expression::Or(all) => Expr::Or(self.all(all)?),
            Expression::Compare(comparison, left, right) => {
                let (left, right) = (self.resolve(left)?, self.resolve(right)?);
                Expr::Compare(*comparison, boxed(left), boxed(right))
            }
            Expression::Arithmetic(operation, left, right) => {
                if let Some(slot) = self.labelled(node) {
                    return Ok(Expr::Slot(slot));
                }
                let (left, right) = (self.resolve(left)?, self.resolve(right)?);
                Expr::Arithmetic(*operation, boxed(left), boxed(right))
            }
            Expression::Like {
                value,
                pattern,
                is_negated,
            } => self.like(value, pattern, *is_negated)?,
            Expression::In {
                value,
                list,
                is_negated,
            } => Expr::In {
                value: boxed(self.resolve(value)?),
                list: self.all(list)?,
                is_negated: *is_negated,
            },
            Expression::Call(name, arguments) => self.call(node, name, arguments)?,
            Expression::Member(inner, member) => {
                Expr::Member(boxed(self.resolve(inner)?), member.clone())
            }
        })
    }

    fn all(&mut self, nodes: &[Node]) -> Result<Vec<Expr>, CompileError> {
        nodes.iter().map(|node| self.resolve(node)).collect()
    }

    /// The scope that names around aggregates are of.
    fn outer(&self) -> &Scope {
        match &self.stats {
            Some(stats) => stats.next,
            None => self.scope,
        }
    }

    /// The slot of something computed that has been shown under this very text.
    fn labelled(&self, node: &Node) -> Option<usize> {
        self.outer().given(&node.source)
    }

    fn field(&mut self, node: &Node, name: &str) -> Resolved {
        if let Some(slot) = self.outer().given(name) {
            return Ok(Expr::Slot(slot));
        }
        let truth = ["false", "true"].iter().position(|truth| *truth == name);
        if let Some(truth) = truth {
            return Ok(Expr::Constant((truth == 1).into()));
        }
        // The longest name that the query gave, and the way from there.
        let mut dots: Vec<_> = name.match_indices('.').map(|(at, _)| at).collect();
        dots.reverse();
        for dot in dots {
            let (map, key) = (name.get(..dot), name.get(dot + 1..));
            let slot = map.and_then(|map| self.outer().given(map));
            if let Some((slot, key)) = slot.zip(key) {
                let member = Member::Key(key.to_owned());
                return Ok(Expr::Member(Box::new(Expr::Slot(slot)), member));
            }
        }
        if self.stats.is_some() {
            let message = format!("{name} is neither aggregated nor one of the groups");
            return refuse(node, message);
        }
        let slot = self.scope.field(name);
        Ok(slot.map_or(Expr::Constant(Value::Absent), Expr::Slot))
    }

    fn like(&mut self, value: &Node, pattern: &Like, is_negated: bool) -> Resolved {
        let value = Box::new(self.resolve(value)?);
        Ok(match pattern {
            Like::Text(part) => Expr::Contains {
                value,
                part: part.clone(),
                is_negated,
            },
            Like::Regex(text, span) => Expr::Matches {
                value,
                regex: regex(text, span)?,
                is_negated,
            },
        })
    }

    fn call(&mut self, node: &Node, name: &str, arguments: &[Node]) -> Resolved {
        if let Some(slot) = self.labelled(node) {
            return Ok(Expr::Slot(slot));
        }
        match (&*name.to_ascii_lowercase(), arguments) {
            ("bin", [period]) => {
                let period = self::period(period)?;
                let time = self.field(node, "@timestamp")?;
                Ok(Expr::Floor(period, Box::new(time)))
            }
            ("datefloor", [time, period]) => {
                let period = self::period(period)?;
                Ok(Expr::Floor(period, Box::new(self.resolve(time)?)))
            }
            ("dateceil", [time, period]) => {
                let period = self::period(period)?;
                Ok(Expr::Ceil(period, Box::new(self.resolve(time)?)))
            }
            ("now", []) => Ok(Expr::Now),
            (lower, _) => match Kind::named(lower) {
                Some(kind) => self.aggregate(node, kind, arguments),
                None => self.function(node, name, arguments),
            },
        }
    }

    fn function(&mut self, node: &Node, name: &str, arguments: &[Node]) -> Resolved {
        let Some(entry) = functions::named(name) else {
            return refuse(node, format!("Invalid function name: {name}"));
        };
        if !entry.takes(arguments.len()) {
            let message = format!("Invalid arguments for function {name}");
            return refuse(node, message);
        }
        Ok(Expr::Call(entry.function, self.all(arguments)?))
    }

    fn aggregate(&mut self, node: &Node, kind: Kind, arguments: &[Node]) -> Resolved {
        let Some(stats) = &mut self.stats else {
            let message = format!("{} can be used in stats alone", node.source);
            return refuse(node, message);
        };
        let wrong = || {
            refuse(
                node,
                format!("Invalid arguments for function {}", node.source),
            )
        };
        let everything = Expr::Constant(Value::Number(1.0));
        let mut inner = Resolver::plain(self.scope);
        let (kind, expr) = match (kind, arguments) {
            (Kind::Count, []) => (kind, everything),
            (
                Kind::Count,
                [
                    Node {
                        kind: Expression::Star,
                        ..
                    },
                ],
            ) => (kind, everything),
            (Kind::Percentile(_), [value, percent]) => match percent.kind {
                Expression::Number(percent) if (0.0..=100.0).contains(&percent) => {
                    (Kind::Percentile(percent), inner.resolve(value)?)
                }
                _ => return wrong(),
            },
            (Kind::Percentile(_), _) => return wrong(),
            (_, [value]) => (kind, inner.resolve(value)?),
            _ => return wrong(),
        };
        let slot = stats.next.fresh();
        stats.aggregates.push((slot, kind, expr));
        Ok(Expr::Slot(slot))
    }
}

fn period(node: &Node) -> Result<Period, CompileError> {
    let found = match &node.kind {
        Expression::Period(count, unit) => Period::of(*count, unit),
        _ => None,
    };
    found.ok_or_else(|| {
        let message = format!("Invalid period: {}", node.source);
        CompileError::new(node.span.clone(), message)
    })
}

fn refuse<T>(node: &Node, message: String) -> Result<T, CompileError> {
    Err(CompileError::new(node.span.clone(), message))
}
