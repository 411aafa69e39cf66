//! Days of the Gregorian calendar, counted from 1970-01-01.

/// Days from 1970-01-01 to the first of this month (1 to 12).
pub(crate) fn day_number(year: i64, month: i64) -> i64 {
    // Years begin in March, so that the leap day is the last one.
    let (year, month) = if month <= 2 {
        (year - 1, month + 9)
    } else {
        (year, month - 3)
    };
    let before_month = (153 * month + 2) / 5;
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    365 * year + leap_days + before_month - 719_468
}

/// Year, month (1 to 12) and day (1 to 31) of a day counted from 1970-01-01.
pub(crate) fn date(day: i64) -> (i64, i64, i64) {
    let mut year = 1970 + day.div_euclid(365);
    while day_number(year, 1) > day {
        year -= 1;
    }
    let month = (1..=12).rev().find(|month| day_number(year, *month) <= day);
    let month = month.unwrap_or(1);
    (year, month, day - day_number(year, month) + 1)
}

/// How many days a month has.
pub(crate) fn days_in(year: i64, month: i64) -> i64 {
    let (next_year, next) = if month == 12 {
        (year + 1, 1)
    } else {
        (year, month + 1)
    };
    day_number(next_year, next) - day_number(year, month)
}

/// The day of the week, 1 for Sunday to 7 for Saturday.
pub(crate) fn weekday(day: i64) -> i64 {
    // 1970-01-01 was a Thursday.
    (day + 4).rem_euclid(7) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_day_numbers_are_inverse() {
        let mut expected = (1970, 1, 1);
        for day in 0..100_000 {
            assert_eq!(date(day), expected);
            let (year, month, of_month) = expected;
            assert_eq!(day_number(year, month) + of_month - 1, day);
            let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            let last = match month {
                2 => 28 + i64::from(is_leap),
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            assert_eq!(days_in(year, month), last);
            expected = match (month, of_month == last) {
                (_, false) => (year, month, of_month + 1),
                (12, true) => (year + 1, 1, 1),
                (_, true) => (year, month + 1, 1),
            };
        }
        // 2026-11-22 is a Sunday.
        assert_eq!(weekday(day_number(2026, 11) + 21), 1);
    }
}
