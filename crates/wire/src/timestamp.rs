//! Points in time as text: ISO 8601, the date of RFC 822 and HTTP, and seconds since the epoch.

use crate::shape::TimestampFormat;
use crate::value::Timestamp;

const DAY: i64 = 86_400;
/// 0001-01-01T00:00:00Z
const FIRST_MILLIS: i64 = -62_135_596_800_000;
/// 9999-12-31T23:59:59.999Z: later years have no four-digit text.
const LAST_MILLIS: i64 = 253_402_300_799_999;
const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

impl Timestamp {
    /// The time `seconds` after the epoch, rounded to the millisecond. `None` outside the years
    /// 1 to 9999.
    pub fn from_epoch_seconds(seconds: f64) -> Option<Self> {
        let millis = (seconds * 1000.0).round();
        // Every whole number in this range is exact as a double.
        if !(FIRST_MILLIS as f64..=LAST_MILLIS as f64).contains(&millis) {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, reason = "whole and in range")]
        let millis = millis as i64;
        Some(Self { millis })
    }

    /// Reads a time in any of the ways AWS accepts one as text.
    pub fn parse(text: &str) -> Option<Self> {
        let first = text.bytes().next()?;
        if first.is_ascii_alphabetic() {
            return Self::parse_rfc822(text);
        }
        match Self::parse_iso8601(text) {
            Some(time) => Some(time),
            None => parse_decimal(text),
        }
    }

    /// Reads `2015-08-30T12:36:00Z`, with a fraction or an offset if there is one.
    pub fn parse_iso8601(text: &str) -> Option<Self> {
        let mut cursor = Cursor(text.as_bytes());
        let year = cursor.digits(4)?;
        cursor.literal(b'-')?;
        let month = cursor.digits(2)?;
        cursor.literal(b'-')?;
        let day = cursor.digits(2)?;
        cursor.literal(b'T')?;
        let seconds = cursor.time_of_day()?;
        let fraction = cursor.fraction()?;
        let offset = cursor.offset()?;
        cursor.end()?;
        let days = days_from_date(year, month, day)?;
        in_range((days * DAY + seconds - offset) * 1000 + fraction)
    }

    /// Reads `Sun, 30 Aug 2015 12:36:00 GMT`.
    pub fn parse_rfc822(text: &str) -> Option<Self> {
        let (_, rest) = text.split_once(", ")?;
        let (day, rest) = rest.split_once(' ')?;
        let (month, rest) = rest.split_once(' ')?;
        let day = Cursor(day.as_bytes()).digits(day.len().clamp(1, 2))?;
        let month = MONTHS.iter().position(|name| *name == month)?;
        let mut cursor = Cursor(rest.as_bytes());
        let year = cursor.digits(4)?;
        cursor.literal(b' ')?;
        let seconds = cursor.time_of_day()?;
        let fraction = cursor.fraction()?;
        if cursor.0 != b" GMT" {
            return None;
        }
        let days = days_from_date(year, i64::try_from(month).ok()? + 1, day)?;
        in_range((days * DAY + seconds) * 1000 + fraction)
    }

    /// `2015-08-30T12:36:00Z`, with milliseconds where there are any.
    pub fn iso8601(self) -> String {
        let (year, month, day) = date_from_days(self.secs().div_euclid(DAY));
        let ([a, b], [c, d]) = (pair(year / 100), pair(year % 100));
        let ([e, f], [g, h]) = (pair(month), pair(day));
        let [i, j, colon, k, l, _, m, n] = self.seconds_of_clock();
        let whole = [
            a, b, c, d, b'-', e, f, b'-', g, h, b'T', i, j, colon, k, l, colon, m, n,
        ];
        let mut text = String::with_capacity(24);
        text.push_str(str::from_utf8(&whole).unwrap_or_default());
        self.push_fraction(&mut text);
        text.push('Z');
        text
    }

    /// `Sun, 30 Aug 2015 12:36:00 GMT`, with milliseconds where there are any.
    pub fn rfc822(self) -> String {
        let days = self.secs().div_euclid(DAY);
        let (year, month, day) = date_from_days(days);
        let weekday = pick(&DAYS, days.rem_euclid(7));
        let month = pick(&MONTHS, month - 1);
        format!("{weekday}, {day:02} {month} {year:04} {} GMT", self.clock())
    }

    /// `1440938160`, with up to three decimals where there are milliseconds.
    pub fn epoch_seconds(self) -> String {
        let mut text = String::with_capacity(24);
        if self.millis < 0 {
            text.push('-');
        }
        let millis = self.millis.unsigned_abs();
        // Every answer has times, and the formatting machinery takes its own.
        push_digits(&mut text, millis / 1000, 1);
        let fraction = millis % 1000;
        if fraction != 0 {
            text.push('.');
            push_digits(&mut text, fraction, 3);
            let length = text.trim_end_matches('0').len();
            text.truncate(length);
        }
        text
    }

    /// The text in one format; the default one of a text protocol is ISO 8601.
    pub fn format(self, format: TimestampFormat) -> String {
        match format {
            TimestampFormat::Default | TimestampFormat::Iso8601 => self.iso8601(),
            TimestampFormat::Rfc822 => self.rfc822(),
            TimestampFormat::UnixTimestamp => self.epoch_seconds(),
        }
    }

    fn clock(self) -> String {
        let mut text = String::with_capacity(12);
        text.push_str(str::from_utf8(&self.seconds_of_clock()).unwrap_or_default());
        self.push_fraction(&mut text);
        text
    }

    /// `12:36:00`
    fn seconds_of_clock(self) -> [u8; 8] {
        let seconds = self.secs().rem_euclid(DAY);
        let ([a, b], [c, d]) = (pair(seconds / 3600), pair(seconds / 60 % 60));
        let [e, f] = pair(seconds % 60);
        [a, b, b':', c, d, b':', e, f]
    }

    fn push_fraction(self, text: &mut String) {
        match self.millis.rem_euclid(1000) {
            0 => {}
            millis => text.push_str(&format!(".{millis:03}")),
        }
    }
}

