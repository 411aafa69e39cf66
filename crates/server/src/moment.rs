//! Times on the command line: `2026-01-31T12:00:00Z`, `2026-01-31`, or so long ago: `90m`, `24h`, `7d`.

use std::fmt;
use std::str::FromStr;

use wire::Timestamp;

/// A time, or a time before now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// This one.
    At(Timestamp),
    /// So many milliseconds ago.
    Ago(i64),
}

/// What is no time.
#[derive(Debug)]
pub struct NoMoment;

impl fmt::Display for NoMoment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(
            "give a time as 2026-01-31T12:00:00Z, a date as 2026-01-31, or so long ago as 90m, 24h or 7d",
        )
    }
}

impl std::error::Error for NoMoment {}

impl Moment {
    /// The time in milliseconds since 1970, where it is `now`.
    pub fn millis(self, now: Timestamp) -> i64 {
        match self {
            Self::At(time) => time.millis,
            Self::Ago(millis) => now.millis.saturating_sub(millis),
        }
    }
}

impl FromStr for Moment {
    type Err = NoMoment;

    fn from_str(text: &str) -> Result<Self, NoMoment> {
        let unit = match text.chars().last() {
            Some('s') => 1,
            Some('m') => 60,
            Some('h') => 60 * 60,
            Some('d') => 24 * 60 * 60,
            _ => {
                let midnight = format!("{text}T00:00:00Z");
                let time = Timestamp::parse_iso8601(text);
                let time = time.or_else(|| Timestamp::parse_iso8601(&midnight));
                return time.map(Self::At).ok_or(NoMoment);
            }
        };
        let count = text.get(..text.len() - 1).unwrap_or_default();
        let count: u32 = count.parse().map_err(|_| NoMoment)?;
        Ok(Self::Ago(i64::from(count) * unit * 1000))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_dates_and_spans_are_read() {
        let now = Timestamp::from_secs(1_767_225_600);
        let millis = |text: &str| text.parse::<Moment>().map(|it| it.millis(now)).ok();
        assert_eq!(millis("2026-01-01T00:00:01Z"), Some(1_767_225_601_000));
        assert_eq!(millis("2026-01-02"), Some(1_767_312_000_000));
        assert_eq!(millis("90m"), Some(1_767_220_200_000));
        assert_eq!(millis("7d"), Some(1_766_620_800_000));
        assert_eq!(millis("30s"), Some(1_767_225_570_000));
        for wrong in [
            "",
            "d",
            "-1h",
            "yesterday",
            "2026-13-01",
            "12:00",
            "é",
            "5000000000d",
        ] {
            assert_eq!(millis(wrong), None, "{wrong}");
        }
    }
}
