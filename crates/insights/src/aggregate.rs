//! What `stats` computes ("Functions to use with stats").

use std::collections::BTreeSet;

use crate::collect::Rank;
use crate::functions::finite;
use crate::value::Value;

/// An aggregation function.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    /// The rows in which the value is present.
    Count,
    CountDistinct,
    Sum,
    Avg,
    Stddev,
    Min,
    Max,
    Median,
    Percentile(f64),
    Earliest,
    Latest,
}

impl Kind {
    /// The function of this name, in small letters.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "count" => Self::Count,
            "count_distinct" => Self::CountDistinct,
            "sum" => Self::Sum,
            "avg" => Self::Avg,
            "stddev" => Self::Stddev,
            "min" | "sortsfirst" => Self::Min,
            "max" | "sortslast" => Self::Max,
            "median" => Self::Median,
            "pct" => Self::Percentile(0.0),
            "earliest" => Self::Earliest,
            "latest" => Self::Latest,
            _ => return None,
        })
    }
}

/// What is known of a group's values so far.
pub(crate) enum State {
    Count(u64),
    Distinct(BTreeSet<String>),
    Sum(Option<f64>),
    /// Count, mean, and the sum of the squares of what is off it (Welford).
    Spread {
        count: f64,
        mean: f64,
        squares: f64,
        is_deviation: bool,
    },
    /// The first or the last in the order of `sort`.
    Extreme(Value<'static>, Kind),
    Percentile(f64, Vec<f64>),
    /// The value of the event that comes first or last.
    At(Option<(Rank, Value<'static>)>, Kind),
}

impl State {
    pub(crate) fn new(kind: Kind) -> Self {
        let spread = |is_deviation| Self::Spread {
            count: 0.0,
            mean: 0.0,
            squares: 0.0,
            is_deviation,
        };
        match kind {
            Kind::Count => Self::Count(0),
            Kind::CountDistinct => Self::Distinct(BTreeSet::new()),
            Kind::Sum => Self::Sum(None),
            Kind::Avg => spread(false),
            Kind::Stddev => spread(true),
            Kind::Min | Kind::Max => Self::Extreme(Value::Absent, kind),
            Kind::Median => Self::Percentile(50.0, Vec::new()),
            Kind::Percentile(percent) => Self::Percentile(percent, Vec::new()),
            Kind::Earliest | Kind::Latest => Self::At(None, kind),
        }
    }

    /// Takes the value of a row. Returns about how many bytes it keeps of it.
    pub(crate) fn add(&mut self, value: &Value<'_>, rank: &Rank) -> usize {
        if value.is_absent() {
            return 0;
        }
        match self {
            Self::Count(count) => *count += 1,
            Self::Distinct(known) => return distinct(known, value),
            Self::Sum(sum) => {
                if let Some(number) = value.number() {
                    *sum = Some(sum.unwrap_or(0.0) + number);
                }
            }
            Self::Spread {
                count,
                mean,
                squares,
                ..
            } => {
                if let Some(number) = value.number() {
                    *count += 1.0;
                    let off = number - *mean;
                    *mean += off / *count;
                    *squares += off * (number - *mean);
                }
            }
            Self::Extreme(known, kind) => {
                let order = value.sorted(known);
                let is_better = match kind {
                    Kind::Min => order.is_lt(),
                    _ => order.is_gt(),
                };
                if known.is_absent() || is_better {
                    *known = value.clone().into_owned();
                }
            }
            Self::Percentile(_, numbers) => {
                numbers.extend(value.number());
                return size_of::<f64>();
            }
            Self::At(known, kind) => {
                let is_better = known.as_ref().is_none_or(|(best, _)| match kind {
                    Kind::Earliest => rank < best,
                    _ => rank > best,
                });
                if is_better {
                    *known = Some((rank.clone(), value.clone().into_owned()));
                }
            }
        }
        0
    }

    /// What came of it.
    pub(crate) fn result(self) -> Value<'static> {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "nobody counts to 2^53")]
            Self::Count(count) => Value::Number(count as f64),
            #[expect(clippy::cast_precision_loss, reason = "nobody counts to 2^53")]
            Self::Distinct(known) => Value::Number(known.len() as f64),
            Self::Sum(sum) => sum.map_or(Value::Absent, finite),
            Self::Spread { count: 0.0, .. } => Value::Absent,
            Self::Spread {
                count,
                mean,
                squares,
                is_deviation,
            } => match is_deviation {
                true => finite((squares / count).max(0.0).sqrt()),
                false => finite(mean),
            },
            Self::Extreme(value, _) => value,
            Self::Percentile(percent, numbers) => percentile(percent, numbers),
            Self::At(known, _) => known.map_or(Value::Absent, |(_, value)| value),
        }
    }
}

fn distinct(known: &mut BTreeSet<String>, value: &Value<'_>) -> usize {
    let Some(text) = value.text() else {
        return 0;
    };
    if known.contains(&*text) {
        return 0;
    }
    let size = text.len() + 64;
    known.insert(text.into_owned());
    size
}

/// The least of the numbers that `percent` of a hundred of them do not exceed.
fn percentile(percent: f64, mut numbers: Vec<f64>) -> Value<'static> {
    numbers.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rank among as many numbers as memory holds"
    )]
    let rank = (percent / 100.0 * numbers.len() as f64).ceil() as usize;
    let found = numbers.get(rank.saturating_sub(1));
    found.map_or(Value::Absent, |number| Value::Number(*number))
}
