//! `RotationRules`: how often a secret is rotated, and which are refused ("Rotation schedules", user
//! guide).

use std::ops::RangeInclusive;

use schedules::Schedule;
use wire::Fault;

use super::windows::{DAY, HOUR};
use crate::refusals;

/// So many hours apart are rotations at least.
const LEAST_HOURS: i64 = 4;
const HOURS: RangeInclusive<i64> = LEAST_HOURS..=23;
const DAYS: RangeInclusive<i64> = 1..=999;
const DURATION: RangeInclusive<i64> = 1..=24;

/// When a secret is rotated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rules {
    pub(super) every: Every,
    /// The hours of a window, where it was said how many.
    pub(super) hours: Option<i64>,
}

/// What lies between two windows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Every {
    /// So many days after the last rotation; windows begin at midnight.
    Days(i64),
    /// So many hours, counted from the midnight before the rules were set.
    Hours(i64),
    /// What a cron expression says.
    Cron {
        schedule: Schedule,
        /// Whether it has several windows a day.
        is_hourly: bool,
    },
}

impl Rules {
    /// Reads the members of `RotationRules`; none where they say no time.
    pub(crate) fn parse(
        after_days: Option<i64>,
        schedule: Option<&str>,
        duration: Option<&str>,
    ) -> Result<Option<Self>, Fault> {
        let every = match (after_days, schedule) {
            (Some(_), Some(_)) => {
                return Err(refusals::invalid(
                    "You cannot specify both rotation frequency and schedule expression together.",
                ));
            }
            (Some(days), None) => Some(Every::Days(days)),
            (None, Some(text)) => Some(parse_schedule(text)?),
            (None, None) => None,
        };
        let hours = duration.map(parse_duration).transpose()?;
        let Some(every) = every else {
            return Ok(None);
        };
        let rules = Self { every, hours };
        rules.check_duration()?;
        Ok(Some(rules))
    }

    /// The days between two rotations, where the rules alone tell.
    pub(crate) fn days(&self) -> Option<i64> {
        match self.every {
            Every::Days(days) => Some(days),
            Every::Hours(_) | Every::Cron { .. } => None,
        }
    }

    /// Refuses windows that reach into the next day, or into the next window.
    fn check_duration(&self) -> Result<(), Fault> {
        let Some(hours) = self.hours else {
            return Ok(());
        };
        match &self.every {
            Every::Days(_) => Ok(()),
            Every::Hours(rate) if hours > *rate => Err(too_long()),
            Every::Hours(_) => Ok(()),
            Every::Cron { schedule, .. } => {
                let starts = hours_of_a_day(schedule);
                let apart = starts.windows(2).filter_map(|pair| match pair {
                    [earlier, later] => Some(later - earlier),
                    _ => None,
                });
                if apart.min().is_some_and(|apart| hours > apart) {
                    return Err(too_long());
                }
                match starts.last().is_some_and(|last| last + hours > 24) {
                    true => Err(refusals::invalid(
                        "Starting hour and duration must be within a day.",
                    )),
                    false => Ok(()),
                }
            }
        }
    }
}

fn parse_duration(text: &str) -> Result<i64, Fault> {
    let hours = text.strip_suffix('h').and_then(|hours| hours.parse().ok());
    hours
        .filter(|hours| DURATION.contains(hours))
        .ok_or_else(|| refusals::invalid("Duration must be at least 1 hour, at most 24 hour."))
}

fn parse_schedule(text: &str) -> Result<Every, Fault> {
    let inner = |name: &str| text.strip_prefix(name)?.strip_suffix(')');
    if let Some(rate) = inner("rate(") {
        return parse_rate(rate);
    }
    inner("cron(")
        .and_then(|fields| parse_cron(text, fields))
        .ok_or_else(invalid)
}

fn parse_rate(text: &str) -> Result<Every, Fault> {
    let (value, unit) = text.split_once(' ').ok_or_else(invalid)?;
    let is_number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    let value: i64 = value
        .parse()
        .ok()
        .filter(|_| is_number)
        .ok_or_else(invalid)?;
    match unit {
        "hour" | "hours" if HOURS.contains(&value) => Ok(Every::Hours(value)),
        "hour" | "hours" => Err(refusals::invalid(
            "Rate in hour should be least 4 and less than 24.",
        )),
        "day" | "days" if DAYS.contains(&value) => Ok(Every::Days(value)),
        "day" | "days" => Err(refusals::invalid(
            "Rate in day should be greater than 0 and less than 1000.",
        )),
        _ => Err(invalid()),
    }
}

/// Windows open on the hour, at least four hours apart on a day, in any year.
fn parse_cron(text: &str, fields: &str) -> Option<Every> {
    let fields: Vec<&str> = fields.split_ascii_whitespace().collect();
    let ["0", hours, _, _, _, "*"] = fields.as_slice() else {
        return None;
    };
    let schedule = Schedule::parse(text).ok()?;
    let starts = hours_of_a_day(&Schedule::parse(&format!("cron(0 {hours} * * ? *)")).ok()?);
    let is_sparse = starts.windows(2).all(|pair| match pair {
        [earlier, later] => later - earlier >= LEAST_HOURS,
        _ => true,
    });
    let is_hourly = !hours.bytes().all(|byte| byte.is_ascii_digit());
    is_sparse.then_some(Every::Cron {
        schedule,
        is_hourly,
    })
}