/// The two digits of a number below 100. Times are on every call's record: this costs a tenth of
/// what the formatting machinery does.
#[inline]
pub(crate) fn pair(number: i64) -> [u8; 2] {
    let number = u8::try_from(number).unwrap_or_default();
    [b'0' + number / 10 % 10, b'0' + number % 10]
}

fn in_range(millis: i64) -> Option<Timestamp> {
    (FIRST_MILLIS..=LAST_MILLIS)
        .contains(&millis)
        .then_some(Timestamp { millis })
}

/// Seconds as plain decimal digits; Rust's own parser would take `inf` and `1_0` forms too.
fn parse_decimal(text: &str) -> Option<Timestamp> {
    let plain =
        |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E');
    if !text.bytes().all(plain) {
        return None;
    }
    Timestamp::from_epoch_seconds(text.parse().ok()?)
}

fn pick(names: &[&'static str], index: i64) -> &'static str {
    usize::try_from(index)
        .ok()
        .and_then(|index| names.get(index))
        .copied()
        .unwrap_or_default()
}

/// Days since the epoch of a date in the Gregorian calendar (Howard Hinnant, "chrono-Compatible
/// Low-Level Date Algorithms").
pub(crate) fn days_from_date(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=length).contains(&day) {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

/// Year, month and day, by the same.
pub(crate) fn date_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    // Less than 146,097: divided in 32 bits, which takes a third of what 64 with a sign do.
    let day_of_era = u32::try_from(shifted.rem_euclid(146_097)).unwrap_or_default();
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = (shifted_month + 2) % 12 + 1;
    let year = i64::from(year_of_era) + era * 400 + i64::from(month <= 2);
    (year, i64::from(month), i64::from(day))
}

/// What is left of a text that is read from the front.
struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    fn digits(&mut self, count: usize) -> Option<i64> {
        let (digits, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        digits.iter().try_fold(0, |number, byte| {
            byte.is_ascii_digit()
                .then(|| number * 10 + i64::from(byte - b'0'))
        })
    }

    fn literal(&mut self, expected: u8) -> Option<()> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        (*first == expected).then_some(())
    }

    fn time_of_day(&mut self) -> Option<i64> {
        let hour = self.digits(2)?;
        self.literal(b':')?;
        let minute = self.digits(2)?;
        self.literal(b':')?;
        let second = self.digits(2)?;
        (hour < 24 && minute < 60 && second < 60).then_some(hour * 3600 + minute * 60 + second)
    }

    /// Milliseconds; further digits are cut off.
    fn fraction(&mut self) -> Option<i64> {
        if self.0.first() != Some(&b'.') {
            return Some(0);
        }
        self.literal(b'.')?;
        let count = self
            .0
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        if !(1..=9).contains(&count) {
            return None;
        }
        let kept = count.min(3);
        let scale = match kept {
            1 => 100,
            2 => 10,
            _ => 1,
        };
        let millis = self.digits(kept)? * scale;
        self.digits(count - kept)?;
        Some(millis)
    }

    /// Seconds east of UTC.
    fn offset(&mut self) -> Option<i64> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        let sign = match first {
            b'Z' => return Some(0),
            b'+' => 1,
            b'-' => -1,
            _ => return None,
        };
        let hours = self.digits(2)?;
        self.literal(b':')?;
        let minutes = self.digits(2)?;
        (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
    }

    fn end(&self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

/// Appends a number in decimal digits, with zeros in front where it has fewer than `least`.
fn push_digits(text: &mut String, number: u64, least: u32) {
    let digits = number.checked_ilog10().map_or(1, |log| log + 1).max(least);
    for place in (0..digits).rev() {
        let digit = u8::try_from(number / 10_u64.pow(place) % 10).unwrap_or_default();
        text.push(char::from(b'0' + digit));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn millis(text: &str) -> Option<i64> {
        Timestamp::parse(text).map(|time| time.millis)
    }

    #[test]
    fn reads_every_form() {
        assert_eq!(millis("2015-08-30T12:36:00Z"), Some(1_440_938_160_000));
        assert_eq!(millis("2000-01-02T20:34:56.123Z"), Some(946_845_296_123));
        assert_eq!(millis("2000-01-02T20:34:56.5Z"), Some(946_845_296_500));
        assert_eq!(millis("2000-01-02T20:34:56.123456Z"), Some(946_845_296_123));
        assert_eq!(millis("2019-12-16T22:48:18-01:00"), Some(1_576_540_098_000));
        assert_eq!(millis("2019-12-17T00:48:18+01:00"), Some(1_576_540_098_000));
        assert_eq!(
            millis("Sun, 30 Aug 2015 12:36:00 GMT"),
            Some(1_440_938_160_000)
        );
        assert_eq!(
            millis("Sun, 2 Aug 2015 12:36:00 GMT"),
            Some(1_438_518_960_000)
        );
        assert_eq!(millis("1440938160"), Some(1_440_938_160_000));
        assert_eq!(millis("1440938160.25"), Some(1_440_938_160_250));
        assert_eq!(millis("-1.5"), Some(-1500));
        assert_eq!(millis("2000-02-29T00:00:00Z"), Some(951_782_400_000));
    }

    #[test]
    fn refuses_what_is_no_time() {
        for text in [
            "",
            "now",
            "2015-08-30",
            "2015-08-30T12:36:00",
            "2015-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z",
            "2015-13-01T00:00:00Z",
            "2015-00-01T00:00:00Z",
            "2015-01-00T00:00:00Z",
            "2015-01-01T24:00:00Z",
            "2015-01-01T00:60:00Z",
            "2015-01-01T00:00:00Zx",
            "2015-01-01T00:00:00.Z",
            "inf",
            "NaN",
            "1e400",
            "1e20",
            "Sun, 30 Aug 2015 12:36:00",
            "Sun, 30 Aou 2015 12:36:00 GMT",
            "+",
            "²015-08-30T12:36:00Z",
        ] {
            assert_eq!(millis(text), None, "{text}");
        }
    }

    #[test]
    fn writes_every_form() {
        let time = Timestamp {
            millis: 946_845_296_120,
        };
        assert_eq!(time.iso8601(), "2000-01-02T20:34:56.120Z");
        assert_eq!(time.rfc822(), "Sun, 02 Jan 2000 20:34:56.120 GMT");
        assert_eq!(time.epoch_seconds(), "946845296.12");
        let time = Timestamp::from_secs(1_440_938_160);
        assert_eq!(time.iso8601(), "2015-08-30T12:36:00Z");
        assert_eq!(time.rfc822(), "Sun, 30 Aug 2015 12:36:00 GMT");
        assert_eq!(time.epoch_seconds(), "1440938160");
        for (millis, text) in [
            (0, "0"),
            (-1, "-0.001"),
            (10, "0.01"),
            (9_999, "9.999"),
            (10_000, "10"),
            (i64::MAX, "9223372036854775.807"),
            (i64::MIN, "-9223372036854775.808"),
        ] {
            assert_eq!(Timestamp { millis }.epoch_seconds(), text);
        }
        assert_eq!(Timestamp { millis: -1500 }.epoch_seconds(), "-1.5");
        assert_eq!(
            Timestamp { millis: -1 }.iso8601(),
            "1969-12-31T23:59:59.999Z"
        );
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(millis in FIRST_MILLIS..=LAST_MILLIS) {
            let time = Timestamp { millis };
            prop_assert_eq!(Timestamp::parse(&time.iso8601()), Some(time));
            prop_assert_eq!(Timestamp::parse(&time.rfc822()), Some(time));
            prop_assert_eq!(Timestamp::parse(&time.epoch_seconds()), Some(time));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,40}") {
            let _ = Timestamp::parse(&text);
        }

        #[test]
        fn any_time_is_written(millis: i64) {
            let time = Timestamp { millis };
            let _ = (time.iso8601(), time.rfc822(), time.epoch_seconds());
        }
    }
}
