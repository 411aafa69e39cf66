//! What a value may be (PutParameter).

use regex::RegexBuilder;
use wire::Fault;

use crate::refusals;

/// The most bytes of a standard parameter.
pub(crate) const MOST_STANDARD: usize = 4096;
/// The most bytes of an advanced parameter.
pub(crate) const MOST_ADVANCED: usize = 8192;
/// Longer values are no values at all.
const MOST_CHARACTERS: usize = 32_768;
/// How large an expression may become, in bytes.
const MOST_COMPILED: usize = 1 << 20;

/// Checks what no value may be.
pub(crate) fn check(value: &str) -> Result<(), Fault> {
    if value.is_empty() {
        let least = "Member must have length greater than or equal to 1";
        return Err(refusals::constraint("value", least));
    }
    if value.chars().count() > MOST_CHARACTERS {
        let most = "Member must have length less than or equal to 32768";
        return Err(refusals::constraint("value", most));
    }
    let nested = value.split_once("{{").map(|(_, rest)| rest.contains("}}"));
    match nested {
        Some(true) => Err(refusals::nested()),
        _ => Ok(()),
    }
}

/// Checks a value against the expression that all of it must match.
pub(crate) fn check_pattern(value: &str, pattern: &str) -> Result<(), Fault> {
    let whole = format!(r"\A(?:{pattern})\z");
    let compiled = RegexBuilder::new(&whole).size_limit(MOST_COMPILED).build();
    let alone = RegexBuilder::new(pattern).size_limit(MOST_COMPILED).build();
    let (Ok(compiled), Ok(_)) = (compiled, alone) else {
        return Err(refusals::bad_pattern(pattern));
    };
    match compiled.is_match(value) {
        true => Ok(()),
        false => Err(refusals::pattern_mismatch(pattern)),
    }
}

#[cfg(test)]
mod tests {
    use wire::Protocol;

    use super::*;

    #[test]
    fn values_nest_nothing_and_are_not_empty() {
        for (value, is_good) in [
            ("a", true),
            ("{{", true),
            ("}}{{", true),
            (r#"{"a":{"b":1}}"#, true),
            ("", false),
            ("{{}}", false),
            ("a {{ssm:b}} c", false),
            ("{{ a\n }}", false),
            (&"ä".repeat(MOST_CHARACTERS), true),
            (&"a".repeat(MOST_CHARACTERS + 1), false),
        ] {
            assert_eq!(check(value).is_ok(), is_good, "{value:.20}");
        }
    }

    #[test]
    fn a_pattern_matches_all_of_a_value() {
        for (value, pattern, code) in [
            ("123", r"^\d+$", None),
            ("123", r"\d+", None),
            ("a1", r"\d", Some("ParameterPatternMismatchException")),
            ("ab", "a|b", Some("ParameterPatternMismatchException")),
            ("a", "[", Some("InvalidAllowedPatternException")),
            ("a", "a)(?:", Some("InvalidAllowedPatternException")),
            (
                "a",
                "(((a{999}){999}){999})",
                Some("InvalidAllowedPatternException"),
            ),
        ] {
            let refused = check_pattern(value, pattern).err();
            let refused = refused.map(|fault| fault.code(Protocol::Json11));
            assert_eq!(refused, code, "{pattern}");
        }
    }
}
