//! What a version says, in plaintext, for as long as a call lasts.

use wire::{Common, Fault};
use zeroize::Zeroizing;

use crate::refusals;

/// The most bytes of a value ("Secrets Manager quotas").
const MOST_BYTES: usize = 65_536;
/// That no version can be made, as it would have no id.
pub(crate) const NO_TOKEN: &str =
    "You must provide a ClientRequestToken value. We recommend a UUID-type value.";

/// A secret value.
pub(crate) enum SecretValue {
    Text(Zeroizing<String>),
    Binary(Zeroizing<Vec<u8>>),
}

impl SecretValue {
    /// The value of a request, if it has one.
    pub(crate) fn asked(
        text: Option<Zeroizing<String>>,
        binary: Option<Zeroizing<Vec<u8>>>,
    ) -> Result<Option<Self>, Fault> {
        let (value, place) = match (text, binary) {
            (None, None) => return Ok(None),
            (Some(_), Some(_)) => {
                return Err(refusals::invalid(
                    "You can't specify both a binary secret value and a string secret value in the \
                     same secret.",
                ));
            }
            (Some(text), None) => (Self::Text(text), "secretString"),
            (None, Some(binary)) => (Self::Binary(binary), "secretBinary"),
        };
        if value.bytes().len() > MOST_BYTES {
            let text = format!(
                "1 validation error detected: Value at '{place}' failed to satisfy constraint: \
                 Member must have length less than or equal to {MOST_BYTES}"
            );
            return Err(Fault::common(Common::Validation, text));
        }
        Ok(Some(value))
    }

    /// The value of these bytes.
    pub(crate) fn opened(bytes: Zeroizing<Vec<u8>>, is_binary: bool) -> Option<Self> {
        if is_binary {
            return Some(Self::Binary(bytes));
        }
        let text = str::from_utf8(&bytes).ok()?;
        Some(Self::Text(Zeroizing::new(text.to_owned())))
    }

    /// Its bytes.
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Binary(binary) => binary,
        }
    }

    /// Whether it is `SecretBinary`.
    pub(crate) fn is_binary(&self) -> bool {
        matches!(self, Self::Binary(_))
    }

    /// Whether both say the same. Of what differs, time tells no more than the length.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let (own, others) = (self.bytes(), other.bytes());
        let differing = own.iter().zip(others).fold(0, |sum, (a, b)| sum | (a ^ b));
        self.is_binary() == other.is_binary() && own.len() == others.len() && differing == 0
    }
}

/// The id of the version that a request makes.
pub(crate) fn version_id(token: Option<&str>) -> Result<String, Fault> {
    let given = token.filter(|token| !token.is_empty());
    given
        .map(str::to_owned)
        .ok_or_else(|| refusals::wrong_state(NO_TOKEN))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Option<Zeroizing<String>> {
        Some(Zeroizing::new(text.to_owned()))
    }

    #[test]
    fn a_value_has_up_to_65536_bytes() {
        assert!(SecretValue::asked(text(&"v".repeat(65_536)), None).is_ok());
        assert!(SecretValue::asked(text(&"v".repeat(65_537)), None).is_err());
        // 32,769 characters of two bytes each.
        assert!(SecretValue::asked(text(&"\u{e9}".repeat(32_769)), None).is_err());
        let binary = |length| Some(Zeroizing::new(vec![0; length]));
        assert!(SecretValue::asked(None, binary(65_536)).is_ok());
        assert!(SecretValue::asked(None, binary(65_537)).is_err());
        assert!(SecretValue::asked(text("v"), binary(1)).is_err());
    }

    #[test]
    fn values_are_the_same_by_kind_and_bytes() {
        let value = |given: &str| SecretValue::Text(Zeroizing::new(given.to_owned()));
        let binary = SecretValue::Binary(Zeroizing::new(b"v".to_vec()));
        assert!(value("v").is_same(&value("v")));
        assert!(!value("v").is_same(&value("w")));
        assert!(!value("v").is_same(&value("vv")));
        assert!(!value("v").is_same(&binary));
    }
}
