//! `cron(minutes hours day-of-month month day-of-week year)`.

use crate::calendar::{date, day_number};
use crate::days::Days;
use crate::field::{HOURS, MINUTES, MONTHS, Set, YEARS};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A cron expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cron {
    minutes: Set,
    hours: Set,
    days: Days,
    months: Set,
    years: Set,
}

impl Cron {
    /// Parses the six fields, which white space separates.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let fields: Vec<&str> = text.split_ascii_whitespace().collect();
        let [minutes, hours, of_month, months, of_week, years] = fields.as_slice() else {
            return None;
        };
        Some(Self {
            minutes: Set::parse(minutes, &MINUTES)?,
            hours: Set::parse(hours, &HOURS)?,
            days: Days::parse(of_month, of_week)?,
            months: Set::parse(months, &MONTHS)?,
            years: Set::parse(years, &YEARS)?,
        })
    }

    pub(crate) fn next_after(&self, after: i64) -> Option<i64> {
        let from = after.checked_add(1)?;
        let from_day = from.div_euclid(DAY);
        let (from_year, from_month, _) = date(from_day);
        for year in self.years.iter().filter(|year| *year >= from_year) {
            for month in self.months.iter() {
                if (year, month) < (from_year, from_month) {
                    continue;
                }
                let before = day_number(year, month) - 1;
                let days = self.days.of(year, month).into_iter();
                let mut days = days.map(|day| before + day).filter(|day| *day >= from_day);
                if let Some(found) = days.find_map(|day| self.first_of(day, from)) {
                    return Some(found);
                }
            }
        }
        None
    }

    pub(crate) fn last_within(&self, (after, until): (i64, i64)) -> Option<i64> {
        let until_day = until.div_euclid(DAY);
        let (until_year, until_month, _) = date(until_day);
        let after_day = after.div_euclid(DAY);
        for year in self.years.iter().rev().filter(|year| *year <= until_year) {
            for month in self.months.iter().rev() {
                if (year, month) > (until_year, until_month) {
                    continue;
                }
                let before = day_number(year, month) - 1;
                let days = self.days.of(year, month).into_iter().rev();
                let mut days = days.map(|day| before + day).filter(|day| *day <= until_day);
                if let Some(found) = days.find_map(|day| self.last_of(day, until)) {
                    return (found > after).then_some(found);
                }
                if before < after_day {
                    return None;
                }
            }
        }
        None
    }

    /// The first time of a day that is not before `from`.
    fn first_of(&self, day: i64, from: i64) -> Option<i64> {
        let mut times = self.hours.iter().flat_map(|hour| {
            let minutes = self.minutes.iter();
            minutes.map(move |minute| day * DAY + hour * HOUR + minute * MINUTE)
        });
        times.find(|time| *time >= from)
    }

    /// The last time of a day that is not after `until`.
    fn last_of(&self, day: i64, until: i64) -> Option<i64> {
        let mut times = self.hours.iter().rev().flat_map(|hour| {
            let minutes = self.minutes.iter().rev();
            minutes.map(move |minute| day * DAY + hour * HOUR + minute * MINUTE)
        });
        times.find(|time| *time <= until)
    }
}
