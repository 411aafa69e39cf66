//! The data types of values ("Parameter data types in Parameter Store", Systems Manager user guide).

use std::net::{Ipv4Addr, Ipv6Addr};

use platform::{is_account, is_region};
use serde_json::value::RawValue;
use wire::{Fault, pem};

use crate::parameter::Kind;
use crate::refusals;

/// The data type of a value about which nothing is said.
pub(crate) const TEXT: &str = "text";
const IMAGE: &str = "aws:ec2:image";
const INTEGRATION: &str = "aws:ssm:integration";

/// Those that a standard parameter cannot have (PutParameter, `Tier`).
const ADVANCED: [&str; 3] = ["url", "json", "jsonc"];

/// Whether only an advanced parameter can have the data type.
pub(crate) fn is_advanced(data_type: &str) -> bool {
    ADVANCED.contains(&data_type)
}

/// Checks that a parameter of data type `old` may get `new`.
pub(crate) fn check_change(old: &str, new: &str) -> Result<(), Fault> {
    let is_fixed = [old, new]
        .iter()
        .any(|it| [IMAGE, INTEGRATION].contains(it));
    match old == new || !is_fixed {
        true => Ok(()),
        false => Err(refusals::invalid(format!(
            "The data type of a parameter can't be changed from {old} to {new}."
        ))),
    }
}

/// Checks a value, of a list each of its items.
pub(crate) fn check(data_type: &str, kind: Kind, value: &str) -> Result<(), Fault> {
    let is_valid: fn(&str) -> bool = match data_type {
        "text" => |_| true,
        IMAGE => is_image,
        INTEGRATION => |value| RawValue::from_string(value.to_owned()).is_ok(),
        "aws:region" => is_region,
        "aws:account:id" => is_account,
        "boolean" => |value| matches!(value, "true" | "false"),
        "integer" => is_integer,
        "float" => is_float,
        "binary" => |value| pem::decoded(value).is_some(),
        "hostname" => is_hostname,
        "email" => is_email,
        "ipv4-address" => |value| value.parse::<Ipv4Addr>().is_ok(),
        "ipv6-address" => |value| value.parse::<Ipv6Addr>().is_ok(),
        "url" => is_url,
        "json" => |value| RawValue::from_string(value.to_owned()).is_ok(),
        "jsonc" => |value| RawValue::from_string(without_comments(value)).is_ok(),
        other => return Err(refusals::unknown_data_type(other)),
    };
    check_kind(data_type, kind)?;
    let fits = match kind {
        Kind::StringList => value.split(',').all(is_valid),
        Kind::String | Kind::SecureString => is_valid(value),
    };
    match fits {
        true => Ok(()),
        false => Err(refusals::bad_value(data_type)),
    }
}

fn check_kind(data_type: &str, kind: Kind) -> Result<(), Fault> {
    let fits = match data_type {
        IMAGE => kind == Kind::String,
        INTEGRATION => kind == Kind::SecureString,
        "json" | "jsonc" | "url" => kind != Kind::StringList,
        _ => true,
    };
    let shown = kind.shown().as_str();
    match fits {
        true => Ok(()),
        false => Err(refusals::invalid(format!(
            "The data type {data_type} is not supported for parameters of type {shown}."
        ))),
    }
}

fn is_image(value: &str) -> bool {
    let id = value.strip_prefix("ami-").unwrap_or_default();
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    matches!(id.len(), 8 | 17) && id.bytes().all(is_hex)
}

fn is_integer(value: &str) -> bool {
    let digits = value.strip_prefix(['-', '+']).unwrap_or(value);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// A decimal number, with a fraction or an exponent or not.
fn is_float(value: &str) -> bool {
    let (number, exponent) = match value.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, Some(exponent)),
        None => (value, None),
    };
    let number = number.strip_prefix(['-', '+']).unwrap_or(number);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = [whole, fraction].concat();
    !digits.is_empty()
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && exponent.is_none_or(is_integer)
}

/// RFC 1123, section 2.1.
fn is_hostname(value: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(is_letter)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    value.len() <= 253 && value.split('.').all(is_label)
}

fn is_email(value: &str) -> bool {
    let Some((local, domain)) = value.rsplit_once('@') else {
        return false;
    };
    let is_letter =
        |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&byte);
    let is_atom = |atom: &str| !atom.is_empty() && atom.bytes().all(is_letter);
    (1..=64).contains(&local.len())
        && local.split('.').all(is_atom)
        && domain.contains('.')
        && is_hostname(domain)
}

/// An absolute URL with a host.
fn is_url(value: &str) -> bool {
    let Some((scheme, rest)) = value.split_once("://") else {
        return false;
    };
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"+.-".contains(&byte);
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(is_letter);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, Some(port)),
        _ => (host, None),
    };
    let literal = name.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    let is_host = match literal {
        Some(address) => address.parse::<Ipv6Addr>().is_ok(),
        None => is_hostname(name),
    };
    let is_plain = |letter: char| !letter.is_whitespace() && !letter.is_control();
    is_scheme
        && is_host
        && port.is_none_or(|port| port.is_empty() || port.parse::<u16>().is_ok())
        && value.chars().all(is_plain)
}

