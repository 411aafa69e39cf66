//! Operands of condition operators that are not text: numbers, dates, networks.

use std::cmp::Ordering;
use std::net::IpAddr;

/// A decimal number of a policy or a request.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Number {
    /// Exact, so that large identifiers do not fall together.
    Integer(i128),
    Decimal(f64),
}

impl Number {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        // `inf`, `nan` and the like are numbers to Rust alone.
        if !text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'))
        {
            return None;
        }
        let decimal = || text.parse().ok().filter(|value: &f64| value.is_finite());
        text.parse()
            .map(Self::Integer)
            .ok()
            .or_else(|| decimal().map(Self::Decimal))
    }

    pub(crate) fn compare(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Integer(one), Self::Integer(two)) => Some(one.cmp(&two)),
            (one, two) => one.decimal().partial_cmp(&two.decimal()),
        }
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "the other side is a decimal anyway"
    )]
    fn decimal(self) -> f64 {
        match self {
            Self::Integer(value) => value as f64,
            Self::Decimal(value) => value,
        }
    }
}

/// A moment in milliseconds since 1970-01-01T00:00:00Z, from a W3C profile of
/// ISO 8601 (`2026`, `2026-11`, `2026-11-21`, `2026-11-21T10:00Z`, with seconds,
/// fractions and offsets) or from epoch seconds. AWS also takes a small `t`, an hour of one digit,
/// an offset without minutes, and a year of fewer digits.
pub(crate) fn date(text: &str) -> Option<i64> {
    let seconds = text.strip_prefix('-').unwrap_or(text);
    // Four digits are a year: no request was ever signed in 1970.
    if text.len() != 4 && !seconds.is_empty() && seconds.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse::<i64>().ok()?.checked_mul(1000);
    }
    let (day, time) = match text.split_once(['T', 't']) {
        Some((day, "")) => (day, None),
        // No second has that many digits, which only the form that is usual may give it.
        Some((_, time)) if text.contains('t') && is_too_fine(time) => return None,
        Some((day, time)) => (day, Some(time)),
        None => (text, None),
    };
    let mut parts = day.split('-');
    let year = parts.next()?;
    let year = digits(year, year.len().clamp(1, 4))?;
    let month = parts.next().map_or(Some(1), |part| digits(part, 2))?;
    let day_of_month = parts.next().map_or(Some(1), |part| digits(part, 2))?;
    let whole_day = day.len() == "2026-11-21".len();
    if parts.next().is_some() || (time.is_some() && !whole_day) {
        return None;
    }
    let days = days_since_1970(year, month, day_of_month)?;
    let millis = time.map_or(Some(0), time_of_day)?;
    Some(days * 86_400_000 + millis)
}

fn is_too_fine(time: &str) -> bool {
    let fraction = time.split_once('.').map_or("", |(_, fraction)| fraction);
    let digits = fraction.bytes().take_while(u8::is_ascii_digit);
    digits.count() > 9
}

/// `10:00Z`, `10:00:00.123+01:00` as milliseconds from midnight UTC.
fn time_of_day(text: &str) -> Option<i64> {
    let (clock, offset) = match text.strip_suffix('Z') {
        Some(clock) => (clock, 0),
        None => {
            let at = text.rfind(['+', '-'])?;
            let (clock, offset) = text.split_at_checked(at)?;
            let offset_clock = offset.get(1..)?;
            let (hours, minutes) = offset_clock.split_once(':').unwrap_or((offset_clock, "00"));
            let minutes = bounded(hours, 23)? * 60 + bounded(minutes, 59)?;
            (
                clock,
                if offset.starts_with('-') {
                    -minutes
                } else {
                    minutes
                },
            )
        }
    };
    let mut parts = clock.splitn(3, ':');
    let hours = parts.next()?;
    let hours = digits(hours, hours.len().clamp(1, 2)).filter(|hours| *hours <= 23)?;
    let minutes = bounded(parts.next()?, 59)?;
    let (seconds, millis) = match parts.next() {
        None => (0, 0),
        Some(seconds) => match seconds.split_once('.') {
            None => (bounded(seconds, 60)?, 0),
            Some((seconds, fraction)) => (bounded(seconds, 60)?, thousandths(fraction)?),
        },
    };
    Some(((hours * 60 + minutes - offset) * 60 + seconds) * 1000 + millis)
}

fn digits(text: &str, length: usize) -> Option<i64> {
    let valid = text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    if valid { text.parse().ok() } else { None }
}

fn bounded(text: &str, most: i64) -> Option<i64> {
    digits(text, 2).filter(|value| *value <= most)
}

fn thousandths(fraction: &str) -> Option<i64> {
    let valid =
        (1..=9).contains(&fraction.len()) && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let padded: String = fraction.chars().chain("00".chars()).take(3).collect();
    if valid { padded.parse().ok() } else { None }
}