/// The hours of the day on which the windows of a schedule open. All its days have the same.
fn hours_of_a_day(schedule: &Schedule) -> Vec<i64> {
    let Some(first) = schedule.next_after(0, 0) else {
        return Vec::new();
    };
    let day = first.div_euclid(DAY);
    let next = |at: &i64| schedule.next_after(0, *at);
    let times = std::iter::successors(Some(first), next);
    let of_day = times.take_while(|at| at.div_euclid(DAY) == day);
    of_day.map(|at| at.rem_euclid(DAY) / HOUR).collect()
}

fn invalid() -> Fault {
    refusals::invalid("Invalid schedule expression.")
}

fn too_long() -> Fault {
    refusals::invalid("Duration cannot be greater than Rate in hour.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(days: Option<i64>, schedule: Option<&str>, duration: Option<&str>) -> String {
        let parsed = Rules::parse(days, schedule, duration);
        let fault = parsed.err();
        fault
            .and_then(|fault| fault.message().map(str::to_owned))
            .unwrap_or_default()
    }

    #[test]
    fn rates_are_of_hours_and_days() {
        for (text, refused) in [
            ("rate(4 hours)", ""),
            ("rate(23 hours)", ""),
            ("rate(1 day)", ""),
            ("rate(999 days)", ""),
            (
                "rate(3 hours)",
                "Rate in hour should be least 4 and less than 24.",
            ),
            (
                "rate(24 hours)",
                "Rate in hour should be least 4 and less than 24.",
            ),
            (
                "rate(0 days)",
                "Rate in day should be greater than 0 and less than 1000.",
            ),
            (
                "rate(1000 days)",
                "Rate in day should be greater than 0 and less than 1000.",
            ),
            ("rate(5 minutes)", "Invalid schedule expression."),
            ("rate(+4 hours)", "Invalid schedule expression."),
            ("rate(4  hours)", "Invalid schedule expression."),
            (
                "rate(99999999999999999999 days)",
                "Invalid schedule expression.",
            ),
            ("every day", "Invalid schedule expression."),
        ] {
            assert_eq!(refusal(None, Some(text), None), refused, "{text}");
        }
    }

    #[test]
    fn cron_expressions_open_on_the_hour_at_least_four_hours_apart() {
        for text in [
            "cron(0 10 * * ? *)",
            "cron(0 18 ? * SAT *)",
            "cron(0 17 L * ? *)",
            "cron(0 0 ? * SUN#1 *)",
            "cron(0 0 ? * SUNL *)",
            "cron(0 4/12 * * ? *)",
            "cron(0 2/10 * * ? *)",
            "cron(0 0,4,8 * * ? *)",
        ] {
            assert_eq!(refusal(None, Some(text), None), "", "{text}");
        }
        for text in [
            "cron(5 10 * * ? *)",
            "cron(0 10 * * ? 2027)",
            "cron(0 10 * * *)",
            "cron(0 * * * ? *)",
            "cron(0 0/3 * * ? *)",
            "cron(0 1,4 * * ? *)",
            "cron(0 24 * * ? *)",
            "cron(0 10 1 * MON *)",
        ] {
            assert_eq!(
                refusal(None, Some(text), None),
                "Invalid schedule expression.",
                "{text}"
            );
        }
    }

    #[test]
    fn windows_end_before_the_next_one_and_the_next_day() {
        let within = "Starting hour and duration must be within a day.";
        let longer = "Duration cannot be greater than Rate in hour.";
        let bounds = "Duration must be at least 1 hour, at most 24 hour.";
        for (schedule, duration, refused) in [
            ("rate(10 days)", "24h", ""),
            ("rate(10 days)", "25h", bounds),
            ("rate(10 days)", "0h", bounds),
            ("rate(6 hours)", "6h", ""),
            ("rate(6 hours)", "7h", longer),
            ("cron(0 20 * * ? *)", "4h", ""),
            ("cron(0 20 * * ? *)", "5h", within),
            ("cron(0 4/12 * * ? *)", "8h", ""),
            ("cron(0 4/12 * * ? *)", "9h", within),
            ("cron(0 0/8 * * ? *)", "9h", longer),
        ] {
            let shown = format!("{schedule} {duration}");
            assert_eq!(
                refusal(None, Some(schedule), Some(duration)),
                refused,
                "{shown}"
            );
        }
        assert_eq!(
            refusal(Some(30), Some("rate(30 days)"), None),
            "You cannot specify both rotation frequency and schedule expression together."
        );
        assert_eq!(Rules::parse(None, None, Some("3h")).ok(), Some(None));
    }
}
