//! The two spellings of a time in a signed request.

use crate::timestamp::{date_from_days, days_from_date, pair};
use crate::value::Timestamp;

const SECS_PER_DAY: i64 = 86_400;
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// Reads `20150830T123600Z`, and nothing else.
pub(super) fn parse_basic(text: &str) -> Option<Timestamp> {
    let text: &[u8; 16] = text.as_bytes().try_into().ok()?;
    let [a, b, c, d, e, f, g, h, b'T', i, j, k, l, m, n, b'Z'] = *text else {
        return None;
    };
    let year = two(a, b)? * 100 + two(c, d)?;
    let days = days_from_date(year, two(e, f)?, two(g, h)?)?;
    let (hour, minute, second) = (two(i, j)?, two(k, l)?, two(m, n)?);
    Some(at(days, seconds_of_day(hour, minute, second)?))
}

/// Reads `Sun, 30 Aug 2015 12:36:00 GMT` (RFC 9110 IMF-fixdate).
pub(super) fn parse_http(text: &str) -> Option<Timestamp> {
    let (_weekday, rest) = text.strip_suffix(" GMT")?.split_once(", ")?;
    let mut words = rest.split(' ');
    let (day, month, year, time) = (words.next()?, words.next()?, words.next()?, words.next()?);
    if words.next().is_some() || day.len() != 2 || year.len() != 4 || time.len() != 8 {
        return None;
    }
    let month = (1..).zip(MONTHS).find(|(_, name)| *name == month)?.0;
    let mut parts = time.split(':');
    let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next()?);
    let seconds = seconds_of_day(number(hour)?, number(minute)?, number(second)?)?;
    let days = days_from_date(number(year)?, month, number(day)?)?;
    Some(at(days, seconds))
}

/// `20150830T123600Z`
#[derive(Clone, Copy)]
pub(super) struct Basic([u8; 16]);

impl Basic {
    /// The whole text.
    pub(super) fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The day alone.
    pub(super) fn day(&self) -> &str {
        self.as_str().get(..8).unwrap_or_default()
    }

    /// Whether `date` is its day.
    pub(super) fn is_on(&self, date: &str) -> bool {
        date.len() == 8 && self.0.starts_with(date.as_bytes())
    }
}

/// Writes `20150830T123600Z`.
pub(super) fn basic(time: Timestamp) -> Basic {
    let seconds = time.secs();
    let (year, month, day) = date_from_days(seconds.div_euclid(SECS_PER_DAY));
    let of_day = seconds.rem_euclid(SECS_PER_DAY);
    let ([a, b], [c, d]) = (pair(year / 100), pair(year % 100));
    let ([e, f], [g, h]) = (pair(month), pair(day));
    let ([i, j], [k, l]) = (pair(of_day / 3600), pair(of_day / 60 % 60));
    let [m, n] = pair(of_day % 60);
    Basic([a, b, c, d, e, f, g, h, b'T', i, j, k, l, m, n, b'Z'])
}

fn at(days: i64, seconds: i64) -> Timestamp {
    Timestamp::from_secs(days * SECS_PER_DAY + seconds)
}

fn seconds_of_day(hour: i64, minute: i64, second: i64) -> Option<i64> {
    (hour < 24 && minute < 60 && second < 60).then_some(hour * 3600 + minute * 60 + second)
}

/// The number of two digits.
#[inline]
fn two(tens: u8, ones: u8) -> Option<i64> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens < 10 && ones < 10).then(|| i64::from(tens * 10 + ones))
}

/// Plain digits; `parse` alone would take a sign.
fn number(digits: &str) -> Option<i64> {
    digits
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| digits.parse().ok())?
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MOMENT: Timestamp = Timestamp::from_secs(1_440_938_160);

    #[test]
    fn both_spellings_name_the_same_moment() {
        assert_eq!(parse_basic("20150830T123600Z"), Some(MOMENT));
        assert_eq!(parse_http("Sun, 30 Aug 2015 12:36:00 GMT"), Some(MOMENT));
        assert_eq!(basic(MOMENT).as_str(), "20150830T123600Z");
        assert_eq!(basic(Timestamp::from_secs(0)).as_str(), "19700101T000000Z");
        assert_eq!(basic(Timestamp::from_secs(-1)).as_str(), "19691231T235959Z");
    }

    #[test]
    fn a_day_is_eight_digits() {
        let text = basic(MOMENT);
        assert_eq!(text.day(), "20150830");
        assert!(text.is_on("20150830"));
        for other in ["", "2015083", "20150830T", "20150831", "30150830"] {
            assert!(!text.is_on(other), "{other}");
        }
    }

    #[test]
    fn leap_days_follow_the_gregorian_rule() {
        assert!(parse_basic("20240229T000000Z").is_some());
        assert!(parse_basic("20000229T000000Z").is_some());
        assert!(parse_basic("21000229T000000Z").is_none());
        assert!(parse_basic("20230229T000000Z").is_none());
    }

    #[test]
    fn anything_else_is_refused() {
        let refused = [
            "",
            "Z",
            "T",
            "201",
            "20150830",
            "20150830T123600",
            "20150830T123600z",
            "20150830 123600Z",
            "2015-08-30T12:36:00Z",
            "20151330T123600Z",
            "20150832T123600Z",
            "20150800T123600Z",
            "20150830T243600Z",
            "20150830T126000Z",
            "20150830T123660Z",
            "+0150830T123600Z",
            "20150830T1236+1Z",
            "20150830T123600Z ",
            "2015083éT12360Z",
            "éééé0T123600Z",
        ];
        for text in refused {
            assert_eq!(parse_basic(text), None, "{text}");
            assert_eq!(parse_http(text), None, "{text}");
        }
        for text in [
            "Sun, 30 Aug 2015 12:36:00 CET",
            "Sun, 30 Aug 2015 12:36 GMT",
            "Sun, 31 Nov 2015 12:36:00 GMT",
            "Sun, 30 aug 2015 12:36:00 GMT",
            "Sun 30 Aug 2015 12:36:00 GMT",
        ] {
            assert_eq!(parse_http(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_can_be_read(seconds in -62_135_596_800i64..253_402_300_800) {
            let time = Timestamp::from_secs(seconds);
            prop_assert_eq!(parse_basic(basic(time).as_str()), Some(time));
        }

        #[test]
        fn no_text_panics(text in ".{0,40}") {
            let _ = (parse_basic(&text), parse_http(&text));
        }
    }
}
