//! What becomes of a value whose type on the wire is not that of its shape: the few conversions
//! that AWS makes, and its texts for the others.

use base64_simd::{AsOut as _, STANDARD};
use zeroize::Zeroizing;

use crate::fault::{Common, Fault};
use crate::shape::{Kind, Shape};
use crate::value::{Timestamp, Value};

/// What stands on the wire, under the names that AWS gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    True,
    False,
    Number,
    Decimal,
    String,
    Blob,
    Timestamp,
    List,
    Map,
    Null,
}

impl Token {
    pub(crate) fn boolean(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }

    fn name(self) -> &'static str {
        match self {
            Self::True => "TRUE_VALUE",
            Self::False => "FALSE_VALUE",
            Self::Number => "NUMBER_VALUE",
            Self::Decimal => "DECIMAL_VALUE",
            Self::String => "STRING_VALUE",
            Self::Blob => "BLOB_VALUE",
            Self::Timestamp => "TIMESTAMP_VALUE",
            Self::List => "LIST_VALUE",
            Self::Map => "MAP_VALUE",
            Self::Null => "NULL_VALUE",
        }
    }
}

/// The fault for bytes that are no message at all. AWS says no more than its code.
pub(crate) fn malformed() -> Fault {
    Fault::common_bare(Common::Serialization)
}

/// The fault for a readable message that does not fit.
pub(crate) fn refused(text: impl Into<String>) -> Fault {
    Fault::common(Common::Serialization, text)
}

/// The fault for `token` where `kind` should be. The texts are those of AWS's JSON services; the
/// full stop in one and not in the other is theirs.
pub(crate) fn mismatch(token: Token, kind: &Kind) -> Fault {
    let target = match (token, kind) {
        (Token::List, _) => return refused("Start of list found where not expected"),
        (Token::Map, _) => return refused("Start of structure or map found where not expected."),
        (_, Kind::List(_)) => return refused("Expected list or null"),
        (_, Kind::Map(_) | Kind::Structure(_)) => return refused("Expected null"),
        (Token::String, Kind::Boolean) => "an Boolean",
        (_, Kind::Boolean) => "a Boolean",
        (_, Kind::Integer(_)) => "an Integer",
        (_, Kind::Long(_)) => "a Long",
        (_, Kind::Float(_)) => "a Float",
        (_, Kind::Double(_)) => "a Double",
        (_, Kind::String(_)) => "a String",
        (_, Kind::Blob(_)) => "a Blob",
        (_, Kind::Timestamp(_)) => "a Timestamp",
        (_, Kind::Document) => "a Document",
    };
    refused(format!("{} can not be converted to {target}", token.name()))
}

/// A whole number as a value of `kind`.
///
/// A number that is too large for its type but whose shape has a bound is cut to the type's
/// limit, so that validation words the refusal as AWS does; without a bound it is refused here.
pub(crate) fn integer(number: i128, kind: &Kind) -> Result<Value, Fault> {
    let (least, most, range) = match kind {
        Kind::Integer(range) => (i64::from(i32::MIN), i64::from(i32::MAX), range),
        Kind::Long(range) => (i64::MIN, i64::MAX, range),
        Kind::Float(_) | Kind::Double(_) => return double(number as f64, kind),
        Kind::Timestamp(_) => return timestamp(number as f64, Token::Number, kind),
        _ => return Err(mismatch(Token::Number, kind)),
    };
    let cut = number.clamp(i128::from(least), i128::from(most));
    let bounded = number == cut
        || (number > cut && range.max.is_some())
        || (number < cut && range.min.is_some());
    match i64::try_from(cut) {
        Ok(cut) if bounded => Ok(Value::Integer(cut)),
        _ => Err(mismatch(Token::Number, kind)),
    }
}

/// A number with a fraction or an exponent as a value of `kind`.
pub(crate) fn decimal(number: f64, kind: &Kind) -> Result<Value, Fault> {
    /// Beyond this a double no longer tells neighbouring whole numbers apart.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match kind {
        Kind::Float(_) | Kind::Double(_) => double(number, kind),
        Kind::Timestamp(_) => timestamp(number, Token::Decimal, kind),
        Kind::Integer(_) | Kind::Long(_) if number.fract() == 0.0 && number.abs() <= EXACT => {
            #[expect(clippy::cast_possible_truncation, reason = "whole and in range")]
            let whole = number as i128;
            integer(whole, kind)
        }
        _ => Err(mismatch(Token::Decimal, kind)),
    }
}

/// A number as a value of `kind`, in the precision of the kind.
pub(crate) fn double(number: f64, kind: &Kind) -> Result<Value, Fault> {
    match kind {
        Kind::Double(_) => Ok(Value::Double(number)),
        Kind::Float(_) => {
            #[expect(clippy::cast_possible_truncation, reason = "the shape has 32 bits")]
            let short = f64::from(number as f32);
            if short.is_infinite() && number.is_finite() {
                return Err(mismatch(Token::Decimal, kind));
            }
            Ok(Value::Double(short))
        }
        _ => Err(mismatch(Token::Decimal, kind)),
    }
}

