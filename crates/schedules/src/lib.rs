//! Schedule expressions: `rate(5 minutes)` and `cron(0 10 * * ? *)`, as EventBridge rules have them
//! ("Using cron and rate expressions to schedule rules", EventBridge user guide).
//!
//! A [`Schedule`] is parsed once and says when it is due next. All times are seconds since 1970, in
//! UTC; a cron expression is due at the beginning of a minute.
//!
//! What this crate never does: read a clock, know a time zone, or run anything.

mod calendar;
mod cron;
mod days;
mod field;
mod rate;

use cron::Cron;
use rate::Rate;

/// When something is due, again and again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Rate(Rate),
    Cron(Box<Cron>),
}

/// The expression is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the schedule expression is not valid")]
pub struct InvalidSchedule;

impl Schedule {
    /// Parses `rate(value unit)` or `cron(fields)`.
    pub fn parse(text: &str) -> Result<Self, InvalidSchedule> {
        let inner = |name: &str| {
            let inner = text.strip_prefix(name)?.strip_prefix('(')?;
            inner.strip_suffix(')')
        };
        let rate = || Some(Kind::Rate(Rate::parse(inner("rate")?)?));
        let cron = || Some(Kind::Cron(Box::new(Cron::parse(inner("cron")?)?)));
        let kind = rate().or_else(cron).ok_or(InvalidSchedule)?;
        Ok(Self { kind })
    }

    /// The first time after `after` that it is due; none if there will be none.
    ///
    /// A rate counts from `since`, which is when it began: its first time is one period later.
    pub fn next_after(&self, since: i64, after: i64) -> Option<i64> {
        match &self.kind {
            Kind::Rate(rate) => rate.next_after(since, after),
            Kind::Cron(cron) => cron.next_after(after),
        }
    }

    /// The last time up to `until` that it was due after `after`, if it was at all: which of the
    /// times that nobody attended to is the latest.
    pub fn last_within(&self, since: i64, (after, until): (i64, i64)) -> Option<i64> {
        match &self.kind {
            Kind::Rate(rate) => rate.last_within(since, (after, until)),
            Kind::Cron(cron) => cron.last_within((after, until)),
        }
    }
}
