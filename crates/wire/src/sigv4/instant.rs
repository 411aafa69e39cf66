//! The two spellings of a time in a signed request.

use crate::timestamp::{date_from_days, days_from_date, push_pair};
use crate::value::Timestamp;

const SECS_PER_DAY: i64 = 86_400;
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// Reads `20150830T123600Z`, and nothing else.
pub(super) fn parse_basic(text: &str) -> Option<Timestamp> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    if date.len() != 8 || time.len() != 6 {
        return None;
    }
    let (year, month_day) = date.split_at_checked(4)?;
    let (month, day) = month_day.split_at_checked(2)?;
    let (hour, minute_second) = time.split_at_checked(2)?;
    let (minute, second) = minute_second.split_at_checked(2)?;
    let days = days_from_date(number(year)?, number(month)?, number(day)?)?;
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
    let seconds = seconds_of_day(parts.next()?, parts.next()?, parts.next()?)?;
    let days = days_from_date(number(year)?, month, number(day)?)?;
    Some(at(days, seconds))
}

/// Writes `20150830T123600Z`.
pub(super) fn basic(time: Timestamp) -> String {
    let seconds = time.secs();
    let (year, month, day) = date_from_days(seconds.div_euclid(SECS_PER_DAY));
    let of_day = seconds.rem_euclid(SECS_PER_DAY);
    let mut text = String::with_capacity(16);
    for pair in [year / 100, year % 100, month, day] {
        push_pair(&mut text, pair);
    }
    text.push('T');
    for pair in [of_day / 3600, of_day / 60 % 60, of_day % 60] {
        push_pair(&mut text, pair);
    }
    text.push('Z');
    text
}

fn at(days: i64, seconds: i64) -> Timestamp {
    Timestamp::from_secs(days * SECS_PER_DAY + seconds)
}

fn seconds_of_day(hour: &str, minute: &str, second: &str) -> Option<i64> {
    let (hour, minute, second) = (number(hour)?, number(minute)?, number(second)?);
    (hour < 24 && minute < 60 && second < 60).then_some(hour * 3600 + minute * 60 + second)
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
        assert_eq!(basic(MOMENT), "20150830T123600Z");
        assert_eq!(basic(Timestamp::from_secs(0)), "19700101T000000Z");
        assert_eq!(basic(Timestamp::from_secs(-1)), "19691231T235959Z");
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
            prop_assert_eq!(parse_basic(&basic(time)), Some(time));
        }

        #[test]
        fn no_text_panics(text in ".{0,40}") {
            let _ = (parse_basic(&text), parse_http(&text));
        }
    }
}