/// A time given as a number of seconds.
pub(crate) fn timestamp(seconds: f64, token: Token, kind: &Kind) -> Result<Value, Fault> {
    Timestamp::from_epoch_seconds(seconds)
        .map(Value::Timestamp)
        .ok_or_else(|| mismatch(token, kind))
}

/// A JSON or form text as a value of `shape`.
pub(crate) fn text(text: &str, shape: &Shape) -> Result<Value, Fault> {
    let refuse = || mismatch(Token::String, &shape.kind);
    match &shape.kind {
        Kind::String(_) => Ok(Value::string(text)),
        Kind::Blob(_) => blob(text),
        Kind::Timestamp(_) => Timestamp::parse(text)
            .map(Value::Timestamp)
            .ok_or_else(refuse),
        Kind::Boolean if text.eq_ignore_ascii_case("true") => Ok(Value::Boolean(true)),
        Kind::Boolean if text.eq_ignore_ascii_case("false") => Ok(Value::Boolean(false)),
        Kind::Float(_) | Kind::Double(_) => special_double(text).ok_or_else(refuse),
        _ => Err(refuse()),
    }
}

/// A text of a form, a header or a path as a value of `shape`. Texts are all there is, so numbers
/// are read from them too.
pub(crate) fn scalar(text: &str, shape: &Shape) -> Result<Value, Fault> {
    let refuse = || mismatch(Token::String, &shape.kind);
    match &shape.kind {
        Kind::Integer(_) | Kind::Long(_) => {
            let number = text.parse::<i128>().map_err(|_| refuse())?;
            integer(number, &shape.kind)
        }
        Kind::Float(_) | Kind::Double(_) => match special_double(text) {
            Some(value) => Ok(value),
            None => double(finite(text).ok_or_else(refuse)?, &shape.kind),
        },
        Kind::Document => Err(refuse()),
        _ => self::text(text, shape),
    }
}

/// A finite number in digits: Rust's parser would take `inf` and `nan` as well.
fn finite(text: &str) -> Option<f64> {
    let plain =
        |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E');
    if !text.bytes().all(plain) {
        return None;
    }
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// The doubles that JSON has no number for.
pub(crate) fn special_double(text: &str) -> Option<Value> {
    match text {
        "NaN" => Some(Value::Double(f64::NAN)),
        "Infinity" => Some(Value::Double(f64::INFINITY)),
        "-Infinity" => Some(Value::Double(f64::NEG_INFINITY)),
        _ => None,
    }
}

/// How the doubles that JSON and XML have no number for are written.
pub(crate) fn special_double_text(number: f64) -> Option<&'static str> {
    if number.is_nan() {
        Some("NaN")
    } else if number == f64::INFINITY {
        Some("Infinity")
    } else if number == f64::NEG_INFINITY {
        Some("-Infinity")
    } else {
        None
    }
}

/// Base64 with padding and nothing else, decoded straight into memory that is wiped.
fn blob(text: &str) -> Result<Value, Fault> {
    let text = text.as_bytes();
    let length = STANDARD.decoded_length(text).map_err(|_| malformed())?;
    let mut bytes = Zeroizing::new(vec![0; length]);
    let decoded = STANDARD.decode(text, bytes.as_out());
    let decoded = decoded.map_err(|_| malformed())?.len();
    bytes.truncate(decoded);
    Ok(Value::Blob(bytes))
}

/// The value of an empty request: a structure without any member set.
pub(crate) fn empty(shape: &Shape) -> Value {
    Value::Structure(vec![None; shape.members().len()])
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD as STRICT;
    use proptest::prelude::*;

    use super::*;
    use crate::shape::Range;

    #[test]
    fn whole_numbers_keep_to_their_type() {
        let free = Kind::Integer(Range::ANY);
        let bounded = Kind::Integer(Range {
            min: Some(1),
            max: Some(50),
        });
        let is = |value: Result<Value, Fault>, expected: i64| matches!(value, Ok(Value::Integer(found)) if found == expected);
        assert!(is(integer(2_147_483_647, &free), 2_147_483_647));
        assert!(integer(2_147_483_648, &free).is_err());
        assert!(integer(-2_147_483_649, &free).is_err());
        assert!(is(integer(99_999_999_999, &bounded), 2_147_483_647));
        assert!(is(
            integer(i128::MAX, &Kind::Long(bounded_range())),
            i64::MAX
        ));
        assert!(integer(i128::MAX, &Kind::Long(Range::ANY)).is_err());
        assert!(is(decimal(3.0, &free), 3));
        assert!(is(decimal(-0.0, &free), 0));
        assert!(decimal(3.5, &free).is_err());
        assert!(decimal(1e300, &Kind::Long(bounded_range())).is_err());
    }

    proptest! {
        #[test]
        fn base64_has_one_spelling(text in "[A-Za-z0-9+/=_ -]{0,40}", bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            let known = STRICT.decode(&text).ok();
            let found = match blob(&text) {
                Ok(Value::Blob(found)) => Some(found.to_vec()),
                _ => None,
            };
            prop_assert_eq!(known, found);
            let encoded = STRICT.encode(&bytes);
            prop_assert!(matches!(blob(&encoded), Ok(Value::Blob(found)) if *found == bytes));
        }
    }

    fn bounded_range() -> Range {
        Range {
            min: Some(0),
            max: Some(9),
        }
    }
}
