//! Numbers as patterns compare them: between -5.0e9 and +5.0e9, to six digits behind the decimal
//! point ("Numeric matching", EventBridge user guide).

/// The largest number, and the negative of the smallest one.
const MOST: f64 = 5e9;

/// A number that can be compared: millionths above the smallest one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Number(i64);

impl Number {
    /// The number of this text, if it is in the range.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let number: f64 = text.parse().ok()?;
        if !(-MOST..=MOST).contains(&number) {
            return None;
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "at most 1e16, and what is behind the sixth digit does not count"
        )]
        let millionths = (1e6 * (MOST + number)) as i64;
        Some(Self(millionths))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_compare_whatever_way_they_are_written() {
        assert_eq!(Number::parse("3.018e2"), Number::parse("301.8"));
        assert_eq!(Number::parse("0"), Number::parse("-0.0"));
        assert!(Number::parse("-5e9") < Number::parse("5E+9"));
        assert!(Number::parse("0.000001") > Number::parse("0"));
        assert_eq!(Number::parse("5000000000.1"), None);
        assert_eq!(Number::parse("-5000000001"), None);
        assert_eq!(Number::parse("1e400"), None);
    }
}
