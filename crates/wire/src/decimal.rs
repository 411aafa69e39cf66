//! Decimal numbers in attributes of messages, of any length.

/// A decimal number as it was written: its digits, and how many of them are behind the point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decimal {
    is_negative: bool,
    /// Without zeros before them, but for zero itself.
    digits: String,
    /// Less than none after `e` and a positive exponent.
    scale: i64,
}

/// What an attribute's number has too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Excess {
    /// Digits.
    Digits,
    /// Digits behind its point, or zeros before it.
    Scale,
}

/// The most digits of an attribute's number, and how many may be behind its point. The texts of Amazon
/// SQS and SNS promise one digit less, and one more before the point (recordings of AWS).
const MOST_DIGITS: usize = 38;
const SCALES: std::ops::RangeInclusive<i64> = -125..=128;

/// The longest exponent that is read, in digits.
const LONGEST_EXPONENT: usize = 10;

impl Decimal {
    /// The number of a text like `-12.50`, `.5`, `5.` or `1e3`.
    pub fn parse(text: &str) -> Option<Self> {
        let (is_negative, unsigned) = sign(text);
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, self::exponent(exponent)?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let written = format!("{whole}{fraction}");
        if written.is_empty() || !written.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let digits = match written.trim_start_matches('0') {
            "" => "0",
            digits => digits,
        };
        Some(Self {
            is_negative,
            digits: digits.to_owned(),
            scale: i64::try_from(fraction.len()).ok()?.checked_sub(exponent)?,
        })
    }

    /// How many digits it has, zeros at its end included.
    fn precision(&self) -> usize {
        self.digits.len()
    }

    /// How many of them are behind the point.
    fn scale(&self) -> i64 {
        self.scale
    }

    /// What keeps the number from being an attribute of a message, if anything.
    pub fn excess(&self) -> Option<Excess> {
        match (
            self.precision() > MOST_DIGITS,
            SCALES.contains(&self.scale()),
        ) {
            (true, _) => Some(Excess::Digits),
            (false, false) => Some(Excess::Scale),
            (false, true) => None,
        }
    }

    /// The number in digits alone, with no more of them than it needs. Its length follows from the
    /// scale, which the caller has limited.
    pub fn plain(&self) -> String {
        let digits = self.digits.trim_end_matches('0');
        if digits.is_empty() {
            return "0".to_owned();
        }
        let cut = self.digits.len() - digits.len();
        let scale = self.scale - i64::try_from(cut).unwrap_or(i64::MAX);
        let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or_default());
        let length = i64::try_from(digits.len()).unwrap_or(i64::MAX);
        let number = match scale {
            ..=0 => format!("{digits}{}", zeros(-scale)),
            _ if scale >= length => format!("0.{}{digits}", zeros(scale - length)),
            _ => {
                let point = usize::try_from(length - scale).unwrap_or_default();
                let (whole, fraction) = digits.split_at(point);
                format!("{whole}.{fraction}")
            }
        };
        match self.is_negative {
            true => format!("-{number}"),
            false => number,
        }
    }
}

fn sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

fn exponent(text: &str) -> Option<i64> {
    let (is_negative, digits) = sign(text);
    let is_read = (1..=LONGEST_EXPONENT).contains(&digits.len());
    if !is_read || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let exponent: i64 = digits.parse().ok()?;
    Some(if is_negative { -exponent } else { exponent })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// At both ends (recordings of AWS).
    #[test]
    fn an_attribute_has_38_digits_and_its_scale_has_limits() {
        let excess = |text: &str| Decimal::parse(text).and_then(|read| read.excess());
        for taken in ["0e125", "1e125", "9.99e125", "1e-128", "0", &"9".repeat(38)] {
            assert_eq!(excess(taken), None, "{taken}");
        }
        for refused in ["1e126", "0e126", "1e-129", "0e-129", "1e-100000"] {
            assert_eq!(excess(refused), Some(Excess::Scale), "{refused}");
        }
        assert_eq!(excess(&"9".repeat(39)), Some(Excess::Digits));
    }

    #[test]
    fn numbers_are_written_with_the_digits_they_need() {
        for (text, plain) in [
            ("0001.23000", "1.23"),
            ("1e3", "1000"),
            (".5", "0.5"),
            ("5.", "5"),
            ("-0.000", "0"),
            ("0e125", "0"),
            ("1.00000", "1"),
            ("-12.50E-3", "-0.0125"),
            ("+120", "120"),
            ("123.45e1", "1234.5"),
        ] {
            let read = Decimal::parse(text).map(|number| number.plain());
            assert_eq!(read.as_deref(), Some(plain), "{text}");
        }
        let small = Decimal::parse("1e-128").map(|number| number.plain());
        assert_eq!(small, Some(format!("0.{}1", "0".repeat(127))));
    }

    #[test]
    fn digits_and_scale_are_those_that_are_written() {
        let of = |text: &str| Decimal::parse(text).map(|read| (read.precision(), read.scale()));
        assert_eq!(of("001.230"), Some((4, 3)));
        assert_eq!(of("9.99e125"), Some((3, -123)));
        assert_eq!(of("0e-100000"), Some((1, 100_000)));
    }

    #[test]
    fn what_is_no_number_is_not_read() {
        for text in [
            "",
            ".",
            "-",
            "NaN",
            "inf",
            "1e",
            "e1",
            "1.2.3",
            "1 ",
            "0x1",
            "1e99999999999",
        ] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }
}
