//! Times: how they are written, and the periods that they fall into.

/// A period as `bin` and its like take one: `5m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Period {
    /// So many milliseconds.
    Millis(i64),
    /// So many months of the calendar.
    Months(i64),
}

impl Period {
    /// The period of `count` times `unit` ("stats", units of `bin`).
    pub(crate) fn of(count: i64, unit: &str) -> Option<Self> {
        const SECOND: i64 = 1000;
        let unit = unit.to_ascii_lowercase();
        // Abbreviations of one character have no plural.
        let single = match unit.strip_suffix('s') {
            Some(single) if single.len() > 1 => single,
            _ => &unit,
        };
        let (each, is_month) = match single {
            "ms" | "msec" | "millisecond" => (1, false),
            "s" | "sec" | "second" => (SECOND, false),
            "m" | "min" | "minute" => (60 * SECOND, false),
            "h" | "hr" | "hour" => (3600 * SECOND, false),
            "d" | "day" => (24 * 3600 * SECOND, false),
            "w" | "week" => (7 * 24 * 3600 * SECOND, false),
            "mo" | "mon" | "month" => (1, true),
            "q" | "qtr" | "quarter" => (3, true),
            "y" | "yr" | "year" => (12, true),
            _ => return None,
        };
        let length = count.checked_mul(each).filter(|length| *length > 0)?;
        Some(match is_month {
            true => Self::Months(length),
            false => Self::Millis(length),
        })
    }

    /// The beginning of the period that `millis` is in.
    pub(crate) fn floor(self, millis: i64) -> i64 {
        match self {
            Self::Millis(length) => millis - millis.rem_euclid(length),
            Self::Months(length) => {
                let (year, month, _) = date(millis.div_euclid(DAY));
                let months = year * 12 + i64::from(month) - 1;
                first_of_month(months - months.rem_euclid(length))
            }
        }
    }

    /// The end of the period that `millis` is in, unless it begins one.
    pub(crate) fn ceil(self, millis: i64) -> i64 {
        let floor = self.floor(millis);
        match self {
            _ if floor == millis => millis,
            Self::Millis(length) => floor.saturating_add(length),
            Self::Months(length) => {
                let (year, month, _) = date(floor.div_euclid(DAY));
                first_of_month(year * 12 + i64::from(month) - 1 + length)
            }
        }
    }
}

const DAY: i64 = 24 * 60 * 60 * 1000;
/// Beyond the year 9999 nothing is a time.
const LATEST: i64 = 253_402_300_799_999;

/// Whether this is a time that can be written.
pub(crate) fn is_time(millis: i64) -> bool {
    (0..=LATEST).contains(&millis)
}

/// `2026-11-22 09:14:34.120`, as results show times.
pub(crate) fn written(millis: i64) -> String {
    let (year, month, day) = date(millis.div_euclid(DAY));
    let rest = millis.rem_euclid(DAY);
    let (hour, minute) = (rest / 3_600_000, rest / 60_000 % 60);
    let (second, milli) = (rest / 1000 % 60, rest % 1000);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{milli:03}")
}

/// The date of the day of this number since 1970-01-01, in the Gregorian calendar: years are
/// counted from March on, so that leap days come last.
fn date(day: i64) -> (i64, u8, u8) {
    let day = day.clamp(-1_000_000_000, 1_000_000_000) + 719_468;
    let era = day.div_euclid(146_097);
    let of_era = day.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let small = |number: i64| u8::try_from(number).unwrap_or_default();
    (year, small(month), small(day))
}

/// The first millisecond of the month of this number since the year 0.
fn first_of_month(months: i64) -> i64 {
    let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let shifted = if month > 2 { month - 3 } else { month + 9 };
    let of_year = (153 * shifted + 2) / 5;
    let day = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    (era * 146_097 + day - 719_468) * DAY
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written() {
        assert_eq!(written(0), "1970-01-01 00:00:00.000");
        assert_eq!(written(951_782_399_999), "2000-02-28 23:59:59.999");
        assert_eq!(written(951_782_400_000), "2000-02-29 00:00:00.000");
        assert_eq!(written(1_795_338_874_120), "2026-11-22 09:14:34.120");
    }

    #[test]
    fn periods_begin_and_end() {
        let millis = 1_795_338_874_120;
        for (count, unit, floor, ceil) in [
            (5, "m", "2026-11-22 09:10:00.000", "2026-11-22 09:15:00.000"),
            (
                1,
                "hrs",
                "2026-11-22 09:00:00.000",
                "2026-11-22 10:00:00.000",
            ),
            (
                100,
                "ms",
                "2026-11-22 09:14:34.100",
                "2026-11-22 09:14:34.200",
            ),
            (
                1,
                "mo",
                "2026-11-01 00:00:00.000",
                "2026-12-01 00:00:00.000",
            ),
            (
                1,
                "qtr",
                "2026-10-01 00:00:00.000",
                "2027-01-01 00:00:00.000",
            ),
            (
                1,
                "years",
                "2026-01-01 00:00:00.000",
                "2027-01-01 00:00:00.000",
            ),
        ] {
            let period = Period::of(count, unit).unwrap();
            assert_eq!(written(period.floor(millis)), floor, "{count}{unit}");
            assert_eq!(written(period.ceil(millis)), ceil, "{count}{unit}");
            let floor = period.floor(millis);
            assert_eq!((period.floor(floor), period.ceil(floor)), (floor, floor));
        }
        for (count, unit) in [(0, "m"), (1, "x"), (i64::MAX, "h"), (1, "dss")] {
            assert_eq!(Period::of(count, unit), None);
        }
    }
}
