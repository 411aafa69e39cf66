//! `rate(value unit)`: a period.

/// A period, in seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rate {
    seconds: i64,
}

impl Rate {
    /// Parses `5 minutes`. The unit is singular for one and plural for more.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (value, unit) = text.split_once(' ')?;
        let is_number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
        let value: u32 = value.parse().ok().filter(|_| is_number)?;
        let seconds = match (value, unit) {
            (0, _) => return None,
            (1, "minute") => 60,
            (1, "hour") => 3600,
            (1, "day") => 86_400,
            (2.., "minutes") => 60,
            (2.., "hours") => 3600,
            (2.., "days") => 86_400,
            _ => return None,
        };
        let seconds = i64::from(value).checked_mul(seconds)?;
        Some(Self { seconds })
    }

    pub(crate) fn next_after(&self, since: i64, after: i64) -> Option<i64> {
        let periods = after.saturating_sub(since).max(0) / self.seconds;
        since.checked_add(self.seconds.checked_mul(periods + 1)?)
    }

    pub(crate) fn last_within(&self, since: i64, (after, until): (i64, i64)) -> Option<i64> {
        let periods = until.saturating_sub(since) / self.seconds;
        let last = since.checked_add(self.seconds.checked_mul(periods)?)?;
        (periods > 0 && last > after && last <= until).then_some(last)
    }
}
