//! The form of account aliases.

use platform::{Error, validation};

/// The pattern of the API model, whose look-ahead is written out in [`check`].
const PATTERN: &str = "^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$";

/// Refuses what is no alias.
pub(crate) fn check(alias: &str) -> Result<(), Error> {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_known = alias.bytes().all(|byte| is_plain(byte) || byte == b'-');
    let is_alias = is_known
        && (3..=63).contains(&alias.len())
        && !alias.starts_with('-')
        && !alias.ends_with('-')
        && !alias.contains("--");
    if is_alias {
        return Ok(());
    }
    Err(validation(format!(
        "1 validation error detected: Value at 'accountAlias' failed to satisfy \
         constraint: Member must satisfy regular expression pattern: {PATTERN}"
    )))
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn aliases_are_plain_words_joined_by_single_dashes() {
        for alias in ["abc", "a-b", "0a1", "123456789012", &"a".repeat(63)] {
            assert!(check(alias).is_ok(), "{alias}");
        }
        for alias in [
            "ab",
            "-ab",
            "ab-",
            "a--b",
            "aBc",
            "a_b",
            "a.b",
            "\u{430}bc",
            "",
            &"a".repeat(64),
        ] {
            assert!(check(alias).is_err(), "{alias}");
        }
    }
}
