//! The two fields that name days, one of which is always `?`.

use crate::calendar::{day_number, days_in, weekday};
use crate::field::{DAYS_OF_MONTH, DAYS_OF_WEEK, Set, number};

/// Which days of a month are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Days {
    /// These; those that the month does not have are left out.
    OfMonth(Set),
    /// `L`: the last one.
    Last,
    /// `LW`: the last from Monday to Friday.
    LastWeekday,
    /// `15W`: the day from Monday to Friday nearest to this one, within the month.
    Nearest(i64),
    /// On these days of the week, 1 for Sunday.
    OfWeek(Set),
    /// `3#2`: the second Tuesday.
    Nth(i64, i64),
    /// `6L`: the last Friday.
    LastOfWeek(i64),
}

impl Days {
    /// Parses the fields day-of-month and day-of-week.
    pub(crate) fn parse(of_month: &str, of_week: &str) -> Option<Self> {
        match (of_month, of_week) {
            ("?", "?") => None,
            (of_month, "?") => Self::of_month(of_month),
            ("?", of_week) => Self::of_week(of_week),
            _ => None,
        }
    }

    fn of_month(text: &str) -> Option<Self> {
        let upper = text.to_ascii_uppercase();
        if upper == "L" {
            return Some(Self::Last);
        }
        if upper == "LW" {
            return Some(Self::LastWeekday);
        }
        if let Some(day) = upper.strip_suffix('W') {
            let day = number(day).filter(|day| (1..=31).contains(day))?;
            return Some(Self::Nearest(day));
        }
        Some(Self::OfMonth(Set::parse(text, &DAYS_OF_MONTH)?))
    }

    fn of_week(text: &str) -> Option<Self> {
        let upper = text.to_ascii_uppercase();
        if upper == "L" {
            return Some(Self::OfWeek(Set::parse("7", &DAYS_OF_WEEK)?));
        }
        if let Some((day, nth)) = upper.split_once('#') {
            let nth = number(nth).filter(|nth| (1..=5).contains(nth))?;
            return Some(Self::Nth(DAYS_OF_WEEK.value(day)?, nth));
        }
        if let Some(day) = upper.strip_suffix('L') {
            return Some(Self::LastOfWeek(DAYS_OF_WEEK.value(day)?));
        }
        Some(Self::OfWeek(Set::parse(text, &DAYS_OF_WEEK)?))
    }

    /// The days of this month that are meant, in order.
    pub(crate) fn of(&self, year: i64, month: i64) -> Vec<i64> {
        let (before, last) = (day_number(year, month) - 1, days_in(year, month));
        let weekday = |day: i64| weekday(before + day);
        match self {
            Self::OfMonth(days) => days.iter().filter(|day| *day <= last).collect(),
            Self::Last => vec![last],
            Self::LastWeekday => vec![nearest(last, last, weekday(last))],
            Self::Nearest(day) if *day <= last => vec![nearest(*day, last, weekday(*day))],
            Self::Nearest(_) => Vec::new(),
            Self::OfWeek(days) => {
                let days = |day: &i64| days.contains(weekday(*day));
                (1..=last).filter(days).collect()
            }
            Self::Nth(of_week, nth) => {
                let days = (1..=last).filter(|day| weekday(*day) == *of_week);
                let skipped = usize::try_from(*nth - 1).unwrap_or(usize::MAX);
                days.skip(skipped).take(1).collect()
            }
            Self::LastOfWeek(of_week) => {
                let days = (1..=last).rev().filter(|day| weekday(*day) == *of_week);
                days.take(1).collect()
            }
        }
    }
}

/// The day from Monday to Friday that is nearest to `day` and in the same month.
fn nearest(day: i64, last: i64, weekday: i64) -> i64 {
    match weekday {
        7 if day == 1 => 3,
        7 => day - 1,
        1 if day == last => day - 2,
        1 => day + 1,
        _ => day,
    }
}