/// JSON with comments, without them: `//` to the end of the line, and `/* */`. A comment that does
/// not end stays, and is no JSON.
fn without_comments(value: &str) -> String {
    let (mut plain, mut rest, mut in_text) = (String::with_capacity(value.len()), value, false);
    while let Some(letter) = rest.chars().next() {
        let (_, after) = rest.split_at(letter.len_utf8());
        if in_text {
            let escaped = after.chars().next().filter(|_| letter == '\\');
            plain.push(letter);
            plain.extend(escaped);
            rest = after.get(escaped.map_or(0, char::len_utf8)..).unwrap_or("");
            in_text = letter != '"';
        } else if let Some(comment) = rest.strip_prefix("//") {
            rest = comment
                .find('\n')
                .and_then(|end| comment.get(end..))
                .unwrap_or("");
        } else if let Some((_, behind)) = rest
            .strip_prefix("/*")
            .and_then(|comment| comment.split_once("*/"))
        {
            plain.push(' ');
            rest = behind;
        } else {
            plain.push(letter);
            in_text = letter == '"';
            rest = after;
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One letter more than a label of a host's name may have.
    const LONG: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    /// A data type, values of it, and others.
    const VALUES: &[(&str, &[&str], &[&str])] = &[
        ("text", &["", "ä, b"], &[]),
        (
            IMAGE,
            &["ami-12345678", "ami-0123456789abcdef0"],
            &["", "ami-1", "ami-1234567G"],
        ),
        ("aws:region", &["eu-west-2"], &["eu-west", "mars-1"]),
        ("aws:account:id", &["111122223333"], &["1", "11112222333a"]),
        ("boolean", &["true", "false"], &["True", "1", ""]),
        ("integer", &["0", "-12", "443"], &["", "-", "1.0", "a"]),
        (
            "float",
            &["1", "1.5", "-.5", "1e9", "2.5E-3"],
            &["", ".", "1e", "nan", "1.2.3"],
        ),
        ("binary", &["", "AAEC", "/+8="], &["A", "AA", "ä"]),
        (
            "hostname",
            &["localhost", "a.example.com"],
            &["", "-a", "a..b", "a_b", LONG],
        ),
        (
            "email",
            &["a.b+c@example.com"],
            &["a", "a@b", "@example.com", "a..b@example.com"],
        ),
        (
            "ipv4-address",
            &["192.0.2.1"],
            &["192.0.2", "192.0.2.256", "::1"],
        ),
        (
            "ipv6-address",
            &["2001:db8::1", "::"],
            &["192.0.2.1", "2001:db8:::1"],
        ),
        (
            "url",
            &["https://example.com", "http://u:p@[::1]:80/a?b#c"],
            &[
                "example.com",
                "https://",
                "1a://b",
                "https://a b",
                "https://a:99999",
            ],
        ),
        (
            "json",
            &["1", r#"{"a":[null]}"#],
            &["", "{", "{} {}", "// a\n1"],
        ),
        (
            "jsonc",
            &["// a\n1", r#"{"a": "//" /* b */, "b": "\"/*"}"#],
            &["/* 1", "1 /", "{"],
        ),
    ];

    #[test]
    fn values_are_of_their_type_or_refused() {
        for (data_type, good, bad) in VALUES {
            let kind = Kind::String;
            for value in *good {
                assert!(
                    check(data_type, kind, value).is_ok(),
                    "{data_type}: {value}"
                );
            }
            for value in *bad {
                assert!(
                    check(data_type, kind, value).is_err(),
                    "{data_type}: {value}"
                );
            }
        }
        for unknown in ["", "Text", "not_ec2"] {
            assert!(check(unknown, Kind::String, "a").is_err(), "{unknown}");
        }
    }

    #[test]
    fn each_item_of_a_list_is_checked_and_types_keep_to_their_kinds() {
        let check = |data_type, kind, value| check(data_type, kind, value).is_ok();
        assert!(check("integer", Kind::StringList, "1,2,3"));
        assert!(!check("integer", Kind::StringList, "1,b,3"));
        assert!(!check("integer", Kind::String, "1,2"));
        assert!(!check("json", Kind::StringList, "1"));
        assert!(!check(IMAGE, Kind::SecureString, "ami-12345678"));
        assert!(check(INTEGRATION, Kind::SecureString, "{}"));
        assert!(!check(INTEGRATION, Kind::String, "{}"));
        for (old, new, is_good) in [
            ("text", "integer", true),
            ("integer", "float", true),
            ("text", IMAGE, false),
            (IMAGE, "text", false),
            (IMAGE, IMAGE, true),
        ] {
            assert_eq!(check_change(old, new).is_ok(), is_good, "{old} {new}");
        }
    }
}