/// Days of the proleptic Gregorian calendar (Hinnant, `days_from_civil`).
fn days_since_1970(year: i64, month: i64, day: i64) -> Option<i64> {
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
    let from_march = if month <= 2 { year - 1 } else { year };
    let era = from_march.div_euclid(400);
    let year_of_era = from_march.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

/// An address or a CIDR block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Network {
    address: IpAddr,
    prefix: u32,
}

impl Network {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            None => (text.parse().ok()?, None),
            Some((address, prefix)) => (address.parse().ok()?, Some(prefix)),
        };
        let width = if matches!(address, IpAddr::V4(_)) {
            32
        } else {
            128
        };
        let prefix = match prefix {
            None => width,
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                digits.parse().ok()?
            }
            Some(_) => return None,
        };
        (prefix <= width).then_some(Self { address, prefix })
    }

    /// An IPv4 address is in no IPv6 network and the other way round; an
    /// IPv4-mapped address counts as the IPv4 address it is.
    pub(crate) fn contains(self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let differing = network.to_bits() ^ address.to_bits();
                differing.checked_shr(32 - self.prefix).unwrap_or(0) == 0
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let differing = network.to_bits() ^ address.to_bits();
                differing.checked_shr(128 - self.prefix).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_compare_by_value() {
        let compare = |one, two| Number::parse(one)?.compare(Number::parse(two)?);
        assert_eq!(compare("9", "10"), Some(Ordering::Less));
        assert_eq!(compare("1.0", "1"), Some(Ordering::Equal));
        assert_eq!(
            compare("9007199254740993", "9007199254740992"),
            Some(Ordering::Greater)
        );
        for text in ["", "abc", "NaN", "inf", "0x10", "1e999", "1 "] {
            assert_eq!(Number::parse(text), None, "{text}");
        }
    }

    #[test]
    fn dates_of_every_form_agree() {
        let midnight = Some(1_795_219_200_000);
        for text in [
            "2026-11-21",
            "1795219200",
            "2026-11-21T00:00Z",
            "2026-11-21T00:00:00Z",
            "2026-11-21T01:30:00.000+01:30",
            "2026-11-20T23:00:00-01:00",
        ] {
            assert_eq!(date(text), midnight, "{text}");
        }
        assert_eq!(date("2026-11"), date("2026-11-01"));
        assert_eq!(date("2026"), date("2026-01-01T00:00:00Z"));
        assert_eq!(date("1970-01-01T00:00:00.5Z"), Some(500));
        assert_eq!(date("2024-02-29"), Some(1_709_164_800_000));
        assert_eq!(date("2000-02-29"), Some(951_782_400_000));
        assert_eq!(date("2100-03-01"), Some(4_107_542_400_000));
        assert_eq!(date("2026-12-31"), Some(1_798_675_200_000));
    }

    #[test]
    fn impossible_dates_are_refused() {
        for text in [
            "",
            "soon",
            "2026-13",
            "2026-02-29",
            "2100-02-29",
            "1900-02-29",
            "2024-02-30",
            "2026-01-32",
            "2026-04-31",
            "2026-06-31",
            "2026-09-31",
            "2026-11-31",
            "2026-00-01",
            "2026-1-1",
            "2026-11-21T25:00Z",
            "2026-11-21T10:00",
            "2026-11T10:00Z",
            "2026-11-21T10:00:00.Z",
            "2026-11-21-01",
        ] {
            assert_eq!(date(text), None, "{text}");
        }
    }

    #[test]
    fn networks_contain_their_addresses() {
        let cases = [
            ("10.0.0.0/8", "10.200.3.4", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("10.1.2.3/8", "10.200.3.4", true),
            ("203.0.113.7", "203.0.113.7", true),
            ("203.0.113.7", "203.0.113.8", false),
            ("0.0.0.0/0", "255.1.2.3", true),
            ("0.0.0.0/0", "::1", false),
            ("::/0", "10.0.0.1", false),
            ("::/0", "::ffff:10.0.0.1", false),
            ("10.0.0.0/8", "::ffff:10.0.0.1", true),
            ("2001:db8::/32", "2001:db8:1::1", true),
            ("2001:db8::/32", "2001:db9::1", false),
        ];
        for (network, address, expected) in cases {
            let network = Network::parse(network).unwrap();
            assert_eq!(
                network.contains(address.parse().unwrap()),
                expected,
                "{address}"
            );
        }
        for text in [
            "",
            "10.0.0.0/33",
            "10.0.0/8",
            "10.0.0.0/",
            "10.0.0.0/+8",
            "::/129",
        ] {
            assert_eq!(Network::parse(text), None, "{text}");
        }
    }
}
