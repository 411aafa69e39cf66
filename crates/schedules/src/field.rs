//! One field of a cron expression as a set of numbers: lists of values, ranges and increments.

/// What a field may hold.
pub(crate) struct Bounds {
    pub(crate) first: i64,
    pub(crate) last: i64,
    /// Names of the values from the first on.
    pub(crate) names: &'static [&'static str],
}

pub(crate) const MINUTES: Bounds = Bounds::numbers(0, 59);
pub(crate) const HOURS: Bounds = Bounds::numbers(0, 23);
pub(crate) const DAYS_OF_MONTH: Bounds = Bounds::numbers(1, 31);
pub(crate) const YEARS: Bounds = Bounds::numbers(1970, 2199);
pub(crate) const MONTHS: Bounds = Bounds {
    first: 1,
    last: 12,
    names: &[
        "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
    ],
};
pub(crate) const DAYS_OF_WEEK: Bounds = Bounds {
    first: 1,
    last: 7,
    names: &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
};

/// Numbers between bounds, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Set {
    values: Vec<i64>,
}

impl Bounds {
    const fn numbers(first: i64, last: i64) -> Self {
        Self {
            first,
            last,
            names: &[],
        }
    }

    /// A single value: a number or a name, in upper or lower case.
    pub(crate) fn value(&self, text: &str) -> Option<i64> {
        let mut names = self.names.iter();
        if let Some(index) = names.position(|name| name.eq_ignore_ascii_case(text)) {
            return Some(self.first + i64::try_from(index).ok()?);
        }
        let value = number(text)?;
        (self.first..=self.last).contains(&value).then_some(value)
    }
}

impl Set {
    /// Parses a whole field.
    pub(crate) fn parse(text: &str, bounds: &Bounds) -> Option<Self> {
        let mut values = Vec::new();
        for part in text.split(',') {
            values.extend(part_values(part, bounds)?);
        }
        values.sort_unstable();
        values.dedup();
        Some(Self { values })
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = i64> {
        self.values.iter().copied()
    }

    pub(crate) fn contains(&self, value: i64) -> bool {
        self.values.binary_search(&value).is_ok()
    }
}

/// The values of one item of a list: `*`, `5`, `1-5`, `0/15`, `*/15` or `1-30/5`.
fn part_values(part: &str, bounds: &Bounds) -> Option<Vec<i64>> {
    let (range, step) = match part.split_once('/') {
        Some((range, step)) => (range, Some(number(step)?)),
        None => (part, None),
    };
    let span = bounds.last - bounds.first + 1;
    if step.is_some_and(|step| step == 0 || step > bounds.last) {
        return None;
    }
    let (first, last) = match (range, range.split_once('-')) {
        ("*", _) => (bounds.first, bounds.last),
        (_, Some((first, last))) => (bounds.value(first)?, bounds.value(last)?),
        (_, None) => {
            let first = bounds.value(range)?;
            let last = if step.is_some() { bounds.last } else { first };
            (first, last)
        }
    };
    // A range that ends before it begins goes over the end: `FRI-MON`, `22-2`. Years do not.
    let wraps = last < first;
    if wraps && bounds.first >= YEARS.first {
        return None;
    }
    let end = if wraps { last + span } else { last };
    let values = first..=end;
    let step = usize::try_from(step.unwrap_or(1)).ok()?;
    let within = |value: i64| (value - bounds.first) % span + bounds.first;
    Some(values.step_by(step).map(within).collect())
}

/// A number of at most four digits, without a sign.
pub(crate) fn number(text: &str) -> Option<i64> {
    let is_number = (1..=4).contains(&text.len()) && text.bytes().all(|it| it.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}
